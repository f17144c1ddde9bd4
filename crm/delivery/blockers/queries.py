"""Reads of blockers: the list as its address narrows it, one of them with what happened, those of a project.

A blocker is seen by the units of its project, by the unit and person that clear it, and by who raised it; of a
confidential project only by those who may know of it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from crm.auth.queries import EYES, within
from crm.auth.rules import Permission
from crm.core import options
from crm.core.errors import NotFoundError, Problem
from crm.core.lamps import Lamp, lamp_of
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.core.scheduling import local_day
from crm.delivery.blockers import book
from crm.delivery.blockers.models import Blocker, BlockerStep
from crm.delivery.blockers.rules import BlockerSource, BlockerState, StepKind, state_of
from crm.enterprises.models import Enterprise
from crm.fieldwork.models import FollowUp
from crm.fieldwork.secrecy import open_to
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to as projects_visible_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.blockers.book import Book

ABSENT = Problem("blocker.absent", "没有这个问题，或者不在您的查看范围内。")
OF_PROJECT, STEPS, MOST_PROJECTS = 100, 200, 300
LIVE = frozenset({BlockerState.OVERDUE, BlockerState.OPEN, BlockerState.REPORTED})
ORDER = (Key(Blocker.due_on), Key(Blocker.id))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; ``state`` none of them means all that are not closed."""

    state: BlockerState | None = None
    every: bool = False
    category: str = ""
    unit_id: int | None = None
    source: BlockerSource | None = None
    project_id: int | None = None
    mine: bool = False
    coordinate: bool = False
    q: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked beyond what the list shows by itself."""
        return any(getattr(self, one.name) != one.default for one in fields(self))


def rules_of(session: Session) -> Book:
    """Return the rules of the office."""
    return book.unpacked(options.read(session, book.KEY).get(book.KEY))


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: what the person's units raised or clear, or what is the person's own; never hidden projects."""
    seen = select(Project.id).where(projects_visible_to(actor))
    mine = or_(
        within(Blocker.owner_unit_id, actor, Permission.PROJECT_READ),
        concerns(actor),
        Blocker.raised_by == actor.user_id,
        Blocker.project_id.in_(seen),
    )
    return mine & open_to(Blocker.project_id, actor)


def concerns(actor: Actor) -> ColumnElement[bool]:
    """Condition: the person, or a unit of theirs, is to clear it."""
    return or_(Blocker.responsible_id == actor.user_id, Blocker.unit_id.in_(actor.unit_ids))


def in_state(state: BlockerState, today: date) -> ColumnElement[bool]:
    """Condition on a statement that joins the follow-up: the blocker is that far."""
    live, undone = Blocker.closed_at.is_(None), FollowUp.done_at.is_(None)
    if state is BlockerState.CLOSED:
        return Blocker.closed_at.is_not(None)
    if state is BlockerState.REPORTED:
        return live & ~undone
    return live & undone & (Blocker.due_on < today if state is BlockerState.OVERDUE else Blocker.due_on >= today)


def page(
    session: Session, actor: Actor, wanted: Filters, today: date, *, cursor: str | None, size: int = PAGE_SIZE
) -> Page[Blocker]:
    """Return a page of blockers, the earliest deadline first."""
    statement = whole().where(visible_to(actor), *conditions(wanted, actor, today))
    return fetch_page(session, statement, ORDER, lambda row: (row.due_on, row.id), cursor=cursor, size=size)


def total(session: Session, actor: Actor, wanted: Filters, today: date) -> int:
    """Count what the list holds."""
    statement = select(func.count(Blocker.id)).join(Blocker.follow_up).outerjoin(Blocker.project)
    statement = statement.outerjoin(Blocker.enterprise)
    return session.scalar(statement.where(visible_to(actor), *conditions(wanted, actor, today))) or 0


def counts(session: Session, actor: Actor, wanted: Filters, today: date) -> dict[BlockerState, int]:
    """Count each state under the other filters, in one query."""
    others = conditions(wanted, actor, today, stateless=True)
    parts = [func.count().filter(in_state(state, today)) for state in BlockerState]
    statement = select(*parts).select_from(Blocker).join(Blocker.follow_up)
    statement = statement.outerjoin(Blocker.project).outerjoin(Blocker.enterprise)
    row = session.execute(statement.where(visible_to(actor), *others)).one()
    return dict(zip(BlockerState, row, strict=True))


def conditions(wanted: Filters, actor: Actor, today: date, *, stateless: bool = False) -> list[ColumnElement[bool]]:
    """Conditions on a statement that joins follow-up, project and enterprise."""
    found: list[ColumnElement[bool]] = []
    if not stateless and wanted.state is not None:
        found.append(in_state(wanted.state, today))
    elif not stateless and not wanted.every:
        found.append(Blocker.closed_at.is_(None))
    pairs: tuple[tuple[Any, Any], ...] = (
        (Blocker.category, wanted.category or None),
        (Blocker.unit_id, wanted.unit_id),
        (Blocker.source, wanted.source),
        (Blocker.project_id, wanted.project_id),
    )
    found += [column == value for column, value in pairs if value is not None]
    if wanted.mine:
        found.append(concerns(actor))
    if wanted.coordinate:
        found.append(Blocker.coordinate_at.is_not(None))
    if wanted.q:
        named = (Blocker.title, Project.name, Enterprise.name)
        found.append(or_(*(column.icontains(wanted.q, autoescape=True) for column in named)))
    return found


