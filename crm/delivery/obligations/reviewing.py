"""What the fair-competition review says of a payout (公平竞争审查)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.pipeline.approval.models import IncentiveClause
from crm.pipeline.approval.queries import papers_of, whole
from crm.pipeline.approval.rules import PaperState
from crm.resources.policies import queries as policies
from crm.resources.policies.models import PolicyClause, PolicyVersion
from crm.resources.policies.rules import GRANTED, Standing

if TYPE_CHECKING:
    from datetime import date

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


def lapsed(session: Session, term: ObligationTerm | None, signed_on: date) -> bool:
    """Whether the clause a payout rests on did not hold on the day of the promise."""
    if term is None or term.clause_id is None:
        return False
    return not held(session, term.clause_id, signed_on)


def held(session: Session, clause_id: int, day: date) -> bool:
    """Whether a clause was of a published text in force on a day."""
    known = policies.named(session, [clause_id])
    return clause_id in known and policies.state_of(known[clause_id][1], day) in {Standing.HOLDS, Standing.ENDING}


def clauses(session: Session) -> list[tuple[int, str]]:
    """Give clauses of published policies to choose from, older texts too, whatever their review says."""
    statement = (
        select(PolicyClause, PolicyVersion)
        .join(PolicyVersion, PolicyVersion.id == PolicyClause.version_id)
        .where(PolicyVersion.published_at.is_not(None))
        .order_by(PolicyVersion.title, PolicyVersion.number.desc(), PolicyClause.id)
    )
    found = session.execute(statement.limit(MOST))
    return [
        (clause.id, f"{version.title} {clause.number}（{version.valid_from}—{version.valid_until or ''}）")
        for clause, version in found
    ]
