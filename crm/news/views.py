"""Pages of news sources: health, settings, runs and failed pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.news import listing, queries, services, trying
from crm.news.forms import SourceForm, form_of
from crm.news.kinds import KIND_LABELS
from crm.news.sources import FAILURE_LABELS, STATE_LABELS
from crm.news.words import option_words, rhythm_words
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.news.models import Source

bp = Blueprint("news", __name__, url_prefix="/sources")


@bp.app_context_processor
def _labels() -> dict[str, object]:
    words = {"rhythm_words": rhythm_words, "option_words": option_words}
    return {"failure_label": failure_label, "source_kinds": KIND_LABELS, "run_states": STATE_LABELS, **words}


def failure_label(key: str) -> str:
    """Return why a page or crawl failed, in the person's language."""
    return tr(FAILURE_LABELS.get(key, "其他原因"))


@bp.get("")
@requires(Permission.SOURCE_MANAGE)
def index() -> ResponseReturnValue:
    """Show all sources with their health."""
    session = db.session()
    words, state = request.args.get("q", "").strip()[:100], request.args.get("state", "")
    page = listing.listed(session, words=words, state=state, page=request.args.get("page", 1, type=int))
    runs = queries.last_runs(session, [row.id for row in page.rows])
    notes = queries.crawling(session, [run.id for run in runs.values()])
    shown = {"words": words, "state": state, "states": listing.STATE_LABELS, "runs": runs, "crawling": notes}
    return render_template("news/sources.html", listing=page, **shown)


@bp.get("/new")
@requires(Permission.SOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Show an empty form."""
    mine = trying.recent(db.session(), current_actor())
    return render_template("news/form.html", form=SourceForm(), source=None, trials=mine)


@bp.post("")
@requires(Permission.SOURCE_MANAGE)
def create() -> ResponseReturnValue:
    """Add a source and crawl it at once."""
    return _save(None)


@bp.get("/<int:source_id>")
@requires(Permission.SOURCE_MANAGE)
def source(source_id: int) -> ResponseReturnValue:
    """Show the runs of a source, and the failed pages of one of them."""
    session = db.session()
    row = queries.source(session, source_id)
    runs = queries.runs(session, source_id)
    wanted = request.args.get("run", type=int)
    chosen = next((run for run in runs if run.id == wanted), next(iter(runs), None))
    tried = trying.latest(session, current_actor(), source_id)
    return render_template(
        "news/source.html",
        source=row,
        tried=tried,
        runs=runs,
        chosen=chosen,
        crawling=queries.crawling(session, [run.id for run in runs]),
        failed=queries.failed_pages(session, chosen.id) if chosen else [],
        counts=queries.failure_counts(session, [chosen.id]) if chosen else {},
    )


@bp.get("/<int:source_id>/edit")
@requires(Permission.SOURCE_MANAGE)
def edit(source_id: int) -> ResponseReturnValue:
    """Show the form of a source."""
    row = queries.source(db.session(), source_id)
    return render_template("news/form.html", form=form_of(row), source=row)


@bp.post("/<int:source_id>")
@requires(Permission.SOURCE_MANAGE)
def change(source_id: int) -> ResponseReturnValue:
    """Change a source."""
    return _save(queries.source(db.session(), source_id))


@bp.post("/<int:source_id>/crawl")
@requires(Permission.SOURCE_MANAGE)
def crawl(source_id: int) -> ResponseReturnValue:
    """Ask for a crawl now."""
    run = services.request_crawl(db.session(), current_actor(), source_id, now=timing.now())
    flash(tr("已安排抓取，稍后刷新查看结果") if run else tr("这个信源已在排队，不用重复点击"), "ok" if run else "info")
    return redirect(url_for("news.source", source_id=source_id), 303)


@bp.post("/<int:source_id>/switch")
@requires(Permission.SOURCE_MANAGE)
def switch(source_id: int) -> ResponseReturnValue:
    """Put a source into or out of use."""
    enabled = request.form.get("enabled") == "1"
    services.switch_source(db.session(), current_actor(), source_id, enabled=enabled, now=timing.now())
    flash(tr("已启用") if enabled else tr("已停用，不再定时抓取"), "ok")
    return redirect(url_for("news.source", source_id=source_id), 303)


@bp.post("/runs/<int:run_id>/ingest")
@requires(Permission.SOURCE_MANAGE)
def replay(run_id: int) -> ResponseReturnValue:
    """Take the result of a run in once more."""
    run = services.request_ingest(db.session(), current_actor(), run_id, now=timing.now())
    flash(tr("已安排重新入库，已有的文章不会重复"), "ok")
    return redirect(url_for("news.source", source_id=run.source_id, run=run.id), 303)


def _save(row: Source | None) -> ResponseReturnValue:
    form = SourceForm()
    refused = not form.validate()
    if not refused:
        try:
            return _saved(form, row)
        except DomainError as error:
            form.refuse(error.problems)
    return render_template("news/form.html", form=form, source=row, trial_id=_trial_id()), 422


def _trial_id() -> int | None:
    return number_or_none(request.form.get("trial_id", ""))


def _saved(form: SourceForm, row: Source | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    draft = form.draft(row.options if row else {})
    saved = services.save_source(session, actor, draft, source_id=row.id if row else None, now=timing.now())
    tried = _trial_id()
    if tried is not None:
        trying.adopt(session, actor, tried, saved)
    if row is None:
        services.request_crawl(session, actor, saved.id, now=timing.now())
        flash(tr("已添加，正在抓取第一批文章"), "ok")
    else:
        flash(tr("已保存"), "ok")
    return redirect(url_for("news.source", source_id=saved.id), 303)
