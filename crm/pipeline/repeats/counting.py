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
    """Condition: the project did not wait for a ruling at the cut-off, nor was ruled the same as an earlier one.

    Where the owner changed (更换业主), the later project counts and the earlier one no longer does.
    """
    holds_back = or_(
        ProjectRepeat.state.in_((RepeatState.OPEN, RepeatState.SAME)),
        ProjectRepeat.ruled_at > cutoff,
    )
    held = exists().where(ProjectRepeat.project_id == Project.id, ProjectRepeat.found_at <= cutoff, holds_back)
    taken_over = exists().where(
        ProjectRepeat.earlier_id == Project.id,
        ProjectRepeat.state == RepeatState.OWNER,
        ProjectRepeat.ruled_at <= cutoff,
    )
    return ~held & ~taken_over


def increment_only(amount: Any, cutoff: datetime) -> Any:  # noqa: ANN401 (an amount of an agreement, as a column)
    """Amount of a contract; of an expansion its increment, on the first contract alone; of an upgrade nothing."""
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
    upgrade = exists().where(
        ProjectRepeat.project_id == Project.id,
        ProjectRepeat.state == RepeatState.UPGRADE,
        ProjectRepeat.ruled_at <= cutoff,
    )
    before = aliased(Agreement)
    later = exists().where(
        before.project_id == Project.id,
        before.kind == AgreementKind.CONTRACT,
        before.reported_at <= cutoff,
        before.id < Agreement.id,
    )
    return case(
        (upgrade, literal(0, Wan())),
        (ruled.is_(None), amount),
        (later, literal(0, Wan())),
        (and_(amount > ruled), ruled),
        else_=amount,
    )
