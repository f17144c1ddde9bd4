"""Pages of books of rules: the list, one version in words, putting it in force, its file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from crm.assessment.books import examples, pages, queries, rules, services
from crm.assessment.books.rules import Feed
from crm.assessment.engine import needs
from crm.assessment.engine.book import read_book
from crm.assessment.rulemaking.drafting import PLACES
from crm.assessment.rulemaking.pages import sentence
from crm.assessment.rulemaking.pages import version as seen_version
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

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
    versions = queries.versions(session, row.name)
    may_manage = current_actor().may(P.TARGET_MANAGE)
    return render_template(
        "assessment/books/book.html",
        row=row,
        book=book,
        places={place: row.body.get(place) or [] for place in PLACES},
        sentence=sentence,
        lists=needs.lists(book),
        sources=[(name, pages.source_words(feeds.get(name, Feed()))) for name in names],
        versions=versions,
        may_manage=may_manage,
        open_draft=next((one for one in versions[:1] if one.published_at is None), None),
        rules=rules,
    )


@bp.post("/<int:book_id>/publish")
@requires(P.TARGET_MANAGE)
def publish(book_id: int) -> ResponseReturnValue:
    """Put a version in force."""
    services.publish(db.session(), current_actor(), book_id, now=timing.now(), version=seen_version())
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
