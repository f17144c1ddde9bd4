"""Reads of meetings: whose they are, who comes, what is on the agenda, what was decided and is still open.

Whoever comes to a meeting sees it, and whoever reads its unit. What names a project is shown only to people who may
see that project, in lists, agendas, minutes and files alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.auth.models import User
from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.fieldwork.models import FollowUp
from crm.meetings.models import (
    AgendaItem,
    Meeting,
    MeetingDecision,
    MeetingMember,
    MeetingPerson,
    MeetingSeries,
)
from crm.meetings.rules import DecisionState, MeetingState, Source
from crm.pipeline.admission.queries import readable
from crm.pipeline.claims.models import Claim, ClaimDispute
from crm.pipeline.models import Project
from crm.pipeline.queries import privy

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.auth.rules import Actor

ABSENT = Problem("meeting.absent", "没有这次会议，或者不在您的查看范围内。")
SERIES_ABSENT = Problem("series.absent", "没有这个例会，或者不在您的查看范围内。")
ITEM_ABSENT = Problem("agenda.absent", "没有这项议题，可能已被移除；请刷新后再看。")
DECISION_ABSENT = Problem("decision.absent", "没有这项议定事项，或者不在您的查看范围内。")
MOST_ITEMS, MOST_PEOPLE, MOST_OPEN = 200, 300, 100


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the names a page shows; ``reported`` tells that its owner ticked it off."""

    row: MeetingDecision
    unit: str
    owner: str
    reported: bool

    @property
    def number(self) -> str:
        """Number of the decision: of its meeting, then its own."""
        return decision_number(self.row)


def meeting_number(meeting: Meeting) -> str:
    """Number of a meeting within its year, blank before it is held."""
    return f"〔{meeting.year}〕{meeting.number}号" if meeting.number is not None else ""


def decision_number(row: MeetingDecision) -> str:
    """Number of a decision: of its meeting, then its own."""
    return f"{meeting_number(row.meeting)}-{row.seq}"


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: meetings the person comes to, leads or called, and those of units the person reads."""
    comes = exists().where(MeetingPerson.meeting_id == Meeting.id, MeetingPerson.user_id == actor.user_id)
    own = or_(Meeting.chair_id == actor.user_id, Meeting.created_by == actor.user_id, comes)
    return or_(own, within(Meeting.unit_id, actor, Permission.TOUCH_READ))


def open_to(project_id: InstrumentedAttribute[Any], actor: Actor) -> ColumnElement[bool]:
    """Condition: what is said names no project, or one the person may see."""
    return or_(project_id.is_(None), project_id.in_(select(Project.id).where(readable(actor))))


def items_open_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: items that name no project kept from the person; of a dispute both sides count."""
    sides = or_(Claim.id == ClaimDispute.first_claim_id, Claim.id == ClaimDispute.second_claim_id)
    kept = (
        select(ClaimDispute.id)
        .join(Claim, sides)
        .join(Project, Project.id == Claim.project_id)
        .where(ClaimDispute.id == AgendaItem.ref_id, ~privy(actor))
    )
    return and_(
        open_to(AgendaItem.project_id, actor),
        or_(AgendaItem.source != Source.DISPUTE, ~kept.correlate(AgendaItem).exists()),
    )


def decisions_open_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: decisions on no project kept from the person; one's own unless the project is confidential."""
    known = select(Project.id).where(privy(actor))
    own = and_(MeetingDecision.owner_id == actor.user_id, MeetingDecision.project_id.in_(known))
    return or_(open_to(MeetingDecision.project_id, actor), own)


