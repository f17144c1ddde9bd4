"""What targets were: a value that was changed or taken back is kept with the time it held, for papers of a past day.

The first value of a target holds from the beginning of its year, since many an office puts its targets down late;
only later changes have a day.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment.goals import WHOLE_YEAR
from crm.assessment.models import Target, TargetPast
from crm.assessment.queries import targets
from crm.assessment.rules import Metric
from crm.core.scheduling import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.assessment.rules import TargetLevel

Goals = dict[tuple[int, Metric], int]


def keep(session: Session, target_ids: Collection[int], *, now: datetime) -> None:
    """Note what targets of units are, before they are changed or taken back; others stand in no paper."""
    root = Target.parent_id.is_(None) | Target.parent_id.in_(select(Target.id).where(Target.unit_id.is_(None)))
    bare = (Target.person_id.is_(None), Target.low.is_(None), Target.high.is_(None), Target.currency == "")
    plain = (Target.period == WHOLE_YEAR, Target.sector == "", Target.site == "", Target.unit_id.is_not(None), root)
    columns = (Target.slot, Target.unit_id, Target.metric, Target.year, Target.level, Target.value, Target.created_at)
    held = select(*columns).where(Target.id.in_(target_ids), *bare, *plain)
    with session.no_autoflush:
        rows = session.execute(held).all()
    for slot, unit_id, metric, year, level, value, created_at in rows:
        session.add(
            TargetPast(
                slot=slot, unit_id=unit_id, metric=metric, year=year, level=level, value=value, since=created_at,
                until=now,
            )
        )  # fmt: skip


def targets_on(session: Session, year: int, level: TargetLevel, day: date) -> Goals:
    """Targets of units for a year as they stood at the end of a day, by unit and metric."""
    now = targets(session, year, level)
    over = datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)
    there = (TargetPast.year == year, TargetPast.level == level)
    statement = select(TargetPast).where(*there, TargetPast.metric.in_([metric.value for metric in Metric]))
    then: Goals = {}
    before: dict[str, tuple[int, Metric]] = {}  # by slot: what had been changed or taken back by then
    for row in session.scalars(statement.order_by(TargetPast.until, TargetPast.id)):
        key = (row.unit_id, Metric(row.metric))
        if row.until < over:
            before[row.slot] = key
        elif row.since < over or (key in now and row.slot not in before):
            then.setdefault(key, int(row.value))
    later = select(Target.slot).where(Target.slot.in_(list(before)), Target.created_at >= over)
    for slot in session.scalars(later):
        now.pop(before[slot], None)
    return {**now, **then}
