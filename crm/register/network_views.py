"""Health of the network: new faces, growth, who was forgotten, who is called by several units; each figure opens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.fieldwork.overlap import CROWD_DAYS
from crm.register import network
from crm.register.contact_list import QUIET
from crm.register.network import PERIODS, QUIET_MONTHS, FaceFilter
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flask.typing import ResponseReturnValue

bp = Blueprint("network", __name__)
USUAL_DAYS, USUAL_MONTHS = 90, 6
MONTH = "%Y-%m"


@bp.get("/contacts/health")
@requires(Permission.CONTACT_READ)
def health() -> ResponseReturnValue:
    """Show how the network of contacts does."""
    session, actor, now = db.session(), current_actor(), timing.now()
    days, quiet = _one_of("days", PERIODS, USUAL_DAYS), _one_of("quiet", QUIET_MONTHS, USUAL_MONTHS)
    months = network.months_until(timing.today(), timing.zone())
    everybody, by_unit = network.faces(session, actor, since=now - timedelta(days=days), now=now)
    grown = network.growth(session, actor, [(begin, end) for _first, begin, end in months], timing.today())
    forgotten, total = network.forgotten(session, actor, quiet, cursor=request.args.get("cursor"), now=now)
    rows = _rows([first for first, _begin, _end in months], grown)
    return render_template(
        "register/contact_health.html",
        days=days,
        periods=PERIODS,
        quiet=quiet,
        quiet_labels={months: QUIET[str(months)] for months in QUIET_MONTHS},
        everybody=everybody,
        by_unit=by_unit,
        grown=grown,
        rows=rows,
        chart=growth_chart(rows),
        forgotten=forgotten,
        forgotten_total=total,
        crowds=network.crowds(session, actor, now=now),
        crowd_days=CROWD_DAYS,
        look_back=network.CROWD_LOOK_BACK.days,
    )


@bp.get("/contacts/health/faces")
@requires(Permission.CONTACT_READ)
def faces() -> ResponseReturnValue:
    """Show the persons behind a figure of new faces."""
    session, now = db.session(), timing.now()
    days, unit_id = _one_of("days", PERIODS, USUAL_DAYS), request.args.get("unit", type=int)
    wanted = FaceFilter(now - timedelta(days=days), now, unit_id, request.args.get("only") == "new")
    page, total = network.face_rows(session, current_actor(), wanted, cursor=request.args.get("cursor"))
    return render_template(
        "register/contact_faces.html",
        page=page,
        total=total,
        days=days,
        wanted=wanted,
        unit=people.unit_names(session, [unit_id]).get(unit_id, "") if unit_id else "",
    )


def growth_chart(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Options of the chart: added in each month."""
    return {
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 12, "top": 28, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [row["month"][2:] for row in rows]},
        "yAxis": {"type": "value", "minInterval": 1, "name": tr("位")},
        "series": [{"type": "bar", "name": tr("新增"), "barMaxWidth": 28, "data": [row["added"] for row in rows]}],
    }


def _rows(firsts: Sequence[date], grown: network.Growth) -> list[dict[str, Any]]:
    rows, total = [], grown.before
    for first, added in zip(firsts, grown.added, strict=True):
        total += added
        rows.append({"month": f"{first:{MONTH}}", "added": added, "total": total})
    return rows


def _one_of(name: str, offered: Sequence[int], usual: int) -> int:
    asked = request.args.get(name, type=int)
    return asked if asked is not None and asked in offered else usual
