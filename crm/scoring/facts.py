"""What is known of an enterprise at a moment, and the running sums it ends in. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.scoring.decay import decay

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from crm.scoring.table import PointsTable

DATED = frozenset({"signal", "touch", "intention", "reply", "refusal", "dropped"})
"""Kinds that happened once and fade; all others stand until they end."""
NODE = "node"
"""What the register of chains says; it speaks to the same feature as what a project says of itself (``chain``)."""
PLURAL = frozenset({"relation", "contact", "high", "block"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what, from which row, valid when in the world, and how strong."""

    kind: str
    key: str
    source_id: int
    at: datetime
    until: datetime | None = None
    weight: float = 1.0
    level: int = 0
    words: str | None = None

    def holds(self, as_of: datetime) -> bool:
        """Whether it is valid at a moment."""
        return self.at <= as_of and (self.until is None or self.until > as_of)


@dataclass(frozen=True, slots=True)
class Mass:
    """A decayed sum at a moment, how many facts are in it, and the newest of them."""

    value: float
    count: int
    newest_at: datetime
    newest_id: int


@dataclass(frozen=True)
class ScoreFacts:
    """Everything a score may depend on, as it was known at ``as_of``: sums of what fades, and what stands."""

    as_of: datetime
    masses: Mapping[str, Mass] = field(default_factory=dict)
    standing: tuple[Fact, ...] = ()


def sums_of(fact: Fact) -> tuple[str, ...]:
    """Name the running sums a dated fact is part of."""
    if fact.kind == "signal":
        return (f"signal_{fact.key}",)
    if fact.kind == "touch":
        inspected = ("inspection",) if fact.key == "inspection" else ()
        return ("touch", *inspected, f"leader_{fact.level}")
    if fact.kind == "intention":
        return (f"intention_{fact.key}",)
    return (fact.kind,)


def from_raw(known: Iterable[Fact], as_of: datetime, table: PointsTable) -> ScoreFacts:
    """Build the facts of a moment from every single row, without running sums: the slow way that cannot err."""
    groups: dict[str, list[Fact]] = defaultdict(list)
    standing = []
    for fact in known:
        if fact.kind not in DATED:
            standing += [fact] if fact.holds(as_of) else []
        elif fact.at <= as_of:
            for name in sums_of(fact):
                groups[name].append(fact)
    return ScoreFacts(
        as_of, {name: _mass(name, facts, as_of, table) for name, facts in groups.items()}, tuple(standing)
    )


def _mass(name: str, facts: list[Fact], as_of: datetime, table: PointsTable) -> Mass:
    half_life = table.half_life(name)
    newest = max(facts, key=lambda fact: (fact.at, fact.source_id))
    value = math.fsum(fact.weight * decay(fact.at, as_of, half_life) for fact in facts)
    return Mass(value, len(facts), newest.at, newest.source_id)
