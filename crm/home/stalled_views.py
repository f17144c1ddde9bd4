"""Pages of what stands still, and of giving promises to somebody else."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.queries import seats
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.fieldwork.chains import reassigning, services
from crm.home import stalled
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask.typing import ResponseReturnValue

bp = Blueprint("stalled", __name__, url_prefix="/follow-ups")
PROMISES, RISK, FIRMS = "promises", "risk", "firms"
SHOWS = {PROMISES: "逾期待办", RISK: "风险清单", FIRMS: "停滞企业"}


@bp.get("/stalled")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show what stands still, and who holds it."""
    session, actor, today = db.session(), current_actor(), timing.today()
    show = request.args.get("show", PROMISES)
    show = show if show in SHOWS else PROMISES
    ladder, cursor = services.the_ladder(session), request.args.get("cursor")
    common = {"show": show, "shows": SHOWS, "link": _link, "ladder": ladder, "today": today}
    if show == FIRMS:
        since = datetime.combine(today - timedelta(days=ladder.stalled_days), time(), tzinfo=timing.zone())
        page = stalled.enterprises(session, actor, since, cursor=cursor)
        held = stalled.held(session, actor, [row.id for row in page.rows])
        return render_template("home/stalled_firms.html", page=page, held=held, **common)
    risk_day = ladder.risk_day()
    before = today
    if show == RISK:
        before = ladder.since(risk_day or 0, today) + timedelta(days=1)
    owner_id = request.args.get("owner", type=int)
    return render_template(
        "home/stalled.html",
        page=stalled.overdue(session, actor, before, owner_id, cursor=cursor),
        holders=stalled.holders(session, actor, before),
        owner_id=owner_id,
        risk_day=risk_day,
        **common,
    )


@bp.get("/reassign")
@requires(Permission.TOUCH_WRITE)
def ask() -> ResponseReturnValue:
    """Show which promises would be given away, and to whom they can be."""
    return _preview(_ids(request.args.getlist("id")), [], 200)


@bp.post("/reassign")
@requires(Permission.TOUCH_WRITE)
def reassign() -> ResponseReturnValue:
    """Give the promises to a colleague."""
    session, ids = db.session(), _ids(request.form.getlist("id"))
    try:
        count = reassigning.reassign(
            session, current_actor(), ids, seat(request.form.get("owner", "")), now=timing.now(), today=timing.today()
        )
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        return _preview(ids, [say(problem) for problem in error.problems], error.status)
    flash(tr("已改派%(n)s条待办，双方都会收到提醒", n=count), "ok")
    return redirect(url_for("stalled.index"), 303)


def seat(typed: str) -> tuple[int, int] | None:
    """Read ``unit:person`` as (user id, unit id)."""
    unit_id, _colon, user_id = typed.partition(":")
    unit, person = number_or_none(unit_id), number_or_none(user_id)
    return None if unit is None or person is None else (person, unit)


def seat_choices() -> list[tuple[str, str]]:
    """Return the colleagues to whom the person may give work."""
    scope = current_actor().scope(Permission.TOUCH_WRITE)
    return [(f"{unit_id}:{user_id}", label) for unit_id, user_id, label in seats(db.session(), scope, timing.today())]


def _preview(ids: list[int], problems: list[str], status: int) -> ResponseReturnValue:
    try:
        rows = reassigning.movable(db.session(), current_actor(), ids)
    except DomainError as error:
        rows, problems, status = [], [say(problem) for problem in error.problems], error.status
    if not rows and not problems:
        problems = [say(reassigning.NOTHING)]
    page = render_template(
        "home/reassign.html",
        rows=rows,
        left_out=len(ids) - len(rows),
        problems=problems,
        owners=seat_choices(),
        owner=request.values.get("owner", ""),
        today=timing.today(),
    )
    return page, status


def _ids(typed: Iterable[str]) -> list[int]:
    numbers = (number_or_none(text) for text in typed)
    return list(dict.fromkeys(one for one in numbers if one is not None))


def _link(**changes: str | int | None) -> str:
    kept = {key: value for key in ("show", "owner") if (value := request.args.get(key))}
    merged: dict[str, str | int | None] = {**kept, **changes}
    query = urlencode({key: value for key, value in merged.items() if value})
    return f"{url_for('stalled.index')}?{query}" if query else url_for("stalled.index")
