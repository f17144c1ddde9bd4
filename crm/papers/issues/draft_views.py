"""The page that waits for a draft of a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.core.tasks import TaskState
from crm.papers import rules
from crm.papers.issues import queries
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.core.tasks import Task
    from crm.papers.rules import PaperKind, Period

bp = Blueprint("drafts", __name__, url_prefix="/papers/drafts")
OPEN_STATES = (TaskState.NEW, TaskState.SENT, TaskState.RUNNING)


def _asked(key: str, period_key: str) -> tuple[PaperKind, Period, Task | None]:
    kind = rules.PAPERS.get(key)
    period = rules.read_period(kind.period, period_key, timing.today()) if kind else None
    if kind is None or period is None:
        raise NotFoundError(queries.ABSENT)
    return kind, period, queries.task(db.session(), kind.key, period.key)


@bp.get("/<key>/<period_key>")
@requires(Permission.REPORT_BUILD)
def wait(key: str, period_key: str) -> ResponseReturnValue:
    """Say how far a draft is, and lead to it when it is made."""
    kind, period, task = _asked(key, period_key)
    if task is not None and (task.state in OPEN_STATES or task.state is TaskState.DEAD):
        return render_template("papers/wait.html", kind=kind, period=period, task=task)
    return redirect(_made(kind, period))


@bp.get("/<key>/<period_key>/progress")
@requires(Permission.REPORT_BUILD)
def progress(key: str, period_key: str) -> ResponseReturnValue:
    """Answer the waiting page: still at work, or go and look."""
    kind, period, task = _asked(key, period_key)
    if task is not None and task.state in OPEN_STATES:
        return render_template("papers/progress.html", kind=kind, period=period, task=task)
    target = url_for("drafts.wait", key=kind.key, period_key=period.key)
    if "HX-Request" not in request.headers:
        return redirect(target)
    return "", 200, {"HX-Redirect": target}


def _made(kind: PaperKind, period: Period) -> str:
    issue = queries.living(db.session(), kind.key, period)
    if issue is None:
        return url_for("papers.show", key=kind.key, period_key=period.key)
    return url_for("issues.show", issue_id=issue.id)
