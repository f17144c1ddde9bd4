"""Writes of leader instructions (批示、交办): give, answer, accept or send back. Nothing is committed or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Actor, Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.enterprises.queries import enterprise
from crm.pipeline import queries as projects
from crm.pipeline import telling
from crm.pipeline.instructions import queries
from crm.pipeline.instructions.models import Instruction, InstructionReply
from crm.pipeline.instructions.rules import InstructionState, giving_problems, reply_problems, state_after

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.pipeline.instructions.rules import InstructionDraft, ReplyKind

KIND = "instruction"


def give(session: Session, actor: Actor, draft: InstructionDraft, *, now: datetime, today: date) -> Instruction:
    """Give an instruction, or register one a leader gave on paper, with the number of the paper."""
    if not actor.may(Permission.INSTRUCTION_GIVE):
        raise ForbiddenError(projects.FORBIDDEN)
    problems = giving_problems(draft, actor_id=actor.user_id, today=today)
    if draft.leader_id not in {user_id for user_id, _name in queries.leaders(session, today)}:
        problems.append(Problem("instruction.leader", "请选择作出批示的领导。", "leader_id"))
    key = str(draft.unit_id) if draft.person_id is None else f"{draft.unit_id}:{draft.person_id}"
    if key not in dict(queries.addressees(session, today)):
        problems.append(Problem("instruction.unit", "请选择承办单位或承办人。", "to"))
    if draft.project_id is not None:
        problems += _secret(session, actor, draft.project_id, draft.person_id)
    elif draft.enterprise_id is not None:
        enterprise(session, draft.enterprise_id)
    if problems:
        raise DomainError(*problems)
    row = Instruction(
        project_id=draft.project_id,
        enterprise_id=draft.enterprise_id,
        body=draft.text.strip(),
        urgency=draft.urgency,
        paper_no=draft.paper_no.strip() or None,
        leader_id=draft.leader_id,
        given_by=actor.user_id,
        given_at=now,
        unit_id=draft.unit_id,
        person_id=draft.person_id,
        due_on=draft.due_on,
    )
    session.add(row)
    session.flush()
    detail = {"project": row.project_id, "enterprise": row.enterprise_id, "leader": row.leader_id, "to": key}
    audit.record(session, actor.user_id, "instruction.give", (KIND, row.id), now=now, **detail)
    telling.instruction_given(session, actor, row, now=now, today=today)
    return row


def reply(
    session: Session, actor: Actor, instruction_id: int, kind: ReplyKind, text: str, *, now: datetime
) -> InstructionReply:
    """Answer an instruction, report it done, accept it or send it back; only the instructing side closes."""
    row = queries.get(session, actor, instruction_id).row
    row = session.scalars(select(Instruction).where(Instruction.id == row.id).with_for_update()).one()
    sides = {"addressed": addressed(actor, row), "instructing": actor.user_id in {row.leader_id, row.given_by}}
    problems = reply_problems(row.state, kind, text, **sides)
    if problems:
        raise DomainError(*problems)
    made = InstructionReply(instruction_id=row.id, kind=kind, body=text.strip() or None, by=actor.user_id, at=now)
    session.add(made)
    row.state = state_after(kind, row.state)
    row.closed_at = now if row.state is InstructionState.CLOSED else None
    session.flush()
    audit.record(session, actor.user_id, "instruction.reply", (KIND, row.id), now=now, kind=str(kind))
    return made


def addressed(actor: Actor, row: Instruction) -> bool:
    """Whether the person is the one who has to do it, or of the unit that has."""
    if row.person_id is not None:
        return row.person_id == actor.user_id
    return row.unit_id in actor.unit_ids


def _secret(session: Session, actor: Actor, project_id: int, person_id: int | None) -> list[Problem]:
    project = projects.get(session, actor, project_id)
    if not project.confidential:
        return []
    if person_id is not None and projects.is_privy(session, Actor(user_id=person_id, name="", posts=()), project):
        return []
    return [Problem("instruction.secret", "保密项目只能交办给名单内的人。", "to")]
