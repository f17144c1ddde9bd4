"""Decide on many signals at once: first what it would touch, then the decision, then the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.inbox import answering, listing
from crm.inbox.queries import became_leads
from crm.signals import bulk, queries
from crm.signals.bulk import MOST, Wish
from crm.signals.dismissal import OFFERED, WHY_LABELS
from crm.signals.triage_models import BulkVerb
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none, way_back

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask.typing import ResponseReturnValue

bp = Blueprint("signal_bulk", __name__, url_prefix="/signals/bulk")
VERB_LABELS = {BulkVerb.DISMISS: "不采用", BulkVerb.SNOOZE: "稍后再看", BulkVerb.ACCEPT: "采用"}
DONE = {BulkVerb.DISMISS: "%(n)s条已标为不采用", BulkVerb.SNOOZE: "%(n)s条已推迟", BulkVerb.ACCEPT: "%(n)s条已采用"}


@bp.get("")
@requires(Permission.SIGNAL_TRIAGE)
def preview() -> ResponseReturnValue:
    """Show what a decision on the chosen signals, or on all that match, would touch."""
    state = listing.state_of(request.args)
    whole = request.args.get("all") == "1"
    ids = queries.ids(db.session(), listing.asked(state), limit=MOST + 1) if whole else _ids(request.args.getlist("id"))
    return _page(_verb(request.args.get("verb", "")), ids, state.href(), whole=whole)


@bp.post("")
@requires(Permission.SIGNAL_TRIAGE)
def decide() -> ResponseReturnValue:
    """Carry the decision out on exactly what was shown."""
    verb, ids = _verb(request.form.get("verb", "")), _ids(request.form.getlist("id"))
    back = way_back(request.form.get("back", ""), url_for("inbox.inbox"), "/signals")
    today = timing.today()
    until = answering.chosen_day(today) if verb is BulkVerb.SNOOZE else None
    wish = Wish(verb, request.form.get("why", ""), request.form.get("note", ""), until)
    if verb is not BulkVerb.DISMISS:
        wish = Wish(verb, until=until)
    try:
        batch = bulk.decide(db.session(), current_actor(), ids, wish, now=timing.now(), today=today)
    except DomainError as error:
        return _page(verb, ids, back, error=error), error.status
    undo = url_for("signal_bulk.undo", batch_id=batch.id)
    toast: Any = {"text": tr(DONE[verb], n=batch.size), "undo": undo}
    flash(toast, "ok")
    return redirect(back, 303)


@bp.post("/<int:batch_id>/undo")
@requires(Permission.SIGNAL_TRIAGE)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take a decision on many back."""
    session = db.session()
    kept = became_leads(session, bulk.members(session, batch_id))
    back = bulk.undo(session, current_actor(), batch_id, kept=kept, now=timing.now())
    words = tr("已撤销，%(n)s条回到待处理", n=back)
    if kept:
        words += tr("；%(n)s条已转为线索，保持采用", n=len(kept))
    flash(words, "ok")
    return redirect(answering.came_from(url_for("inbox.inbox")), 303)


def _page(verb: BulkVerb, ids: list[int], back: str, *, whole: bool = False, error: DomainError | None = None) -> str:
    seen = bulk.preview(db.session(), current_actor(), ids)
    problems = error.problems if error else ()
    return render_template(
        "signals/bulk.html",
        verb=verb,
        verbs=VERB_LABELS,
        seen=seen,
        more=len(ids) > MOST,
        most=MOST,
        whole=whole,
        back=back,
        typed=request.form,
        problems={problem.field or "": say(problem) for problem in problems},
        whys=[(why.value, WHY_LABELS[why]) for why in OFFERED],
        offered=answering.offered_days(timing.today()),
    )


def _verb(text: str) -> BulkVerb:
    return BulkVerb(text) if text in set(BulkVerb) else BulkVerb.DISMISS


def _ids(texts: Iterable[str]) -> list[int]:
    return list(dict.fromkeys(one for one in map(number_or_none, texts) if one))[: MOST + 1]
