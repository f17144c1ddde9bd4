"""The steps of a weekly report's road as buttons: send in, take back, approve, send back with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, flash, redirect, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.reports import road
from crm.reports.forms import FreezeForm, ReturnForm
from crm.reports.showing import existing, shown
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

bp = Blueprint("road", __name__)


@bp.post("/reports/weekly/<name>/submit")
@requires(Permission.REPORT_BUILD)
def submit(name: str) -> ResponseReturnValue:
    """Send a draft in for approval."""
    return _take(name, road.submit, tr("已提交审批"))


@bp.post("/reports/weekly/<name>/withdraw")
@requires(Permission.REPORT_BUILD)
def withdraw(name: str) -> ResponseReturnValue:
    """Take a report back that nobody has decided yet."""
    return _take(name, road.withdraw, tr("已撤回送审"))


@bp.post("/reports/weekly/<name>/approve")
@requires(Permission.REPORT_FREEZE)
def approve(name: str) -> ResponseReturnValue:
    """Approve a report."""
    return _take(name, road.approve, tr("审批通过"))


def _take(name: str, act: Callable[..., None], said: str) -> ResponseReturnValue:
    report, form = existing(name), FreezeForm()
    version = cast("int", form.version.data) if form.validate() else 0
    try:
        act(db.session(), current_actor(), report, version, now=timing.now())
    except DomainError as error:
        flash("；".join(say(problem) for problem in error.problems), "error")
    else:
        flash(said, "ok")
    return redirect(url_for("weekly.show", name=name))


@bp.post("/reports/weekly/<name>/return")
@requires(Permission.REPORT_FREEZE)
def send_back(name: str) -> ResponseReturnValue:
    """Send a report back with a reason."""
    report, form = existing(name), ReturnForm()
    version = cast("int", form.version.data) if form.validate() else 0
    try:
        road.send_back(db.session(), current_actor(), report, version, text(form.reason), now=timing.now())
    except DomainError as error:
        form.refuse(error.problems)
        form.version.data = report.version
        return shown(report, returning=form), error.status
    flash(tr("已退回"), "ok")
    return redirect(url_for("weekly.show", name=name))
