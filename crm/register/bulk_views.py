"""Pages of bulk edits: choose a field and a value, see what happens, do it, watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises.rules import SOURCE_KINDS
from crm.register import bulk, list_queries, list_state
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict

    from crm.register.list_state import State

bp = Blueprint("bulk", __name__)
ALL = "all"


@bp.get("/enterprises/bulk")
@requires(Permission.ENTERPRISE_BULK)
def ask() -> ResponseReturnValue:
    """Choose a field and a value; with both, show what will change."""
    return _page(request.args, [], 200)


@bp.post("/enterprises/bulk")
@requires(Permission.ENTERPRISE_BULK)
def start() -> ResponseReturnValue:
    """Do it: at once for few rows, by a job for many."""
    form = request.form
    ids = _ids(form, list_state.from_args(form))
    try:
        run = bulk.start(db.session(), current_actor(), ids, _wish(form), now=timing.now(), year=timing.today().year)
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        db.session().rollback()
        return _page(form, [say(problem) for problem in error.problems], error.status)
    return redirect(url_for("bulk.show", run_id=run.id), 303)


@bp.get("/enterprises/bulk/<int:run_id>")
@requires(Permission.ENTERPRISE_BULK)
def show(run_id: int) -> ResponseReturnValue:
    """Show how far a bulk edit is, and what came of it."""
    run = bulk.own(db.session(), current_actor(), run_id)
    template = "register/_bulk_run.html" if "HX-Request" in request.headers else "register/bulk_run.html"
    return render_template(template, run=run, labels=bulk.LABELS, sources=SOURCE_KINDS, total=len(run.state["ids"]))


@bp.post("/enterprises/bulk/<int:run_id>/stop")
@requires(Permission.ENTERPRISE_BULK)
def stop(run_id: int) -> ResponseReturnValue:
    """Stop a bulk edit between two steps."""
    bulk.stop(db.session(), current_actor(), run_id, now=timing.now())
    return redirect(url_for("bulk.show", run_id=run_id), 303)


def _wish(args: MultiDict[str, str]) -> bulk.Wish:
    field = args.get("field", "")
    return bulk.Wish(field, args.get("source" if field == "source_kind" else "value", "").strip())


def _ids(args: MultiDict[str, str], state: State) -> list[int]:
    """The ticked enterprises, or all that the list lets through (one more than allowed at most)."""
    if args.get("scope") != ALL:
        ticked = (number_or_none(text) for text in args.getlist("id"))
        return list(dict.fromkeys(one for one in ticked if one is not None))[: bulk.MOST + 1]
    session = db.session()
    found = list_queries.matching(session, current_actor(), state, timing.now())
    return list(session.scalars(found.limit(bulk.MOST + 1)))


def _page(args: MultiDict[str, str], problems: list[str], status: int) -> ResponseReturnValue:
    session, actor, state, wish = db.session(), current_actor(), list_state.from_args(args), _wish(args)
    ids, year = _ids(args, state), timing.today().year
    shown, same = None, 0
    if len(ids) > bulk.MOST:
        problems, ids = [*problems, say(bulk.TOO_MANY)], []
    if not ids and not problems:
        problems = [say(bulk.NO_ROWS)]
    if wish.field and ids and not problems:
        try:
            bulk.checked(actor, wish)
        except DomainError as error:
            problems, status = [say(problem) for problem in error.problems], error.status
        else:
            shown, same = bulk.preview(session, ids, wish, year), bulk.unchanged(session, ids, wish, year)
    page = render_template(
        "register/bulk.html",
        state=state,
        ids=ids,
        scope=ALL if args.get("scope") == ALL else "ids",
        wish=wish,
        shown=shown,
        same=same,
        problems=problems,
        labels=bulk.LABELS,
        sources=SOURCE_KINDS,
        at_once=bulk.AT_ONCE,
    )
    return page, status
