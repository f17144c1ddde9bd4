"""Freezing a period: every measure by unit with its rows, and what closed periods before it came to meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from crm.assessment import queries as facts
from crm.assessment import summing
from crm.assessment.measures import MEASURES
from crm.assessment.periods.models import Period, PeriodCorrection, PeriodFigure, PeriodRow
from crm.assessment.periods.rules import PeriodState, changes
from crm.assessment.window import Window
from crm.core.scheduling import local_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.assessment.queries import FactRow

Sums = dict[tuple[str, int], Decimal]
ZERO = Decimal(0)
PIECE = 300
LOOK_BACK = timedelta(days=400)


def window_of(period: Period, cutoff: datetime) -> Window:
    """The days of a period as known at a cut-off."""
    return Window(period.start_on, period.end_on, cutoff)


def sums(session: Session, period: Period, cutoff: datetime) -> Sums:
    """Every measure of a period by unit, in one query."""
    found = summing.figures(session, list(MEASURES.values()), window_of(period, cutoff))
    return {(key, unit_id): value for key, by_unit in found.items() for unit_id, value in by_unit.items()}


def freeze(session: Session, period: Period, *, now: datetime, progress: Callable[[int, str], None]) -> int:
    """Write the snapshot and the corrections of earlier periods, and close; return how many figures it holds."""
    cutoff = period.cutoff_at or now
    for table in (PeriodFigure, PeriodRow):
        session.execute(delete(table).where(table.period_id == period.id))
    done = 0
    for number, (key, measure) in enumerate(MEASURES.items(), start=1):
        rows = facts.rows(session, measure, window_of(period, cutoff))
        done += _figures(session, period.id, key, rows)
        progress(100 * number // len(MEASURES), measure.label)
    _corrections(session, period, now)
    period.state, period.closed_at = PeriodState.CLOSED, now
    session.flush()
    return done


def _figures(session: Session, period_id: int, key: str, rows: list[FactRow]) -> int:
    by_unit: dict[int, list[FactRow]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    session.add_all(
        PeriodFigure(
            period_id=period_id,
            measure=key,
            unit_id=unit_id,
            value=sum((row.amount for row in own), ZERO),
            row_count=len(own),
        )
        for unit_id, own in by_unit.items()
    )
    session.add_all(
        PeriodRow(period_id=period_id, measure=key, piece=piece, rows=[frozen(row) for row in some])
        for piece, some in enumerate(rows[at : at + PIECE] for at in range(0, len(rows), PIECE))
    )
    session.flush()
    return len(by_unit)


def frozen(row: FactRow) -> dict[str, Any]:
    """Give a row behind a figure as it is kept."""
    return {
        "id": row.id,
        "unit_id": row.unit_id,
        "unit": row.unit,
        "enterprise": row.enterprise,
        "project_id": row.project_id,
        "project": row.project,
        "day": local_day(row.at).isoformat(),
        "note": row.note,
        "amount": str(row.amount),
    }


def _corrections(session: Session, period: Period, now: datetime) -> None:
    """Compare closed periods of the same kind with what their days come to now; the difference is dated here."""
    closed = select(Period).where(
        Period.kind == period.kind,
        Period.state == PeriodState.CLOSED,
        Period.id != period.id,
        Period.end_on < period.start_on,
        Period.end_on >= period.start_on - LOOK_BACK,
    )
    for earlier in session.scalars(closed.order_by(Period.start_on)):
        for one in changes(known(session, earlier.id), sums(session, earlier, period.cutoff_at or now), ZERO):
            session.add(
                PeriodCorrection(
                    period_id=earlier.id,
                    in_period_id=period.id,
                    measure=one.measure,
                    unit_id=one.unit_id,
                    difference=one.difference,
                    noted_at=now,
                )
            )
    session.flush()


def known(session: Session, period_id: int) -> Sums:
    """What is known of a closed period: its snapshot with all corrections noted since."""
    found: Sums = {
        (key, unit_id): value
        for key, unit_id, value in session.execute(
            select(PeriodFigure.measure, PeriodFigure.unit_id, PeriodFigure.value).where(
                PeriodFigure.period_id == period_id
            )
        )
    }
    corrections = (
        select(PeriodCorrection.measure, PeriodCorrection.unit_id, func.sum(PeriodCorrection.difference))
        .where(PeriodCorrection.period_id == period_id)
        .group_by(PeriodCorrection.measure, PeriodCorrection.unit_id)
    )
    for key, unit_id, difference in session.execute(corrections):
        found[key, unit_id] = found.get((key, unit_id), ZERO) + difference
    return found
