"""Reads of scores: the current ones, their history, any past moment told again, and what people override."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from crm.enterprises.models import Enterprise
from crm.scoring import ledger
from crm.scoring.facts import from_raw
from crm.scoring.live import live_table, table_of
from crm.scoring.models import EnterpriseScore, ScoreEvent, ScoreOverride, ScorePass
from crm.scoring.rules import Score, score

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.scoring.facts import ScoreFacts
    from crm.scoring.table import PointsTable


def facts_at(
    session: Session, enterprise_ids: Sequence[int], moment: datetime, table: PointsTable | None = None
) -> dict[int, ScoreFacts]:
    """Facts of enterprises as they were known at a moment, from the dated log alone; every id gets an entry."""
    table = table or live_table(session)
    known = ledger.as_of(session, enterprise_ids, moment)
    return {key: from_raw(known.get(key, ()), moment, table) for key in enterprise_ids}


def scores_at(
    session: Session, enterprise_ids: Sequence[int], moment: datetime, table: PointsTable | None = None
) -> dict[int, Score]:
    """Scores of enterprises at any moment under any table: what was known then, and nothing else."""
    table = table or live_table(session)
    return {key: score(one, table) for key, one in facts_at(session, enterprise_ids, moment, table).items()}


def replayed(session: Session, event: ScoreEvent) -> Score | None:
    """Tell a stored score again; None for one of before the log."""
    if event.model_id is None:
        return None
    table = table_of(session, event.model_id)
    return scores_at(session, [event.enterprise_id], event.scored_at, table)[event.enterprise_id]


def enterprise_ids(session: Session, *, after: int, limit: int) -> list[int]:
    """Ids of enterprises in order, for a pass over all of them in chunks."""
    statement = select(Enterprise.id).where(Enterprise.id > after).order_by(Enterprise.id).limit(limit)
    return list(session.scalars(statement))


def scores(session: Session, enterprise_ids: Collection[int]) -> dict[int, EnterpriseScore]:
    """Current scores by enterprise."""
    if not enterprise_ids:
        return {}
    statement = select(EnterpriseScore).where(EnterpriseScore.enterprise_id.in_(set(enterprise_ids)))
    return {row.enterprise_id: row for row in session.scalars(statement)}


def history(session: Session, enterprise_id: int, limit: int = 20) -> list[ScoreEvent]:
    """The newest changes of a score."""
    statement = select(ScoreEvent).where(ScoreEvent.enterprise_id == enterprise_id)
    return list(session.scalars(statement.order_by(ScoreEvent.scored_at.desc(), ScoreEvent.id.desc()).limit(limit)))


def in_force(now: datetime, override: Any = ScoreOverride) -> ColumnElement[bool]:  # noqa: ANN401 (the model or an alias of it)
    """Condition: an override counts now; one out of time ends by itself, whoever may still have to note it."""
    return and_(override.ended_at.is_(None), override.set_at <= now, override.expires_at > now)


def overrides(session: Session, enterprise_ids: Collection[int], now: datetime) -> dict[int, ScoreOverride]:
    """What people set instead, by enterprise."""
    if not enterprise_ids:
        return {}
    wanted = select(ScoreOverride).where(ScoreOverride.enterprise_id.in_(set(enterprise_ids)), in_force(now))
    return {row.enterprise_id: row for row in session.scalars(wanted)}


def override_history(session: Session, enterprise_id: int, limit: int = 20) -> list[ScoreOverride]:
    """What people set for an enterprise, the newest first."""
    wanted = select(ScoreOverride).where(ScoreOverride.enterprise_id == enterprise_id)
    return list(session.scalars(wanted.order_by(ScoreOverride.id.desc()).limit(limit)))


def effective(now: datetime) -> ColumnElement[Any]:
    """Points to sort and filter by: those a person set while they count, else the automatic ones."""
    other = aliased(ScoreOverride)
    wanted = select(other.points).where(other.enterprise_id == EnterpriseScore.enterprise_id, in_force(now, other))
    return func.coalesce(wanted.correlate(EnterpriseScore).scalar_subquery(), EnterpriseScore.points)


def trend() -> ColumnElement[Any]:
    """Points won or lost in thirty days; nothing for what is newer."""
    return EnterpriseScore.points - EnterpriseScore.points_30d


def running_pass(session: Session) -> ScorePass | None:
    """The newest pass over all enterprises that has not ended."""
    wanted = select(ScorePass).where(ScorePass.finished_at.is_(None), ScorePass.cancelled_at.is_(None))
    return session.scalars(wanted.order_by(ScorePass.id.desc()).limit(1)).one_or_none()
