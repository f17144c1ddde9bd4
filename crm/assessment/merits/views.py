"""Pages of the merit ledger (实绩台账): what each person brought in a period, and its export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from flask import Blueprint, current_app, render_template, request, send_file

from crm.assessment.books.pages import tabs
from crm.assessment.links import rows_href
from crm.assessment.merits import queries
from crm.assessment.merits.workbook import head, render, who
from crm.assessment.window import READ, Lens, Window
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.auth.units import names_on, office_name
from crm.core import audit
from crm.core.memo import remembered
from crm.core.sheets import watermark
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.assessment.merits.queries import Line
    from crm.assessment.window import Measure

bp = Blueprint("merits", __name__, url_prefix="/assessment/merits")
P = Permission
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the selection of units."""

    key: str
    label: str


def _window(asked: Mapping[str, str]) -> tuple[Window, str]:
    """Read from, to and unit; this year and all units of the reader where they say nothing usable."""
    today = timing.today()
    start = day_or_none(asked.get("from", "")) or date(today.year, 1, 1)
    end = day_or_none(asked.get("to", "")) or today
    scope, unit = current_actor().scope(P.REPORT_READ), asked.get("unit", "")
    chosen = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None  # noqa: PLR2004 (fits an integer column)
    if chosen is not None and (scope is None or chosen in scope):
        return Window(min(start, end), max(start, end), timing.now(), frozenset({chosen})), str(chosen)
    return Window(min(start, end), max(start, end), timing.now(), scope), ""


def _kept(window: Window) -> tuple[Window, list[Line]]:
    """Count as of now; a large office counts once for all who see the same, with the cut-off of then."""

    def rows(found: tuple[Window, list[Line]]) -> int:
        whole = queries.totals(found[1])
        return int(whole["leads"] + whole["visits"])

    def make() -> tuple[Window, list[Line]]:
        return window, queries.ledger(db.session(), window)

    key = ("merits", window.start, window.end, window.units)
    return remembered(db.session(), key, make, rows=rows, now=timing.now())


def _href(window: Window, measure: Measure, line: Line | None = None) -> str:
    """Link to the rows of a figure where the reader may see all it counts; what is nobody's has no such list."""
    scope = current_actor().scope(READ[measure.kind])
    wanted = window.units if line is None else frozenset({line.unit_id})
    inside = scope is None or (wanted is not None and wanted <= scope)
    if not inside or (line is not None and line.person_id is None):
        return ""
    if line is None:
        return rows_href(measure.key, window)
    lens = Lens(people=frozenset({cast("int", line.person_id)}))
    return rows_href(measure.key, replace(window, lens=lens), line.unit_id)


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List what each person brought, a line for every unit it counts for."""
    session = db.session()
    asked, chosen = _window(request.args)
    window, lines = _kept(asked)
    last = max((len(lines) - 1) // A_PAGE, 0)
    number = min(max(request.args.get("page", 1, type=int) - 1, 0), last)
    shown = lines[number * A_PAGE : (number + 1) * A_PAGE]
    scope = current_actor().scope(P.REPORT_READ)
    units = names_on(session, window.end, None if scope is None else sorted(scope))
    period = {"from": window.start.isoformat(), "to": window.end.isoformat(), "unit": chosen}

    def page_href(to: int) -> str:
        return f"{request.path}?{urlencode({**period, 'page': to + 1})}" if 0 <= to <= last and to != number else ""

    return render_template(
        "assessment/merits/index.html",
        lines=shown,
        count=len(lines),
        columns=queries.COLUMNS,
        whole=queries.totals(lines),
        names=people.names(session, [one.person_id for one in shown if one.person_id is not None]),
        units=units,
        window=window,
        period=period,
        choices=[Choice("", tr("全部单位")), *(Choice(str(key), name) for key, name in units.items())],
        chosen=chosen,
        href=_href,
        head=head,
        who=who,
        pages=(page_href(number - 1), page_href(number + 1)),
        may_export=current_actor().may(P.REGISTER_EXPORT),
        tabs=tabs("merits.index"),
    )


@bp.get("/<start>/<end>/ledger.xlsx")
@requires(P.REGISTER_EXPORT)
def export(start: str, end: str) -> ResponseReturnValue:
    """Give the ledger of a period as a workbook; who took it is on record."""
    session, actor, now = db.session(), current_actor(), timing.now()
    window, chosen = _window({"from": start, "to": end, "unit": request.args.get("unit", "")})
    lines = queries.ledger(session, window)
    rows, cut = queries.proofs(session, actor, window)
    splits = queries.splits(session, window, sorted({row.project_id for _one, row in rows if row.project_id}))
    ids = {one.person_id for one in lines} | {row.person_id for _one, row in rows}
    names = people.names(session, [one for one in ids if one is not None])
    units = names_on(session, window.end, sorted({one.unit_id for one in lines}))
    user = session.get_one(User, actor.user_id)
    told = cast("Settings", current_app.config["SETTINGS"]).office_name
    office = office_name(session, told)
    mark = watermark(user.name, user.username, office, now.astimezone(timing.zone()))
    made = render(mark, lines, (rows, cut), splits, (names, units), request.url_root.rstrip("/"))
    detail = {"from": window.start.isoformat(), "to": window.end.isoformat(), "unit": chosen}
    with db.writing() as writing:
        audit.record(
            writing,
            actor.user_id,
            "merits.export",
            ("merits", None),
            now=now,
            lines=len(lines),
            rows=len(rows),
            **detail,
        )
    name = f"{tr('实绩台账')}-{window.start:%Y%m%d}-{window.end:%Y%m%d}.xlsx"
    return send_file(BytesIO(made), mimetype=XLSX, as_attachment=True, download_name=name)
