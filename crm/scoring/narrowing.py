"""Lists narrowed and sorted by the scores of their enterprises: one rule, in SQL, whatever the list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, cast, func, not_, or_, select

from crm.scoring import asking
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.models import EnterpriseScore, ScoreOverride
from crm.scoring.queries import in_force, trend

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

UNSCORED = -1_000
FINE = 1_000


def narrowed(firm: InstrumentedAttribute[int], kind: str, value: str, now: datetime) -> ColumnElement[bool]:
    """Condition on the column with the id of an enterprise; ``kind`` and ``value`` as :mod:`asking` lets pass.

    Grade and points are those a person set, while they count; fit, intent and trend are always the automatic ones.
    """
    if kind == "own":
        return firm.in_(select(ScoreOverride.enterprise_id).where(in_force(now)))
    if kind in {"grade", "score"}:
        automatic, set_to = _of_grade(value) if kind == "grade" else _of_points(value)
        instead = select(ScoreOverride.enterprise_id).where(in_force(now))
        return or_(firm.in_(instead.where(set_to)), and_(_of_score(firm, automatic), not_(firm.in_(instead))))
    if kind == "trend":
        moved = trend()
        return _of_score(firm, moved >= asking.MOVED if value == asking.RISING else moved <= -asking.MOVED)
    part = EnterpriseScore.fit if kind == "fit" else EnterpriseScore.intent
    return _of_score(firm, part >= int(value))


def sorted_by(kind: str, now: datetime) -> tuple[ColumnElement[Any], ...]:
    """Columns to sort by, all falling together; the statement joins scores and what people set instead.

    Points end at 99: enterprises that stand there are told apart by what the sum was worth before it was limited,
    and one that a person set to 99 comes behind them. A blank comes as the smallest.
    """
    if kind != "score":
        columns: dict[str, Any] = {"fit": EnterpriseScore.fit, "intent": EnterpriseScore.intent, "trend": trend()}
        return (func.coalesce(columns[kind], UNSCORED),)
    set_to = case((in_force(now), ScoreOverride.points))
    exact = func.coalesce(cast(func.round(EnterpriseScore.z * FINE), BigInteger), UNSCORED * FINE)
    return (
        func.coalesce(set_to, EnterpriseScore.points, UNSCORED),
        case((in_force(now), UNSCORED * FINE), else_=exact),
    )


def _of_score(firm: InstrumentedAttribute[int], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return firm.in_(select(EnterpriseScore.enterprise_id).where(condition))


def _of_grade(value: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    starts = {grade: at_least for at_least, grade in EXPERT_TABLE.grades}
    ends = min((at_least for at_least in starts.values() if at_least > starts[value]), default=asking.HIGHEST)
    return EnterpriseScore.grade == value, and_(ScoreOverride.points >= starts[value], ScoreOverride.points < ends)


def _of_points(value: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return EnterpriseScore.points >= int(value), ScoreOverride.points >= int(value)
