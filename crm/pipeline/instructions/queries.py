"""Reads of instructions: mine to do, given by me, all of them; never one about a project the person may not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import seats, units, valid_on
from crm.auth.rules import Permission, Role
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.pipeline import queries
from crm.pipeline.instructions.models import Instruction, InstructionReply
from crm.pipeline.instructions.rules import InstructionState
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("instruction.absent", "没有这件批示，或者不在您的查看范围内。")
MINE, GIVEN, ALL = "todo", "given", "all"


@dataclass(frozen=True, slots=True)
class Shown:
    """An instruction with the names a page needs."""

    row: Instruction
    subject: str
    leader: str
    unit: str
    person: str | None


def to_me(actor: Actor) -> ColumnElement[bool]:
    """Condition: addressed to the person, or to a unit of theirs without naming somebody else."""
    return or_(
        Instruction.person_id == actor.user_id,
        and_(Instruction.person_id.is_(None), Instruction.unit_id.in_(actor.unit_ids)),
    )


def from_me(actor: Actor) -> ColumnElement[bool]:
    """Condition: given by the person, or in the person's name."""
    return or_(Instruction.leader_id == actor.user_id, Instruction.given_by == actor.user_id)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: what concerns the person; who watches sees all, except about projects kept from them."""
    concerned = or_(to_me(actor), from_me(actor))
    open_to = or_(Instruction.project_id.is_(None), queries.privy(actor))
    about = and_(Instruction.project_id.is_not(None), queries.visible_to(actor))
    if actor.may(Permission.INSTRUCTION_WATCH):
        about = or_(about, Instruction.enterprise_id.is_not(None))
    return and_(open_to, or_(concerned, about))


def _named(actor: Actor) -> Select[Any]:
    leader, person = aliased(User), aliased(User)
    statement = (
        select(
            Instruction,
            func.coalesce(Project.name, Enterprise.name),
            leader.name,
            OrgUnit.name,
            person.name,
        )
        .outerjoin(Project, Project.id == Instruction.project_id)
        .outerjoin(Enterprise, Enterprise.id == Instruction.enterprise_id)
        .join(leader, leader.id == Instruction.leader_id)
        .join(OrgUnit, OrgUnit.id == Instruction.unit_id)
        .outerjoin(person, person.id == Instruction.person_id)
        .where(visible_to(actor))
    )
    return cast("Select[Any]", statement)


def get(session: Session, actor: Actor, instruction_id: int) -> Shown:
    """Return an instruction the person may see."""
    row = session.execute(_named(actor).where(Instruction.id == instruction_id)).one_or_none()
    if row is None:
        raise NotFoundError(ABSENT)
    return Shown(*row)


def replies(session: Session, instruction_id: int) -> list[tuple[InstructionReply, str]]:
    """Return what was answered, oldest first, with who did."""
    statement = select(InstructionReply, User.name).join(User, User.id == InstructionReply.by)
    rows = session.execute(
        statement.where(InstructionReply.instruction_id == instruction_id).order_by(InstructionReply.id)
    )
    return [(reply, name) for reply, name in rows]


def of_project(session: Session, actor: Actor, project_id: int) -> list[Shown]:
    """Return the instructions on a project, newest first."""
    statement = _named(actor).where(Instruction.project_id == project_id).order_by(Instruction.id.desc()).limit(100)
    return [Shown(*row) for row in session.execute(statement)]


ORDER = (Key(Instruction.due_on), Key(Instruction.id))


def page(session: Session, actor: Actor, *, mine: str, closed: bool, cursor: str | None) -> Page[Any]:
    """Return a page of instructions, the most urgent day first."""
    statement = _named(actor)
    if mine == MINE:
        statement = statement.where(to_me(actor))
    elif mine == GIVEN:
        statement = statement.where(from_me(actor))
    state = Instruction.state == InstructionState.CLOSED
    statement = statement.where(state if closed else ~state)
    return fetch_page(session, statement, ORDER, lambda row: (row[0].due_on, row[0].id), cursor=cursor)


def overdue(session: Session, actor: Actor, today: date) -> int:
    """Return how many open ones the person has to do are late."""
    late = (Instruction.state == InstructionState.OPEN, Instruction.due_on < today)
    statement = select(func.count(Instruction.id)).outerjoin(Project, Project.id == Instruction.project_id)
    statement = statement.where(to_me(actor), visible_to(actor), *late)
    return session.scalar(statement) or 0


def addressees(session: Session, today: date) -> list[tuple[str, str]]:
    """Return units and their people as choices: ``unit`` or ``unit:person``."""
    people: dict[int, list[tuple[int, str]]] = {}
    for unit_id, user_id, label in seats(session, None, today):
        people.setdefault(unit_id, []).append((user_id, label))
    found = []
    for unit in units(session, today):
        found.append((str(unit.id), unit.name))
        found += [(f"{unit.id}:{user_id}", label) for user_id, label in people.get(unit.id, [])]
    return found


def leaders(session: Session, today: date) -> list[tuple[int, str]]:
    """Return the people in whose name an instruction may be registered."""
    statement = (
        select(User.id, User.name)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, Roster.role == Role.LEADER, valid_on(Roster, today))
        .distinct()
        .order_by(User.name)
    )
    return [(user_id, name) for user_id, name in session.execute(statement)]
