"""A project as a card or a row shows it: what it is narrowed by, read and counted from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, select

from crm.auth.models import OrgUnit, User
from crm.core import searchindex
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import DueState, due_state
from crm.pipeline.intake.narrowing import narrowed
from crm.pipeline.marks import Flag, columns, shown
from crm.pipeline.models import Project, ProjectNote
from crm.pipeline.outlook.rules import UNSIGNED, Expected
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import IDLE_DAYS, Capital, Channel, Stage
from crm.pipeline.services import KIND
from crm.scoring.badge import Own, own_at
from crm.scoring.models import EnterpriseScore, ScoreOverride
from crm.scoring.narrowing import narrowed as score_narrowed
from crm.scoring.queries import trend

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.intake.clocks import Light


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board or the list is narrowed to; ``left`` shows the projects that left instead.

    ``due`` is the lateness of the next step, ``day`` the day on which it is due, ``expect`` when signing is expected.
    ``light`` is how long nobody has done anything, ``tier`` the place of the size in the office's table,
    ``scored`` what is asked of the score of the enterprise, (kind, value) as in :mod:`crm.scoring.asking`.
    """

    unit_id: int | None = None
    owner_id: int | None = None
    capital: Capital | None = None
    channel: Channel | None = None
    stage: Stage | None = None
    q: str = ""
    left: bool = False
    due: DueState | None = None
    day: date | None = None
    expect: Expected | None = None
    light: Light | None = None
    tier: int | None = None
    scored: tuple[tuple[str, str], ...] = ()


