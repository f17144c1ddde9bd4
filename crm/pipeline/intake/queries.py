"""Reads of the intake pages: what waits for a person, what they reported, how each lead's clock stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import aliased, joinedload

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import valid_on, within
from crm.auth.rules import Permission
from crm.core.paging import Key, fetch_page
from crm.enterprises.models import Enterprise
from crm.pipeline.intake.clocks import Light, answer_due, cutoffs, light
from crm.pipeline.intake.lights import act_columns, last_act, silent_before
from crm.pipeline.intake.models import Handover, LeadEvent, LeadIntake, LeadTip, Referrer
from crm.pipeline.intake.rules import POOL_STAGES, LeadState, TipState
from crm.pipeline.models import Project
from crm.pipeline.queries import OWNER_ROLES, privy, visible_to

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.paging import Page
    from crm.pipeline.cards import Clock
    from crm.pipeline.intake.setup import Setup
    from crm.pipeline.rules import Stage

SHOWN = 20
Seat: TypeAlias = tuple[int, int, str, str]
IN_TRIAGE = (LeadState.REGISTERED, LeadState.TRIAGE)


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead as a row: who has it, where it stands, by when somebody must act, how silent it is."""

    id: int
    name: str
    enterprise: str
    unit: str
    owner: str | None
    owner_id: int | None
    amount: Decimal | None
    stage: Stage
    state: LeadState
    since: datetime
    last_act: datetime
    due_on: date | None
    light: Light


