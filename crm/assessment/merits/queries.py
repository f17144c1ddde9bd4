"""Reads of the merit ledger (实绩台账): what each person brought, and the rows and splits it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.assessment.measures import MEASURES
from crm.assessment.queries import rows, summed
from crm.assessment.window import READ
from crm.auth.models import OrgUnit
from crm.pipeline.claims.models import CreditPart, CreditSplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.queries import FactRow
    from crm.assessment.window import Measure, Window
    from crm.auth.rules import Actor

COLUMNS: tuple[Measure, ...] = tuple(
    MEASURES[key] for key in ("leads", "visits", "signings", "signed_amount", "recognized_amount", "capital_recognized")
)
WEIGHTIEST = ("capital_recognized", "recognized_amount", "signed_amount", "signings", "visits", "leads")
NOTHING = Decimal(0)
MOST_PROOFS = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """What a person brought that counts for one unit, by key of the measure; None is what is nobody's."""

    person_id: int | None
    unit_id: int
    sums: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Split:
    """How the credit of a project is split: units with tenths of a percent, and what that rests on."""

    parts: tuple[tuple[str, int], ...]
    reason: str


def ledger(session: Session, window: Window) -> list[Line]:
    """Each person's figures, one line for every unit they count for, who brought most first; one query.

    The lines of a measure sum to its figure in the window.
    """
    found = summed(session, [(one.key, one, window) for one in COLUMNS], "person_id", "unit_id")
    lines: dict[tuple[int | None, int], dict[str, Decimal]] = {}
    whole: dict[int | None, dict[str, Decimal]] = {}
    for key, sums in found.items():
        for (person_id, unit_id), amount in sums.items():
            lines.setdefault((person_id, unit_id), {})[key] = amount
            mine = whole.setdefault(person_id, {})
            mine[key] = mine.get(key, NOTHING) + amount

    def place(line: Line) -> tuple[object, ...]:
        mine = whole[line.person_id]
        brought = tuple(-mine.get(key, NOTHING) for key in WEIGHTIEST)
        own = tuple(-line.sums.get(key, NOTHING) for key in WEIGHTIEST)
        return (line.person_id is None, brought, line.person_id or 0, own, line.unit_id)

    return sorted((Line(person, unit, sums) for (person, unit), sums in lines.items()), key=place)


def totals(lines: Iterable[Line]) -> dict[str, Decimal]:
    """Sums of lines by key of the measure."""
    found = {one.key: NOTHING for one in COLUMNS}
    for line in lines:
        for key, amount in line.sums.items():
            found[key] += amount
    return found


def proofs(session: Session, actor: Actor, window: Window) -> tuple[list[tuple[Measure, FactRow]], bool]:
    """Rows behind the ledger that the person may see, measure by measure, and whether some were left off."""
    found: list[tuple[Measure, FactRow]] = []
    for measure in COLUMNS:
        scope = actor.scope(READ[measure.kind])
        units = window.units if scope is None else scope if window.units is None else scope & window.units
        left = MOST_PROOFS - len(found)
        held = rows(session, measure, replace(window, units=units), most=left + 1)
        found += [(measure, row) for row in held[:left]]
        if len(held) > left:
            return found, True
    return found, False


def splits(session: Session, window: Window, project_ids: Sequence[int]) -> dict[int, Split]:
    """The newest split of each project that has one, as of the cut-off."""
    newest = (
        select(func.max(CreditSplit.id))
        .where(CreditSplit.project_id.in_(project_ids), CreditSplit.made_at <= window.cutoff)
        .group_by(CreditSplit.project_id)
    )
    statement = (
        select(CreditSplit.project_id, CreditSplit.reason, OrgUnit.name, CreditPart.share)
        .join(CreditPart, CreditPart.split_id == CreditSplit.id)
        .join(OrgUnit, OrgUnit.id == CreditPart.unit_id)
        .where(CreditSplit.id.in_(newest))
        .order_by(CreditSplit.id, CreditPart.since)
    )
    found: dict[int, Split] = {}
    for project_id, reason, unit, share in session.execute(statement).all() if project_ids else []:
        before = found.get(project_id)
        found[project_id] = Split((*(before.parts if before else ()), (unit, int(share))), reason)
    return found
