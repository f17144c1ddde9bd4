"""Points that people set instead of the automatic ones, with a reason and an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit
from crm.core.errors import ConflictError, DomainError, Problem
from crm.scoring import keeping
from crm.scoring.models import ScoreOverride

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

LONGEST_OVERRIDE_DAYS = 180
LOWEST, HIGHEST = 1, 99
REASON = Problem("override.reason", "请写明为什么改分，别人要看得懂。", "reason")
RANGE = Problem("override.points", "分数须是1到99之间的整数。", "points")
EXPIRY = Problem("override.expires", "请选今天之后、半年之内的到期日，到期后自动恢复系统评分。", "expires_at")
UNSCORED = Problem("override.unscored", "这家企业还没有评分，请稍等片刻再改。")
NO_OVERRIDE = Problem("override.none", "改分已经结束，请刷新页面查看。")


def set_override(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    *,
    points: int,
    reason: str,
    expires_at: datetime,
    now: datetime,
) -> ScoreOverride:
    """Set points instead of the automatic ones until a day, with a reason; an earlier override ends."""
    days = (expires_at - now).total_seconds() / 86_400
    checks = (
        (LOWEST <= points <= HIGHEST, RANGE),
        (bool(reason.strip()), REASON),
        (0 < days <= LONGEST_OVERRIDE_DAYS + 1, EXPIRY),
    )
    wrong = [problem for fine, problem in checks if not fine]
    if wrong:
        raise DomainError(*wrong)
    if not keeping.hold(session, [enterprise_id], now):
        raise DomainError(UNSCORED)
    _end(session, enterprise_id, actor.user_id, now)
    row = ScoreOverride(enterprise_id=enterprise_id, points=points, reason=reason.strip(), expires_at=expires_at)
    row.set_by_id, row.set_at = actor.user_id, now
    session.add(row)
    session.flush()
    audit.record(
        session, actor.user_id, "score.override", ("enterprise", enterprise_id), now=now, points=points,
        reason=row.reason, expires_at=expires_at.isoformat(),
    )  # fmt: skip
    return row


def end_override(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> None:
    """End an override before its day; the automatic score counts again."""
    if not _end(session, enterprise_id, actor.user_id, now):
        raise ConflictError(NO_OVERRIDE)
    audit.record(session, actor.user_id, "score.override_end", ("enterprise", enterprise_id), now=now)


def end_expired(session: Session, *, now: datetime) -> int:
    """Note the end of overrides that are out of time; they stopped counting when their day came."""
    due = (ScoreOverride.ended_at.is_(None), ScoreOverride.expires_at <= now)
    rows = session.scalars(select(ScoreOverride).where(*due).order_by(ScoreOverride.id).with_for_update()).all()
    for row in rows:
        row.ended_at = row.expires_at
        audit.record(session, None, "score.override_end", ("enterprise", row.enterprise_id), now=now, expired=True)
    session.flush()
    return len(rows)


def _end(session: Session, enterprise_id: int, user_id: int, now: datetime) -> bool:
    wanted = (ScoreOverride.enterprise_id == enterprise_id, ScoreOverride.ended_at.is_(None))
    row = session.scalars(select(ScoreOverride).where(*wanted).with_for_update()).one_or_none()
    if row is None:
        return False
    row.ended_at, row.ended_by_id = min(now, row.expires_at), user_id
    session.flush()
    return True
