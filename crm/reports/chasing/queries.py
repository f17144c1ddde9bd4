"""Who has to report for a week and who did, in a few queries whatever the number of units."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import distinct, func, or_, select

from crm.assessment.periods.models import Period, PeriodReturn
from crm.assessment.periods.rules import PeriodKind
from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import ROLE_PERMISSIONS, Permission, Role
from crm.core import options
from crm.fieldwork.models import Touch
from crm.pipeline.intake.models import LeadEvent
from crm.pipeline.models import Project, StageEntry
from crm.reports import queries
from crm.reports.chasing import rules
from crm.reports.chasing.models import WeeklyChase, WeeklySilence
from crm.reports.chasing.rules import MOST_UNITS, Naming, Setup, Standing
from crm.reports.models import ReportState, WeeklyReport
from crm.reports.period import week_at, week_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.reports.period import Week

KEY = "weekly.chase"
FIELD = [role for role, may in ROLE_PERMISSIONS.items() if Permission.TOUCH_WRITE in may and role is not Role.REGISTRAR]


def setup(session: Session) -> Setup:
    """What the office set, with what holds where it set nothing."""
    found = options.read(session, KEY).get(KEY)
    if found is None:
        return Setup()
    return Setup(tuple(found["units"]), tuple(found["hours"]), Naming(found["naming"]))


def week_known(session: Session, iso_year: int, iso_week: int) -> Week:
    """A week with the cut-offs that it and the week before really have."""
    week = week_of(iso_year, iso_week)
    report = queries.report_by_week(session, iso_year, iso_week)
    before = queries.report_by_week(session, week.previous.iso_year, week.previous.iso_week)
    return week_of(
        iso_year,
        iso_week,
        cutoff=report.cutoff_at if report else None,
        before=before.cutoff_at if before else None,
    )


def open_week(session: Session, now: datetime) -> Week:
    """The week whose report is collected now: the first whose cut-off is still to come."""
    around = [week_at(now + timedelta(days=7 * step)) for step in (-2, -1, 0, 1, 2)]
    kept = select(WeeklyReport.iso_year, WeeklyReport.iso_week, WeeklyReport.cutoff_at).where(
        WeeklyReport.iso_year.in_([year for year, _week in around]),
        WeeklyReport.iso_week.in_([week for _year, week in around]),
    )
    known = {(year, number): cutoff for year, number, cutoff in session.execute(kept)}
    weeks = [week_of(*one, cutoff=known.get(one), before=known.get(earlier)) for earlier, one in pairwise(around)]
    return next((week for week in weeks if week.cutoff > now), weeks[-1])


def is_frozen(session: Session, week: Week) -> bool:
    """Whether the report of a week is out."""
    report = queries.report_by_week(session, week.iso_year, week.iso_week)
    return report is not None and report.state is ReportState.FROZEN


def counts(session: Session, week: Week) -> tuple[int, int]:
    """How many units reported for a week by its cut-off, and how many had to."""
    found = standings(session, week, week.cutoff, setup(session))
    return sum(1 for one in found if one.reported), len(found)


def words(session: Session, week: Week) -> str:
    """What the report says of who reported, as of its cut-off."""
    wanted = setup(session)
    return rules.words(standings(session, week, week.cutoff, wanted), wanted.naming)


def standings(session: Session, week: Week, until: datetime, setup: Setup) -> list[Standing]:
    """Every unit that has to report, in the office's order, as known at an instant (the cut-off at the latest)."""
    end = min(until, week.cutoff)
    handed = _returns(session, week, end)
    units = _units(session, week.day, {*setup.units, *handed})
    ids = list(units)
    touches, moves = _touches(session, week, end, ids), _moves(session, week, end, ids)
    silent, reminded = _silent(session, week, end), _reminded(session, week)
    return [
        Standing(
            unit_id,
            name,
            touches.get(unit_id, 0),
            moves.get(unit_id, 0),
            handed.get(unit_id, False),
            unit_id in silent,
            *reminded.get(unit_id, (0, None)),
        )
        for unit_id, name in units.items()
    ]


