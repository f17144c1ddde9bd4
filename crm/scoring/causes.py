"""Why a score moved: the row behind it, told from what changed, not from who asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.scoring.facts import DATED
from crm.scoring.levels import proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.scoring.sums import Change

FIRST = "first"
MODEL = "model"
DECAY = "decay"
ORDER = (
    *("touch", "signal", "intention", "reply", "refusal", "dropped", "list", "chain", "node", "high", "relation"),
    "industry",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What asked for scoring (``asked``: nightly, change, signal …), or what moved the score, with its row."""

    kind: str
    id: int | None = None


def cause_of(before: int | None, model_id: int | None, changes: Sequence[Change], asked: Cause) -> Cause:
    """Name one cause: another table than before, else the weightiest fact that came or went, else time that passed."""
    if before is None:
        return changed(changes) or Cause(FIRST)
    if before != model_id:
        return Cause(MODEL, model_id)
    return changed(changes) or (asked if asked.kind not in {"nightly", "change"} else Cause(DECAY))


def changed(changes: Sequence[Change]) -> Cause | None:
    """Name the weightiest change; what happened last counts before what happened first."""
    if not changes:
        return None
    best = max(changes, key=_weight)
    kind, row = proof(best.fact.kind, best.fact.source_id)
    return Cause(kind, row)


def _weight(change: Change) -> tuple[bool, int, float]:
    kind = change.fact.kind
    place = len(ORDER) - ORDER.index(kind) if kind in ORDER else 0
    return (kind in DATED, place, change.fact.at.timestamp())
