"""How a form about a signal is shown, and how an answer to it renews the page it stood on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import flash, make_response, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.inbox import listing
from crm.inbox.queries import cards
from crm.signals import queries
from crm.signals.dismissal import OFFERED, WHY_LABELS
from crm.signals.filters import SignalFilter
from crm.web import db, timing
from crm.web.i18n import say
from crm.web.inputs import day_or_none, way_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flask.typing import ResponseReturnValue

    from crm.core.errors import DomainError

MONDAY = 7


def offered_days(today: date) -> list[tuple[str, str, date]]:
    """Days to put something off to: key, words, day."""
    monday = today + timedelta(days=MONDAY - today.weekday())
    return [
        ("tomorrow", "明天", today + timedelta(days=1)),
        ("monday", "下周一", monday),
        ("fortnight", "两周后", today + timedelta(days=14)),
    ]


def chosen_day(today: date) -> date | None:
    """Read the day of a form: one offered, or one typed."""
    when = request.form.get("when", "")
    offered = {key: day for key, _words, day in offered_days(today)}
    return offered.get(when) or day_or_none(request.form.get("until", "").strip())


def came_from(default: str) -> str:
    """Return the page of this site that the form stood on."""
    parts = urlsplit(request.referrer or "")
    wanted = parts.netloc == request.host and parts.path.startswith("/signals") and parts.path != request.path
    if not wanted:
        return default
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def form(name: str, signal_id: int, error: DomainError | None = None, **values: Any) -> ResponseReturnValue:  # noqa: ANN401 (what the form shows)
    """Show a form about a signal, in a dialog or as a page; a refusal keeps what was typed."""
    row = values.pop("row", None) or queries.signal(db.session(), current_actor(), signal_id)
    problems = list(error.problems) if error else []
    page = render_template(
        f"signals/forms/{name}.html",
        s=row,
        layout="signals/forms/_dialog.html" if is_fragment() else "signals/forms/_page.html",
        problems={problem.field or "": say(problem) for problem in problems},
        typed=request.form,
        whys=[(why.value, WHY_LABELS[why]) for why in OFFERED],
        back=came_from(url_for("inbox.inbox")),
        **values,
    )
    return page, error.status if error else 200


def renewed(
    ids: Sequence[int], text: str, *, undo: str = "", link: str = "", gone: Sequence[int] = ()
) -> ResponseReturnValue:
    """Answer with the cards as they are now, or go back to where the person was."""
    if not is_fragment():
        toast: Any = {"text": text, "undo": undo} if undo else text
        flash(toast, "ok")
        if link:
            return redirect(link, 303)
        way = request.form.get("back") or came_from(url_for("inbox.inbox"))
        return redirect(way_back(way, url_for("inbox.inbox"), "/signals"), 303)
    session, actor = db.session(), current_actor()
    asked = listing.asked(listing.State(SignalFilter()))
    lines = queries.lines(session, asked, ids)
    made = cards(session, actor, lines, timing.today(), now=timing.now())
    answer = make_response(render_template("signals/_renewed.html", cards=made, gone=gone))
    toast = {"text": text, "tone": "good", "link": link} | ({"undo": undo} if undo else {})
    answer.headers["X-Triage"] = json.dumps(toast)
    return answer


def is_fragment() -> bool:
    """Whether the answer is swapped into a page."""
    return "HX-Request" in request.headers
