"""Pages of a book in draft: beginning one, what stands beside its rules, sources of its indicators, its file."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment.books import examples, queries, rules
from crm.assessment.books import services as books
from crm.assessment.books.forms import BookForm
from crm.assessment.books.rules import Feed, FeedKind, Span
from crm.assessment.engine import needs
from crm.assessment.rulemaking import acts, drafting, flat, pages, services, shapes
from crm.assessment.rulemaking.pages import Checked
from crm.assessment.rulemaking.rule_views import SAVE
from crm.assessment.rulemaking.services import Change
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.assessment.books.models import RuleBook
    from crm.assessment.rulemaking.flat import Fields

bp = Blueprint("assess_drafts", __name__, url_prefix="/assessment/books")
P = Permission


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def new() -> ResponseReturnValue:
    """Begin a book: its name, and an example or one ready rule."""
    chosen = request.values.get("example", "city")
    held = examples.EXAMPLES.get(chosen)
    name = request.form.get("name", str(held["name"]) if held else "")
    problem, status = "", 200
    if request.method == "POST":
        try:
            row = services.begin(db.session(), current_actor(), name, chosen, now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            problem, status = say(error.problems[0]), error.status
        else:
            flash(tr("草稿已建好：逐条改规则，核对指标来源，再发布"), "ok")
            return redirect(url_for("assess_books.show", book_id=row.id), 303)
    page = render_template(
        "assessment/rulemaking/new.html",
        examples=examples.EXAMPLES,
        chosen=chosen if held else "",
        name=name,
        problem=problem,
        sentence=pages.sentence,
    )
    return page, status


@bp.post("/<int:book_id>/redraft")
@requires(P.TARGET_MANAGE)
def redraft(book_id: int) -> ResponseReturnValue:
    """Open the draft of a book: the one there is, or a copy of this version."""
    row = services.redraft(db.session(), current_actor(), book_id, now=timing.now())
    flash(tr("第%(n)s版是草稿，可以逐条改；原来的版本不变", n=row.number), "ok")
    return redirect(url_for("assess_books.show", book_id=row.id), 303)


@bp.route("/<int:book_id>/settings", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def settings(book_id: int) -> ResponseReturnValue:
    """Change what stands beside the rules: name, total, ranks, grades, sections, indicators made of others."""
    row = services.draft(db.session(), current_actor(), book_id, lock=False)
    if request.method == "GET":
        return _settings(row, drafting.settings_of(row.body), Checked({}))
    fields, act = pages.typed(), request.form.get("act", SAVE)
    if act != SAVE:
        return _settings(row, acts.changed(fields, act), Checked({}))
    found, body = pages.check_settings(row, fields)
    if not found.good:
        return _settings(row, fields, found, DomainError.status)
    change = Change(pages.version(), found.feeds)
    try:
        services.keep_settings(db.session(), current_actor(), row.id, body, change, now=timing.now())
    except (ConflictError, DomainError) as error:
        if error.status not in {ConflictError.status, DomainError.status}:
            raise
        pages.sort(found, error.problems)
        return _settings(row, fields, found, error.status)
    flash(tr("总则已保存"), "ok")
    return redirect(url_for("assess_books.show", book_id=row.id), 303)


def _settings(row: RuleBook, fields: Fields, found: Checked, status: int = 200) -> ResponseReturnValue:
    book = pages.book_of(row)
    page = render_template(
        "assessment/rulemaking/settings.html",
        row=row,
        fields=fields,
        faults=found.faults,
        general=found.general,
        options=pages.options(book),
        columns=[],
        sections=[],
        shapes=shapes,
        rows_of=flat.rows_of,
        called=partial(pages.called, labels=found.labels),
        rules=rules,
    )
    return page, status


@bp.route("/<int:book_id>/sources", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def sources(book_id: int) -> ResponseReturnValue:
    """Choose where the indicators of a draft come from."""
    row = services.draft(db.session(), current_actor(), book_id, lock=False)
    feeds, note, general, status = rules.read_feeds(row.feeds), row.note or "", "", 200
    if request.method == "POST":
        feeds, note = _feeds(), request.form.get("note", "")
        change = Change(pages.version(), feeds)
        try:
            services.keep_sources(db.session(), current_actor(), row.id, change, note=note, now=timing.now())
        except (ConflictError, DomainError) as error:
            if error.status not in {ConflictError.status, DomainError.status}:
                raise
            general, status = say(error.problems[0]), error.status
        else:
            flash(tr("指标来源已保存"), "ok")
            return redirect(url_for("assess_books.show", book_id=row.id), 303)
    page = render_template(
        "assessment/rulemaking/sources.html",
        row=row,
        names=needs.indicators(pages.book_of(row)),
        feeds=feeds,
        note=note,
        general=general,
        plain=Feed(),
        groups=_groups(),
        rules=rules,
    )
    return page, status


def _groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Sources that can be chosen, by kind, in the person's language."""
    return [
        (tr(rules.FEED_LABELS[kind]), [(f"{kind}:{key}", tr(label)) for key, label in labels.items()])
        for kind, labels in pages.SOURCES.items()
    ]


def _feeds() -> dict[str, Feed]:
    """Read the chosen sources: ``feed.<name>`` holds kind and key, ``span.<name>`` the days."""
    found = {}
    for name, value in request.form.items():
        kind, _colon, key = value.partition(":")
        if name.startswith("feed.") and kind in set(FeedKind):
            span = request.form.get(f"span.{name[5:]}", "")
            found[name[5:]] = Feed(FeedKind(kind), key[:80], Span(span) if span in set(Span) else Span.PERIOD)
    return found


@bp.route("/json", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def imported() -> ResponseReturnValue:
    """Take a book in as a file: the same check as for forms, a new version of the book of that name."""
    session, form = db.session(), BookForm()
    origin = request.args.get("from", type=int)
    older = queries.book(session, origin) if origin else None
    if request.method == "GET":
        body = older.body if older else examples.EXAMPLES["city"]
        form.body.data = json.dumps(body, ensure_ascii=False, indent=1)
        return _json(form, older, 200)
    if not form.validate():
        return _json(form, older, DomainError.status)
    feeds = {**(rules.read_feeds(older.feeds) if older else {}), **_feeds()}
    try:
        row = books.save_book(session, current_actor(), text(form.body), feeds, note=text(form.note), now=timing.now())
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        form.refuse(error.problems)
        return _json(form, older, error.status)
    flash(tr("已存为第%(n)s版；请核对指标来源，再发布", n=row.number), "ok")
    return redirect(url_for("assess_books.show", book_id=row.id), 303)


def _json(form: BookForm, older: RuleBook | None, status: int) -> ResponseReturnValue:
    return render_template("assessment/rulemaking/json.html", form=form, older=older), status
