"""Pages of signals and articles: the inbox, one signal, one article, the saved page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.enterprises.codes import industry_name
from crm.inbox import listing, sections, words
from crm.inbox.queries import cards
from crm.linking import queries as linking
from crm.linking.models import COUNTING
from crm.news import snapshots, story_queries
from crm.signals import queries, watching
from crm.signals.following import names_followed
from crm.signals.passages import Named, occurrences, paragraphs, pieces
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.linking.models import Mention
    from crm.news.models import Article
    from crm.signals.models import Signal

bp = Blueprint("inbox", __name__)
bp.add_app_template_global(sections.tabs, "signal_tabs")
bp.app_context_processor(words.helpers)
NO_PAGE = Problem("article.page", "这一页的原样没有保存，或者已过保存期；请打开原文链接。")


@bp.get("/signals")
@requires(Permission.SIGNAL_READ)
def inbox() -> ResponseReturnValue:
    """Show signals by relevance, new ones unless asked otherwise."""
    session, actor = db.session(), current_actor()
    state = listing.state_of(request.args)
    asked = listing.asked(state)
    page = queries.inbox(session, asked, state.order, cursor=request.args.get("cursor"))
    counts = queries.counts(session, asked)
    sources, lists = queries.choices(session)
    names = listing.names_of(state.chosen, sources, lists, listing.firms_of(state.chosen))
    return render_template(
        "signals/inbox.html",
        cards=cards(session, actor, page.rows, timing.today(), now=timing.now(), second=True),
        state=state,
        shelves=listing.shelf_tabs(state, counts),
        kinds=listing.kind_switches(state, counts),
        chips=listing.chips(state, names),
        dropped=[listing.CONDITION_LABELS[key] for key in state.dropped],
        orders=listing.ORDER_LABELS,
        days=listing.DAYS_OFFERED,
        sources=sources,
        lists=lists,
        watches=listing.doors(watching.mine(session, actor)),
        total=next(tab["count"] for tab in listing.shelf_tabs(state, counts) if tab["current"]),
        previous=state.href(cursor=page.previous) if page.previous else "",
        following=state.href(cursor=page.next) if page.next else "",
    )


@bp.get("/signals/<int:signal_id>")
@requires(Permission.SIGNAL_READ)
def signal(signal_id: int) -> ResponseReturnValue:
    """Show one signal on the article it was read from."""
    line = queries.line(db.session(), listing.asked(), signal_id)
    return _article_page(line.signal.article, line)


@bp.get("/articles/<int:article_id>")
@requires(Permission.SIGNAL_READ)
def article(article_id: int) -> ResponseReturnValue:
    """Show an article with the enterprises it names, its reposts and its signals."""
    return _article_page(queries.article(db.session(), current_actor(), article_id), None)


@bp.get("/articles/<int:article_id>/page")
@requires(Permission.SIGNAL_READ)
def saved_page(article_id: int) -> ResponseReturnValue:
    """Show the page as it was fetched, as plain text: nothing of it runs here."""
    row = queries.article(db.session(), current_actor(), article_id)
    page = snapshots.read(db.session(), row.page_sha256)
    if page is None:
        raise NotFoundError(NO_PAGE)
    answer = Response(page.text, mimetype="text/plain")
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _article_page(page: Article, line: queries.Line | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    focus = line.signal if line else None
    mentions = [row for row in linking.mentions(session, page.id) if row.state in COUNTING]
    signals = queries.story_signals(session, page.cluster_id)
    shown = [row for row in signals if focus is None or row.id == focus.id]
    quotes = [span for row in shown for span in _quote(page.body, row.quote)]
    in_title = [Named(m.start, m.stop, m.enterprise_id) for m in mentions if m.in_title]
    in_body = [Named(m.start, m.stop, m.enterprise_id) for m in mentions if not m.in_title]
    firms = names_followed(session, actor, {m.enterprise_id for m in mentions})
    reposts, kept = queries.reposts(session, page.cluster_id)
    return render_template(
        "signals/article.html",
        article=page,
        focus=next(iter(cards(session, actor, [line], timing.today(), now=timing.now())), None) if line else None,
        signals=signals,
        title=pieces(page.title, in_title, [(0, len(page.title))] if any(s.quote == page.title for s in shown) else ()),
        body=paragraphs(page.body, in_body, quotes),
        names={firm_id: name for firm_id, (name, _mine) in firms.items()},
        links=_links(mentions, focus),
        followed={firm_id for firm_id, (_name, mine) in firms.items() if mine},
        reposts=reposts,
        beside=story_queries.beside(session, page.id),
        earlier=story_queries.earlier_texts(session, page.id),
        industry=industry_name(focus.industry) if focus else "",
        saved=url_for("inbox.saved_page", article_id=page.id) if page.id in kept else "",
    )


def _quote(body: str, quote: str) -> list[tuple[int, int]]:
    return [(found.start, found.stop) for found in occurrences(body, {quote}, 0)[:1]]


def _links(mentions: list[Mention], focus: Signal | None) -> list[Mention]:
    """The names that say why this company: of the enterprise in question, each spelling once, the surest first."""
    if focus is None:
        return []
    mine = sorted((m for m in mentions if m.enterprise_id == focus.enterprise_id), key=lambda m: -m.confidence)
    return list({m.surface: m for m in reversed(mine)}.values())[::-1]
