"""Parts of a trip: delegation, stops, money, approval, minutes, and the touches logged on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.field.trip_forms import ApprovalForm, CostForm, MemberForm, MinutesForm, StopForm
from crm.field.trip_views import OUTDATED, attempt, colleagues
from crm.fieldwork import firm_pick
from crm.fieldwork.rules import LEADER_LABELS
from crm.fieldwork.trips import course, joining, queries, rules, services
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.fieldwork.trips.models import Trip

bp = Blueprint("trip_parts", __name__, url_prefix="/trips")
P = Permission


@bp.get("/firms")
@requires(P.TOUCH_WRITE)
def firms() -> ResponseReturnValue:
    """Offer enterprises while somebody types."""
    query = request.args.get("q", "").strip()
    picks = firm_pick.offered(db.session(), current_actor(), query, "")
    return render_template("field/_firms.html", picks=picks, q=query, chosen="")


@bp.route("/<int:trip_id>/members", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def members(trip_id: int) -> ResponseReturnValue:
    """Show the delegation, and put somebody in."""
    session, actor = db.session(), current_actor()
    trip = services.changeable(session, actor, trip_id)
    form, status = MemberForm().offer(colleagues()), 200
    if request.method == "POST":
        now, today = timing.now(), timing.today()
        refused = attempt(
            form, lambda: services.add_member(session, actor, trip_id, form.draft(), now=now, today=today)
        )
        if refused is None:
            flash(tr("已加入代表团"), "ok")
            return redirect(url_for("trip_parts.members", trip_id=trip_id), 303)
        status = refused
    return (
        render_template("field/trips/members.html", trip=trip, form=form, rules=rules, levels=LEADER_LABELS),
        status,
    )


@bp.post("/<int:trip_id>/members/<int:member_id>/remove")
@requires(P.TOUCH_WRITE)
def remove_member(trip_id: int, member_id: int) -> ResponseReturnValue:
    """Take somebody out of the delegation."""
    services.remove_member(db.session(), current_actor(), trip_id, member_id, now=timing.now())
    flash(tr("已移出代表团"), "ok")
    return redirect(url_for("trip_parts.members", trip_id=trip_id), 303)


@bp.route("/<int:trip_id>/stops/new", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def new_stop(trip_id: int) -> ResponseReturnValue:
    """Add a stop."""
    trip = services.changeable(db.session(), current_actor(), trip_id)
    form = StopForm()
    if request.method == "GET":
        form.on_day.data = trip.stops[-1].on_day if trip.stops else trip.starts_on
        form.enterprise_id.data = request.args.get("enterprise", "")
        return _stop_page(trip, form)
    return _save_stop(trip, None, form)


@bp.route("/<int:trip_id>/stops/<int:stop_id>", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def stop(trip_id: int, stop_id: int) -> ResponseReturnValue:
    """Change a stop."""
    trip = services.changeable(db.session(), current_actor(), trip_id)
    row = services.stop_of(trip, stop_id)
    form = StopForm()
    if request.method == "GET":
        return _stop_page(trip, form.fill(row), stop_id)
    return _save_stop(trip, stop_id, form)


@bp.post("/<int:trip_id>/stops/<int:stop_id>/remove")
@requires(P.TOUCH_WRITE)
def remove_stop(trip_id: int, stop_id: int) -> ResponseReturnValue:
    """Take a stop out of the route."""
    services.remove_stop(db.session(), current_actor(), trip_id, stop_id, now=timing.now())
    flash(tr("已从行程里去掉"), "ok")
    return redirect(url_for("trips.show", trip_id=trip_id), 303)


def _save_stop(trip: Trip, stop_id: int | None, form: StopForm) -> ResponseReturnValue:
    if "find" in request.form:
        return _stop_page(trip, form, stop_id)
    session, actor = db.session(), current_actor()
    status = attempt(form, lambda: services.save_stop(session, actor, trip.id, stop_id, form.draft(), now=timing.now()))
    if status is None:
        flash(tr("已保存这一站"), "ok")
        return redirect(url_for("trips.show", trip_id=trip.id, _anchor="route"), 303)
    return _stop_page(trip, form, stop_id), status


def _stop_page(trip: Trip, form: StopForm, stop_id: int | None = None) -> str:
    chosen, query = text(form.enterprise_id), text(form.q)
    picks = firm_pick.offered(db.session(), current_actor(), query, chosen)
    return render_template(
        "field/trips/stop.html", trip=trip, form=form, stop_id=stop_id, picks=picks, q=query, chosen=chosen
    )


@bp.route("/<int:trip_id>/costs", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def costs(trip_id: int) -> ResponseReturnValue:
    """Set budget and cost."""
    session, actor = db.session(), current_actor()
    trip = services.changeable(session, actor, trip_id)
    form, status = CostForm(), 200
    if request.method == "GET":
        form.fill(trip)
    else:
        refused = attempt(form, lambda: services.set_costs(session, actor, trip_id, form.drafts(), now=timing.now()))
        if refused is None:
            flash(tr("已保存经费"), "ok")
            return redirect(url_for("trips.show", trip_id=trip_id), 303)
        status = refused
    return render_template("field/trips/costs.html", trip=trip, form=form, labels=rules.COST_LABELS), status


@bp.route("/<int:trip_id>/approval", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def approval(trip_id: int) -> ResponseReturnValue:
    """Write down who approved the trip."""
    session, actor = db.session(), current_actor()
    trip = services.changeable(session, actor, trip_id)
    form, status = ApprovalForm(obj=trip), 200
    if request.method == "GET":
        form.note.data = trip.approval_note
    else:
        now, today = timing.now(), timing.today()
        refused = attempt(
            form, lambda: course.note_approval(session, actor, trip_id, form.approval(), now=now, today=today)
        )
        if refused is None:
            flash(tr("已登记审批"), "ok")
            return redirect(url_for("trips.show", trip_id=trip_id), 303)
        status = refused
    return render_template("field/trips/approval.html", trip=trip, form=form), status


@bp.route("/<int:trip_id>/minutes", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def minutes(trip_id: int) -> ResponseReturnValue:
    """Write the minutes."""
    session, actor = db.session(), current_actor()
    trip = services.changeable(session, actor, trip_id)
    form, status = MinutesForm(obj=trip), 200
    if request.method == "GET":
        form.version.data = str(trip.version)
    else:
        now = timing.now()
        refused = attempt(
            form,
            lambda: course.write_minutes(session, actor, trip_id, text(form.minutes), version=form.seen, now=now),
        )
        if refused is None:
            flash(tr("已保存纪要"), "ok")
            return redirect(url_for("trips.show", trip_id=trip_id), 303)
        status = refused
        if status == OUTDATED:
            form.version.data = str(trip.version)
    touches = queries.touches(session, actor, trip_id)
    return render_template("field/trips/minutes.html", trip=trip, form=form, touches=touches), status


@bp.post("/of-visit/<int:touch_id>")
@requires(P.TOUCH_WRITE)
def of_visit(touch_id: int) -> ResponseReturnValue:
    """Say on which trip a visit was made."""
    wanted = number_or_none(request.form.get("trip", ""))
    joining.place(db.session(), current_actor(), touch_id, wanted, now=timing.now())
    flash(tr("已更新所属出访"), "ok")
    return redirect(url_for("visits.show", touch_id=touch_id), 303)
