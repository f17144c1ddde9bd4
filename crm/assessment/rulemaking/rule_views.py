"""Pages of one rule of a draft: a form for every kind, with what the rule does and gives beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.assessment.books import pages as book_pages
from crm.assessment.books import rules
from crm.assessment.rulemaking import acts, drafting, flat, pages, services, shapes
from crm.assessment.rulemaking.drafting import PLACES, Spot
from crm.assessment.rulemaking.services import Change
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, NotFoundError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.assessment.books.models import RuleBook
    from crm.assessment.rulemaking.flat import Fields
    from crm.assessment.rulemaking.pages import Checked

bp = Blueprint("assess_rules", __name__, url_prefix="/assessment/books")
P = Permission
PLACE = "/<int:book_id>/<any(rules, vetoes, promotions):place>"
SAVE, TRY = "save", "try"


@bp.route(f"{PLACE}/new", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def new(book_id: int, place: str) -> ResponseReturnValue:
    """Write a new rule, from a ready one of its kind."""
    row = services.draft(db.session(), current_actor(), book_id, lock=False)
    if request.method == "GET":
        fields = drafting.sample(place, request.args.get("kind", ""), row.body)
        return _page(row, Spot(place), fields, pages.check(row, Spot(place), fields))
    return _taken(row, Spot(place))


@bp.route(f"{PLACE}/<int:at>", methods=["GET", "POST"])
@requires(P.TARGET_MANAGE)
def edit(book_id: int, place: str, at: int) -> ResponseReturnValue:
    """Change a rule of a draft; rules count from 1."""
    row = services.draft(db.session(), current_actor(), book_id, lock=False)
    spot = drafting.found(row.body, Spot(place, at - 1), _was())
    if request.method == "GET":
        if spot.at is None:
            raise NotFoundError(services.NO_RULE)
        fields = drafting.fields_of(row.body, spot)
        return _page(row, spot, fields, pages.check(row, spot, fields))
    return _taken(row, spot)


def _was() -> str:
    """Key of the rule the person saw at its number."""
    return request.form.get("was", "")


def _taken(row: RuleBook, spot: Spot) -> ResponseReturnValue:
    """Do what the pressed button says: a row more or less, a trial, or keep the rule."""
    fields, act = pages.typed(), request.form.get("act", SAVE)
    if act not in {SAVE, TRY}:
        fields = acts.changed(fields, act)
        found = pages.check(row, spot, fields)
        return _page(row, spot, fields, found, tell=False)
    found = pages.check(row, spot, fields)
    if act == TRY or not found.good:
        return _page(row, spot, fields, found, 200 if found.good else DomainError.status)
    change = Change(pages.version(), found.feeds)
    try:
        services.keep_rule(db.session(), current_actor(), row.id, spot, found.rule, change, now=timing.now())
    except (ConflictError, DomainError) as error:
        if error.status not in {ConflictError.status, DomainError.status}:
            raise
        pages.sort(found, error.problems)
        return _page(row, spot, fields, found, error.status)
    flash(tr("已保存“%(name)s”", name=found.rule.get("label", "")), "ok")
    at = spot.at if spot.at is not None else len(row.body[spot.place]) - 1
    return redirect(url_for("assess_books.show", book_id=row.id, _anchor=f"{spot.place}-{at + 1}"), 303)


def _page(
    row: RuleBook, spot: Spot, fields: Fields, found: Checked, status: int = 200, *, tell: bool = True
) -> ResponseReturnValue:
    book = pages.book_of(row)
    kind = PLACES[spot.place] or fields.get(flat.KIND, "")
    page = render_template(
        "assessment/rulemaking/rule.html",
        row=row,
        spot=spot,
        was="" if spot.at is None else row.body[spot.place][spot.at].get(drafting.KEY, ""),
        kind=kind,
        fields=fields,
        unshown=acts.unshown(fields, kind),
        found=found,
        faults=found.faults if tell else {},
        general=found.general if tell else [],
        sentence=pages.sentence(found.rule, spot.place),
        options=pages.options(book),
        columns=pages.columns(book, fields),
        sections=[(key, one.label or key) for key, one in book.sections.items()],
        shapes=shapes,
        rows_of=flat.rows_of,
        called=partial(pages.called, labels=found.labels),
        retold=book_pages.in_language,
        rules=rules,
    )
    return page, status


@bp.post(f"{PLACE}/<int:at>/drop")
@requires(P.TARGET_MANAGE)
def drop(book_id: int, place: str, at: int) -> ResponseReturnValue:
    """Take a rule out of a draft; the message offers to put it back."""
    try:
        rule = services.drop_rule(
            db.session(), current_actor(), book_id, Spot(place, at - 1), was=_was(), now=timing.now()
        )
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(say(error.problems[0]), "error")
    else:
        undo = url_for("assess_rules.undo", book_id=book_id)
        flash({"text": tr("已删除“%(name)s”", name=rule.get("label", "")), "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
    return redirect(url_for("assess_books.show", book_id=book_id), 303)


@bp.post("/<int:book_id>/undo")
@requires(P.TARGET_MANAGE)
def undo(book_id: int) -> ResponseReturnValue:
    """Put the rule that was taken out last back."""
    spot = services.put_back(db.session(), current_actor(), book_id, now=timing.now())
    flash(tr("已放回原处"), "ok")
    anchor = f"{spot.place}-{(spot.at or 0) + 1}"
    return redirect(url_for("assess_books.show", book_id=book_id, _anchor=anchor), 303)


@bp.post(f"{PLACE}/<int:at>/move")
@requires(P.TARGET_MANAGE)
def move(book_id: int, place: str, at: int) -> ResponseReturnValue:
    """Move a rule of a draft one place up or down."""
    step = -1 if request.form.get("to") == "up" else 1
    spot = Spot(place, at - 1)
    services.move_rule(db.session(), current_actor(), book_id, spot, step, was=_was(), now=timing.now())
    anchor = f"{place}-{max(at + step, 1)}"
    return redirect(url_for("assess_books.show", book_id=book_id, _anchor=anchor), 303)
