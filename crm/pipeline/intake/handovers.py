"""Hand-overs: asked by one side, accepted or refused by the other (首问责任). Nothing here commits.

Until the answer the project stays with whoever had it. A team lead or the registrar may decide at once,
which is kept as a hand-over that was asked and answered by the same person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import User
from crm.auth.rules import Actor, Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, NotFoundError, Problem
from crm.pipeline import queries, telling
from crm.pipeline.intake.models import Handover, LeadIntake
from crm.pipeline.intake.opening import locked, note_owner, step
from crm.pipeline.intake.rules import OWNED, POOL_STAGES, Act, Answer, LeadState, act_problems, handover_problems
from crm.pipeline.intake.services import facts_of, open_handover, party_for, refuse
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

ABSENT = Problem("handover.absent", "没有这次移交，或者不是移交给您的。")
ANSWERED = Problem("handover.answered", "这次移交已经答复过了，请刷新后再看。")
REVIEWED = Problem("owner.reviewer", "评审过本项目的人不能再任负责人。", "owner_id")
UNIT = Problem("owner.unit", "请选择该机构的在编人员。", "owner_id")
TRANSFER = Problem("handover.transfer", "评审以后换单位须走流转，由招商办核准，请到“归属”页提出。", "unit_id")
SECRET = Problem("handover.secret", "保密项目只能移交给知情人，请先把对方加入知情人。", "owner_id")
ASSIGNED_WORDS = "研判通过，请接收并跟进。"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is asked: a unit, and the person in it unless the unit decides itself."""

    unit_id: int
    user_id: int | None = None


def assign(
    session: Session, actor: Actor, project_id: int, to: Receiver, reason: str, *, now: datetime, today: date
) -> LeadIntake:
    """Pass the triage and name who takes the lead; who has it already, or assigns it to oneself, need not be asked."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_READ)
    row = locked(session, project.id)
    refuse(act_problems(Act.ASSIGN, facts_of(session, project, row), party_for(actor, project, Act.ASSIGN)))
    if not actor.reaches(Permission.LEAD_TRIAGE, to.unit_id):
        raise DomainError(Problem("assign.unit", "组长只能分给本单位及下属机构；跨单位请招商办分办。", "unit_id"))
    _check_receiver(session, project, to, today)
    asked = _ask(session, actor, project, to, reason.strip() or ASSIGNED_WORDS, now)
    step(session, row, LeadState.ASSIGNED, by=actor.user_id, now=now, reason=reason)
    if to.user_id in {actor.user_id, project.owner_id} and to.user_id is not None:
        _take(session, asked, row, project, to.user_id, actor.user_id, now)
    else:
        telling.handover_asked(session, actor, project, asked, assigned=True, now=now)
    session.flush()
    return row


def ask(
    session: Session, actor: Actor, project_id: int, to: Receiver, reason: str, *, now: datetime, today: date
) -> Handover:
    """Ask somebody to take a project over; the owner stays until the answer."""
    project = queries.get_for(session, actor, project_id, Permission.PROJECT_WRITE)
    row = locked(session, project.id)
    pending = open_handover(session, project.id) is not None
    left, same = project.exit_kind is not None, to.user_id is not None and to.user_id == project.owner_id
    refuse(handover_problems(same=same, still_open=pending, left=left, reason=reason))
    if row.state not in OWNED:
        raise DomainError(Problem("handover.state", "线索还没有接收，请按研判分办处理。"))
    _check_receiver(session, project, to, today)
    asked = _ask(session, actor, project, to, reason.strip(), now)
    telling.handover_asked(session, actor, project, asked, assigned=False, now=now)
    return asked


def decide(
    session: Session, actor: Actor, project_id: int, to: Receiver, reason: str, *, now: datetime, today: date
) -> Handover:
    """Change the owner at once: the right of the unit's team lead and of the registrar."""
    project = queries.get_for(session, actor, project_id, Permission.LEAD_TRIAGE)
    row = locked(session, project.id)
    before = open_handover(session, project.id, lock=True)
    if before is not None:
        _close(before, Answer.WITHDRAWN, actor.user_id, now)
        session.flush()
    left, same = project.exit_kind is not None, to.user_id == project.owner_id
    refuse(handover_problems(same=same, still_open=False, left=left, reason=reason))
    _check_receiver(session, project, to, today)
    if to.user_id is None or not actor.reaches(Permission.LEAD_TRIAGE, to.unit_id):
        raise DomainError(UNIT)
    asked = _ask(session, actor, project, to, reason.strip(), now)
    _take(session, asked, row, project, to.user_id, actor.user_id, now)
    telling.handover_decided(session, actor, project, to.user_id, now=now)
    session.flush()
    return asked


def accept(
    session: Session, actor: Actor, handover_id: int, *, now: datetime, today: date, user_id: int | None = None
) -> Project:
    """Take a project over; who answers for a unit may name a person of it instead of oneself."""
    asked, project, row = _addressed(session, actor, handover_id)
    person = asked.to_user_id or user_id or actor.user_id
    _check_receiver(session, project, Receiver(asked.to_unit_id, person), today)
    _take(session, asked, row, project, person, actor.user_id, now)
    session.flush()
    return project