def get(session: Session, actor: Actor, meeting_id: int, *, lock: bool = False) -> Meeting:
    """Return a visible meeting with unit and chair."""
    statement = select(Meeting).where(Meeting.id == meeting_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=Meeting).execution_options(populate_existing=True)
    found = session.scalar(statement.options(joinedload(Meeting.unit), joinedload(Meeting.chair)))
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def between(session: Session, actor: Actor, first: date, last: date, *, limit: int = 400) -> list[Meeting]:
    """Return visible meetings that take place from ``first`` to ``last``, both included, cancelled ones left out."""
    statement = (
        select(Meeting)
        .where(visible_to(actor), Meeting.held_on.between(first, last), Meeting.state != MeetingState.CANCELLED)
        .options(joinedload(Meeting.unit), joinedload(Meeting.chair))
        .order_by(Meeting.held_on, Meeting.starts_at, Meeting.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def page(session: Session, actor: Actor, *, past: bool, today: date, cursor: str | None) -> Page[Meeting]:
    """Return a page of meetings: those to come, the next first; or those held or past, the last first."""
    coming = and_(Meeting.state == MeetingState.PLANNED, Meeting.held_on >= today)
    statement = (
        select(Meeting)
        .where(visible_to(actor), ~coming if past else coming)
        .options(joinedload(Meeting.unit), joinedload(Meeting.chair))
    )
    order = (Key(Meeting.held_on, descending=past), Key(Meeting.id, descending=past))
    return fetch_page(session, statement, order, lambda row: (row.held_on, row.id), cursor=cursor)


def on_agenda(session: Session, actor: Actor, blocker_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    """Return the meetings not yet over on whose agenda these blockers stand: (id, title) by blocker."""
    found: dict[int, list[tuple[int, str]]] = {}
    if not blocker_ids:
        return found
    statement = (
        select(AgendaItem.ref_id, Meeting.id, Meeting.title)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(AgendaItem.source == Source.BLOCKER, AgendaItem.ref_id.in_(blocker_ids), visible_to(actor))
        .where(Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)))
    )
    for blocker_id, meeting_id, title in session.execute(statement):
        found.setdefault(blocker_id or 0, []).append((meeting_id, title))
    return found


def series_list(session: Session, actor: Actor) -> list[MeetingSeries]:
    """Return the running series whose unit the person reads, or to which the person belongs."""
    member = exists().where(MeetingMember.series_id == MeetingSeries.id, MeetingMember.user_id == actor.user_id)
    seen = or_(member, within(MeetingSeries.unit_id, actor, Permission.TOUCH_READ))
    statement = (
        select(MeetingSeries).where(seen, MeetingSeries.ended_on.is_(None)).options(joinedload(MeetingSeries.unit))
    )
    return list(session.scalars(statement.order_by(MeetingSeries.name, MeetingSeries.id).limit(100)))


def series(session: Session, actor: Actor, series_id: int) -> MeetingSeries:
    """Return one series the person may see."""
    member = exists().where(MeetingMember.series_id == MeetingSeries.id, MeetingMember.user_id == actor.user_id)
    seen = or_(member, within(MeetingSeries.unit_id, actor, Permission.TOUCH_READ))
    found = session.scalar(
        select(MeetingSeries).where(MeetingSeries.id == series_id, seen).options(joinedload(MeetingSeries.unit))
    )
    if found is None:
        raise NotFoundError(SERIES_ABSENT)
    return found


def members(session: Session, series_id: int) -> list[int]:
    """Ids of the people of a series."""
    statement = select(MeetingMember.user_id).where(MeetingMember.series_id == series_id)
    return list(session.scalars(statement.order_by(MeetingMember.id)))


def people(session: Session, meeting_id: int) -> list[tuple[MeetingPerson, str, str | None]]:
    """Who is to come, with name and title, by name."""
    statement = (
        select(MeetingPerson, User.name, User.title)
        .join(User, User.id == MeetingPerson.user_id)
        .where(MeetingPerson.meeting_id == meeting_id)
        .order_by(User.name, User.id)
        .limit(MOST_PEOPLE)
    )
    return [(row, name, title) for row, name, title in session.execute(statement)]


def items(session: Session, actor: Actor, meeting_id: int) -> list[AgendaItem]:
    """Return the items of an agenda which the person may see, in order."""
    statement = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id, items_open_to(actor))
    return list(session.scalars(statement.order_by(AgendaItem.position, AgendaItem.id).limit(MOST_ITEMS)))


