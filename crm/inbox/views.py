"""Pages of signals and articles: the inbox, one signal, one article, and what people decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.inbox.queries import Card, cards
from crm.pipeline import services as pipeline
from crm.signals import queries, services
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Signal, SignalState
from crm.signals.passages import Named, occurrences, paragraphs, pieces
from crm.signals.queries import SignalFilter
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from crm.news.models import Article

bp = Blueprint("inbox", __name__)
EVERYTHING = "all"
STATE_LABELS = {"new": "待处理", "accepted": "已采用", "rejected": "不采用", EVERYTHING: "全部"}
KIND_TONES = {"CAPX": "green", "RELO": "blue", "SUPP": "amber", "NEG": "grey"}
KIND_ICONS = {"CAPX": "trending-up", "RELO": "truck", "SUPP": "plug-connected", "NEG": "alert-triangle"}
FILTERS = ("kind", "state", "enterprise", "source")


@bp.app_context_processor
def _labels() -> dict[str, object]:
    return {"signal_label": kind_label, "signal_tones": KIND_TONES, "signal_icons": KIND_ICONS}


def kind_label(kind: str) -> str:
    """Return the name of a kind of signal in the person's language."""
    return tr(KIND_LABELS[SignalKind(kind)]) if kind in set(SignalKind) else kind


@bp.get("/signals")
@requires(Permission.SIGNAL_READ)
def inbox() -> ResponseReturnValue:
    """Show signals newest first, new ones unless asked otherwise."""
    state = request.args.get("state", SignalState.NEW.value)
    state = state if state in STATE_LABELS else SignalState.NEW.value
    chosen = SignalFilter(
        kind=request.args.get("kind", ""),
        state="" if state == EVERYTHING else state,
        enterprise_id=request.args.get("enterprise", type=int),
        source_id=request.args.get("source", type=int),
    )
    session, actor = db.session(), current_actor()
    page = queries.inbox(session, actor, chosen, cursor=request.args.get("cursor"))
    counts = queries.counts_by_state(session, actor, chosen)
    names = queries.enterprise_names(session, [chosen.enterprise_id] if chosen.enterprise_id else [])
    return render_template(
        "signals/inbox.html",
        cards=cards(session, actor, page.rows),
        chosen=chosen,
        tabs=_tabs(state, counts),
        kinds=[(kind, kind_label(kind)) for kind in queries.kinds()],
        sources=queries.sources(session),
        enterprise=names.get(chosen.enterprise_id or 0),
        without_enterprise=_link(enterprise=None),
        state=state,
        previous=_link(cursor=page.previous) if page.previous else "",
        following=_link(cursor=page.next) if page.next else "",
    )


@bp.get("/signals/<int:signal_id>")
@requires(Permission.SIGNAL_READ)
def signal(signal_id: int) -> ResponseReturnValue:
    """Show one signal on the article it was read from."""
    row = queries.signal(db.session(), current_actor(), signal_id)
    return _article_page(row.article, row)


@bp.get("/articles/<int:article_id>")
@requires(Permission.SIGNAL_READ)
def article(article_id: int) -> ResponseReturnValue:
    """Show an article with the enterprises it names, its reposts and its signals."""
    return _article_page(queries.article(db.session(), current_actor(), article_id), None)


@bp.post("/signals/<int:signal_id>/accept")
@requires(Permission.SIGNAL_TRIAGE)
def accept(signal_id: int) -> ResponseReturnValue:
    """Take a signal up."""
    return _decided(services.accept, signal_id, tr("已采用这条动态"))


@bp.post("/signals/<int:signal_id>/reject")
@requires(Permission.SIGNAL_TRIAGE)
def reject(signal_id: int) -> ResponseReturnValue:
    """Put a signal aside."""
    return _decided(services.reject, signal_id, tr("已标为不采用，不再计入评分"))


@bp.post("/signals/<int:signal_id>/undo")
@requires(Permission.SIGNAL_TRIAGE)
def undo(signal_id: int) -> ResponseReturnValue:
    """Take a decision back."""
    return _decided(pipeline.undo_signal, signal_id, tr("已撤销，这条动态回到待处理"), again=False)


def _article_page(page: Article, focus: Signal | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    mentions = queries.mentions(session, page.id)
    signals = queries.story_signals(session, page.cluster_id)
    shown = [row for row in signals if focus is None or row.id == focus.id]
    quotes = [span for row in shown for span in _quote(page.body, row.quote)]
    in_title = [Named(m.start, m.stop, m.enterprise_id) for m in mentions if m.in_title]
    in_body = [Named(m.start, m.stop, m.enterprise_id) for m in mentions if not m.in_title]
    focused = [focus] if focus is not None else []
    return render_template(
        "signals/article.html",
        article=page,
        focus=next(iter(cards(session, actor, focused)), None),
        signals=signals,
        title=pieces(page.title, in_title, [(0, len(page.title))] if any(s.quote == page.title for s in shown) else ()),
        body=paragraphs(page.body, in_body, quotes),
        names=queries.enterprise_names(session, {m.enterprise_id for m in mentions}),
        reposts=queries.reposts(session, page.cluster_id),
    )


def _quote(body: str, quote: str) -> list[tuple[int, int]]:
    return [(found.start, found.stop) for found in occurrences(body, {quote}, 0)[:1]]


def _decided(act: Callable[..., Signal], signal_id: int, words: str, *, again: bool = True) -> ResponseReturnValue:
    """Carry a decision out; answer with the renewed card, or go back to where the person was."""
    session, actor = db.session(), current_actor()
    act(session, actor, signal_id, now=timing.now())
    way_back = url_for("inbox.undo", signal_id=signal_id) if again else None
    if "HX-Request" not in request.headers:
        flash({"text": words, "undo": way_back} if way_back else words, "ok")  # type: ignore[arg-type]  # the toast takes both
        return redirect(_came_from(url_for("inbox.signal", signal_id=signal_id)), 303)
    row = queries.signal(session, actor, signal_id)
    answer = make_response(render_template("signals/_card.html", card=_card(row)))
    toast = {"text": words, "tone": "good"} | ({"undo": way_back} if way_back else {})
    answer.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return answer


def _card(row: Signal) -> Card:
    return cards(db.session(), current_actor(), [row])[0]


def _came_from(default: str) -> str:
    """Return the page of this site that the form stood on."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/signals"):
        return default
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _link(**changes: str | None) -> str:
    """Return the address of this list with some of its parameters changed; paging starts anew."""
    kept = {key: value for key in FILTERS if (value := request.args.get(key))}
    merged: dict[str, str | None] = {**kept, **changes}
    return f"{url_for('inbox.inbox')}?{urlencode({key: value for key, value in merged.items() if value is not None})}"


def _tabs(state: str, counts: dict[str, int]) -> list[dict[str, object]]:
    numbers = {**counts, EVERYTHING: sum(counts.values())}
    return [
        {"label": tr(label), "href": _link(state=key), "current": key == state, "count": numbers.get(key, 0)}
        for key, label in STATE_LABELS.items()
    ]
