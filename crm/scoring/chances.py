"""The probability of signing within N months, for those it was learned from: leads, up to the oldest age ever seen.

A fitted version keeps its hazard in its report. Who was never met is no lead, and who signed or was dropped no longer
is; beyond the oldest age nobody knows. All of these have no probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Integer, String, column, func, select, table

from crm.core.scheduling import local_day
from crm.core.types import UtcDateTime
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.scoring.model.hazard import Hazard
from crm.scoring.models import ScoreModel
from crm.scoring.sources import MEETINGS, PROJECT

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.scoring.live import Live

AGREEMENT = table("agreement", column("project_id", Integer), column("kind", String))
TIP = table("lead_tip", column("enterprise_id", Integer), column("reported_at", UtcDateTime))
YEAR = 12
_HAZARDS: dict[Hashable, Hazard | None] = {}
MOST = 8


def lend(session: Session, inforce: Live, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Put the probability, or its band, into rows of scores; take it from those that have none."""
    if inforce.table.mode == "expert" or inforce.model_id is None or not rows:
        return
    hazard, months = _hazard(session, inforce), inforce.table.months or 0
    ages = lead_ages(session, [row["key"] for row in rows], now)
    leads = [row for row in rows if row["key"] in ages]
    chance: dict[int, float] = {}
    if hazard is not None and leads:
        codes = np.array([row["codes"] for row in leads], dtype=np.int32)
        found = hazard.within(codes, np.array([ages[row["key"]] for row in leads]), months)
        chance = {row["key"]: float(one) for row, one in zip(leads, found, strict=True) if np.isfinite(one)}
    for row in rows:
        _say(row, chance.get(row["key"]), inforce)


def lead_ages(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Whole months since each enterprise became a lead, of those that still are one."""
    met = select(Touch.enterprise_id.label("id"), func.min(Touch.recorded_at).label("since")).where(
        Touch.enterprise_id.in_(ids), Touch.kind.in_(MEETINGS), Touch.voided_at.is_(None), Touch.recorded_at <= now,
        not_secret(Touch.project_id),
    )  # fmt: skip
    begun: dict[int, datetime] = dict(session.execute(met.group_by(Touch.enterprise_id)).all())
    opened = select(PROJECT.c.enterprise_id, func.min(PROJECT.c.created_at)).where(
        PROJECT.c.enterprise_id.in_(ids), ~PROJECT.c.confidential, PROJECT.c.created_at <= now
    )
    tipped = select(TIP.c.enterprise_id, func.min(TIP.c.reported_at)).where(
        TIP.c.enterprise_id.in_(ids), TIP.c.reported_at <= now
    )
    for asked in (opened.group_by(PROJECT.c.enterprise_id), tipped.group_by(TIP.c.enterprise_id)):
        for key, since in session.execute(asked):
            begun[key] = min(since, begun.get(key, since))
    over = _signed(session, ids) | _dropped(session, ids)
    return {key: _months(since, now) for key, since in begun.items() if key not in over}


def _signed(session: Session, ids: Sequence[int]) -> set[int]:
    joined = select(PROJECT.c.enterprise_id).join(AGREEMENT, AGREEMENT.c.project_id == PROJECT.c.id)
    return set(session.scalars(joined.where(PROJECT.c.enterprise_id.in_(ids), AGREEMENT.c.kind == "contract")))


def _dropped(session: Session, ids: Sequence[int]) -> set[int]:
    """Those whose projects all left the road, unless somebody met them after the last one did."""
    left = (PROJECT.c.exit_kind.is_not(None)) & (PROJECT.c.exit_kind != "suspended")
    counts = select(
        PROJECT.c.enterprise_id,
        func.count().label("all"),
        func.count().filter(left).label("left"),
        func.max(PROJECT.c.exited_at).filter(left).label("at"),
    ).where(PROJECT.c.enterprise_id.in_(ids), ~PROJECT.c.confidential)
    gone = {row[0]: row[3] for row in session.execute(counts.group_by(PROJECT.c.enterprise_id)) if row[1] == row[2]}
    if not gone:
        return set()
    last = select(Touch.enterprise_id, func.max(Touch.recorded_at)).where(
        Touch.enterprise_id.in_(gone), Touch.kind.in_(MEETINGS), Touch.voided_at.is_(None)
    )
    met = dict(session.execute(last.group_by(Touch.enterprise_id)).all())
    return {key for key, at in gone.items() if key not in met or met[key] <= at}


def _months(since: datetime, now: datetime) -> int:
    """Age as the history counts it: 0 in the month it began and in the one after."""
    first, last = local_day(since), local_day(now)
    return max(0, (last.year - first.year) * YEAR + last.month - first.month - 1)


def _hazard(session: Session, inforce: Live) -> Hazard | None:
    key = (inforce.model_id, inforce.table.version, inforce.table.a, inforce.table.calibration)
    if key not in _HAZARDS:
        report = session.scalar(select(ScoreModel.report).where(ScoreModel.id == inforce.model_id)) or {}
        while len(_HAZARDS) >= MOST:
            _HAZARDS.pop(next(iter(_HAZARDS)), None)
        _HAZARDS[key] = Hazard.from_json(report["hazard"]) if report.get("hazard") else None
    return _HAZARDS[key]


def _say(row: dict[str, Any], chance: float | None, inforce: Live) -> None:
    """Write what may be said: a probability, a band, or nothing."""
    table_ = inforce.table
    row["probability"] = chance if table_.mode == "probability" else None
    row["band_low"] = row["band_high"] = None
    if table_.mode == "band" and chance is not None:
        half = table_.band if table_.band is not None else 0.5
        odds = np.log(chance) - np.log1p(-chance)
        row["band_low"], row["band_high"] = (float(1.0 / (1.0 + np.exp(-(odds + side)))) for side in (-half, half))
