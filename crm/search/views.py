"""The search page and the palette: one box, four kinds of records, and every page by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.fieldwork.rules import TOUCH_LABELS
from crm.pipeline.rules import STAGE_LABELS
from crm.search import commands, queries
from crm.web import db
from crm.web.access import requires, signed_in

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.auth.rules import Actor

bp = Blueprint("search", __name__)
LONGEST_QUERY = 100
COMMANDS, PEOPLE = (">", "》", "＞"), ("@", "＠")


@bp.get("/search")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show what was found, by kind."""
    return _page()


@bp.get("/palette")
@signed_in
def palette() -> ResponseReturnValue:
    """Answer the palette while somebody types; without a script this is the search page."""
    if "HX-Request" not in request.headers:
        return _page()
    session, actor, query = db.session(), current_actor(), _asked()
    found = queries.Found()
    pages = commands.found(actor, query[1:] if query.startswith(COMMANDS) else query)
    if not _reads(actor) or query.startswith(COMMANDS):
        pass
    elif query.startswith(PEOPLE):
        found, pages = queries.Found(contacts=queries.people(session, actor, query[1:], queries.FEW * 2)), []
    elif query:
        found, pages = queries.quick(session, actor, query), pages[: queries.FEW]
    return render_template("search/_palette.html", q=query, found=found, pages=pages, stages=STAGE_LABELS)


def _page() -> ResponseReturnValue:
    session, actor, query = db.session(), current_actor(), _asked()
    found, pages = queries.Found(), list[commands.Command]()
    if not _reads(actor) or query.startswith(COMMANDS):
        pages = commands.found(actor, query.lstrip("".join(COMMANDS)))
    elif query.startswith(PEOPLE):
        found = queries.Found(contacts=queries.people(session, actor, query[1:]))
    else:
        found = queries.search(session, actor, query)
    return render_template(
        "search/index.html", q=query, found=found, pages=pages, stages=STAGE_LABELS, kinds=TOUCH_LABELS
    )


def _reads(actor: Actor) -> bool:
    return actor.may(Permission.ENTERPRISE_READ)


def _asked() -> str:
    return request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
