"""What the gate of 拟签约 wants to know of claims, as one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, func, or_, select

from crm.pipeline.claims.kinds import DisputeState
from crm.pipeline.claims.models import Claim, ClaimDispute
from crm.pipeline.models import Project
from crm.pipeline.repeats.models import ProjectKey
from crm.pipeline.repeats.rules import INVESTOR

if TYPE_CHECKING:
    from sqlalchemy import Select, SQLColumnExpression


def disputes(project_id: int | SQLColumnExpression[int]) -> Select[*tuple[Any, ...]]:
    """Count the disputes on a project's investor that are not closed: by its own claim, or by its investor's group."""
    claimed = select(Claim.investor_key).where(Claim.project_id == project_id)
    keyed = select(ProjectKey.value).where(ProjectKey.project_id == project_id, ProjectKey.kind == INVESTOR)
    if not isinstance(project_id, int):  # a column of the statement around this one, not of a project at large
        claimed, keyed = claimed.correlate(Project), keyed.correlate(Project)
    return select(func.count()).where(
        ClaimDispute.state != DisputeState.CLOSED,
        or_(ClaimDispute.investor_key.in_(claimed), cast(ClaimDispute.investor_key, String).in_(keyed)),
    )
