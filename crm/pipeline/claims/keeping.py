"""The nightly round over claims: renew by progress, expire, close rulings, and find twins a group has joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, or_, select

from crm.core import audit
from crm.fieldwork.models import Touch
from crm.pipeline import investors
from crm.pipeline.claims import disputes, queries, services
from crm.pipeline.claims.kinds import LIVE, Basis, ClaimStatus
from crm.pipeline.claims.models import Claim
from crm.pipeline.models import StageEntry

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MOST = 500


def keep(session: Session, *, now: datetime, today: date) -> dict[str, int]:
    """Do the round once; what is more than ``MOST`` waits for the next one. Return how many of each."""
    closed = disputes.close_due(session, now=now, today=today, limit=MOST)
    renewed, expired = _over(session, now, today)
    return {"closed": closed, "renewed": renewed, "expired": expired, "joined": _joined(session, now, today)}


def _over(session: Session, now: datetime, today: date) -> tuple[int, int]:
    """Renew or expire the claims whose protection is over."""
    settings, renewed, expired = queries.settings(session), 0, 0
    touch, entry = _newest_touch(), _newest_entry()
    statement = (
        select(
            Claim,
            touch.with_only_columns(Touch.id).scalar_subquery(),
            touch.with_only_columns(Touch.occurred_at).scalar_subquery(),
            entry.with_only_columns(StageEntry.id).scalar_subquery(),
            entry.with_only_columns(StageEntry.at).scalar_subquery(),
        )
        .where(Claim.status == ClaimStatus.ACTIVE, Claim.protection_until < today)
        .order_by(Claim.id)
        .limit(MOST)
    )
    for claim, touch_id, touched, entry_id, entered in session.execute(statement).all():
        proofs = [(Basis.TOUCH, touch_id, touched)] if touched else []
        proofs += [(Basis.STAGE, entry_id, entered)] if entered else []
        best = max(proofs, key=lambda one: one[2], default=None)
        if best is not None:
            services.extend(session, claim, best, settings, now=now, by=None)
        if claim.protection_until is not None and claim.protection_until >= today:
            renewed += 1
            continue
        services.expire(session, claim, now=now)
        audit.record(session, None, "claim.expire", (services.KIND, claim.id), now=now)
        expired += 1
    return renewed, expired


def _newest_touch() -> Select[Touch]:
    mine = or_(
        Touch.project_id == Claim.project_id,
        (Touch.enterprise_id == Claim.enterprise_id) & (Touch.unit_id == Claim.unit_id),
    )
    found = select(Touch).where(mine, Touch.voided_at.is_(None), Touch.occurred_at > Claim.filed_at)
    return found.order_by(Touch.occurred_at.desc(), Touch.id.desc()).limit(1).correlate(Claim)


def _newest_entry() -> Select[StageEntry]:
    found = select(StageEntry).where(
        StageEntry.project_id == Claim.project_id, StageEntry.at > Claim.filed_at, StageEntry.first
    )
    return found.order_by(StageEntry.at.desc(), StageEntry.id.desc()).limit(1).correlate(Claim)


def _joined(session: Session, now: datetime, today: date) -> int:
    """Open tickets where two live claims came to stand on one investor, because their enterprises became one group."""
    order = case((Claim.status == ClaimStatus.CONTESTED, 0), else_=1)
    live = session.scalars(select(Claim).where(Claim.status.in_(LIVE)).order_by(order, Claim.filed_at, Claim.id)).all()
    if len(live) < 2:  # noqa: PLR2004 (two make a twin)
        return 0
    above, opened = investors.parents(session), 0
    holders: dict[int, Claim] = {}
    for claim in live:
        holder = holders.setdefault(investors.climb(above, claim.enterprise_id), claim)
        if holder is claim or holder.unit_id == claim.unit_id or claim.status is not ClaimStatus.ACTIVE:
            continue
        first, second = sorted((holder, claim), key=lambda one: (one.filed_at or now, one.id))
        if ClaimStatus.CONTESTED in {first.status, second.status}:
            first, second = holder, claim
        second.status, second.investor_key, second.protection_until = ClaimStatus.FILED, first.investor_key, None
        session.flush()
        if queries.open_dispute(session, first.investor_key) is None:
            settings = queries.settings(session)
            disputes.open_ticket(session, first, second, settings, now=now, today=today)
        holders[investors.climb(above, claim.enterprise_id)] = first
        opened += 1
    return opened
