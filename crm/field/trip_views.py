"""Pages of trips (出访): the list, one trip, planning and changing it, its course."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.field import conversion
from crm.field.trip_forms import AgreedForm, TripForm
from crm.fieldwork.rules import LEADER_LABELS, TOUCH_LABELS, LeaderLevel, due_state, writing_units
from crm.fieldwork.trips import course, queries, rules, services
from crm.fieldwork.trips.queries import TripFilter
from crm.fieldwork.trips.rules import TripState
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from flask.typing import ResponseReturnValue

    from crm.auth.rules import Actor
    from crm.core.errors import Problem
    from crm.fieldwork.trips.models import Trip
    from crm.web.forms import Form

bp = Blueprint("trips", __name__, url_prefix="/trips")


@bp.app_template_filter("wan_number")
def wan_number(value: Decimal | None) -> str:
    """Write a sum in 万元 as a plain number, for columns that name the unit."""
    return "—" if value is None else f"{value.normalize():f}"


P = Permission
REFUSED, OUTDATED = 422, 409
PLACES = {
    "trip.leader": "trip_parts.members",
    "trip.stops": "trip_parts.new_stop",
    "trip.approval": "trip_parts.approval",
    "trip.minutes": "trip_parts.minutes",
}


@bp.get("")
@requires(P.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List trips, the latest departure first."""
    session, actor, today = db.session(), current_actor(), timing.today()
    wanted = _wanted(today)
    page = queries.page(session, actor, wanted, cursor=request.args.get("cursor"))
    scope = actor.scope(P.TOUCH_READ)
    units = [(unit.id, unit.name) for unit in people.units(session, today) if scope is None or unit.id in scope]
    return render_template(
        "field/trips/index.html",
        page=page,
        count=queries.count(session, actor, wanted),
        tallies=queries.tallies(session, actor, [row.id for row in page.rows]),
        units=units,
        states=rules.STATE_LABELS,
        levels=LEADER_LABELS,
        years=range(today.year, today.year - 5, -1),
        link=_link,
        may_plan=bool(writing_units(actor)) and actor.may(P.TOUCH_WRITE),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def new() -> ResponseReturnValue:
    """Plan a trip."""
    form = TripForm().offer(_own_units(current_actor()))
    if request.method == "POST":
        made: list[Trip] = []
        status = attempt(
            form, lambda: made.append(services.plan_trip(db.session(), current_actor(), form.draft(), now=timing.now()))
        )
        if status is None:
            flash(tr("已登记出访，接着安排行程和代表团"), "ok")
            return redirect(url_for("trips.show", trip_id=made[0].id), 303)
        return render_template("field/trips/form.html", form=form, trip=None), status
    return render_template("field/trips/form.html", form=form, trip=None)


@bp.get("/<int:trip_id>")
@requires(P.TOUCH_READ)
def show(trip_id: int) -> ResponseReturnValue:
    """Show a trip."""
    return page(queries.trip(db.session(), current_actor(), trip_id))


@bp.route("/<int:trip_id>/edit", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def edit(trip_id: int) -> ResponseReturnValue:
    """Change name, days and purpose."""
    session, actor = db.session(), current_actor()
    trip = services.changeable(session, actor, trip_id)
    form = TripForm(obj=trip).offer(_own_units(actor))
    if request.method == "GET":
        form.version.data = str(trip.version)
        return render_template("field/trips/form.html", form=form, trip=trip)
    status = attempt(
        form,
        lambda: services.change_trip(session, actor, trip_id, form.draft(), version=form.seen, now=timing.now()),
    )
    if status is None:
        flash(tr("已保存"), "ok")
        return redirect(url_for("trips.show", trip_id=trip_id), 303)
    if status == OUTDATED:
        form.version.data = str(trip.version)
    return render_template("field/trips/form.html", form=form, trip=trip), status


@bp.post("/<int:trip_id>/state/<any('planned', 'under_way', 'back', 'closed', 'cancelled'):state>")
@requires(P.TOUCH_WRITE)
def move(trip_id: int, state: str) -> ResponseReturnValue:
    """Put a trip into another state, or say what is missing."""
    session, actor = db.session(), current_actor()
    target = TripState(state)
    try:
        course.move_trip(session, actor, trip_id, target, now=timing.now())
    except DomainError as error:
        if error.status != REFUSED:
            raise
        return page(queries.trip(session, actor, trip_id), missing=error.problems), REFUSED
    flash(tr("行程状态：%(state)s", state=tr(rules.STATE_LABELS[target])), "ok")
    return redirect(url_for("trips.show", trip_id=trip_id), 303)


@bp.post("/<int:trip_id>/agreed")
@requires(P.TOUCH_WRITE)
def agree(trip_id: int) -> ResponseReturnValue:
    """Add something agreed, with owner and date."""
    session, actor, today = db.session(), current_actor(), timing.today()
    trip = queries.trip(session, actor, trip_id)
    form = agreed_form(trip)
    status = attempt(
        form,
        lambda: course.agree(
            session, actor, trip_id, form.draft(), form.owner_id.data or 0, now=timing.now(), today=today
        ),
    )
    if status is None:
        flash(tr("已记议定事项，到期会提醒负责人"), "ok")
        return redirect(url_for("trips.show", trip_id=trip_id, _anchor="agreed"), 303)
    return page(trip, form=form), status


def page(trip: Trip, *, missing: Sequence[Problem] = (), form: AgreedForm | None = None) -> str:
    """Show a trip with everything that hangs on it."""
    session, actor = db.session(), current_actor()
    touches = queries.touches(session, actor, trip.id)
    mine = actor.may(P.TOUCH_WRITE) and services.may_change(actor, trip)
    open_ = mine and trip.state not in services.FROZEN
    return render_template(
        "field/trips/show.html",
        trip=trip,
        touches=touches,
        visited={touch.enterprise_id for touch in touches},
        agreed=queries.agreed(session, actor, trip.id),
        figures=conversion.of_trip(session, actor, trip.id),
        rules=rules,
        levels=LEADER_LABELS,
        kinds=TOUCH_LABELS,
        moves=rules.moves_from(trip.state) if mine else (),
        mine=open_,
        missing=_where(trip, missing),
        lacking=_where(trip, _lacking(trip)) if open_ and not missing else [],
        form=(form or agreed_form(trip)) if open_ else None,
        due_state=due_state,
        today=timing.today(),
    )


def _lacking(trip: Trip) -> list[Problem]:
    """Say what keeps a trip from its next state, before anybody has to try."""
    ahead = [target for target in rules.moves_from(trip.state) if (trip.state, target) in rules.FORWARD]
    return rules.move_problems(course.facts(db.session(), trip), ahead[0]) if ahead else []


def _where(trip: Trip, problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Pair what is missing with the page where it is put down."""
    at = url_for("trips.show", trip_id=trip.id, _anchor="route")
    return [(say(one), url_for(PLACES[one.key], trip_id=trip.id) if one.key in PLACES else at) for one in problems]


def agreed_form(trip: Trip) -> AgreedForm:
    """Make the form of something agreed."""
    form = AgreedForm() if request.method == "POST" else AgreedForm(formdata=None, owner_id=current_actor().user_id)
    goes = [(member.user_id, member.called) for member in trip.members if member.user_id is not None]
    others = [one for one in colleagues() if one[0] not in dict(goes)]
    firms = [(stop.enterprise_id, stop.called) for stop in trip.stops if stop.enterprise_id is not None]
    return form.offer([*goes, *others], firms)


def colleagues() -> list[tuple[int, str]]:
    """Everybody who works here today, by name."""
    return [(user.id, user.name) for user in people.colleagues(db.session(), None, timing.today())]


def attempt(form: Form, act: Callable[[], object]) -> int | None:
    """Return None if it went through, else the status of the page that shows the form again."""
    if not form.validate():
        return REFUSED
    try:
        act()
    except DomainError as error:
        if error.status != REFUSED and not isinstance(error, ConflictError):
            raise
        form.refuse(error.problems)
        return error.status
    return None


def _own_units(actor: Actor) -> list[tuple[int, str]]:
    return [(unit_id, actor.unit_names[unit_id]) for unit_id in writing_units(actor)]


def _wanted(today: date) -> TripFilter:
    """Read the filters of the address; what makes no sense is left out."""
    args = request.args
    state, level, year = args.get("state", ""), args.get("level", ""), args.get("year", 0, type=int)
    known = today.year - 20 < year <= today.year + 1
    return TripFilter(
        state=TripState(state) if state in rules.STATE_LABELS else None,
        level=LeaderLevel(level) if level in LEADER_LABELS else None,
        unit_id=args.get("unit", type=int),
        since=date(year, 1, 1) if known else None,
        until=date(year + 1, 1, 1) if known else None,
    )


def _link(**changes: str | None) -> str:
    kept = {key: value for key, value in request.args.items() if key != "cursor" and value}
    wanted = {key: value for key, value in {**kept, **changes}.items() if value}
    return f"{url_for('trips.index')}?{urlencode(wanted)}"
