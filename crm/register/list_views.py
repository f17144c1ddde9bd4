"""The list of enterprises: narrowed, sorted, paged, as the address says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import SOURCE_KINDS
from crm.register import filter_words, list_columns, list_queries, list_state, saved_views
from crm.scoring import display
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from crm.register.list_state import State
    from crm.register.models import SavedView

bp = Blueprint("enterprise_list", __name__)
TOUCHED = (("30", "30天内接触过"), ("90", "90天内接触过"), ("never", "从未接触"), ("mine", "本单位接触过"))


def asked() -> tuple[State, SavedView | None]:
    """The state the address asks for, and the saved view it came from; raise NotFoundError."""
    state = list_state.from_args(request.args)
    if state.view is None:
        return state, None
    view = saved_views.get(db.session(), current_actor(), state.view)
    return (list_state.from_plain(view.state, view.id) if list_state.bare(request.args) else state), view


@bp.get("/enterprises")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show the register, narrowed and sorted by the address; htmx gets the table alone."""
    state, view = asked()
    session, actor = db.session(), current_actor()
    lists = {one.key: one.name for one in enterprises.lists(session)}
    page, lines = list_queries.page(session, actor, state, cursor=request.args.get("cursor"), now=timing.now())
    part = "HX-Request" in request.headers
    return render_template(
        "register/_list.html" if part else "register/index.html",
        state=state,
        view=view,
        changed=view is not None and state.plain != list_state.from_plain(view.state).plain,
        page=page,
        lines=lines,
        total=list_queries.count(session, actor, state, now=timing.now()),
        most=list_queries.MOST_COUNTED,
        groups=filter_words.shown(state, lists),
        columns=[list_columns.BY_KEY[key] for key in state.columns],
        all_columns=list_columns.ALL,
        sources=SOURCE_KINDS,
        into=request.args.get("into", "") if "add" not in request.args else "",
        choices=filter_words.choices(lists),
        typed=filter_words.TYPED,
        **({} if part else _around(lists)),
    )


def _around(lists: Mapping[str, str]) -> dict[str, object]:
    """What the page shows besides the table: boxes, builder, saved views."""
    session, actor = db.session(), current_actor()
    industries, regions = list_queries.values(session, (Enterprise.industry, Enterprise.region))
    return {
        "lists": [(key, tr(name)) for key, name in lists.items()],
        "industries": [(value, value) for value in industries],
        "regions": [(value, value) for value in regions],
        "sections": filter_words.sections(),
        "provinces": filter_words.provinces(),
        "scores": display.boxes("grade"),
        "touched": [(key, tr(label)) for key, label in TOUCHED],
        "views": saved_views.seen_by(session, actor, limit=saved_views.MOST_TABS + 1),
    }
