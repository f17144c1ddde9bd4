"""What the search finds a project by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import searchindex
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KIND = "project"


def put(session: Session, project: Project, firm: Enterprise) -> None:
    """Write the search document of a project."""
    searchindex.put(session, KIND, [(project.id, _texts(project, firm))])


def reindex(session: Session, enterprise_id: int | None = None) -> int:
    """Write the search documents of all projects, or those of one enterprise, anew; return how many."""
    statement = select(Project, Enterprise).join(Enterprise, Enterprise.id == Project.enterprise_id)
    if enterprise_id is not None:
        statement = statement.where(Project.enterprise_id == enterprise_id)
    rows = [(project.id, _texts(project, firm)) for project, firm in session.execute(statement)]
    searchindex.put(session, KIND, rows)
    return len(rows)


def _texts(project: Project, firm: Enterprise) -> list[str]:
    names = (project.name, project.code_name, firm.name)
    texts = (*names, project.industry, project.site, project.product_line, project.content)
    return [text for text in texts if text]
