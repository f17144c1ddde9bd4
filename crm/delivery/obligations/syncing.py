"""Writing down that capital fulfilled what was promised of it, as vouchers are recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit
from crm.delivery.obligations import queries
from crm.pipeline.deals.duties import Duty
from crm.pipeline.deals.models import Obligation, ObligationTerm
from crm.pipeline.deals.rules import ObligationState

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

SUBJECT = "obligation"


def capital(session: Session, project_id: int, *, by: int, now: datetime) -> int:
    """Settle instalments of capital that recognised vouchers have filled; return how many."""
    statement = (
        select(Obligation, ObligationTerm)
        .join(ObligationTerm, ObligationTerm.obligation_id == Obligation.id)
        .where(Obligation.project_id == project_id, ObligationTerm.kind == Duty.CAPITAL)
        .order_by(Obligation.id)
    )
    found = [(row, term) for row, term in session.execute(statement)]
    money = queries.filled(session, project_id, [term for _row, term in found], {row.id: row for row, _term in found})
    done = 0
    for row, term in found:
        met_on = money[row.id].met_on if row.id in money else None
        if met_on is not None and row.state is ObligationState.OPEN:
            settle(session, row, term, met_on, f"认定的到位资金凭证，{met_on.isoformat()}到账足额", by=by, now=now)
            done += 1
    return done


def settle(
    session: Session, row: Obligation, term: ObligationTerm, met_on: date, evidence: str, *, by: int, now: datetime
) -> None:
    """Write down that a fact fulfilled an obligation on a day."""
    row.state, row.evidence, row.settled_by, row.settled_at = ObligationState.MET, evidence, by, now
    term.met_on = met_on
    session.flush()
    detail = {"project": row.project_id, "state": "met", "on": met_on.isoformat(), "evidence": evidence}
    audit.record(session, by, "obligation.settle", (SUBJECT, row.id), now=now, **detail)
