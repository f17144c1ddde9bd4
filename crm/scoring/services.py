"""Writes of scores: one enterprise, many, all of them in passes; which table is in force; what people override."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from crm.core import audit
from crm.core.errors import ConflictError, DomainError, Problem
from crm.core.scored import want_score
from crm.scoring import keeping, passes, queries, sweep
from crm.scoring.causes import Cause
from crm.scoring.live import Live, live, live_table
from crm.scoring.models import ModelState, ScoreModel
from crm.scoring.overriding import end_expired, end_override, set_override
from crm.scoring.render import stored_reasons
from crm.scoring.tablejson import from_json, problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.scoring.models import ScorePass

NO_MODEL = Problem("score.model", "没有这个版本的评分表，请刷新页面再选。")
LIVE_ALREADY = Problem("score.live", "这个版本正在使用，不需要再发布。")


def rescore(session: Session, enterprise_id: int, *, now: datetime, cause: str, cause_id: int | None = None) -> bool:
    """Score one enterprise as of now; True when its points or grade changed."""
    return keeping.rescored(session, [enterprise_id], now=now, asked=Cause(cause, cause_id)) == 1


def rescore_many(session: Session, enterprise_ids: Sequence[int], *, now: datetime, cause: str) -> int:
    """Score enterprises as of now with a fixed number of queries; return how many changed."""
    return keeping.rescored(session, enterprise_ids, now=now, asked=Cause(cause))


def rescore_chunk(session: Session, *, after: int, now: datetime, cause: str) -> tuple[int | None, int]:
    """Score the next chunk of all enterprises; return the last id (None at the end) and how many changed."""
    ids = queries.enterprise_ids(session, after=after, limit=passes.CHUNK)
    changed = sweep.swept(session, ids, now=now, asked=Cause(cause)) if ids else 0
    return (ids[-1] if len(ids) == passes.CHUNK else None), changed


def want_rescore(session: Session, enterprise_id: int, *, now: datetime, cause: str = "change") -> None:
    """Have an enterprise scored after this transaction, once however much of it changes."""
    want_score(session, [enterprise_id], now=now, cause=cause)


def publish(session: Session, actor: Actor, model_id: int, *, now: datetime) -> ScorePass:
    """Put a version in force and have every enterprise scored by it; rights are checked by the caller's slice.

    The version before is retired and can be published again.
    """
    found = session.scalars(select(ScoreModel).where(ScoreModel.id == model_id).with_for_update()).one_or_none()
    if found is None:
        raise DomainError(NO_MODEL)
    if found.state is ModelState.LIVE:
        raise ConflictError(LIVE_ALREADY)
    wrong = problems(from_json(found.table))
    if wrong:
        raise DomainError(*wrong)
    session.execute(update(ScoreModel).where(ScoreModel.state == ModelState.LIVE).values(state=ModelState.RETIRED))
    found.state, found.published_at, found.published_by_id = ModelState.LIVE, now, actor.user_id
    session.flush()
    audit.record(session, actor.user_id, "score.publish", ("score_model", found.id), now=now, version=found.version)
    return passes.start(session, "model", now=now, actor_id=actor.user_id, model_id=found.id)


start_pass, cancel_pass = passes.start, passes.cancel

__all__ = [
    "Live",
    "cancel_pass",
    "end_expired",
    "end_override",
    "live",
    "live_table",
    "publish",
    "rescore",
    "rescore_chunk",
    "rescore_many",
    "set_override",
    "start_pass",
    "stored_reasons",
    "want_rescore",
]
