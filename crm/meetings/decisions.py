"""Decisions of meetings: written down with owner and date, each a follow-up of its owner, closed only for a reason.

A tick on the follow-up reports the work as done; the decision itself is closed with a result, or dropped by a later
decision with its number and date. Nothing here commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.auth import queries as people
from crm.auth.rules import Actor
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.delivery.blockers import course as blockers
from crm.fieldwork.models import FollowUp
from crm.meetings import queries
from crm.meetings.models import MeetingDecision
from crm.meetings.rules import (
    DecisionDraft,
    DecisionState,
    MeetingState,
    Source,
    decision_problems,
    done_problems,
    drop_problems,
)
from crm.meetings.services import SUBJECT, managed, may_manage
from crm.notices import services as notices
from crm.notices.rules import NoticeKind, without_contact_data
from crm.pipeline import queries as projects

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.meetings.models import Meeting
    from crm.pipeline.models import Project

KIND = "decision"
TITLE = 200
NOT_THERE = Problem("decision.owner", "这位同事今天不在所选单位，请重新选择。", "owner")
SECRET = Problem("decision.secret", "保密项目的议定事项只能交给名单内的人。", "owner")
NOT_YOURS = Problem("decision.not_yours", "议定事项由承办人报办结，由会议召集人、主持人或招商办决定不再办。")
TOLD = "会议议定：%(text)s，请在%(due)s前办理"


def decide(
    session: Session, actor: Actor, meeting_id: int, draft: DecisionDraft, *, now: datetime, today: date
) -> MeetingDecision:
    """Write a decision down while the meeting is held: its owner gets a follow-up and is told."""
    meeting = managed(session, actor, meeting_id, MeetingState.HELD)
    project = projects.get(session, actor, draft.project_id) if draft.project_id else None
    item = None
    if draft.item_id is not None:
        item = queries.item(session, actor, meeting.id, draft.item_id)
        if project is None and item.project_id is not None:
            project = projects.get(session, actor, item.project_id)
    problems = decision_problems(draft, held_on=meeting.held_on)
    problems += _owner_problems(session, draft, project, today)
    if problems:
        raise DomainError(*problems)
    follow_up = _follow_up(session, actor, draft, project, now)
    last = select(func.max(MeetingDecision.seq)).where(MeetingDecision.meeting_id == meeting.id)
    row = MeetingDecision(
        meeting_id=meeting.id,
        item_id=draft.item_id,
        seq=(session.scalar(last) or 0) + 1,
        text=draft.text.strip(),
        project_id=project.id if project else None,
        enterprise_id=project.enterprise_id if project else draft.enterprise_id,
        unit_id=draft.unit_id,
        owner_id=draft.owner_id,
        due_on=draft.due_on,
        follow_up_id=follow_up.id,
        state=DecisionState.OPEN,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "decision.make", (SUBJECT, meeting.id), now=now, decision=row.id, seq=row.seq)
    if item is not None and item.source is Source.BLOCKER and item.ref_id is not None:
        link = f"/meetings/decisions/{row.id}"
        told = f"{queries.decision_number(row)} {row.text}"
        blockers.decided(session, item.ref_id, told, link, by=actor.user_id, now=now)
    params = {"text": without_contact_data(row.text)[:60], "due": row.due_on.isoformat()}
    notices.tell(
        session, {row.owner_id} - {actor.user_id}, NoticeKind.ACTION, TOLD, f"/meetings/decisions/{row.id}",
        ("meeting_decision", row.id), now, params=params, project_id=row.project_id,
    )  # fmt: skip
    return row


def done(session: Session, actor: Actor, decision_id: int, note: str, *, now: datetime) -> MeetingDecision:
    """Close a decision with what was done; the follow-up of its owner is ticked off with it."""
    row = _open(session, actor, decision_id, owner_too=True)
    problems = done_problems(row.state, note)
    if problems:
        raise DomainError(*problems)
    row.state, row.note = DecisionState.DONE, note.strip()
    _close(session, actor, row, now)
    audit.record(session, actor.user_id, "decision.done", ("meeting_decision", row.id), now=now)
    return row


def drop(
    session: Session,
    actor: Actor,
    decision_id: int,
    reason: str,
    decided: tuple[str, date | None],
    *,
    now: datetime,
    today: date,
) -> MeetingDecision:
    """Drop a decision because a later one (number, day) says so."""
    row = _open(session, actor, decision_id, owner_too=False)
    number, day = decided
    problems = drop_problems(row.state, reason, number, day, held_on=row.meeting.held_on, today=today)
    if problems:
        raise DomainError(*problems)
    row.state, row.note, row.drop_number, row.dropped_on = DecisionState.DROPPED, reason.strip(), number.strip(), day
    _close(session, actor, row, now)
    subject = ("meeting_decision", row.id)
    audit.record(session, actor.user_id, "decision.drop", subject, now=now, number=row.drop_number)
    return row


def may_close(actor: Actor, row: MeetingDecision, meeting: Meeting) -> bool:
    """Whether the person may close a decision as done: its owner, who took it over, or who manages the meeting."""
    return actor.user_id in {row.owner_id, row.follow_up.owner_id} or may_manage(actor, meeting)


def _open(session: Session, actor: Actor, decision_id: int, *, owner_too: bool) -> MeetingDecision:
    found = queries.decision(session, actor, decision_id).row
    row = session.scalars(
        select(MeetingDecision)
        .where(MeetingDecision.id == found.id)
        .with_for_update(of=MeetingDecision)
        .execution_options(populate_existing=True)
    ).one()
    if not (may_manage(actor, row.meeting) or (owner_too and may_close(actor, row, row.meeting))):
        raise ForbiddenError(NOT_YOURS)
    return row


def _owner_problems(session: Session, draft: DecisionDraft, project: Project | None, today: date) -> list[Problem]:
    here = {user_id for _unit, user_id, _label in people.seats(session, frozenset({draft.unit_id}), today)}
    if draft.owner_id not in here:
        return [NOT_THERE]
    owner = Actor(user_id=draft.owner_id, name="", posts=())
    if project is not None and project.confidential and not projects.is_privy(session, owner, project):
        return [SECRET]
    return []


def _follow_up(
    session: Session, actor: Actor, draft: DecisionDraft, project: Project | None, now: datetime
) -> FollowUp:
    row = FollowUp(
        title=draft.text.strip()[:TITLE],
        kind=KIND,
        enterprise_id=project.enterprise_id if project else draft.enterprise_id,
        project_id=project.id if project else None,
        unit_id=draft.unit_id,
        owner_id=draft.owner_id,
        due_on=draft.due_on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _close(session: Session, actor: Actor, row: MeetingDecision, now: datetime) -> None:
    row.closed_by, row.closed_at = actor.user_id, now
    follow_up = session.get_one(FollowUp, row.follow_up_id)
    if follow_up.done_at is None:
        follow_up.done_at, follow_up.done_by, follow_up.done_note = now, actor.user_id, (row.note or "")[:TITLE]
    session.flush()
