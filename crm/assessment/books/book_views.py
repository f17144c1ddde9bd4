"""Pages of books of rules: the list, one version in words, a new version, putting it in force, its file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from crm.assessment.books import examples, pages, queries, rules, samples, services
from crm.assessment.books.forms import BookForm
from crm.assessment.books.rules import Feed, FeedKind, Span
from crm.assessment.engine import needs
from crm.assessment.engine.book import read_book
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.rules import METRIC_LABELS
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.assessment.books.models import RuleBook

bp = Blueprint("assess_books", __name__, url_prefix="/assessment/books")
P = Permission


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List the books of rules."""
    return render_template(
        "assessment/books/books.html",
        books=queries.books(db.session()),
        tabs=pages.tabs("assess_books.index"),
        may_manage=current_actor().may(P.TARGET_MANAGE),
        examples=examples.EXAMPLES,
    )


@bp.get("/<int:book_id>")
@requires(P.REPORT_READ)
def show(book_id: int) -> ResponseReturnValue:
    """Show a version: rules as printed, how they reckon, and where values come from."""
    session = db.session()
    row = queries.book(session, book_id)
    book = read_book(queries.exact(row.body))
    feeds = rules.read_feeds(row.feeds)
    names = needs.indicators(book)
    return render_template(
        "assessment/books/book.html",
        row=row,
        book=book,
        shown=_rules(row.body),
        lists=needs.lists(book),
        sources=[(name, pages.source_words(feeds.get(name, Feed()))) for name in names],
        versions=queries.versions(session, row.name),
        may_manage=current_actor().may(P.TARGET_MANAGE),
        rules=rules,
    )


def _rules(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Give rules with the fields that say how they reckon."""
    return [{**rule, "how": samples.how(rule) if locale() == "zh" else samples.plain(rule)} for rule in body["rules"]]


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def new() -> ResponseReturnValue:
    """Write a new version, from nothing, from an example, or from an older version."""
    session = db.session()
    form = BookForm()
    origin = request.args.get("from", type=int)
    older = queries.book(session, origin) if origin else None
    if request.method == "GET":
        example = examples.EXAMPLES.get(request.args.get("example", "city"), examples.EXAMPLES["city"])
        form.body.data = json.dumps(older.body if older else example, ensure_ascii=False, indent=1)
        return _edit(form, older, rules.read_feeds(older.feeds) if older else {})
    feeds = _feeds()
    if "add" in request.form:
        form.body.data, problem = samples.added(text(form.body), request.form.get("kind", ""))
        form.refuse((problem,) if problem else ())
        return _edit(form, older, feeds), DomainError.status if problem else 200
    if not form.validate():
        return _edit(form, older, feeds), DomainError.status
    try:
        row = services.save_book(
            session, current_actor(), text(form.body), feeds, note=text(form.note), now=timing.now()
        )
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        form.refuse(error.problems)
        return _edit(form, older, feeds), error.status
    flash(tr("已存为第%(n)s版；请核对指标来源，再发布", n=row.number), "ok")
    return redirect(url_for("assess_books.show", book_id=row.id), 303)


def _feeds() -> dict[str, Feed]:
    """Read the chosen sources: ``feed.<name>`` holds kind and key, ``span.<name>`` the days."""
    found = {}
    for field, value in request.form.items():
        kind, _colon, key = value.partition(":")
        if field.startswith("feed.") and kind in set(FeedKind):
            span = request.form.get(f"span.{field[5:]}", "")
            found[field[5:]] = Feed(FeedKind(kind), key[:80], Span(span) if span in set(Span) else Span.PERIOD)
    return found


def _edit(form: BookForm, older: RuleBook | None, feeds: dict[str, Feed]) -> str:
    return render_template(
        "assessment/books/edit.html",
        form=form,
        older=older,
        names=_names(text(form.body)),
        feeds=feeds,
        plain=Feed(),
        rules=rules,
        groups=_groups(),
    )


def _groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Sources that can be chosen, by kind, in the person's language."""
    kinds = {
        FeedKind.MEASURE: {key: one.label for key, one in MEASURES.items()},
        FeedKind.RATE: {key: one.label for key, one in RATES.items()},
        FeedKind.TARGET: {str(key): label for key, label in METRIC_LABELS.items()},
        FeedKind.TOUR: rules.TOUR_LABELS,
    }
    return [
        (tr(rules.FEED_LABELS[kind]), [(f"{kind}:{key}", tr(label)) for key, label in labels.items()])
        for kind, labels in kinds.items()
    ]


def _names(body: str) -> list[str]:
    """Names of indicators the rules as typed need; none while they cannot be read."""
    try:
        _body, book = services.parse_body(body)
    except DomainError:
        return []
    return needs.indicators(book)


@bp.post("/<int:book_id>/publish")
@requires(P.TARGET_MANAGE)
def publish(book_id: int) -> ResponseReturnValue:
    """Put a version in force."""
    services.publish(db.session(), current_actor(), book_id, now=timing.now())
    flash(tr("已发布，可以用它考核了"), "ok")
    return redirect(url_for("assess_books.show", book_id=book_id), 303)


@bp.get("/<int:book_id>/rules.json")
@requires(P.REPORT_READ)
def download(book_id: int) -> Response:
    """Give the rules as a file for ``assess run``."""
    row = queries.book(db.session(), book_id)
    body = json.dumps(row.body, ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="rules-{row.id}.json"'}
    return Response(body, content_type="application/json; charset=utf-8", headers=headers)
