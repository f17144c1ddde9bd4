"""What the counting rules do to figures, as conditions as of a cut-off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_

from crm.pipeline.counting.models import CountingMark
from crm.pipeline.models import Agreement, Project

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement


def standing(cutoff: datetime) -> ColumnElement[bool]:
    """Condition: the mark was in force at the cut-off."""
    lifted = or_(CountingMark.lifted_at.is_(None), CountingMark.lifted_at > cutoff)
    return (CountingMark.noted_at <= cutoff) & lifted


def counts(cutoff: datetime, *, at: Any = None, contract: bool = False) -> ColumnElement[bool]:  # noqa: ANN401 (a column)
    """Condition: no rule bars the project (``contract``: nor this contract); ``at`` = when it happened."""
    late = CountingMark.from_at.is_(None)
    timely = late if at is None else or_(late, CountingMark.from_at <= at)
    whole = CountingMark.agreement_id.is_(None)
    part = or_(whole, CountingMark.agreement_id == Agreement.id) if contract else whole
    return ~exists().where(CountingMark.project_id == Project.id, standing(cutoff), part, timely)
