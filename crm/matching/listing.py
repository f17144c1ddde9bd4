"""What the last matching found, project by project, within the actor's view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.matching.bulk import is_open
from crm.matching.models import MatchLine
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.resources.carriers.models import Carrier

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.rules import Stage


@dataclass(frozen=True, slots=True)
class Listed:
    """A project with what fitted it when it was matched last."""

    line: MatchLine
    project: str
    enterprise: str
    stage: Stage
    carrier: str | None


def _seen(actor: Actor) -> list[ColumnElement[bool]]:
    return [visible_to(actor), *is_open()]


def page(session: Session, actor: Actor, *, without: bool, cursor: str | None) -> Page[Listed]:
    """List open projects that were matched, the newest first; ``without``: only those that no carrier fits."""
    line = MatchLine
    statement: Any = (
        select(line, Project.name, Enterprise.name, Project.stage, Carrier.name)
        .join(Project, Project.id == line.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .outerjoin(Carrier, Carrier.id == line.carrier_id)
        .where(*_seen(actor))
    )
    if without:
        statement = statement.where(line.carriers == 0)
    order = [Key(line.project_id, descending=True)]
    found = fetch_page(session, statement, order, lambda row: [row[0].project_id], cursor=cursor)
    return Page(tuple(Listed(*row) for row in found.rows), found.next, found.previous)


def counts(session: Session, actor: Actor) -> tuple[int, int]:
    """How many projects a person sees on the list, and how many of them no carrier fits."""
    none = func.count().filter(MatchLine.carriers == 0)
    statement = select(func.count(), none).join(Project, Project.id == MatchLine.project_id).where(*_seen(actor))
    seen, without = session.execute(statement).one()
    return seen, without
