"""The calendar: a day, a week, a month, the week of a team; and the secret link for telephones."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for

from crm.agenda import feed, queries, services
from crm.agenda.entries import KIND_ICONS, KIND_LABELS, Kind, by_day
from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.fieldwork.rules import due_state
from crm.web import db, timing
from crm.web.access import public, requires
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.agenda.entries import Entry, Span

bp = Blueprint("agenda", __name__)
VIEWS: dict[str, str] = {"day": "日", "week": "周", "month": "月", "team": "团队"}
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEK = timedelta(days=7)
BUSY = 429
NO_LINK = Problem("calendar.link", "这个日历链接不存在、已停用，或账号已停用。")


@bp.get("/calendar")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show one's own day, week or month, or the week of a team."""
    view = request.args.get("view", "")
    view = view if view in VIEWS else "week"
    on = day_or_none(request.args.get("on", "")) or timing.today()
    shown = _span(view, on)
    kinds = [kind for kind in Kind if kind.value in request.args.getlist("kind")]
    return _team(on, shown, kinds) if view == "team" else _own(view, on, shown, kinds)


@bp.get("/calendar/link")
@requires(Permission.TOUCH_READ)
def link() -> ResponseReturnValue:
    """Show whether there is a secret link, since when, and when it was last used."""
    return render_template("agenda/link.html", link=queries.link_of(db.session(), current_actor()), address="")


@bp.post("/calendar/link")
@requires(Permission.TOUCH_READ)
def make_link() -> ResponseReturnValue:
    """Make or renew the secret link; its address is shown this once."""
    session, actor = db.session(), current_actor()
    token = services.make_link(session, actor, now=timing.now())
    address = f"{_site()}{url_for('agenda.ics', token=token)}"
    return render_template("agenda/link.html", link=queries.link_of(session, actor), address=address)


@bp.post("/calendar/link/revoke")
@requires(Permission.TOUCH_READ)
def revoke_link() -> ResponseReturnValue:
    """Stop the secret link."""
    if services.revoke_link(db.session(), current_actor(), now=timing.now()):
        flash(tr("日历链接已停用，手机上的订阅不会再更新。"), "ok")
    return redirect(url_for("agenda.link"), 303)


@bp.get("/calendar/feed/<token>.ics")
@public
def ics(token: str) -> ResponseReturnValue:
    """Give the calendar of whoever the token belongs to, as far as that person may see it now."""
    now, today = timing.now(), timing.today()
    with db.writing() as session:
        guest = services.let_in(session, token, now=now)
    if guest is None:
        raise NotFoundError(NO_LINK)
    if guest.busy:
        return Response(tr("请求太频繁，请稍后再试。"), BUSY, {"Retry-After": "3600"}, mimetype="text/plain")
    actor = people.actor_for(db.session(), guest.user, today)
    if not actor.may(Permission.TOUCH_READ):
        raise NotFoundError(NO_LINK)
    shown = queries.span(today - feed.PAST, today + feed.AHEAD)
    found = queries.entries(db.session(), actor, shown, frozenset({actor.user_id}))[0]
    name = tr("引凤 · %(name)s", name=guest.user.name)
    return Response(feed.calendar(found, name, _site(), now), mimetype="text/calendar")


def _site() -> str:
    return str(current_app.config["SETTINGS"].public_url or request.url_root).rstrip("/")


def _span(view: str, on: date) -> Span:
    if view == "day":
        return queries.span(on, on)
    if view == "month":
        weeks = Calendar().monthdatescalendar(on.year, on.month)
        return queries.span(weeks[0][0], weeks[-1][-1])
    monday = on - timedelta(days=on.weekday())
    return queries.span(monday, monday + WEEK - timedelta(days=1))


def _own(view: str, on: date, shown: Span, kinds: Sequence[Kind]) -> ResponseReturnValue:
    actor = current_actor()
    found, full = queries.entries(db.session(), actor, shown, frozenset({actor.user_id}), kinds or tuple(Kind))
    return render_template("agenda/index.html", **_shared(view, on, shown, kinds), days=by_day(found, shown), full=full)


def _team(on: date, shown: Span, kinds: Sequence[Kind]) -> ResponseReturnValue:
    session, actor, today = db.session(), current_actor(), timing.today()
    scope = actor.scope(Permission.TOUCH_READ)
    units = [unit for unit in people.units(session, today) if scope is None or unit.id in scope]
    unit_id = request.args.get("unit", type=int) or next((unit.id for unit in units if unit.id in actor.unit_ids), None)
    members = queries.team(session, actor, unit_id, today)
    found, full = queries.entries(session, actor, shown, frozenset(one.id for one in members), kinds or tuple(Kind))
    rows: dict[int, list[Entry]] = {one.id: [] for one in members}
    for entry in found:
        rows[entry.person_id].append(entry)
    return render_template(
        "agenda/team.html",
        **_shared("team", on, shown, kinds),
        members=members,
        rows={key: by_day(part, shown) for key, part in rows.items()},
        units=[(unit.id, unit.name) for unit in units],
        unit_id=unit_id,
        full=full,
    )


def _shared(view: str, on: date, shown: Span, kinds: Sequence[Kind]) -> dict[str, Any]:
    def address(**changed: object) -> str:
        kept = {"view": view, "on": on.isoformat(), "unit": request.args.get("unit"), "kind": [*kinds], **changed}
        return f"/calendar?{urlencode({key: value for key, value in kept.items() if value}, doseq=True)}"

    step = {"day": timedelta(days=1), "month": timedelta(days=31)}.get(view, WEEK)
    middle = on.replace(day=15) if view == "month" else on
    return {
        "view": view,
        "views": VIEWS,
        "on": on,
        "span": shown,
        "today": timing.today(),
        "kinds": KIND_LABELS,
        "icons": KIND_ICONS,
        "wanted": {str(kind) for kind in kinds},
        "weekdays": WEEKDAYS,
        "address": address,
        "earlier": address(on=(middle - step).isoformat()),
        "later": address(on=(middle + step).isoformat()),
        "due_state": due_state,
    }
