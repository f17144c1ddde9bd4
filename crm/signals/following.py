"""Follow an enterprise: its signals come first in one's inbox, and stand in one's daily digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import joinedload

from crm.auth.rules import Permission
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise
from crm.signals.triage_models import SignalFollow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 300
NOT_READER = Problem("follow.right", "您的角色不能查看动态，不能关注企业。")
TOO_MANY = Problem("follow.many", "最多关注300家企业，请先取消不再需要的。")


def follow(session: Session, actor: Actor, enterprise_id: int, *, now: datetime) -> bool:
    """Follow an enterprise; False when one does already."""
    if not actor.may(Permission.SIGNAL_READ):
        raise ForbiddenError(NOT_READER)
    firm = enterprises.enterprise(session, enterprise_id)
    mine = select(func.count()).select_from(SignalFollow).where(SignalFollow.user_id == actor.user_id)
    if (session.scalar(mine) or 0) >= MOST:
        raise DomainError(TOO_MANY)
    row = {"user_id": actor.user_id, "enterprise_id": firm.id, "made_at": now}
    return bool(insert_ignore(session, SignalFollow, [row], ["user_id", "enterprise_id"]))


def unfollow(session: Session, actor: Actor, enterprise_id: int) -> None:
    """Stop following an enterprise; safe to repeat."""
    mine = (SignalFollow.user_id == actor.user_id, SignalFollow.enterprise_id == enterprise_id)
    session.execute(delete(SignalFollow).where(*mine), execution_options={"synchronize_session": "fetch"})


def follows(session: Session, actor: Actor) -> list[SignalFollow]:
    """What a person follows, newest first, with the enterprises."""
    mine = (
        select(SignalFollow).where(SignalFollow.user_id == actor.user_id).options(joinedload(SignalFollow.enterprise))
    )
    return list(session.scalars(mine.order_by(SignalFollow.made_at.desc(), SignalFollow.enterprise_id).limit(MOST)))


def names_followed(session: Session, actor: Actor, enterprise_ids: Collection[int]) -> dict[int, tuple[str, bool]]:
    """Names of enterprises, and whether the person follows each."""
    if not enterprise_ids:
        return {}
    mine = exists().where(SignalFollow.user_id == actor.user_id, SignalFollow.enterprise_id == Enterprise.id)
    statement = select(Enterprise.id, Enterprise.name, mine).where(Enterprise.id.in_(enterprise_ids))
    return {row[0]: (row[1], bool(row[2])) for row in session.execute(statement.order_by(Enterprise.id))}
