"""Corrections of closed periods (账期更正) noted since the last issue: dated adjustments, never a changed figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.assessment.measures import CHOOSABLE
from crm.assessment.periods.models import PeriodCorrection
from crm.core.money import digits
from crm.reports.weeks import SHANGHAI
from crm.word.blocks import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.reports.period import Week

MOST = 100
COLUMNS = ("序号", "账期", "指标", "单位", "更正数", "更正日期")
SHOWN = {one.key: f"{one.label}（{one.unit}）" for one in CHOOSABLE}


def noted(session: Session, week: Week) -> tuple[Sequence[PeriodCorrection], int]:
    """Corrections noted after the cut-off of the week before and by this one's, and how many there are."""
    here = (
        PeriodCorrection.noted_at > week.before,
        PeriodCorrection.noted_at <= week.cutoff,
        PeriodCorrection.measure.in_(SHOWN),
    )
    count = session.scalar(select(func.count()).select_from(PeriodCorrection).where(*here)) or 0
    loaded = (joinedload(PeriodCorrection.period), joinedload(PeriodCorrection.unit))
    rows = select(PeriodCorrection).options(*loaded).where(*here).order_by(PeriodCorrection.id).limit(MOST)
    return list(session.scalars(rows)), count


def table(corrections: Sequence[PeriodCorrection], count: int) -> Table:
    """账期更正表: what closed figures came to later, with the day it was noted."""
    rows = tuple(
        (
            str(number),
            one.period.name,
            SHOWN[one.measure],
            one.unit.name,
            f"{'+' if one.difference > 0 else ''}{digits(one.difference)}",
            f"{one.noted_at.astimezone(SHANGHAI).date():%Y-%m-%d}",
        )
        for number, one in enumerate(corrections, start=1)
    )
    more = f"只列前{MOST}条，共{count}条，全部见账期页面。" if count > len(rows) else ""
    return Table("账期更正表", COLUMNS, rows, (3, 8, 9, 7, 5, 6), f"封账后补录、更正的数，不改已封账的账期。{more}")