def item(session: Session, actor: Actor, meeting_id: int, item_id: int) -> AgendaItem:
    """Return one item the person may see."""
    mine = (AgendaItem.id == item_id, AgendaItem.meeting_id == meeting_id, items_open_to(actor))
    found = session.scalar(select(AgendaItem).where(*mine))
    if found is None:
        raise NotFoundError(ITEM_ABSENT)
    return found


def decided(session: Session, actor: Actor, meeting_id: int) -> list[Decided]:
    """Return the decisions of a meeting which the person may see, by number."""
    statement = _decisions(actor).where(MeetingDecision.meeting_id == meeting_id)
    return _decided(session, statement.order_by(MeetingDecision.seq).limit(MOST_ITEMS))


def open_before(session: Session, actor: Actor, meeting: Meeting) -> list[Decided]:
    """Return what earlier meetings of the same series (else of the same unit and kind) decided and is still open."""
    same = (
        Meeting.series_id == meeting.series_id
        if meeting.series_id is not None
        else and_(Meeting.unit_id == meeting.unit_id, Meeting.kind == meeting.kind, Meeting.series_id.is_(None))
    )
    statement = _decisions(actor).where(
        same, Meeting.id != meeting.id, Meeting.held_on <= meeting.held_on, MeetingDecision.state == DecisionState.OPEN
    )
    return _decided(session, statement.order_by(MeetingDecision.due_on, MeetingDecision.id).limit(MOST_OPEN))


def decision(session: Session, actor: Actor, decision_id: int) -> Decided:
    """Return one decision of a visible meeting, or of the person's own."""
    found = _decided(session, _decisions(actor).where(MeetingDecision.id == decision_id))
    if not found:
        raise NotFoundError(DECISION_ABSENT)
    return found[0]


def decisions_page(session: Session, actor: Actor, *, mine: bool, closed: bool, cursor: str | None) -> Page[Decided]:
    """Return a page of decisions, the earliest date first; closed ones the last closed first."""
    state = MeetingDecision.state == DecisionState.OPEN
    statement = _decisions(actor).where(~state if closed else state)
    if mine:
        statement = statement.where(_of(actor))
    order = (Key(MeetingDecision.due_on, descending=closed), Key(MeetingDecision.id, descending=closed))
    found = fetch_page(session, statement, order, lambda row: (row[0].due_on, row[0].id), cursor=cursor)
    return Page(tuple(_one(row) for row in found.rows), found.next, found.previous)


def late_decisions(session: Session, actor: Actor, today: date) -> int:
    """How many open decisions the person has to do are late."""
    late = (MeetingDecision.state == DecisionState.OPEN, MeetingDecision.due_on < today)
    mine = (MeetingDecision.owner_id == actor.user_id, decisions_open_to(actor))
    return session.scalar(select(func.count(MeetingDecision.id)).where(*mine, *late)) or 0


def _decisions(actor: Actor) -> Select[*tuple[Any, ...]]:
    owner = aliased(User)
    return (
        select(MeetingDecision, owner.name, FollowUp.done_at)
        .join(Meeting, Meeting.id == MeetingDecision.meeting_id)
        .join(owner, owner.id == MeetingDecision.owner_id)
        .join(FollowUp, FollowUp.id == MeetingDecision.follow_up_id)
        .where(or_(visible_to(actor), _of(actor)), decisions_open_to(actor))
        .options(
            joinedload(MeetingDecision.meeting), joinedload(MeetingDecision.unit), joinedload(MeetingDecision.follow_up)
        )
    )


def _of(actor: Actor) -> ColumnElement[bool]:
    """Condition: the person owns the decision, or took its follow-up over."""
    return or_(MeetingDecision.owner_id == actor.user_id, FollowUp.owner_id == actor.user_id)


def _decided(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Decided]:
    return [_one(row) for row in session.execute(statement)]


def _one(row: Any) -> Decided:  # noqa: ANN401 (a result row)
    found, owner, done_at = row
    return Decided(found, found.unit.name, owner, done_at is not None)