def decline(session: Session, actor: Actor, handover_id: int, reason: str, *, now: datetime) -> Project:
    """Refuse a hand-over with the reason; an assigned lead goes back to triage."""
    asked, project, row = _addressed(session, actor, handover_id)
    if not reason.strip():
        raise DomainError(Problem("handover.why", "请写明不接收的理由，对方要据此另作安排。", "reason"))
    _close(asked, Answer.REFUSED, actor.user_id, now, reason.strip())
    if row.state is LeadState.ASSIGNED:
        step(session, row, LeadState.TRIAGE, by=actor.user_id, now=now, reason=reason)
    session.flush()
    return project


def withdraw(session: Session, actor: Actor, project_id: int, *, now: datetime) -> Project:
    """Take back a hand-over that was not answered yet: by who asked, or by the unit's triage."""
    project = queries.get(session, actor, project_id)
    row = locked(session, project.id)
    asked = open_handover(session, project.id, lock=True)
    if asked is None:
        raise ConflictError(ANSWERED)
    if actor.user_id != asked.asked_by and not actor.reaches(Permission.LEAD_TRIAGE, project.unit_id):
        raise DomainError(Problem("handover.withdraw", "只有提出移交的人、组长和招商办可以撤回。"))
    _close(asked, Answer.WITHDRAWN, actor.user_id, now)
    if row.state is LeadState.ASSIGNED:
        step(session, row, LeadState.TRIAGE, by=actor.user_id, now=now, reason="撤回分办")
    session.flush()
    return project


def addressed_to(actor: Actor, asked: Handover) -> bool:
    """Whether the answer is this person's to give."""
    if asked.to_user_id is not None:
        return asked.to_user_id == actor.user_id
    return actor.reaches(Permission.LEAD_TRIAGE, asked.to_unit_id)


def _ask(session: Session, actor: Actor, project: Project, to: Receiver, reason: str, now: datetime) -> Handover:
    asked = Handover(
        project_id=project.id,
        from_user_id=project.owner_id,
        from_unit_id=project.unit_id,
        to_user_id=to.user_id,
        to_unit_id=to.unit_id,
        reason=reason,
        asked_by=actor.user_id,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    detail = {"to_user": to.user_id, "to_unit": to.unit_id, "reason": reason}
    audit.record(session, actor.user_id, "handover.ask", ("project", project.id), now=now, **detail)
    return asked


def _addressed(session: Session, actor: Actor, handover_id: int) -> tuple[Handover, Project, LeadIntake]:
    """Return an open hand-over addressed to the actor, with project and lead locked, in the order of all writers."""
    project_id = session.scalar(select(Handover.project_id).where(Handover.id == handover_id))
    if project_id is None:
        raise NotFoundError(ABSENT)
    row = locked(session, project_id)
    asked = session.get_one(Handover, handover_id, with_for_update=True)
    project = session.get_one(Project, project_id)
    if not addressed_to(actor, asked) or not queries.is_privy(session, actor, project):
        raise NotFoundError(ABSENT)
    if asked.answered_at is not None:
        raise ConflictError(ANSWERED)
    if project.exit_kind is not None:
        raise DomainError(Problem("handover.left", "项目已退出，不用移交。"))
    return asked, project, row


def _take(
    session: Session, asked: Handover, row: LeadIntake, project: Project, person: int, by: int, now: datetime
) -> None:
    before = project.owner_id
    project.owner_id, project.unit_id, project.updated_at = person, asked.to_unit_id, now
    asked.to_user_id = person
    _close(asked, Answer.ACCEPTED, by, now)
    if row.first_by is None:
        row.first_by = person
    step(session, row, LeadState.ACCEPTED, by=by, now=now)
    note_owner(session, project, before, by=by, now=now)
    session.flush()
    session.expire(project, ["owner", "unit"])


def _close(asked: Handover, answer: Answer, by: int, now: datetime, reason: str | None = None) -> None:
    asked.answer, asked.answered_by, asked.answered_at, asked.answer_reason = answer, by, now, reason


def _check_receiver(session: Session, project: Project, to: Receiver, today: date) -> None:
    if to.unit_id != project.unit_id and project.stage not in POOL_STAGES:
        raise DomainError(TRANSFER)
    if project.confidential and not (to.user_id and _knows(session, project, to.user_id)):
        raise DomainError(SECRET)
    if to.user_id is None:
        return
    if to.user_id not in {person.id for person in queries.owner_choices(session, to.unit_id, today)}:
        raise DomainError(UNIT)
    if queries.latest_reviewer(session, project.id) == to.user_id:
        raise DomainError(REVIEWED)


def _knows(session: Session, project: Project, user_id: int) -> bool:
    return queries.is_privy(session, Actor(user_id=user_id, name="", posts=()), project)


def name_of(session: Session, user_id: int) -> str:
    """Return a person's name."""
    return session.scalar(select(User.name).where(User.id == user_id)) or ""
