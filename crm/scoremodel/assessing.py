"""The honest test of the office's own history, and the table that would come of it; pure.

Trained each month only on what was known on the 1st, judged by what happened in the months after.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crm.scoremodel import leaks
from crm.scoremodel.officemonths import levels_of, month_key, quarter_key
from crm.scoremodel.rules import Mode, mode_of
from crm.scoring.model import halflife, hazard
from crm.scoring.model.backtest import BASE, CARD, EXPERT, Rolling, rolling
from crm.scoring.model.card import logit
from crm.scoring.model.gate import SHARE
from crm.scoring.model.metrics import reliability

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm.scoremodel.officemonths import OfficeMonths
    from crm.scoremodel.replaying import Replay
    from crm.scoring.model.arrays import Floats
    from crm.scoring.model.fitting import Levels
    from crm.scoring.model.hazard import Hazard
    from crm.scoring.model.months import LeadMonths
    from crm.scoring.table import PointsTable

HORIZONS = (12, 6, 3, 1)
ORIGINS = 12
LEAST_ORIGINS = 6
OF_OLDEST = 3
FITTED_LABEL = "用本办历史拟合"
SPREAD = 0.25
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Assessment:
    """What a test found: the report to keep, and the fitted table with its hazard where data may speak at all."""

    report: dict[str, Any]
    table: PointsTable | None = None


def assess(replay: Replay, *, now_month: int, progress: Callable[[int, int], None] | None = None) -> Assessment:
    """Test the experts' table and a fitted one on lead-months that were over by the start of ``now_month``."""
    rows, levels = replay.office_months(), levels_of(replay.table)
    known = rows.known_at(now_month)
    won, lost = int(known.signed.sum()), int(known.dropped.sum())
    mode = mode_of(won, lost)
    report: dict[str, Any] = {
        "won": won,
        "lost": lost,
        "leads": len(np.unique(known.lead)),
        "rows": len(known),
        "mode": mode.value,
        "history": _history(known),
        "window": [month_key(int(known.month.min())), month_key(int(known.month.max()))] if len(known) else None,
    }
    first = hazard.fit(known, levels) if won else None
    horizon = horizon_of(rows, first)
    if not first or not horizon:
        return Assessment(report)
    early = int(rows.month.max()) - horizon + 2 - ORIGINS
    tested = rolling(_learned(replay, levels, early), levels, horizon=horizon, origins=ORIGINS, progress=progress)
    report |= _tested(tested) | {"months": horizon, "oldest": first.oldest}
    checks = leaks.look(known, levels)
    report["features"] = [{**asdict(check), "leaks": check.leaks} for check in checks]
    if mode is Mode.EXPERT:
        return Assessment(report)
    half_lives = _half_lives(replay, levels, now_month)
    rows = replay.office_months(half_lives)
    fitted = hazard.fit(rows.known_at(now_month), levels, horizon=horizon)
    report["hazard"] = fitted.as_json()
    report["half_lives"] = {kind: [replay.table.half_life(kind), days] for kind, days in half_lives.items()}
    report["counts"] = _counts(known, levels)
    experts = replay.with_half_lives(half_lives)
    return Assessment(report, fitted_table(fitted, experts, rows, mode=mode, months=horizon, won=won))


def _counts(known: LeadMonths, levels: Levels) -> dict[str, list[list[int]]]:
    """For each level of each feature: lead-months it was seen in, and those in which the lead signed."""
    counts = {}
    for place, (key, size) in enumerate(zip(levels.keys, levels.sizes, strict=True)):
        seen = np.bincount(known.codes[:, place], minlength=size)
        won = np.bincount(known.codes[known.signed, place], minlength=size)
        counts[key] = [[int(n), int(w)] for n, w in zip(seen, won, strict=True)]
    return counts


def _half_lives(replay: Replay, levels: Levels, month: int) -> dict[str, float]:
    """Half-lives by kind of signal, learned from what was known by the start of a month; defaults below 40 wins."""
    defaults = replay.learnable()
    if not defaults:
        return {}
    return halflife.choose(lambda days: replay.office_months(days).known_at(month), levels, defaults)


def _learned(replay: Replay, levels: Levels, month: int) -> OfficeMonths:
    """Rows whose half-lives are those one would have learned before the first month that is judged."""
    return replay.office_months(_half_lives(replay, levels, month))


def horizon_of(rows: OfficeMonths, fitted: Hazard | None) -> int:
    """Months ahead to speak of, 0 if none: at most a third of the oldest age seen, so that most leads get an answer.

    The history must leave enough months to test.
    """
    if fitted is None or not len(rows):
        return 0
    span = int(rows.month.max()) - int(rows.month.min()) + 1
    seen = min((fitted.oldest + 1) // OF_OLDEST, span - LEAST_ORIGINS)
    return next((months for months in HORIZONS if months <= seen), 0)


def fitted_table(
    fitted: Hazard, experts: PointsTable, rows: OfficeMonths, *, mode: Mode, months: int, won: int
) -> PointsTable:
    """Write a fitted hazard in the form of every table: the experts' features and words, the data's points."""
    points = {trait.key: dict(zip(trait.levels, trait.points, strict=True)) for trait in fitted.score.traits}
    return experts.with_points(
        points,
        label_zh=FITTED_LABEL,
        a=fitted.sign.intercept,
        calibration=calibration(fitted, rows, months),
        mode=mode.value,
        months=months,
        band=NORMAL_95 * (1.0 / won + SPREAD**2) ** 0.5 if mode is Mode.BAND else None,
    )


def calibration(fitted: Hazard, rows: OfficeMonths, months: int) -> tuple[float, float]:
    """Slope and shift that turn the log-odds of a month into those of signing within ``months``, over ages met."""
    chance = fitted.within(rows.codes, rows.age, months)
    shown = np.isfinite(chance)
    if int(shown.sum()) <= 1:
        return 1.0, logit(months / 100.0)
    z: Floats = fitted.score.z(rows.codes[shown])
    wanted = np.log(chance[shown]) - np.log1p(-chance[shown])
    spread = float(z.var())
    slope = float(np.cov(z, wanted, bias=True)[0, 1]) / spread if spread else 0.0
    return max(slope, 0.0), float(wanted.mean() - max(slope, 0.0) * z.mean())


def _history(known: LeadMonths) -> list[dict[str, Any]]:
    """Leads, signings and drops month by month."""
    return [
        {
            "key": month_key(int(month)),
            "leads": int(at.sum()),
            "signed": int(known.signed[at].sum()),
            "lost": int(known.dropped[at].sum()),
        }
        for month in np.unique(known.month)
        for at in [known.month == month]
    ]


def _tested(tested: Rolling) -> dict[str, Any]:
    """Figures of a rolling test as plain numbers."""
    gate, against_base = tested.gate(EXPERT), tested.gate(BASE)
    at = [int(month) for month in np.unique(tested.month)]
    return {
        "origins": [month_key(month) for month in at],
        "judged": len(tested.won),
        "signed": int(tested.won.sum()),
        "too_old": tested.too_old,
        "models": {name: one.as_json() for name, one in tested.metrics().items()} if len(tested.won) else {},
        "reliability": [asdict(point) for point in reliability(tested.won, tested.chance[CARD])],
        "quarters": [
            {"key": quarter_key(begin), "rows": rows, "predicted": predicted, "actual": actual}
            for begin, rows, predicted, actual in tested.by_quarter()
        ],
        "gate": {**asdict(gate), "needed": SHARE},
        "signal": against_base.publish,
        "signal_share": against_base.share,
    }
