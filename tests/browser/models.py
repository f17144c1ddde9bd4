"""Versions of the weights for the furnished office: one in force, one to be published, a test and what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.enterprises.models import Enterprise
from crm.scoremodel import backtesting, previewing, runs, services, versions
from crm.scoremodel.diffs import digest
from crm.scoremodel.moves import Tally
from crm.scoring.expert import EXPERT_TABLE
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

POINTS = {("contacts", 1): 9.0, ("signal_CAPX", 5): 20.0, ("touches", 1): -2.0}
FIGURES = {"rows": 640, "won": 52, "auc": 0.71, "pr_auc": 0.28, "log_loss": 0.261, "brier": 0.071, "ece": 0.021}
REPORT: dict[str, Any] = {
    "won": 52, "lost": 61, "leads": 300, "rows": 2900, "mode": "probability", "window": ["2024-01", "2026-10"],
    "history": [{"key": f"2026-0{month}", "leads": 70 + month, "signed": 4, "lost": 3} for month in range(1, 10)],
    "months": 6, "oldest": 22, "origins": ["2026-03", "2026-04"], "judged": 640, "signed": 52, "too_old": 12,
    "models": {key: {**FIGURES, "lift": 2.4} for key in ("card", "expert", "naive_bayes", "base_rate")},
    "reliability": [
        {"low": 0.0, "high": 0.1, "rows": 480, "predicted": 0.06, "actual": 0.05},
        {"low": 0.1, "high": 0.2, "rows": 160, "predicted": 0.14, "actual": 0.16},
    ],
    "quarters": [{"key": "2026Q1", "rows": 300, "predicted": 24.2, "actual": 22}],
    "gate": {"publish": True, "share": 0.97, "gain": 0.01, "low": 0.001, "high": 0.02, "needed": 0.95},
    "signal": True, "signal_share": 0.99,
    "features": [{"key": "contacts", "auc": 0.61, "empty_won": 0.2, "empty_other": 0.5, "leaks": False}],
}  # fmt: skip


def furnish(session: Session, office: Office) -> None:
    """Begin a version and preview it, fit another, and leave a test under way."""
    actor = office.actor(session, office.registrar)
    model = services.begin(session, actor, None, now=NOW)
    edit = services.Edit(model.label, POINTS, {"ORDR": 120.0}, {"A": 80})
    services.edit(session, actor, model.id, edit, seen=digest(services.table_of(model)), now=NOW)
    version, live = services.table_of(model), versions.in_force(session)
    run, tally = previewing.start(session, actor, model.id, now=NOW), Tally()
    ids = list(session.scalars(select(Enterprise.id).order_by(Enterprise.id)))
    previewing.compare(session, ids, NOW, (EXPERT_TABLE, version), tally)
    runs.finish(session, run.id, previewing.result_of(tally, version, live.id if live else None), now=NOW)
    counts = {feature.key: [[40, 3]] * len(feature.levels) for feature in version.features}
    services.keep_fitted(session, version, {**REPORT, "counts": counts}, parent_id=model.parent_id, now=NOW)
    tested = backtesting.start(session, actor, now=NOW)
    runs.finish(session, tested.id, REPORT, now=NOW)
    backtesting.start(session, actor, now=NOW)