def get(session: Session, actor: Actor, blocker_id: int, *, lock: bool = False) -> Blocker:
    """Return one blocker; not yours is not there. Of two who act at once the second waits and sees what was done."""
    if lock:
        session.execute(select(Blocker.id).where(Blocker.id == blocker_id).with_for_update())
    statement = whole().where(Blocker.id == blocker_id, visible_to(actor))
    found: Blocker | None = session.scalar(statement.execution_options(populate_existing=lock))
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def steps(session: Session, blocker_id: int) -> list[BlockerStep]:
    """Return what happened to a blocker the person may see, newest first."""
    statement = (
        select(BlockerStep)
        .where(BlockerStep.blocker_id == blocker_id)
        .options(joinedload(BlockerStep.author))
        .order_by(BlockerStep.id.desc())
        .limit(STEPS)
    )
    return list(session.scalars(statement))


def again_on(session: Session, blocker_id: int) -> date | None:
    """Return the day on which a blocker was last sent back or reopened."""
    again = (StepKind.RETURNED, StepKind.REOPENED)
    statement = select(func.max(BlockerStep.at)).where(
        BlockerStep.blocker_id == blocker_id, BlockerStep.kind.in_(again)
    )
    at = session.scalar(statement)
    return local_day(at) if at else None


def of_project(session: Session, actor: Actor, project_id: int) -> list[Blocker]:
    """Return the blockers of a project, those that are open first."""
    statement = (
        whole()
        .where(Blocker.project_id == project_id, visible_to(actor))
        .order_by(Blocker.closed_at.is_not(None), Blocker.due_on, Blocker.id)
        .limit(OF_PROJECT)
    )
    return list(session.scalars(statement))


def raised_from(session: Session, source: BlockerSource, ref_ids: list[int]) -> Mapping[int, int]:
    """Which of these visits, items, findings or instructions became a blocker: their id to its id."""
    if not ref_ids:
        return {}
    statement = select(Blocker.ref_id, Blocker.id).where(Blocker.source == source, Blocker.ref_id.in_(ref_ids))
    return {ref: key for ref, key in session.execute(statement) if ref is not None}


def to_clear(actor: Actor) -> Select[int]:
    """Count what is still to be cleared by the person."""
    own = or_(Blocker.responsible_id == actor.user_id, FollowUp.owner_id == actor.user_id)
    statement = select(func.count(Blocker.id)).join(FollowUp, FollowUp.id == Blocker.follow_up_id)
    return statement.where(own, Blocker.closed_at.is_(None), FollowUp.done_at.is_(None), visible_to(actor))


def to_confirm(actor: Actor) -> Select[int]:
    """Count what was reported as solved and waits for the firm's word: raised by the person, or of their project."""
    mine = select(Project.id).where(Project.owner_id == actor.user_id)
    own = or_(Blocker.raised_by == actor.user_id, Blocker.project_id.in_(mine))
    statement = select(func.count(Blocker.id)).join(FollowUp, FollowUp.id == Blocker.follow_up_id)
    return statement.where(
        own, Blocker.closed_at.is_(None), FollowUp.done_at.is_not(None), visible_to(actor), ~concerns(actor)
    )


def projects(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return live projects a blocker may be raised on, the newest first."""
    statement = (
        select(Project.id, Project.name)
        .where(projects_visible_to(actor), Project.exit_kind.is_(None))
        .order_by(Project.id.desc())
        .limit(MOST_PROJECTS)
    )
    return [(key, name) for key, name in session.execute(statement)]


def state(row: Blocker, today: date) -> BlockerState:
    """Say how far a blocker is."""
    reported = row.follow_up.done_at is not None
    return state_of(closed=row.closed_at is not None, reported=reported, due_on=row.due_on, today=today)


def lamp(row: Blocker, today: date) -> Lamp:
    """Say which lamp burns on a blocker."""
    return lamp_of(row.due_on, today, closed=row.closed_at is not None)


def number(row: Blocker) -> str:
    """Return the number of a blocker: its year and its place in the register."""
    return f"{row.raised_on.year}-{row.id}"


def subject(row: Blocker) -> str:
    """Return what a blocker stands in the way of."""
    if row.project is not None:
        return row.project.name
    return row.enterprise.name if row.enterprise is not None else ""


def whole() -> Select[Any]:
    """Blockers with everything a list shows of each."""
    return (
        select(Blocker)
        .join(Blocker.follow_up)
        .outerjoin(Blocker.project)
        .outerjoin(Blocker.enterprise)
        .options(
            contains_eager(Blocker.follow_up),
            contains_eager(Blocker.project),
            contains_eager(Blocker.enterprise),
            joinedload(Blocker.unit),
            joinedload(Blocker.responsible),
            joinedload(Blocker.raiser),
        )
    )
