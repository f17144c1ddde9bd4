"""How much a signal matters to a person: a plain sum of reasons, each of which is shown. Pure.

The same numbers order the inbox in the database (``crm.signals.ranking``) and stand on its chips.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.signals.kinds import SignalKind

if TYPE_CHECKING:
    from datetime import date

FOLLOWED, ON_LIST, IN_PLAN, NEARBY = 30, 20, 20, 15
KIND_POINTS: dict[str, int] = {
    SignalKind.RELO: 20,
    SignalKind.CAPX: 18,
    SignalKind.SUPP: 15,
    SignalKind.LAND: 12,
    SignalKind.COOP: 8,
    SignalKind.ORDR: 8,
    SignalKind.EXEC: 5,
    SignalKind.NEG: 5,
}
AMOUNT_POINTS: tuple[tuple[Decimal, int], ...] = (
    (Decimal(100_000), 12),
    (Decimal(10_000), 8),
    (Decimal(1_000), 4),
)
FRESH_POINTS: tuple[tuple[int, int], ...] = ((1, 20), (3, 15), (7, 10), (30, 5))
CONFIDENCE_POINTS: tuple[tuple[float, int], ...] = ((0.9, 10), (0.75, 6), (0.6, 3))
LABELS = {
    "followed": "我关注的企业",
    "listed": "榜单企业",
    "plan": "本地重点产业",
    "nearby": "本单位片区",
    "kind": "类型",
    "confidence": "把握",
    "amount": "金额",
    "fresh": "时间",
}


@dataclass(frozen=True, slots=True)
class Focus:
    """What a person's inbox looks at: whom they follow, the provinces of their units, words and codes of the plan."""

    user_id: int
    provinces: tuple[str, ...] = ()
    plan: tuple[tuple[str, tuple[str, ...]], ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the plan."""
        return tuple(dict.fromkeys(word for _name, words in self.plan for word in words))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sum looks at, for one signal."""

    kind: str
    confidence: float
    amount: Decimal | None
    happened_on: date
    followed: bool = False
    listed: bool = False
    planned: bool = False
    nearby: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the sum."""

    key: str
    points: int


def reasons(facts: Facts, today: date) -> list[Reason]:
    """Give the parts that are worth something, the ones about us first."""
    parts = [
        Reason("followed", FOLLOWED if facts.followed else 0),
        Reason("listed", ON_LIST if facts.listed else 0),
        Reason("plan", IN_PLAN if facts.planned else 0),
        Reason("nearby", NEARBY if facts.nearby else 0),
        Reason("kind", KIND_POINTS.get(facts.kind, 0)),
        Reason("amount", _at_least(AMOUNT_POINTS, facts.amount)),
        Reason("confidence", _at_least(CONFIDENCE_POINTS, facts.confidence)),
        Reason("fresh", fresh_points(max(0, (today - facts.happened_on).days))),
    ]
    return [part for part in parts if part.points]


def points(facts: Facts, today: date) -> int:
    """Give the sum."""
    return sum(part.points for part in reasons(facts, today))


def fresh_points(days: int) -> int:
    """Give what the age of a signal is worth."""
    return next((worth for within, worth in FRESH_POINTS if days <= within), 0)


def _at_least(
    table: tuple[tuple[Decimal, int], ...] | tuple[tuple[float, int], ...], value: float | Decimal | None
) -> int:
    return next((worth for edge, worth in table if value is not None and value >= edge), 0)
