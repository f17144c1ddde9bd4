"""Ask for an export of contacts; the file is made, kept and fetched like every other export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.register import contact_list, export
from crm.register.contact_export import MOST_ROWS, filters_of
from crm.register.contact_list import Moment
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.register.contact_list import ContactFilters

bp = Blueprint("contact_exports", __name__)
LONGEST = 100


@bp.get("/contacts/export")
@requires(Permission.REGISTER_EXPORT)
def ask() -> ResponseReturnValue:
    """Show what the file will hold."""
    return _ask(_wanted(request.args), [], 200)


@bp.post("/contacts/export")
@requires(Permission.REGISTER_EXPORT)
def start() -> ResponseReturnValue:
    """Queue an export of the contacts the address narrows to."""
    form, wanted = request.form, _wanted(request.form)
    wish = export.Wish(contacts=True, full=bool(form.get("full")), reason=form.get("reason", ""))
    try:
        export.start(db.session(), current_actor(), wanted.pairs, wish, now=timing.now(), page=export.PEOPLE)
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _ask(wanted, [say(problem) for problem in error.problems], error.status)
    flash(tr("已开始导出，完成后在这里下载。"), "ok")
    return redirect(url_for("exports.index"), 303)


def _wanted(values: dict[str, str]) -> ContactFilters:
    return filters_of({name: value.strip()[:LONGEST] for name, value in values.items()})


def _ask(wanted: ContactFilters, problems: list[str], status: int) -> ResponseReturnValue:
    moment = Moment(timing.now(), timing.zone())
    page = render_template(
        "register/contact_export.html",
        wanted=wanted,
        chips=wanted.chips("", ""),
        total=contact_list.count(db.session(), current_actor(), wanted, moment),
        most=MOST_ROWS,
        problems=problems,
        typed=request.form,
    )
    return page, status
