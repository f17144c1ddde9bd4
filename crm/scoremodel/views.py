"""The honest page of the model: how it did on the office's own history, and the table of points in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.scoremodel import backtesting, charts, runs, versions
from crm.scoremodel.rules import ENOUGH, FEW, MODE_LABELS, Mode, mode_of, word_of
from crm.scoremodel.sections import shared, title_of
from crm.scoremodel.services import table_of, verdict_of
from crm.scoring import queries as scoring
from crm.scoring.expert import EXPERT_TABLE
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.scoremodel.models import ScoreRun

bp = Blueprint("score_model", __name__)
MODELS = (
    ("card", "数据拟合的权重"),
    ("expert", "专家权重"),
    ("naive_bayes", "朴素贝叶斯（同类产品的做法）"),
    ("base_rate", "只看平均签约率"),
)


@bp.get("/score-model")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show how the scores would have done on the office's own history."""
    session = db.session()
    tested, latest = runs.latest_done(session, backtesting.SUBJECT), runs.latest(session, backtesting.SUBJECT)
    report = tested.result if tested else {}
    outcomes = {"won": report["won"], "lost": report["lost"]} if report else backtesting.counted(session)
    live, fitted = versions.in_force(session), versions.fitted(session)
    mode = Mode(report["mode"]) if report else mode_of(outcomes["won"], outcomes["lost"])
    context = shared("score_model.index", report=report, tested=tested, run=latest, live=live, fitted=fitted)
    context |= {
        "outcomes": outcomes,
        "mode": mode,
        "mode_label": MODE_LABELS[mode],
        "models": MODELS,
        "few": FEW,
        "enough": ENOUGH,
    }
    context |= {"title_of": title_of, "verdict": verdict_of(fitted) if fitted else None, "share": charts.share}
    context |= {"feature_names": {one.key: one.label_zh for one in (table_of(live) if live else EXPERT_TABLE).features}}
    context |= {"running_pass": scoring.running_pass(session)}
    if report.get("history"):
        context["history_chart"] = charts.history_chart(report["history"])
    if report.get("reliability"):
        context["reliability_chart"] = charts.reliability_chart(report["reliability"])
    if report.get("quarters"):
        context["quarters_chart"] = charts.quarters_chart(report["quarters"])
    return render_template("scoremodel/index.html", **context)


@bp.get("/score-model/table")
@requires(Permission.ENTERPRISE_READ)
def table() -> ResponseReturnValue:
    """Show what every fact is worth, beside what the office's own data say."""
    session = db.session()
    live, fitted = versions.in_force(session), versions.fitted(session)
    expert = versions.last_expert_or_none(session)
    shown = table_of(expert) if expert else EXPERT_TABLE
    beside = table_of(fitted) if fitted else None
    counts = (fitted.report or {}).get("counts", {}) if fitted else {}
    context = shared("score_model.table", table=shown, beside=beside, counts=counts, live=live, fitted=fitted)
    return render_template("scoremodel/table.html", **context, expert=expert, title_of=title_of, word_of=word_of)


@bp.post("/score-model/tests")
@requires(Permission.SCORE_MANAGE)
def test() -> ResponseReturnValue:
    """Ask for a test on the office's own history."""
    try:
        run = backtesting.start(db.session(), current_actor(), now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "info")
        return redirect(url_for("score_model.index"), 303)
    return redirect(url_for("score_model.run", run_id=run.id), 303)


@bp.get("/score-model/runs/<int:run_id>")
@requires(Permission.ENTERPRISE_READ)
def run(run_id: int) -> ResponseReturnValue:
    """Show how far a run is, as a page or as a part; a page of one that ended leads to what it found."""
    found = runs.get(db.session(), run_id)
    if "HX-Request" in request.headers:
        return render_template("scoremodel/_run.html", run=found)
    if not found.going:
        return redirect(_result_of(found), 303)
    return render_template("scoremodel/run.html", **shared("", run=found))


@bp.post("/score-model/runs/<int:run_id>/stop")
@requires(Permission.SCORE_MANAGE)
def stop(run_id: int) -> ResponseReturnValue:
    """Stop a run."""
    found = runs.stop(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("已停止，没有留下任何改动。"), "ok")
    return redirect(_result_of(found), 303)


def _result_of(found: ScoreRun) -> str:
    if found.model_id is not None:
        return url_for("score_versions.show", model_id=found.model_id)
    return url_for("score_model.index")
