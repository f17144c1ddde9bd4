"""Reads of exceptions: those of a project, those that wait or are in force, and the flag of a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crm.auth.models import User
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionState
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ScalarSelect, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """An exception with the names a page shows; ``in_force`` tells that it helps today."""

    row: GateException
    project: str
    asker: str
    decider: str | None
    in_force: bool

    @property
    def ended(self) -> bool:
        """Whether it was granted and its time is over."""
        return self.row.state is ExceptionState.GRANTED and not self.in_force


def of_project(session: Session, project_id: int, now: datetime) -> list[Shown]:
    """Exceptions of a project already found to be visible, newest first."""
    return _shown(session, _select().where(GateException.project_id == project_id), now)


def standing(session: Session, actor: Actor, now: datetime) -> list[Shown]:
    """Visible exceptions that wait for a decision or are in force, those that wait first."""
    live = or_(
        GateException.state == ExceptionState.ASKED,
        and_(GateException.state == ExceptionState.GRANTED, GateException.expires_at > now),
    )
    return _shown(session, _select().where(live, visible_to(actor)), now)


def in_force(project_id: Any, now: datetime) -> ScalarSelect[Any]:  # noqa: ANN401 (an id or a column)
    """How many exceptions of a project help today: the flag of a card."""
    return (
        select(func.count())
        .where(
            GateException.project_id == project_id,
            GateException.state == ExceptionState.GRANTED,
            GateException.expires_at > now,
        )
        .scalar_subquery()
    )


def _select() -> Select[*tuple[Any, ...]]:
    asker, decider = aliased(User), aliased(User)
    return (
        select(GateException, Project.name, asker.name, decider.name)
        .join(Project, Project.id == GateException.project_id)
        .join(asker, asker.id == GateException.asked_by)
        .outerjoin(decider, decider.id == GateException.decided_by)
        .order_by(GateException.state, GateException.id.desc())
        .limit(MOST)
    )


def _shown(session: Session, statement: Select[*tuple[Any, ...]], now: datetime) -> list[Shown]:
    rows: Sequence[Any] = session.execute(statement).all()
    return [
        Shown(row, name, asker, decider, row.state is ExceptionState.GRANTED and row.expires_at > now)
        for row, name, asker, decider in rows
    ]
