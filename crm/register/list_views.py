"""The list of enterprises: narrowed, sorted, paged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise
from crm.register import queries
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("enterprise_list", __name__)
LONGEST = 100
GRADES = ("A", "B", "C", "D")
TOUCHED = (("recent", "30天内接触过"), ("never", "从未接触"))


def _arg(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:LONGEST]


@bp.get("/enterprises")
@requires(Permission.ENTERPRISE_READ)
def index() -> ResponseReturnValue:
    """Show the register, narrowed and sorted by the address."""
    filters = queries.Filters(**{name: _arg(name) for name in queries.Filters.__slots__ if name != "sort"})
    sort = _arg("sort")
    filters = replace(filters, sort=sort if sort in queries.SORTS else "name")
    session = db.session()
    page, lines, total = queries.page(
        session, current_actor(), filters, cursor=request.args.get("cursor"), now=timing.now()
    )
    lists = {one.key: one.name for one in enterprises.lists(session)}
    return render_template(
        "register/index.html",
        filters=filters,
        page=page,
        lines=lines,
        total=total,
        lists=[(key, tr(name)) for key, name in lists.items()],
        industries=[(value, value) for value in enterprises.used(session, Enterprise.industry)],
        regions=[(value, value) for value in enterprises.used(session, Enterprise.region)],
        grades=[(grade, tr("%(grade)s级", grade=grade)) for grade in GRADES],
        touched=[(key, tr(label)) for key, label in TOUCHED],
        chips=_chips(filters, lists),
    )


def _chips(filters: queries.Filters, lists: dict[str, str]) -> list[tuple[str, str]]:
    """The filters in force as words, each with the address without it."""
    words = {
        "q": f"“{filters.q}”",
        "on_list": tr(lists.get(filters.on_list) or filters.on_list) if filters.on_list else "",
        "industry": filters.industry,
        "region": filters.region,
        "grade": tr("%(grade)s级", grade=filters.grade),
        "signal": tr("有动态"),
        "touched": tr(dict(TOUCHED).get(filters.touched) or "接触"),
    }
    return [(word, filters.href(**{name: ""})) for name, word in words.items() if getattr(filters, name)]
