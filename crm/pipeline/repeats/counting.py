"""What a likely repeat does to figures, as conditions and amounts: nothing counts before it is ruled.

Everything is as of a cut-off: a repeat found later does not change a figure of before, and a ruling counts
from its day on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from crm.core.types import Wan
from crm.pipeline.models import Agreement, Project
from crm.pipeline.repeats.models import ProjectRepeat
from crm.pipeline.repeats.rules import RepeatState
from crm.pipeline.rules import AgreementKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement


def counts(cutoff: datetime) -> ColumnElement[bool]:
    """Condition: the project was not waiting for a ruling at the cut-off, nor ruled the same as an earlier one."""
    holds_back = or_(
        ProjectRepeat.state.in_((RepeatState.OPEN, RepeatState.SAME)),
        ProjectRepeat.ruled_at > cutoff,
    )
    return ~exists().where(ProjectRepeat.project_id == Project.id, ProjectRepeat.found_at <= cutoff, holds_back)


def increment_only(amount: Any, cutoff: datetime) -> Any:  # noqa: ANN401 (an amount of an agreement, as a column)
    """Amount of a contract, of an expansion no more than its increment: on the first contract, nothing on others."""
    ruled = (
        select(func.min(ProjectRepeat.increment))
        .where(
            ProjectRepeat.project_id == Project.id,
            ProjectRepeat.state == RepeatState.EXPANSION,
            ProjectRepeat.ruled_at <= cutoff,
        )
        .correlate(Project)
        .scalar_subquery()
    )
    before = aliased(Agreement)
    later = exists().where(
        before.project_id == Project.id,
        before.kind == AgreementKind.CONTRACT,
        before.reported_at <= cutoff,
        before.id < Agreement.id,
    )
    return case(
        (ruled.is_(None), amount),
        (later, literal(0, Wan())),
        (and_(amount > ruled), ruled),
        else_=amount,
    )
