"""The page that waits for a large annex of a weekly report."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.reports import annex, queries, secrecy
from crm.reports.period import week_of
from crm.reports.showing import existing, sees_all
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from pathlib import Path

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.reports.models import WeeklyReport

bp = Blueprint("annex", __name__, url_prefix="/reports/weekly/<name>/annex")


def kept(report: WeeklyReport, hidden: set[str]) -> Path:
    """Where the file of a report without the hidden rows is, once it is written."""
    return annex.path_of(cast("Settings", current_app.config["SETTINGS"]).files_dir, report, hidden)


def hidden_rows() -> set[str]:
    """Addresses of rows that are kept from the person who asks."""
    return secrecy.hidden_rows(db.session(), current_actor())


def _report(name: str) -> WeeklyReport:
    if not sees_all():
        raise NotFoundError(queries.MISSING)
    report = existing(name)
    secrecy.refuse(db.session(), report)
    return report


@bp.get("")
@requires(Permission.REPORT_READ)
def wait(name: str) -> ResponseReturnValue:
    """Offer to have it written, say how far it is, or hand it out."""
    return render_template("reports/annex.html", **_state(_report(name)))


@bp.post("")
@requires(Permission.REPORT_READ)
def start(name: str) -> ResponseReturnValue:
    """Have it written in the background."""
    report = _report(name)
    if not kept(report, hidden_rows()).exists():
        annex.request(db.session(), current_actor(), report, now=timing.now())
    return redirect(url_for("annex.wait", name=name), 303)


@bp.get("/progress")
@requires(Permission.REPORT_READ)
def progress(name: str) -> ResponseReturnValue:
    """Answer the waiting page: still at work, or go and look."""
    found = _state(_report(name))
    if found["going"]:
        return render_template("reports/annex_progress.html", **found)
    target = url_for("annex.wait", name=name)
    if "HX-Request" not in request.headers:
        return redirect(target)
    return "", 200, {"HX-Redirect": target}


def _state(report: WeeklyReport) -> dict[str, object]:
    hidden = hidden_rows()
    task, ready = annex.task(db.session(), report, hidden), kept(report, hidden).exists()
    going = not ready and task is not None and task.state in annex.OPEN_STATES
    week = week_of(report.iso_year, report.iso_week)
    return {"week": week, "task": task, "ready": ready, "going": going, "size": annex.size(report)}
