"""What fits projects: one reading for the pages, the interface, the brief and the job over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.matching import fitting, needs, places
from crm.pipeline.intake import setup
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.matching.fitting import Fits, Promised
    from crm.matching.models import SiteNeed
    from crm.matching.places import Matches, Offered
    from crm.pipeline.intake.setup import Setup
    from crm.pipeline.models import Project

LOOKING = ORDER[: ORDER.index(Stage.STARTED)]  # stages in which a project looks for a place and for policies


@dataclass(frozen=True, slots=True)
class Most:
    """How much is shown of one project."""

    carriers: int = places.SHOWN
    clauses: int = fitting.SHOWN
    refused: int = fitting.NOT_SHOWN


PAGE = Most()


@dataclass(frozen=True, slots=True)
class Stock:
    """Everything offered and promised on a day, read once for any number of projects."""

    offered: Sequence[Offered]
    promised: Sequence[Promised]
    setup: Setup


@dataclass(frozen=True, slots=True)
class Fitting:
    """What fits one project."""

    project: Project
    places: Matches
    clauses: Fits


@dataclass(frozen=True, slots=True)
class Counted:
    """The best carrier of a project with its points, and how many carriers and clauses fit."""

    carrier_id: int | None
    points: int | None
    carriers: int
    clauses: int


def stock(session: Session, day: date) -> Stock:
    """Read what is offered and promised on a day."""
    return Stock(list(places.offered(session, day)), list(fitting.promised(session, day)), setup.load(session))


def of_projects(session: Session, projects: Sequence[Project], day: date, most: Most = PAGE) -> dict[int, Fitting]:
    """Say what fits projects; carriers, clauses and needs are read once for all of them."""
    if not projects:
        return {}
    known = stock(session, day)
    stated = needs.stated_of(session, [project.id for project in projects])
    best, asked = [], []
    for project in projects:
        need = places.need_from(project, stated.get(project.id), known.setup)
        one = fitting.applicant_from(project, need, stated.get(project.id))
        best.append(places.best_of(need, known.offered, most.carriers))
        asked.append((one, fitting.ranked(one, known.promised, most.clauses, most.refused)))
    clauses = fitting.told(session, asked)
    return {row.id: Fitting(row, some, fits) for row, some, fits in zip(projects, best, clauses, strict=True)}


def counted(project: Project, known: Stock, stated: SiteNeed | None) -> Counted:
    """Count what fits a project, with the best carrier."""
    need = places.need_from(project, stated, known.setup)
    found = places.best_of(need, known.offered, 1)
    clauses = fitting.ranked(fitting.applicant_from(project, need, stated), known.promised, 0, 0).fitting
    best = found.best[0] if found.best else None
    if best is None:
        return Counted(None, None, found.fitting, clauses)
    return Counted(best.carrier_id, best.verdict.points, found.fitting, clauses)