def hold(session: Session, week: Week, unit_id: int | None) -> None:
    """Make others who remind of this week wait, so that two clicks at once send one reminder."""
    wanted = setup(session)
    ids = [unit_id] if unit_id is not None else [*wanted.units, *_returns(session, week, week.cutoff)]
    statement = select(OrgUnit.id).where(OrgUnit.id.in_(ids)).order_by(OrgUnit.id).with_for_update(key_share=True)
    session.execute(statement)


def _units(session: Session, day: date, ids: Collection[int]) -> dict[int, str]:
    statement = select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(ids), valid_on(OrgUnit, day))
    return dict(session.execute(statement.order_by(OrgUnit.position, OrgUnit.id)).all())


def _returns(session: Session, week: Week, end: datetime) -> dict[int, bool]:
    """Units of weekly periods (账期) that lie in the week, and whether they handed in."""
    statement = (
        select(PeriodReturn.unit_id, PeriodReturn.submitted_at)
        .join(Period, Period.id == PeriodReturn.period_id)
        .where(Period.kind == PeriodKind.WEEK, Period.start_on <= week.end, Period.end_on >= week.start)
        .limit(MOST_UNITS)
    )
    return {unit: at is not None and at <= end for unit, at in session.execute(statement)}


def _touches(session: Session, week: Week, end: datetime, ids: Collection[int]) -> dict[int, int]:
    """Touches recorded since the last cut-off, by unit; void ones do not count."""
    statement = select(Touch.unit_id, func.count()).where(
        Touch.unit_id.in_(ids),
        Touch.occurred_at >= week.window.instants[0] - timedelta(days=400),
        Touch.recorded_at > week.before,
        Touch.recorded_at <= end,
        or_(Touch.voided_at.is_(None), Touch.voided_at > end),
    )
    return _counts(session, statement.group_by(Touch.unit_id))


def _moves(session: Session, week: Week, end: datetime, ids: Collection[int]) -> dict[int, int]:
    """Changes of stage and answers to leads since the last cut-off, by unit, as far as its own people made them."""
    found: dict[int, int] = defaultdict(int)
    for model, unit in ((StageEntry, StageEntry.unit_id), (LeadEvent, Project.unit_id)):
        statement = (
            select(unit, func.count(distinct(model.id)))
            .join(Project, Project.id == model.project_id)
            .join(Roster, (Roster.user_id == model.by) & (Roster.unit_id == unit) & valid_on(Roster, week.day))
            .where(unit.in_(ids), model.at > week.before, model.at <= end)
        )
        for unit_id, count in _counts(session, statement.group_by(unit)).items():
            found[unit_id] += count
    return found


def _counts(session: Session, statement: Select[int, int]) -> dict[int, int]:
    return dict(session.execute(statement).all())


def _silent(session: Session, week: Week, end: datetime) -> set[int]:
    said = select(WeeklySilence.unit_id).where(
        WeeklySilence.iso_year == week.iso_year, WeeklySilence.iso_week == week.iso_week, WeeklySilence.said_at <= end
    )
    return set(session.scalars(said))


def _reminded(session: Session, week: Week) -> dict[int, tuple[int, datetime]]:
    """How often each unit was reminded, and when last."""
    sent = select(WeeklyChase.unit_id, func.count(), func.max(WeeklyChase.told_at)).where(
        WeeklyChase.iso_year == week.iso_year, WeeklyChase.iso_week == week.iso_week
    )
    return {unit: (count, last) for unit, count, last in session.execute(sent.group_by(WeeklyChase.unit_id))}


def heads(session: Session, unit_ids: Collection[int], day: date) -> dict[int, set[int]]:
    """Who is told of a unit: its team leads, where it has none all who do its field work."""
    statement = (
        select(Roster.unit_id, Roster.user_id, Roster.role)
        .join(User, User.id == Roster.user_id)
        .where(Roster.unit_id.in_(unit_ids), Roster.role.in_(FIELD), User.active, valid_on(Roster, day))
    )
    leads: dict[int, set[int]] = defaultdict(set)
    others: dict[int, set[int]] = defaultdict(set)
    for unit, user, role in session.execute(statement):
        (leads if role is Role.TEAM_LEAD else others)[unit].add(user)
    return {unit: leads.get(unit) or others[unit] for unit in {*leads, *others}}
