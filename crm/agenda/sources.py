"""Where the entries of a calendar come from; each read is bounded and within the person's view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.agenda.entries import MOST, Entry, Kind
from crm.core.scheduling import local_day
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.secrecy import secret
from crm.pipeline.instructions.models import Instruction
from crm.pipeline.instructions.queries import visible_to as instructions_visible_to
from crm.pipeline.instructions.rules import InstructionState
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to
from crm.pipeline.rules import IDLE_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from crm.agenda.entries import Span
    from crm.auth.rules import Actor

    Whose = frozenset[int]
    Source = Callable[[Session, Actor, Span, Whose], list[Entry]]


def todos(session: Session, actor: Actor, span: Span, whose: Whose) -> list[Entry]:
    """Follow-ups by the day they are due, done ones too."""
    statement = (
        select(FollowUp, Enterprise.name, FollowUp.project_id.in_(secret()))
        .outerjoin(Enterprise, Enterprise.id == FollowUp.enterprise_id)
        .where(
            FollowUp.due_on.between(span.first, span.last),
            FollowUp.owner_id.in_(whose),
            fieldwork.follow_ups_visible_to(actor),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    return [
        Entry(
            Kind.STEP,
            row.id,
            f"{row.title}（{firm}）" if firm and firm not in row.title else row.title,
            row.due_on,
            row.owner_id,
            href=f"/projects/{row.project_id}" if row.project_id else _firm(row.enterprise_id) or "/follow-ups",
            done=row.done_at is not None,
            secret=bool(hidden),
        )
        for row, firm, hidden in _rows(session, statement)
        if row.due_on
    ]


def touches(session: Session, actor: Actor, span: Span, whose: Whose) -> list[Entry]:
    """Touches at the time they took place; they are always past."""
    statement = (
        select(Touch, Enterprise.name, Touch.project_id.in_(secret()))
        .join(Enterprise, Enterprise.id == Touch.enterprise_id)
        .where(
            Touch.occurred_at >= span.since,
            Touch.occurred_at < span.until,
            Touch.created_by.in_(whose),
            fieldwork.counted(),
            fieldwork.visible_to(actor),
        )
        .order_by(Touch.occurred_at, Touch.id)
    )
    return [
        Entry(
            Kind.TOUCH,
            row.id,
            firm,
            local_day(row.occurred_at),
            row.created_by,
            at=row.occurred_at,
            href=f"/visits/{row.id}",
            place=row.place or "",
            done=True,
            secret=bool(hidden),
        )
        for row, firm, hidden in _rows(session, statement)
    ]


def signings(session: Session, actor: Actor, span: Span, whose: Whose) -> list[Entry]:
    """Days on which projects are expected to be signed."""
    statement = (
        select(Project.id, Project.name, Project.expected_sign_on, Project.owner_id, Project.confidential)
        .where(
            Project.expected_sign_on.between(span.first, span.last),
            Project.owner_id.in_(whose),
            Project.exit_kind.is_(None),
            Project.stage.in_(tuple(IDLE_DAYS)),
            projects_visible_to(actor),
        )
        .order_by(Project.expected_sign_on, Project.id)
    )
    return [
        Entry(Kind.SIGNING, key, name, on, owner, href=f"/projects/{key}/outlook", secret=confidential)
        for key, name, on, owner, confidential in _rows(session, statement)
    ]


def instructions(session: Session, actor: Actor, span: Span, whose: Whose) -> list[Entry]:
    """Instructions of leaders by the day they are due, for the person they name."""
    statement = (
        select(Instruction, Project.confidential)
        .outerjoin(Project, Project.id == Instruction.project_id)
        .where(
            Instruction.due_on.between(span.first, span.last),
            Instruction.person_id.in_(whose),
            instructions_visible_to(actor),
        )
        .order_by(Instruction.due_on, Instruction.id)
    )
    return [
        Entry(
            Kind.INSTRUCTION,
            row.id,
            row.body,
            row.due_on,
            row.person_id,
            href=f"/instructions/{row.id}",
            done=row.state is not InstructionState.OPEN,
            secret=bool(hidden),
        )
        for row, hidden in _rows(session, statement)
    ]


def _rows(session: Session, statement: Any) -> Sequence[Any]:  # noqa: ANN401 (a select of any columns)
    return session.execute(statement.limit(MOST)).all()


def _firm(enterprise_id: int | None) -> str:
    return f"/enterprises/{enterprise_id}" if enterprise_id else ""


SOURCES: dict[Kind, Source] = {
    Kind.STEP: todos,
    Kind.TOUCH: touches,
    Kind.SIGNING: signings,
    Kind.INSTRUCTION: instructions,
}
