"""Scores for programs: the points, and the reasons that add up to them."""

from __future__ import annotations

from datetime import datetime

from crm.api.fields import Answer
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.scores import explaining
from crm.scoring.display import shown_reasons
from crm.scoring.table import BASE_POINTS
from crm.web import db, timing

bp = group("scores", "enterprises")
READ = Door(Scope.ENTERPRISES_READ, Permission.ENTERPRISE_READ)
NO_SCORE = Problem("score.absent", "这家企业还没有评分，请稍后再试。")


class Reason(Answer):
    """One reason; ``page`` is where people read what it rests on, null where this person may not."""

    points: int
    text: str
    page: str | None


class Override(Answer):
    """Points that a person set instead, for a time."""

    points: int
    reason: str
    set_by: str | None
    set_at: datetime
    expires_at: datetime


class Score(Answer):
    """A score: ``start`` and the points of the reasons add up to ``points``."""

    enterprise_id: int
    points: int
    start: int
    fit: int
    intent: int
    grade: str
    as_of: datetime
    mode: str
    probability: float | None
    reasons: list[Reason]
    override: Override | None


@operation(bp, "GET", "/enterprises/<int:enterprise_id>/score", READ, Score)
def show(enterprise_id: int) -> Score:
    """Read the score of an enterprise with its reasons."""
    found = explaining.explain(db.session(), current_actor(), enterprise_id, now=timing.now())
    if found.score is None:
        raise NotFoundError(NO_SCORE)
    shown = shown_reasons(found.score.reasons, found.hrefs)
    reasons = [
        Reason(points=row["points"], text=one.text, page=one.href)
        for row, one in zip(found.score.reasons, shown, strict=True)
    ]
    names = ("enterprise_id", "points", "fit", "intent", "grade", "as_of", "mode", "probability")
    own = found.override
    override = None if own is None else Override(
        points=own.points, reason=own.reason, set_by=found.names.get(own.set_by_id), set_at=own.set_at,
        expires_at=own.expires_at,
    )  # fmt: skip
    return Score(
        **{name: getattr(found.score, name) for name in names}, start=BASE_POINTS, reasons=reasons, override=override
    )
