"""Reads of review cases: who may see one, and everything its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import valid_on, within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.pipeline import queries
from crm.pipeline.admission.models import (
    BoardMember,
    BoardRecusal,
    BoardVote,
    CaseDecision,
    Opinion,
    OpinionAnswer,
    OpinionNotice,
    ReviewCase,
    ScoreLine,
)
from crm.pipeline.admission.rules import CaseState
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FILES = "opinion_answer"


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of the board today, and why they may not vote on a project, if so."""

    user_id: int
    name: str
    chair: bool
    conflict: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An opinion with its department, its answer in force and who gave it."""

    opinion: Opinion
    department: str
    answer: OpinionAnswer | None
    by: str | None


def asked_of(actor: Actor) -> ColumnElement[bool]:
    """Condition: an opinion on the project is asked of a department for which the person speaks."""
    speaks = within(Opinion.department_id, actor, Permission.OPINION_GIVE)
    return (
        select(Opinion.id)
        .join(ReviewCase, ReviewCase.id == Opinion.case_id)
        .where(ReviewCase.project_id == Project.id, speaks)
        .exists()
    )


def readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: projects whose review the person may read; a reviewer only those asked of its department."""
    if not actor.may(Permission.OPINION_GIVE):
        return queries.visible_to(actor)
    return or_(queries.visible_to(actor), and_(asked_of(actor), queries.privy(actor)))


def get_project(session: Session, actor: Actor, project_id: int) -> Project:
    """Return a project whose review the person may read; any other is not found."""
    statement = (
        select(Project)
        .where(Project.id == project_id, readable(actor))
        .options(joinedload(Project.enterprise), joinedload(Project.unit), joinedload(Project.owner))
    )
    project = session.scalar(statement)
    if project is None:
        raise NotFoundError(queries.ABSENT)
    return project


def cases(session: Session, project_id: int) -> list[ReviewCase]:
    """Return the cases of a project, newest first."""
    statement = select(ReviewCase).where(ReviewCase.project_id == project_id)
    return list(session.scalars(statement.order_by(ReviewCase.number.desc()).limit(20)))


def open_case(session: Session, project_id: int, *, lock: bool = False) -> ReviewCase | None:
    """Return the running case of a project."""
    statement = select(ReviewCase).where(ReviewCase.project_id == project_id, ReviewCase.state == CaseState.OPEN)
    return session.scalar(statement.with_for_update() if lock else statement)


def in_force() -> Select[Any]:
    """Return the newest answer of each opinion."""
    return select(func.max(OpinionAnswer.id)).group_by(OpinionAnswer.opinion_id)


def opinions(session: Session, case_id: int) -> list[Asked]:
    """Return the six opinions of a case with what is in force, in the order they were asked."""
    statement = (
        select(Opinion, OrgUnit.name, OpinionAnswer, User.name)
        .join(OrgUnit, OrgUnit.id == Opinion.department_id)
        .outerjoin(OpinionAnswer, and_(OpinionAnswer.opinion_id == Opinion.id, OpinionAnswer.id.in_(in_force())))
        .outerjoin(User, User.id == OpinionAnswer.by)
        .where(Opinion.case_id == case_id)
        .order_by(Opinion.id)
    )
    return [Asked(*row) for row in session.execute(statement)]


def history(session: Session, opinion_id: int) -> list[tuple[OpinionAnswer, str, str | None]]:
    """Return every answer to an opinion, newest first, with who gave it and who is responsible for silence."""
    responsible = aliased(User)
    statement = (
        select(OpinionAnswer, User.name, responsible.name)
        .join(User, User.id == OpinionAnswer.by)
        .outerjoin(responsible, responsible.id == OpinionAnswer.responsible_id)
        .where(OpinionAnswer.opinion_id == opinion_id)
        .order_by(OpinionAnswer.id.desc())
    )
    return [(answer, by, answers_for) for answer, by, answers_for in session.execute(statement)]


def notices(session: Session, opinion_id: int) -> list[tuple[OpinionNotice, str]]:
    """Return the proofs of notice of an opinion, oldest first, with who sent them."""
    statement = select(OpinionNotice, User.name).join(User, User.id == OpinionNotice.by)
    rows = session.execute(statement.where(OpinionNotice.opinion_id == opinion_id).order_by(OpinionNotice.id))
    return [(notice, name) for notice, name in rows]


def files(session: Session, answer_ids: list[int]) -> dict[int, list[Attachment]]:
    """Return the papers of answers by answer."""
    statement = select(Attachment).where(Attachment.subject_type == FILES, Attachment.subject_id.in_(answer_ids))
    found: dict[int, list[Attachment]] = {}
    for row in session.scalars(statement.order_by(Attachment.id)) if answer_ids else ():
        found.setdefault(row.subject_id, []).append(row)
    return found


def paper(session: Session, opinion_id: int, file_id: int) -> Attachment | None:
    """Return one paper of an opinion."""
    answers = select(OpinionAnswer.id).where(OpinionAnswer.opinion_id == opinion_id)
    statement = select(Attachment).where(Attachment.subject_type == FILES, Attachment.subject_id.in_(answers))
    return session.scalar(statement.where(Attachment.id == file_id))


