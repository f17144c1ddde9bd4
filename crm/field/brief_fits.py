"""What a visit brief proposes to take along: carriers and clauses that fit the open project of each enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.matching import reading
from crm.matching.reading import LOOKING, Most

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.field.brief_facts import FirmFacts
    from crm.matching.reading import Fitting
    from crm.pipeline.models import Project

MOST = Most(carriers=3, clauses=4, refused=0)


def of_firms(session: Session, facts: Iterable[FirmFacts], day: date) -> dict[int, Fitting]:
    """Match the newest open project of each enterprise that the reader may see; by enterprise, others are left out."""
    projects = [project for one in facts if (project := _open(one)) is not None]
    found = reading.of_projects(session, projects, day, MOST)
    return {project.enterprise_id: found[project.id] for project in projects}


def _open(facts: FirmFacts) -> Project | None:
    return next((row for row in facts.projects if row.exit_kind is None and row.stage in LOOKING), None)
