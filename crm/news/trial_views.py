"""Pages of test runs: start one, watch it, take one of its suggestions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.news import failing, queries, trying
from crm.news.advice import OTHER_PROBLEM, PROBLEM_LABELS, TRIAL_ADVICE
from crm.news.forms import SourceForm, form_of_draft
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.news.models import Source
    from crm.news.sources import SourceDraft

bp = Blueprint("source_trials", __name__, url_prefix="/sources/trials")


@bp.app_context_processor
def _words() -> dict[str, object]:
    return {"advice": advice, "problem_label": problem_label, "moment": datetime.fromisoformat}


def advice(key: str) -> str:
    """Return what to do about a failure, in the person's language."""
    return tr(TRIAL_ADVICE.get(key) or failing.advice(key))


def problem_label(key: str) -> str:
    """Return what is wrong with an extracted article, in the person's language."""
    return tr(PROBLEM_LABELS.get(key, OTHER_PROBLEM))


@bp.post("")
@requires(Permission.SOURCE_MANAGE)
def start() -> ResponseReturnValue:
    """Try what was typed, in the background; what cannot be tried is refused with the form kept."""
    source = _source()
    form = SourceForm()
    status = 422
    if form.validate() or set(form.errors) == {"name"}:  # a name is needed to keep a source, not to try one
        form.name.errors = []
        try:
            return _started(form.draft(source.options if source else {}), source)
        except DomainError as error:
            form.refuse(error.problems)
            status = error.status
    return render_template("news/form.html", form=form, source=source, trials=[]), status


@bp.post("/again/<int:source_id>")
@requires(Permission.SOURCE_MANAGE)
def again(source_id: int) -> ResponseReturnValue:
    """Try a source as it is."""
    source = queries.source(db.session(), source_id)
    return _started(trying.draft_of(source), source)


@bp.get("/<int:trial_id>")
@requires(Permission.SOURCE_MANAGE)
def show(trial_id: int) -> ResponseReturnValue:
    """Show what a test run brought, beside its settings."""
    session = db.session()
    trial = trying.find(session, current_actor(), trial_id)
    draft = trying.from_json(trial.draft)
    return render_template(
        "news/trial.html",
        trial=trial,
        draft=draft,
        form=form_of_draft(draft),
        running=trying.running(trial, timing.now()),
        source=queries.source(session, trial.source_id) if trial.source_id else None,
    )


@bp.post("/<int:trial_id>/use")
@requires(Permission.SOURCE_MANAGE)
def use(trial_id: int) -> ResponseReturnValue:
    """Try again with a selector or a feed the test run found."""
    session = db.session()
    trial = trying.find(session, current_actor(), trial_id)
    feed = number_or_none(request.form.get("feed", ""))
    selector = number_or_none(request.form.get("selector", ""))
    draft = trying.with_feed(trial, feed) if feed is not None else trying.with_selector(trial, selector or 0)
    if draft is None:
        return redirect(url_for("source_trials.show", trial_id=trial.id), 303)
    return _started(draft, queries.source(session, trial.source_id) if trial.source_id else None)


def _started(draft: SourceDraft, source: Source | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    trial = trying.start(session, actor, draft, source_id=source.id if source else None, now=timing.now())
    return redirect(url_for("source_trials.show", trial_id=trial.id), 303)


def _source() -> Source | None:
    wanted = number_or_none(request.args.get("source_id", ""))
    return queries.source(db.session(), wanted) if wanted is not None else None
