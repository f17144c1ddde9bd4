"""Reads of likely repeats: the list to rule on, those of one project, and what its page says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from crm.auth.models import OrgUnit, User
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.pipeline import queries as projects
from crm.pipeline.models import Project
from crm.pipeline.repeats.models import ProjectRepeat
from crm.pipeline.repeats.rules import REASON_LABELS, RepeatState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Label, Select, SQLColumnExpression
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("repeat.absent", "没有这条疑似重复，或者不在您的查看范围内。")
HOLDING = (RepeatState.OPEN, RepeatState.SAME)
LISTED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A likely repeat: both projects, by name only if the person may see the earlier one, and who ruled."""

    repeat: ProjectRepeat
    project: Project
    enterprise: str
    unit: str
    earlier: Project | None
    earlier_unit: str
    ruler: str | None

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Why the two are thought the same, as (label, words)."""
        return words(self.repeat.reasons)


@dataclass(frozen=True, slots=True)
class Held:
    """Why a project does not count: waiting for a ruling, or ruled the same as an earlier one."""

    waiting: bool
    reasons: list[tuple[str, str]]


def held_from(row: Any) -> Held | None:  # noqa: ANN401 (a row that holds the columns of ``why``)
    """Make it of a row of :func:`why`; None when nothing keeps the project from counting."""
    if row.repeat_state is None:
        return None
    return Held(row.repeat_state == RepeatState.OPEN, words(row.repeat_reasons))


def words(reasons: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Reasons as (label, words); one that is no longer known is left out."""
    known = {str(kind): label for kind, label in REASON_LABELS.items()}
    return [(known[kind], text) for kind, text in reasons if kind in known]


def listing(session: Session, actor: Actor, state: RepeatState | None, *, cursor: str | None) -> Page[Line]:
    """Return a page of likely repeats of visible projects, newest first."""
    statement = _lines(actor).where(projects.visible_to(actor))
    if state is not None:
        statement = statement.where(ProjectRepeat.state == state)
    page = fetch_page(
        session, statement, [Key(ProjectRepeat.id, descending=True)], lambda row: (row[0].id,), cursor=cursor
    )
    return Page(tuple(_line(row) for row in page.rows), page.next, page.previous)


def waiting(session: Session, actor: Actor) -> int:
    """Count the likely repeats of visible projects that wait for a ruling."""
    statement = select(func.count()).select_from(ProjectRepeat).join(Project, Project.id == ProjectRepeat.project_id)
    found = session.scalar(statement.where(ProjectRepeat.state == RepeatState.OPEN, projects.visible_to(actor)))
    return found or 0


def of_project(session: Session, actor: Actor, project_id: int) -> list[Line]:
    """Return the likely repeats of a project already found to be visible."""
    statement = _lines(actor).where(ProjectRepeat.project_id == project_id).order_by(ProjectRepeat.id).limit(LISTED)
    return [_line(row) for row in session.execute(statement)]


def line(session: Session, actor: Actor, repeat_id: int, *, lock: bool = False) -> Line:
    """Return a likely repeat of a visible project."""
    statement = _lines(actor).where(ProjectRepeat.id == repeat_id, projects.visible_to(actor))
    row = session.execute(statement.with_for_update(of=ProjectRepeat) if lock else statement).one_or_none()
    if row is None:
        raise NotFoundError(ABSENT)
    return _line(row)


def why(project_id: int | SQLColumnExpression[int]) -> list[Label[Any]]:
    """Columns for a project's page: state and reasons of the newest repeat that keeps it from counting."""
    newest = (
        select(ProjectRepeat.state, ProjectRepeat.reasons)
        .where(ProjectRepeat.project_id == project_id, ProjectRepeat.state.in_(HOLDING))
        .order_by(ProjectRepeat.state != RepeatState.OPEN, ProjectRepeat.id.desc())
        .limit(1)
    )
    state = newest.with_only_columns(ProjectRepeat.state).scalar_subquery().label("repeat_state")
    return [state, newest.with_only_columns(ProjectRepeat.reasons).scalar_subquery().label("repeat_reasons")]


def _lines(actor: Actor) -> Select[*tuple[Any, ...]]:
    earlier, unit = aliased(Project), aliased(OrgUnit)
    return (
        select(ProjectRepeat, Project, Enterprise.name, OrgUnit.name, earlier, unit.name, User.name)
        .join(Project, Project.id == ProjectRepeat.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .outerjoin(earlier, and_(earlier.id == ProjectRepeat.earlier_id, earlier.id.in_(_visible_ids(actor))))
        .outerjoin(unit, unit.id == earlier.unit_id)
        .outerjoin(User, User.id == ProjectRepeat.ruled_by)
    )


def _visible_ids(actor: Actor) -> Select[int]:
    return select(Project.id).where(projects.visible_to(actor))


def _line(row: Any) -> Line:  # noqa: ANN401 (a row of _lines)
    repeat, project, enterprise, unit, earlier, earlier_unit, ruler = row
    return Line(repeat, project, enterprise, unit, earlier, earlier_unit or "", ruler)
