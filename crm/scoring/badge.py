"""What the badge of a score shows beside points and grade: what a person set instead, and the trend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import floor
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.live import live
from crm.scoring.models import EnterpriseScore, ScoreOverride
from crm.scoring.queries import in_force
from crm.scoring.rules import HIGHEST, LOWEST
from crm.scoring.table import EVEN, UNIT

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

INSTANT = timedelta(seconds=1)


class Stored(Protocol):
    """What of a stored score tells how far its sum went: a row of the table, or the columns of a list."""

    @property
    def enterprise_id(self) -> int:
        """The enterprise."""

    @property
    def points(self) -> int | None:
        """Points as shown, between 1 and 99."""

    @property
    def z(self) -> float | None:
        """Log-odds, not limited."""

    @property
    def model_id(self) -> int | None:
        """The version of the table they were told by."""


@dataclass(frozen=True, slots=True)
class Own:
    """Points a person set instead, with their grade, the reason and the last moment they count."""

    points: int
    grade: str
    reason: str
    until: datetime


def own_of(override: ScoreOverride) -> Own:
    """Turn an override into what ``ui.score`` wants; the last day is the one before it ends."""
    grade = EXPERT_TABLE.grade(override.points)
    return Own(override.points, grade, override.reason, override.expires_at - INSTANT)


def own_at(override: ScoreOverride | None, now: datetime) -> Own | None:
    """Give the badge of an override that is not ended by anybody, while it counts."""
    counts = override is not None and override.set_at <= now < override.expires_at
    return own_of(override) if override is not None and counts else None


def scored(
    session: Session, enterprise_ids: Collection[int], now: datetime
) -> dict[int, tuple[EnterpriseScore, Own | None]]:
    """Current scores with what people set instead, by enterprise, in one query."""
    if not enterprise_ids:
        return {}
    instead = (ScoreOverride.enterprise_id == EnterpriseScore.enterprise_id) & in_force(now)
    statement = select(EnterpriseScore, ScoreOverride).outerjoin(ScoreOverride, instead)
    rows = session.execute(statement.where(EnterpriseScore.enterprise_id.in_(set(enterprise_ids))))
    return {score.enterprise_id: (score, own_of(other) if other is not None else None) for score, other in rows}


def trend(score: EnterpriseScore) -> int | None:
    """Points won or lost in thirty days; None for what is newer."""
    return None if score.points_30d is None else score.points - score.points_30d


def beyond(session: Session, scores: Collection[Stored]) -> dict[int, int]:
    """Sums that left the scale, by enterprise: what 99 (or 1) points would be without it; one query at most.

    Told for the table in force alone: a score of an older one is about to be told anew.
    """
    limited = [one for one in scores if one.points in {LOWEST, HIGHEST} and one.z is not None]
    if not limited:
        return {}
    now = live(session)
    found = {
        one.enterprise_id: floor(now.table.base + ((one.z or 0.0) - now.table.a) / UNIT + 0.5 + EVEN)
        for one in limited
        if one.model_id == now.model_id
    }
    return {key: points for key, points in found.items() if not LOWEST <= points <= HIGHEST}
