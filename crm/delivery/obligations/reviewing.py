"""What the fair-competition review says of a payout (公平竞争审查)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.pipeline.approval.models import IncentiveClause
from crm.pipeline.approval.queries import papers_of, whole
from crm.pipeline.approval.rules import PaperState
from crm.resources.policies import queries as policies
from crm.resources.policies.rules import GRANTED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.deals.models import ObligationTerm

MOST = 500


def basis(session: Session, project_id: int, term: ObligationTerm | None) -> str:
    """Say on what review a payout rests; blank while none passed.

    A clause of a policy is reviewed for itself; without one the incentives of the contract's own paper must have
    passed their review, every one of them.
    """
    if term is not None and term.clause_id is not None:
        clause = policies.clause(session, term.clause_id)
        if clause.review not in GRANTED or not clause.review_basis:
            return ""
        return f"{clause.number}：{clause.review_organ}，{clause.reviewed_on}，{clause.review_basis}"
    for row in papers_of(session, project_id):
        if row.framework or row.state is PaperState.WITHDRAWN:
            continue
        listed = session.scalar(
            select(func.count()).select_from(IncentiveClause).where(IncentiveClause.approval_id == row.id)
        )
        return f"{row.title}（{row.number}）" if listed and not whole(session, row).locked else ""
    return ""


def clauses(session: Session) -> list[tuple[int, str]]:
    """Give clauses of published policies to choose from, whatever their review says."""
    found = session.execute(policies.published().limit(MOST))
    return [(clause.id, f"{version.title} {clause.number}") for clause, version in found]
