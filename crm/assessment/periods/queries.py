"""Reads of periods: the list, what units handed in, frozen figures with their rows, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.assessment.measures import MEASURES
from crm.assessment.periods.models import Period, PeriodCorrection, PeriodFigure, PeriodReturn, PeriodRow
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.pipeline.models import Project
from crm.pipeline.queries import privy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from crm.assessment.window import Measure
    from crm.auth.rules import Actor

ABSENT = Problem("period.absent", "没有这个账期，可能已被删除。")
MOST = 500
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a closed period: as frozen, corrected since, and what earlier periods were corrected by in it."""

    measure: Measure
    value: Decimal
    rows: int
    since: Decimal
    shown_here: Decimal


def get(session: Session, period_id: int, *, lock: bool = False) -> Period:
    """Return a period."""
    statement = select(Period).where(Period.id == period_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Period | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def periods(session: Session, cursor: str | None) -> Page[Period]:
    """Periods, the latest first."""
    order = [Key(Period.start_on, descending=True), Key(Period.id, descending=True)]
    return fetch_page(session, select(Period), order, lambda row: [row.start_on, row.id], cursor=cursor)


def returns(session: Session, period_id: int) -> list[PeriodReturn]:
    """What units handed in, those still missing first."""
    statement = (
        select(PeriodReturn)
        .options(joinedload(PeriodReturn.unit))
        .where(PeriodReturn.period_id == period_id)
        .order_by(PeriodReturn.submitted_at.is_not(None), PeriodReturn.id)
        .limit(MOST)
    )
    return list(session.scalars(statement))


def lines(session: Session, period_id: int) -> list[Line]:
    """The frozen figures of a period with what was corrected, in the order of measures."""
    frozen = {
        key: (value, rows)
        for key, value, rows in session.execute(
            select(PeriodFigure.measure, func.sum(PeriodFigure.value), func.sum(PeriodFigure.row_count))
            .where(PeriodFigure.period_id == period_id)
            .group_by(PeriodFigure.measure)
        )
    }
    since, here = (_corrected(session, column == period_id) for column in (
        PeriodCorrection.period_id, PeriodCorrection.in_period_id,
    ))  # fmt: skip
    return [
        Line(
            measure,
            *((frozen[key][0], int(frozen[key][1])) if key in frozen else (ZERO, 0)),
            since.get(key, ZERO),
            here.get(key, ZERO),
        )
        for key, measure in MEASURES.items()
    ]


def _corrected(session: Session, condition: Any) -> dict[str, Decimal]:  # noqa: ANN401 (a condition)
    statement = select(PeriodCorrection.measure, func.sum(PeriodCorrection.difference)).where(condition)
    return dict(session.execute(statement.group_by(PeriodCorrection.measure)).all())


def corrections(session: Session, period_id: int) -> list[PeriodCorrection]:
    """Corrections of earlier periods that are shown in this one."""
    statement = (
        select(PeriodCorrection)
        .options(joinedload(PeriodCorrection.period), joinedload(PeriodCorrection.unit))
        .where(PeriodCorrection.in_period_id == period_id)
        .order_by(PeriodCorrection.id)
        .limit(MOST)
    )
    return list(session.scalars(statement))


def frozen_rows(session: Session, period_id: int, measure: str, piece: int) -> tuple[list[dict[str, Any]], int]:
    """One piece of the rows behind a frozen figure, and how many pieces there are."""
    here = (PeriodRow.period_id == period_id, PeriodRow.measure == measure)
    pieces = session.scalar(select(func.count()).select_from(PeriodRow).where(*here)) or 0
    rows = session.scalar(select(PeriodRow.rows).where(*here, PeriodRow.piece == piece))
    return list(rows or ()), pieces


def hidden_projects(session: Session, actor: Actor, rows: Iterable[dict[str, Any]]) -> frozenset[int]:
    """Projects of frozen rows that are confidential by now and not for this person."""
    ids = {row["project_id"] for row in rows if row["project_id"]}
    return frozenset(session.scalars(select(Project.id).where(Project.id.in_(ids), ~privy(actor))))


def frozen_total(session: Session, period_id: int, measure: str) -> Decimal:
    """A figure of the whole office as it was frozen."""
    statement = select(func.sum(PeriodFigure.value)).where(
        PeriodFigure.period_id == period_id, PeriodFigure.measure == measure
    )
    return session.scalar(statement) or ZERO
