"""The page on which the office sets the categories of blockers with their terms, and whom late ones are told to."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.delivery.blockers import queries, services
from crm.delivery.blockers.book import MOST_CATEGORIES, USUAL_DAYS, Book, Category
from crm.fieldwork.chains.ladder import MOST_STEPS, TOLD_LABELS, Rung, Told
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict

bp = Blueprint("blocker_settings", __name__)
NONE, MORE = -1, 2


@bp.get("/blockers/settings")
@requires(Permission.PIPELINE_CONFIGURE)
def edit() -> ResponseReturnValue:
    """Show the rules as they are."""
    return _page(queries.rules_of(db.session()), [])


@bp.post("/blockers/settings")
@requires(Permission.PIPELINE_CONFIGURE)
def save() -> ResponseReturnValue:
    """Set the rules; a refusal keeps everything typed."""
    wanted = _read(request.form)
    try:
        services.save_rules(db.session(), current_actor(), wanted, now=timing.now())
    except DomainError as error:
        return _page(wanted, [say(problem) for problem in error.problems]), error.status
    flash(tr("已保存"), "ok")
    return redirect(url_for("blocker_settings.edit"), 303)


def _page(book: Book, problems: list[str]) -> str:
    blank = Rung(NONE, frozenset())
    more = min(MORE, MOST_CATEGORIES - len(book.categories))
    return render_template(
        "delivery/blockers/settings.html",
        categories=[*book.categories, *[Category("", "")] * max(0, more)],
        rungs=[*book.rungs, *[blank] * MOST_STEPS][:MOST_STEPS],
        told=TOLD_LABELS,
        units=[(unit.id, unit.name) for unit in people.units(db.session(), timing.today())],
        problems=problems,
    )


def _read(form: MultiDict[str, str]) -> Book:
    categories, rungs = [], []
    for place in range(MOST_CATEGORIES):
        at = f"category_{place}_"
        name, key = form.get(f"{at}name", "").strip(), form.get(f"{at}key", "")
        if not name and not key:
            continue
        days = number_or_none(form.get(f"{at}days", "").strip() or str(USUAL_DAYS))
        unit_id = number_or_none(form.get(f"{at}unit", ""))
        active = form.get(f"{at}active") == "1" or not key
        categories.append(Category(key[:40] or secrets.token_hex(6), name, days or 0, unit_id, active))
    for place in range(MOST_STEPS):
        at = f"rung_{place}_"
        typed = form.get(f"{at}day", "").strip()
        if not typed:
            continue
        day = number_or_none(typed)
        told = frozenset(Told(one) for one in form.getlist(f"{at}told") if one in set(Told))
        rungs.append(Rung(NONE if day is None else day, told, risk=form.get(f"{at}risk") == "1"))
    return Book(tuple(categories), tuple(rungs))
