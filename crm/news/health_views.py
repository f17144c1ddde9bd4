"""Pages of the health of sources: the board, one source, and a failed page with its saved bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.news import failing, healing, health, health_queries, queries, services, snapshots
from crm.news.health_models import SourceHealth
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.core.errors import Problem

bp = Blueprint("source_health", __name__, url_prefix="/sources")
SOURCE_TEXT = 400_000
MUTES = (1, 7, 30)


@bp.app_context_processor
def _words() -> dict[str, object]:
    return {
        "alert_labels": health.ALERT_LABELS,
        "alert_advice": health.ALERT_ADVICE,
        "failure_advice": failing.advice,
        "share": health.share,
    }


@bp.get("/health")
@requires(Permission.SOURCE_MANAGE)
def index() -> ResponseReturnValue:
    """Show all sources with their health, those in trouble first."""
    session, state = db.session(), request.args.get("state", "")
    page = health_queries.board(session, state, cursor=request.args.get("cursor"))
    counts = health_queries.state_counts(session)
    return render_template("news/health.html", page=page, counts=counts, state=state, now=timing.now())


@bp.get("/health/<int:source_id>")
@requires(Permission.SOURCE_MANAGE)
def source(source_id: int) -> ResponseReturnValue:
    """Show the health of one source: what is wrong, what to do, its last runs, its failed pages."""
    return _shown(source_id)


@bp.post("/health/<int:source_id>/mute")
@requires(Permission.SOURCE_MANAGE)
def mute(source_id: int) -> ResponseReturnValue:
    """Let nobody be told of this source for some days, or be told again."""
    days = request.form.get("days", type=int)
    try:
        healing.mute(db.session(), current_actor(), source_id, -1 if days is None else days, now=timing.now())
    except DomainError as error:
        return _refused(source_id, error)
    flash(tr("已静音，期间不再提醒") if days else tr("已恢复提醒"), "ok")
    return redirect(url_for("source_health.source", source_id=source_id), 303)


@bp.post("/health/<int:source_id>/expect")
@requires(Permission.SOURCE_MANAGE)
def expect(source_id: int) -> ResponseReturnValue:
    """Say how long this source may be silent."""
    typed = request.form.get("hours", "").strip()
    hours = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) <= len("8760") else -1
    try:
        healing.expect(db.session(), current_actor(), source_id, hours if typed else None, now=timing.now())
    except DomainError as error:
        return _refused(source_id, error, typed)
    flash(tr("已保存预期间隔"), "ok")
    return redirect(url_for("source_health.source", source_id=source_id), 303)


@bp.post("/health/<int:source_id>/replay")
@requires(Permission.SOURCE_MANAGE)
def replay(source_id: int) -> ResponseReturnValue:
    """Read all kept feeds of this source again, without fetching."""
    try:
        runs = services.request_replay(db.session(), current_actor(), source_id, now=timing.now())
    except DomainError as error:
        return _refused(source_id, error)
    flash(tr("已安排重新读取%(n)s次抓取的结果，不访问网站", n=runs), "ok")
    return redirect(url_for("source_health.source", source_id=source_id), 303)


@bp.get("/failed/<int:page_id>")
@requires(Permission.SOURCE_MANAGE)
def failed(page_id: int) -> ResponseReturnValue:
    """Show a failed page: why, what to do, and what was saved of it."""
    return _failed(page_id)


@bp.get("/failed/<int:page_id>/bytes")
@requires(Permission.SOURCE_MANAGE)
def saved(page_id: int) -> ResponseReturnValue:
    """Give the saved bytes as they came, as a download: no browser runs or draws them."""
    page = queries.failed_page(db.session(), page_id)
    kept = snapshots.read(db.session(), page.page_sha256) if page.page_sha256 else None
    if kept is None:
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="page-{page.id}.txt"', "X-Content-Type-Options": "nosniff"}
    return Response(kept.raw, mimetype="application/octet-stream", headers=headers)


@bp.post("/failed/<int:page_id>/retry")
@requires(Permission.SOURCE_MANAGE)
def retry(page_id: int) -> ResponseReturnValue:
    """Fetch a failed page again."""
    try:
        run = services.retry_page(db.session(), current_actor(), page_id, now=timing.now())
    except DomainError as error:
        if error.status == 404:  # noqa: PLR2004 (the page is gone)
            raise
        return _failed(page_id, error.problems), error.status
    flash(tr("已安排重新抓取这一页"), "ok")
    return redirect(url_for("news.source", source_id=run.source_id, run=run.id), 303)


def _shown(source_id: int, problems: tuple[Problem, ...] = (), typed: str | None = None) -> str:
    session = db.session()
    line = health_queries.line(queries.source(session, source_id), session.get(SourceHealth, source_id))
    return render_template(
        "news/health_source.html",
        line=line,
        failed=health_queries.failed_lately(session, source_id),
        now=timing.now(),
        mutes=MUTES,
        problems=problems,
        typed=typed,
    )


def _refused(source_id: int, error: DomainError, typed: str | None = None) -> ResponseReturnValue:
    if error.status == 404:  # noqa: PLR2004 (the source is gone)
        raise error
    return _shown(source_id, error.problems, typed), error.status


def _failed(page_id: int, problems: tuple[Problem, ...] = ()) -> str:
    session = db.session()
    page = queries.failed_page(session, page_id)
    run = queries.run(session, page.run_id)
    kept = snapshots.read(session, page.page_sha256) if page.page_sha256 else None
    retry_run, article = health_queries.retried(session, page)
    return render_template(
        "news/health_page.html",
        page=page,
        source=run.source,
        retry_run=retry_run,
        kept=kept,
        text=kept.text[:SOURCE_TEXT] if kept else "",
        article=article,
        problems=problems,
    )