DUE_LABELS: dict[DueState, str] = {
    DueState.OVERDUE: "下步已超期",
    DueState.TODAY: "下步今天到期",
    DueState.PLANNED: "下步已安排",
    DueState.NONE: "未安排下步",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment of a page: idle days and lateness are counted in the office's calendar."""

    now: datetime
    today: date
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class CardRow:
    """A project as a card or a row shows it.

    ``idle`` are the days since a person last moved it, met its investor or noted something; no machine resets them.
    """

    id: int
    name: str
    enterprise_id: int
    enterprise: str
    unit: str
    owner: str | None
    stage: Stage
    since: datetime
    amount: Decimal | None
    points: int | None
    grade: str | None
    due_on: date | None
    due: DueState
    idle: int
    stale: bool
    version: int
    left: bool
    cursor: str
    in_stage: int = 0
    flags: tuple[Flag, ...] = ()
    trend: int | None = None
    own: Own | None = None
    fit: int | None = None
    intent: int | None = None
    beyond: int | None = None


def conditions(session: Session, actor: Actor, filters: Filters, clock: Clock) -> list[ColumnElement[bool]]:
    """Conditions: visible to the actor, on the road or left, and as narrowed."""
    found = plain_conditions(actor, filters, clock.today)
    found += [score_narrowed(Project.enterprise_id, kind, value, clock.now) for kind, value in filters.scored]
    ids = searchindex.matching(session, KIND, filters.q) if filters.q else None
    if ids is not None:
        found.append(Project.id.in_(ids))
    return found + narrowed(session, filters.light, filters.tier, clock.today)


def is_plain(filters: Filters) -> bool:
    """Whether :func:`plain_conditions` say it all: no words, no score, no setting of the office is asked for."""
    return not filters.q and filters.light is None and filters.tier is None and not filters.scored


def plain_conditions(actor: Actor, filters: Filters, today: date) -> list[ColumnElement[bool]]:
    """Return the conditions that need no database to be written down."""
    found = [visible_to(actor), Project.exit_kind.is_not(None) if filters.left else Project.exit_kind.is_(None)]
    pairs: tuple[tuple[Any, object], ...] = (
        (Project.unit_id, filters.unit_id),
        (Project.owner_id, filters.owner_id),
        (Project.capital, filters.capital),
        (Project.channel, filters.channel),
        (Project.stage, filters.stage),
    )
    found += [column == value for column, value in pairs if value is not None]
    if filters.due is not None:
        found.append(_lateness(filters.due, today))
    if filters.day is not None:
        found += [_next_step(FollowUp.due_on == filters.day), ~_next_step(FollowUp.due_on < filters.day)]
    if filters.expect is not None:
        found += [filters.expect.condition(Project.expected_sign_on, today), Project.stage.in_(UNSIGNED)]
    return found


def _next_step(*narrowed: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition: the project has an open follow-up of this kind."""
    return exists().where(FollowUp.project_id == Project.id, FollowUp.done_at.is_(None), *narrowed)


def _lateness(state: DueState, today: date) -> ColumnElement[bool]:
    """Condition: the earliest deadline of the open follow-ups is as late as this."""
    overdue, now = _next_step(FollowUp.due_on < today), _next_step(FollowUp.due_on == today)
    if state is DueState.OVERDUE:
        return overdue
    if state is DueState.TODAY:
        return and_(now, ~overdue)
    if state is DueState.PLANNED:
        return and_(_next_step(FollowUp.due_on > today), ~_next_step(FollowUp.due_on <= today))
    return ~_next_step(FollowUp.due_on.is_not(None))


def next_due() -> Any:  # noqa: ANN401 (a subquery of two columns)
    """Subquery: the earliest deadline of the open follow-ups of each project."""
    return (
        select(FollowUp.project_id, func.min(FollowUp.due_on).label("due_on"))
        .where(FollowUp.done_at.is_(None), FollowUp.project_id.is_not(None))
        .group_by(FollowUp.project_id)
        .subquery("next_due")
    )


@cache
def select_rows() -> Select[*tuple[Any, ...]]:
    """Select the columns of a card, not yet narrowed to what a person may see."""
    due = (
        select(func.min(FollowUp.due_on))
        .where(FollowUp.project_id == Project.id, FollowUp.done_at.is_(None))
        .correlate(Project)
        .scalar_subquery()
        .label("due_on")
    )
    touched = (
        select(func.max(Touch.occurred_at))
        .where(Touch.project_id == Project.id, Touch.voided_at.is_(None))
        .correlate(Project)
        .scalar_subquery()
        .label("touched_at")
    )
    noted = (
        select(func.max(ProjectNote.at))
        .where(ProjectNote.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
        .label("noted_at")
    )
    return (
        select(
            Project.id,
            Project.name,
            Project.enterprise_id,
            Enterprise.name.label("enterprise"),
            OrgUnit.name.label("unit"),
            User.name.label("owner"),
            Project.stage,
            Project.stage_since,
            Project.total_investment,
            EnterpriseScore.points,
            EnterpriseScore.grade,
            EnterpriseScore.fit,
            EnterpriseScore.intent,
            EnterpriseScore.z,
            EnterpriseScore.model_id,
            trend().label("trend"),
            ScoreOverride,
            due,
            touched,
            noted,
            *columns(),
            Project.version,
            Project.exit_kind,
        )
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Project.enterprise_id)
        .outerjoin(
            ScoreOverride, (ScoreOverride.enterprise_id == Project.enterprise_id) & ScoreOverride.ended_at.is_(None)
        )
    )


def card_from(row: Any, clock: Clock, beyond: int | None = None) -> CardRow:  # noqa: ANN401 (a row of named columns)
    """Make a card of a selected row; ``beyond`` is what its score would be without a limit."""
    last = max(filter(None, (row.stage_since, row.touched_at, row.noted_at)))
    idle = _days(last, clock)
    return CardRow(
        id=row.id,
        name=row.name,
        enterprise_id=row.enterprise_id,
        enterprise=row.enterprise,
        unit=row.unit,
        owner=row.owner,
        stage=row.stage,
        since=row.stage_since,
        amount=row.total_investment,
        points=row.points,
        grade=row.grade,
        due_on=row.due_on,
        due=due_state(row.due_on, clock.today),
        idle=idle,
        stale=idle > IDLE_DAYS.get(row.stage, idle),
        version=row.version,
        left=row.exit_kind is not None,
        cursor=f"{row.stage_since.isoformat()}~{row.id}",
        in_stage=_days(row.stage_since, clock),
        trend=row.trend,
        fit=row.fit,
        intent=row.intent,
        beyond=beyond,
        own=own_at(row.ScoreOverride, clock.now),
        flags=shown(row, clock.today),
    )


def _days(since: datetime, clock: Clock) -> int:
    return max((clock.today - since.astimezone(clock.zone).date()).days, 0)