def select_leads() -> Select[*tuple[Any, ...]]:
    """Select the columns of a lead, not yet narrowed to what a person may see."""
    return (
        select(
            Project.id,
            Project.name,
            Enterprise.name.label("enterprise"),
            OrgUnit.name.label("unit"),
            User.name.label("owner"),
            Project.owner_id,
            Project.total_investment,
            Project.stage,
            Project.stage_since,
            LeadIntake.state,
            LeadIntake.since,
            *act_columns(),
        )
        .join(LeadIntake, LeadIntake.project_id == Project.id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .outerjoin(User, User.id == Project.owner_id)
    )


def lead_from(row: Any, setup: Setup, clock: Clock) -> LeadRow:  # noqa: ANN401 (a row of named columns)
    """Make a lead of a selected row, with its clocks as of the moment of the page."""
    latest = last_act(row.stage_since, row.touched_at, row.noted_at)
    since, done = (moment.astimezone(clock.zone).date() for moment in (row.since, latest))
    return LeadRow(
        id=row.id,
        name=row.name,
        enterprise=row.enterprise,
        unit=row.unit,
        owner=row.owner,
        owner_id=row.owner_id,
        amount=row.total_investment,
        stage=row.stage,
        state=row.state,
        since=row.since,
        last_act=latest,
        due_on=answer_due(row.state, since, done, setup.clocks),
        light=light(latest, cutoffs(setup.clocks, clock.today, clock.zone)),
    )


def lead_of(session: Session, project: Project, setup: Setup, clock: Clock) -> LeadRow | None:
    """Return the lead of a project already found to be visible."""
    row = session.execute(select_leads().where(Project.id == project.id)).one_or_none()
    return lead_from(row, setup, clock) if row else None


def referrer_name(session: Session, referrer_id: int | None) -> str | None:
    """Return the name of a referrer."""
    if referrer_id is None:
        return None
    return session.scalar(select(Referrer.name).where(Referrer.id == referrer_id))


def to_accept(session: Session, actor: Actor, limit: int = SHOWN) -> list[Handover]:
    """Hand-overs that wait for this person's answer, or that of the units whose triage the person does."""
    statement = (
        select(Handover)
        .join(Project, Project.id == Handover.project_id)
        .where(Handover.answered_at.is_(None), Project.exit_kind.is_(None), _asked(actor), privy(actor))
        .options(
            joinedload(Handover.project).joinedload(Project.enterprise),
            joinedload(Handover.asker),
            joinedload(Handover.receiver),
            joinedload(Handover.to_unit),
        )
        .order_by(Handover.asked_at, Handover.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def _asked(actor: Actor) -> ColumnElement[bool]:
    open_to_unit = Handover.to_user_id.is_(None) & within(Handover.to_unit_id, actor, Permission.LEAD_TRIAGE)
    return (Handover.to_user_id == actor.user_id) | open_to_unit


def tips_to_answer(session: Session, actor: Actor, limit: int = SHOWN) -> list[LeadTip]:
    """Tips that wait for the triage this person does, oldest first."""
    statement = (
        select(LeadTip)
        .where(LeadTip.state == TipState.NEW, within(LeadTip.unit_id, actor, Permission.LEAD_TRIAGE))
        .options(joinedload(LeadTip.reporter), joinedload(LeadTip.unit))
        .order_by(LeadTip.reported_at, LeadTip.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def leads_where(
    session: Session, actor: Actor, setup: Setup, clock: Clock, *only: ColumnElement[bool]
) -> list[LeadRow]:
    """Open visible leads under a condition, longest waiting first."""
    statement = (
        select_leads()
        .where(visible_to(actor), Project.exit_kind.is_(None), *only)
        .order_by(LeadIntake.since, Project.id)
        .limit(SHOWN)
    )
    return [lead_from(row, setup, clock) for row in session.execute(statement)]


def to_triage(session: Session, actor: Actor, setup: Setup, clock: Clock) -> list[LeadRow]:
    """Leads whose triage this person does."""
    mine = within(Project.unit_id, actor, Permission.LEAD_TRIAGE)
    return leads_where(session, actor, setup, clock, mine, LeadIntake.state.in_(IN_TRIAGE))


def to_mend(session: Session, actor: Actor, setup: Setup, clock: Clock) -> list[LeadRow]:
    """Leads that came back to this person, or were taken from them into the pool."""
    back = (LeadIntake.state == LeadState.RETURNED) & (Project.owner_id == actor.user_id)
    pooled = (LeadIntake.state == LeadState.POOLED) & (LeadIntake.pooled_from == actor.user_id)
    return leads_where(session, actor, setup, clock, back | pooled)


def silent(
    session: Session, actor: Actor, setup: Setup, clock: Clock, *, mine: bool, cursor: str | None
) -> Page[LeadRow] | None:
    """A page of the open projects before review on which nobody has done anything for long; None: the clock is off."""
    borders = cutoffs(setup.clocks, clock.today, clock.zone)
    border = borders.yellow or borders.red
    if border is None:
        return None
    statement = select_leads().where(
        visible_to(actor),
        Project.exit_kind.is_(None),
        Project.stage.in_(POOL_STAGES),
        LeadIntake.state != LeadState.POOLED,
        silent_before(border),
    )
    if mine:
        statement = statement.where(Project.owner_id == actor.user_id)
    order = (Key(Project.stage_since), Key(Project.id))
    page = fetch_page(session, statement, order, lambda row: (row.stage_since, row.id), cursor=cursor)
    return replace(page, rows=tuple(lead_from(row, setup, clock) for row in page.rows))


@dataclass(frozen=True, slots=True)
class TipRow:
    """A tip with what became of it; ``project_id`` only for those who may open the project."""

    tip: LeadTip
    stage: Stage | None
    state: LeadState | None
    project_id: int | None


def my_tips(session: Session, actor: Actor, *, cursor: str | None) -> Page[TipRow]:
    """A page of what this person reported, newest first, with what became of each."""
    statement = (
        select(LeadTip, Project.stage, LeadIntake.state, case((visible_to(actor), Project.id)).label("seen"))
        .outerjoin(Project, Project.id == LeadTip.project_id)
        .outerjoin(LeadIntake, LeadIntake.project_id == LeadTip.project_id)
        .where(LeadTip.reported_by == actor.user_id)
        .options(joinedload(LeadTip.answerer), joinedload(LeadTip.unit))
    )
    order = (Key(LeadTip.reported_at, descending=True), Key(LeadTip.id, descending=True))
    page = fetch_page(session, statement, order, lambda row: (row[0].reported_at, row[0].id), cursor=cursor)
    return replace(page, rows=tuple(TipRow(*row) for row in page.rows))


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How much waits for this person: to accept, to answer, to triage; one query."""
    parts = waiting(actor)
    both = union_all(
        *(select(literal(key).label("key"), part.scalar_subquery().label("n")) for key, part in parts.items())
    )
    return {row.key: row.n for row in session.execute(both)}


def waiting(actor: Actor) -> dict[str, Select[int]]:
    """Return what counts the leads that wait for this person, by what is to be done with them."""
    triage = within(Project.unit_id, actor, Permission.LEAD_TRIAGE)
    tips = within(LeadTip.unit_id, actor, Permission.LEAD_TRIAGE)
    return {
        "accept": select(func.count())
        .select_from(Handover)
        .join(Project, Project.id == Handover.project_id)
        .where(Handover.answered_at.is_(None), Project.exit_kind.is_(None), _asked(actor), privy(actor)),
        "tips": select(func.count()).select_from(LeadTip).where(LeadTip.state == TipState.NEW, tips),
        "triage": select(func.count())
        .select_from(LeadIntake)
        .join(Project, Project.id == LeadIntake.project_id)
        .where(visible_to(actor), triage, Project.exit_kind.is_(None), LeadIntake.state.in_(IN_TRIAGE)),
    }


def history(session: Session, project_id: int) -> list[tuple[LeadEvent, str | None]]:
    """Every step of a lead with the name of who made it, newest first; None is the clock."""
    statement = (
        select(LeadEvent, User.name)
        .outerjoin(User, User.id == LeadEvent.by)
        .where(LeadEvent.project_id == project_id)
        .order_by(LeadEvent.id.desc())
        .limit(100)
    )
    return [(event, name) for event, name in session.execute(statement)]


def handovers(session: Session, project_id: int) -> list[Handover]:
    """Hand-overs of a project, newest first."""
    statement = (
        select(Handover)
        .where(Handover.project_id == project_id)
        .options(
            joinedload(Handover.asker),
            joinedload(Handover.receiver),
            joinedload(Handover.giver),
            joinedload(Handover.to_unit),
        )
        .order_by(Handover.id.desc())
        .limit(50)
    )
    return list(session.scalars(statement))


def receivers(session: Session, scope: frozenset[int] | None, today: date) -> list[Seat]:
    """Who can take a project over, by unit: (unit id, user id, unit, person); ``scope`` None means everywhere."""
    place = aliased(OrgUnit)
    statement = (
        select(place.id, User.id, place.name, User.name, place.position)
        .join(Roster, Roster.unit_id == place.id)
        .join(User, User.id == Roster.user_id)
        .where(User.active, Roster.role.in_(OWNER_ROLES), valid_on(Roster, today))
        .order_by(place.position, place.id, User.name, User.id)
        .distinct()
    )
    if scope is not None:
        statement = statement.where(place.id.in_(scope))
    return [(unit_id, user_id, unit, name) for unit_id, user_id, unit, name, _ in session.execute(statement)]
