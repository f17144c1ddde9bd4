"""The plain facts the gates look at, gathered in one query.

A new demand adds a field to :class:`ProjectFacts` and its column here; nothing else reads rows for a gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.fieldwork.models import Touch
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Agreement, Review
from crm.pipeline.rules import AgreementKind, ProjectFacts, ReviewResult

if TYPE_CHECKING:
    from sqlalchemy import Label, SQLColumnExpression
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project


def facts_of(session: Session, project: Project, *, evidence: str = "") -> ProjectFacts:
    """Gather what the gates look at; ``evidence`` is what the person typed with the move."""
    return facts_from(project, session.execute(select(*columns(project.id))).one(), evidence=evidence)


def columns(project_id: int | SQLColumnExpression[int]) -> list[Label[Any]]:
    """Columns with the facts of a project, to be selected alone or beside the project itself."""
    queries = {**_field_work(project_id), **_decisions(project_id)}
    return [query.scalar_subquery().label(name) for name, query in queries.items()]


def facts_from(project: Project, row: Any, *, evidence: str = "") -> ProjectFacts:  # noqa: ANN401 (a row of columns())
    """Make the facts of a project of a row that holds :func:`columns`."""
    return ProjectFacts(
        stage=project.stage,
        owner_id=project.owner_id,
        visits=row.visits,
        inspections=row.inspections,
        inspection_reports=row.reports,
        review=ReviewResult(row.review) if row.review else None,
        contracts=row.contracts,
        evidence=evidence,
        left=project.exit_kind is not None,
    )


def _field_work(project_id: int | SQLColumnExpression[int]) -> dict[str, Any]:
    touches = select(func.count()).where(Touch.project_id == project_id, Touch.voided_at.is_(None))
    inspections = touches.where(Touch.kind == TouchKind.INSPECTION)
    return {
        "visits": touches.where(Touch.kind == TouchKind.VISIT),
        "inspections": inspections,
        "reports": inspections.where(func.trim(Touch.report) != ""),
    }


def _decisions(project_id: int | SQLColumnExpression[int]) -> dict[str, Any]:
    review = select(Review.result).where(Review.project_id == project_id).order_by(Review.id.desc()).limit(1)
    contract = (Agreement.project_id == project_id, Agreement.kind == AgreementKind.CONTRACT)
    return {"review": review, "contracts": select(func.count()).where(*contract)}
