"""Silence as the database sees it: when a person last did something on a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, select

from crm.fieldwork.models import Touch
from crm.pipeline.intake.clocks import Light
from crm.pipeline.models import Project, ProjectNote

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Case, ColumnElement, Label

    from crm.pipeline.intake.clocks import Cutoffs


def silent_before(moment: datetime) -> ColumnElement[bool]:
    """Condition: no stage, touch or note of a person since that moment; edits by machines do not count."""
    touched = exists().where(Touch.project_id == Project.id, Touch.voided_at.is_(None), Touch.occurred_at >= moment)
    noted = exists().where(ProjectNote.project_id == Project.id, ProjectNote.at >= moment)
    return and_(Project.stage_since < moment, ~touched, ~noted)


def light_column(borders: Cutoffs) -> Case[str] | ColumnElement[str]:
    """Return the light of a project as an SQL expression: ``none``, ``yellow`` or ``red``."""
    steps = [(Light.RED, borders.red), (Light.YELLOW, borders.yellow)]
    whens = [(silent_before(moment), literal(str(one))) for one, moment in steps if moment is not None]
    return case(*whens, else_=literal(str(Light.NONE))) if whens else literal(str(Light.NONE))


def act_columns() -> tuple[Label[Any], Label[Any]]:
    """Columns with the newest touch and the newest note of a project, for :func:`last_act`."""
    touched = select(func.max(Touch.occurred_at)).where(Touch.project_id == Project.id, Touch.voided_at.is_(None))
    noted = select(func.max(ProjectNote.at)).where(ProjectNote.project_id == Project.id)
    return (
        touched.correlate(Project).scalar_subquery().label("touched_at"),
        noted.correlate(Project).scalar_subquery().label("noted_at"),
    )


def last_act(stage_since: datetime, touched_at: datetime | None, noted_at: datetime | None) -> datetime:
    """Return when a person last did something."""
    return max(moment for moment in (stage_since, touched_at, noted_at) if moment is not None)
