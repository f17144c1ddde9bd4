"""What lies in the folder of a paper: incentive clauses, consultations, landing conditions. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.workdays import add_workdays
from crm.pipeline import queries as projects
from crm.pipeline.admission.terms import departments
from crm.pipeline.approval import queries
from crm.pipeline.approval.models import (
    Approval,
    ClauseFinding,
    Consultation,
    IncentiveClause,
    ReadinessCheck,
)
from crm.pipeline.approval.rules import Station
from crm.pipeline.approval.services import ANSWER_DAYS, KIND, running, still

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.approval.rules import Finding, Readiness, Stance

Kept = TypeVar("Kept", IncentiveClause, Consultation)


def add_clause(
    session: Session, actor: Actor, project_id: int, approval_id: int, body: str, *, now: datetime
) -> IncentiveClause:
    """List a clause that promises something, while the fair-competition review has not passed."""
    project, row = running(session, actor, project_id, approval_id, Permission.PROJECT_WRITE)
    if not body.strip():
        raise DomainError(Problem("clause.body", "请写下条款原文。", "body"))
    _before_fair(row)
    clause = IncentiveClause(approval_id=row.id, body=body.strip(), by=actor.user_id, at=now)
    session.add(clause)
    session.flush()
    audit.record(session, actor.user_id, "clause.add", (KIND, row.id), now=now, project=project.id, clause=clause.id)
    return clause


def find(
    session: Session,
    actor: Actor,
    project_id: int,
    clause_id: int,
    finding: Finding | None,
    basis: str,
    *,
    now: datetime,
) -> ClauseFinding:
    """Say whether a clause may stand, on which basis; whoever wrote the clause cannot judge it."""
    project = projects.get_for(session, actor, project_id, Permission.APPROVAL_RECORD)
    clause, row = _in_folder(session, IncentiveClause, clause_id, project.id, queries.NO_CLAUSE)
    _before_fair(row)
    if clause.by == actor.user_id:
        raise ForbiddenError(Problem("clause.own", "起草条款的人不能审查自己的条款。"))
    if finding is None or not basis.strip():
        raise DomainError(Problem("clause.basis", "请选择审查结果并写明依据。", "basis"))
    made = ClauseFinding(clause_id=clause.id, finding=finding, basis=basis.strip(), by=actor.user_id, at=now)
    session.add(made)
    session.flush()
    detail = {"project": project.id, "clause": clause.id, "finding": str(finding)}
    audit.record(session, actor.user_id, "clause.find", (KIND, row.id), now=now, **detail)
    return made


def consult(
    session: Session, actor: Actor, project_id: int, approval_id: int, department_id: int, *, now: datetime, today: date
) -> Consultation:
    """Ask a department for its opinion on the draft."""
    project, row = running(session, actor, project_id, approval_id, Permission.APPROVAL_RECORD)
    if department_id not in {unit.id for unit in departments(session, today)}:
        raise DomainError(Problem("consult.department", "请选择一个部门。", "department_id"))
    asked = select(Consultation.id).where(
        Consultation.approval_id == row.id, Consultation.department_id == department_id
    )
    if session.scalar(asked) is not None:
        raise ConflictError(Problem("consult.again", "已经征求过这个部门的意见。"))
    made = Consultation(
        approval_id=row.id,
        department_id=department_id,
        due_on=add_workdays(today, ANSWER_DAYS),
        asked_by=actor.user_id,
        asked_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor.user_id, "consult.ask", (KIND, row.id), now=now, project=project.id, unit=department_id)
    return made


def answer(
    session: Session,
    actor: Actor,
    project_id: int,
    consultation_id: int,
    stance: Stance | None,
    body: str,
    *,
    now: datetime,
) -> Consultation:
    """Keep what a department answered in writing, once."""
    project = projects.get_for(session, actor, project_id, Permission.APPROVAL_RECORD)
    row, paper = _in_folder(session, Consultation, consultation_id, project.id, queries.NO_CONSULTATION)
    if row.stance is not None:
        raise ConflictError(Problem("consult.answered", "这个部门已经答复。"))
    if stance is None or not body.strip():
        raise DomainError(Problem("consult.body", "请选择态度并写明意见或复函文号。", "body"))
    row.stance, row.body, row.answered_by, row.answered_at = stance, body.strip(), actor.user_id, now
    session.flush()
    detail = {"project": project.id, "unit": row.department_id, "stance": str(stance)}
    audit.record(session, actor.user_id, "consult.answer", (KIND, paper.id), now=now, **detail)
    return row


def check(
    session: Session,
    actor: Actor,
    project_id: int,
    approval_id: int,
    items: Mapping[str, tuple[Readiness, str]],
    *,
    now: datetime,
) -> list[ReadinessCheck]:
    """Say how the landing conditions stand; what changed is a new row."""
    project, row = running(session, actor, project_id, approval_id, Permission.PROJECT_WRITE)
    known = queries.whole(session, row).checks
    made = []
    for item, (readiness, note) in items.items():
        before = known.get(item)
        same = before is not None and (before[0].readiness, before[0].note or "") == (readiness, note.strip())
        if item not in row.checklist or same:
            continue
        facts = {"approval_id": row.id, "item": item, "readiness": readiness, "note": note.strip() or None}
        made.append(ReadinessCheck(**facts, by=actor.user_id, at=now))
    session.add_all(made)
    session.flush()
    detail = {one.item: str(one.readiness) for one in made}
    audit.record(session, actor.user_id, "readiness.check", (KIND, row.id), now=now, project=project.id, items=detail)
    return made


def _in_folder(
    session: Session, kind: type[Kept], row_id: int, project_id: int, missing: Problem
) -> tuple[Kept, Approval]:
    """Lock what lies in a folder of the project together with its paper, which must still be on its way."""
    statement = select(kind, Approval).join(Approval, Approval.id == kind.approval_id)
    found = session.execute(
        statement.where(kind.id == row_id, Approval.project_id == project_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFoundError(missing)
    row, paper = found
    still(paper)
    return row, paper


def _before_fair(row: Approval) -> None:
    chain = list(row.chain)
    if row.station is None or chain.index(row.station) > chain.index(Station.FAIR):
        text = "公平竞争审查已经通过，不能再改条款；确需修改，请先退回到公平竞争审查。"
        raise ConflictError(Problem("clause.late", text))