def department_name(session: Session, unit_id: int) -> str:
    """Return the name of a department."""
    return session.scalars(select(OrgUnit.name).where(OrgUnit.id == unit_id)).one()


def score_lines(session: Session, case_id: int) -> dict[str, tuple[ScoreLine, str]]:
    """Return the line in force of each criterion, with who wrote it."""
    newest = select(func.max(ScoreLine.id)).where(ScoreLine.case_id == case_id).group_by(ScoreLine.criterion)
    statement = select(ScoreLine, User.name).join(User, User.id == ScoreLine.by).where(ScoreLine.id.in_(newest))
    return {line.criterion: (line, name) for line, name in session.execute(statement)}


def votes(session: Session, case_id: int) -> list[BoardVote]:
    """Return every vote of a case."""
    return list(session.scalars(select(BoardVote).where(BoardVote.case_id == case_id).order_by(BoardVote.id)))


def decisions(session: Session, case_ids: list[int]) -> list[tuple[CaseDecision, str]]:
    """Return what the board decided, newest first, with who recorded it."""
    statement = select(CaseDecision, User.name).join(User, User.id == CaseDecision.by)
    rows = session.execute(statement.where(CaseDecision.case_id.in_(case_ids)).order_by(CaseDecision.id.desc()))
    return [(decision, name) for decision, name in rows]


def seats(session: Session, project: Project, case_id: int, today: date) -> list[Seat]:
    """Return the board of the day, and for each member whether a conflict of interest keeps them from voting."""
    of_unit = select(Roster.user_id).where(Roster.unit_id == project.unit_id, valid_on(Roster, today))
    statement = (
        select(User.id, User.name, BoardMember.chair, User.id.in_(of_unit), BoardRecusal.reason)
        .join(User, User.id == BoardMember.user_id)
        .outerjoin(BoardRecusal, and_(BoardRecusal.user_id == User.id, BoardRecusal.case_id == case_id))
        .where(sitting(today))
        .order_by(BoardMember.chair, User.name.desc())
    )
    found: dict[int, Seat] = {}
    for user_id, name, chair, of_its_unit, declared in session.execute(statement):
        found[user_id] = Seat(user_id, name, chair, _conflict(project, user_id, declared, of_unit=of_its_unit))
    return list(reversed(found.values()))


def _conflict(project: Project, user_id: int, declared: str | None, *, of_unit: bool) -> str:
    if user_id == project.owner_id:
        return "owner"
    if user_id == project.created_by:
        return "creator"
    if of_unit:
        return "unit"
    return "declared" if declared else ""


def sitting(day: date) -> ColumnElement[bool]:
    """Condition: members of the board on a day."""
    return (BoardMember.valid_from <= day) & or_(BoardMember.valid_to.is_(None), BoardMember.valid_to >= day)


def board(session: Session) -> list[tuple[BoardMember, str]]:
    """Return everybody who is or was on the board, with names."""
    statement = select(BoardMember, User.name).join(User, User.id == BoardMember.user_id)
    rows = session.execute(statement.order_by(BoardMember.valid_to.is_not(None), BoardMember.id).limit(200))
    return [(member, name) for member, name in rows]


def department_people(session: Session, department_id: int, today: date) -> list[tuple[int, str]]:
    """Return the people of a department, one of whom answers for its silence."""
    statement = (
        select(User.id, User.name)
        .join(Roster, Roster.user_id == User.id)
        .where(User.active, Roster.unit_id == department_id, valid_on(Roster, today))
        .distinct()
        .order_by(User.name)
    )
    return [(user_id, name) for user_id, name in session.execute(statement)]


ORDER = (Key(Opinion.due_on), Key(Opinion.id))


def asked_page(
    session: Session, actor: Actor, today: date, *, state: str, department_id: int | None, cursor: str | None
) -> Page[Any]:
    """Return a page of asked opinions the person may see: waiting, overdue or given."""
    answered = OpinionAnswer.id.is_not(None)
    mine = within(Opinion.department_id, actor, Permission.OPINION_GIVE)
    statement = (
        select(Opinion, Project.id, Project.name, OrgUnit.name, OpinionAnswer.verdict)
        .join(ReviewCase, ReviewCase.id == Opinion.case_id)
        .join(Project, Project.id == ReviewCase.project_id)
        .join(OrgUnit, OrgUnit.id == Opinion.department_id)
        .outerjoin(OpinionAnswer, and_(OpinionAnswer.opinion_id == Opinion.id, OpinionAnswer.id.in_(in_force())))
        .where(or_(queries.visible_to(actor), and_(mine, queries.privy(actor))))
    )
    if state == "done":
        statement = statement.where(answered)
    else:
        statement = statement.where(OpinionAnswer.id.is_(None), ReviewCase.state == CaseState.OPEN)
        statement = statement.where(Opinion.due_on < today) if state == "overdue" else statement
    if department_id is not None:
        statement = statement.where(Opinion.department_id == department_id)
    wide = cast("Select[Any]", statement)
    return fetch_page(session, wide, ORDER, lambda row: (row[0].due_on, row[0].id), cursor=cursor)
