"""The list of touches and the page of one: read, correct, report, void."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries, sections, services
from crm.fieldwork.photos import queries as photos
from crm.fieldwork.queries import TouchFilter
from crm.fieldwork.receptions import queries as receptions
from crm.fieldwork.rules import (
    INTENTION_LABELS,
    LEADER_LABELS,
    TOUCH_LABELS,
    TouchKind,
    due_state,
    is_amendable,
    is_backdated,
    may_correct,
)
from crm.fieldwork.trips import queries as trips
from crm.home.forms import CorrectionForm, ReportForm, VoidForm
from crm.home.hanging import hanging
from crm.pipeline import touches
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("visits", __name__)
bp.add_app_template_global(sections.tabs, "field_tabs")
REFUSED = 422
PERIODS = {"week": "本周", "month": "本月", "year": "今年"}


@bp.get("/visits")
@requires(Permission.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List the touches the person may read, newest first."""
    session, actor = db.session(), current_actor()
    wanted = _wanted()
    page = queries.touches(session, actor, wanted, cursor=request.args.get("cursor"))
    scope = actor.scope(Permission.TOUCH_READ)
    units = [unit for unit in people.units(session, timing.today()) if scope is None or unit.id in scope]
    firm = session.get(Enterprise, wanted.enterprise_id) if wanted.enterprise_id else None
    return render_template(
        "home/visits.html",
        page=page,
        photos=photos.counts(session, [touch.id for touch in page.rows]),
        shown_count=_at_least(queries.count_touches(session, actor, wanted)),
        unit_options=[(unit.id, unit.name) for unit in units],
        person_options=[(user.id, user.name) for user in people.colleagues(session, scope, timing.today())],
        firm=firm,
        kinds=TOUCH_LABELS,
        intentions=INTENTION_LABELS,
        periods=PERIODS,
        is_backdated=is_backdated,
        link=_link,
    )


@bp.get("/visits/<int:touch_id>")
@requires(Permission.TOUCH_READ)
def show(touch_id: int) -> ResponseReturnValue:
    """Show one touch."""
    return _record(touch_id, VoidForm(formdata=None))


@bp.get("/visits/<int:touch_id>/edit")
@requires(Permission.TOUCH_WRITE)
def edit(touch_id: int) -> ResponseReturnValue:
    """Show the form that corrects a touch."""
    touch = queries.touch(db.session(), current_actor(), touch_id)
    form = CorrectionForm(
        formdata=None,
        summary=touch.summary,
        people=touch.people,
        intention=touch.intention.value,
        report=touch.report,
    )
    form.offer()
    return render_template("home/visit_edit.html", form=form, touch=touch, kinds=TOUCH_LABELS)


@bp.post("/visits/<int:touch_id>/edit")
@requires(Permission.TOUCH_WRITE)
def amend(touch_id: int) -> ResponseReturnValue:
    """Save a correction."""
    session, actor = db.session(), current_actor()
    form = CorrectionForm()
    form.offer()
    if form.validate():
        try:
            services.amend_touch(session, actor, touch_id, form.correction(), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已更正走访记录，原内容留在审计记录里。"), "ok")
            return redirect(url_for("visits.show", touch_id=touch_id), 303)
    touch = queries.touch(session, actor, touch_id)
    return render_template("home/visit_edit.html", form=form, touch=touch, kinds=TOUCH_LABELS), REFUSED


@bp.get("/visits/<int:touch_id>/report")
@requires(Permission.TOUCH_WRITE)
def report(touch_id: int) -> ResponseReturnValue:
    """Show the form of the inspection report."""
    touch = queries.touch(db.session(), current_actor(), touch_id)
    return render_template("home/visit_report.html", form=ReportForm(formdata=None, report=touch.report), touch=touch)


@bp.post("/visits/<int:touch_id>/report")
@requires(Permission.TOUCH_WRITE)
def write_report(touch_id: int) -> ResponseReturnValue:
    """Save the inspection report."""
    session, actor = db.session(), current_actor()
    form = ReportForm()
    if form.validate():
        try:
            services.write_report(session, actor, touch_id, text(form.report), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("考察报告已保存。"), "ok")
            return redirect(url_for("visits.show", touch_id=touch_id), 303)
    touch = queries.touch(session, actor, touch_id)
    return render_template("home/visit_report.html", form=form, touch=touch), REFUSED


@bp.post("/visits/<int:touch_id>/void")
@requires(Permission.TOUCH_WRITE)
def void(touch_id: int) -> ResponseReturnValue:
    """Void a touch with a reason; it can be taken back."""
    session, actor = db.session(), current_actor()
    form = VoidForm()
    if form.validate():
        try:
            services.void_touch(session, actor, touch_id, text(form.reason), now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            undo = url_for("visits.restore", touch_id=touch_id)
            flash({"text": tr("已作废，不再计数。"), "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
            return redirect(url_for("visits.show", touch_id=touch_id), 303)
    return _record(touch_id, form), REFUSED


@bp.post("/visits/<int:touch_id>/restore")
@requires(Permission.TOUCH_WRITE)
def restore(touch_id: int) -> ResponseReturnValue:
    """Take back a voiding."""
    services.restore_touch(db.session(), current_actor(), touch_id, now=timing.now())
    flash(tr("已恢复，重新计数。"), "ok")
    return redirect(url_for("visits.show", touch_id=touch_id), 303)


def _record(touch_id: int, void_form: VoidForm) -> str:
    session, actor, now = db.session(), current_actor(), timing.now()
    touch, follow_ups = queries.touch_page(session, actor, touch_id)
    day = touch.occurred_at.astimezone(timing.zone()).date()
    found = hanging(session, touch.id, day)
    mine = actor.may(Permission.TOUCH_WRITE) and may_correct(actor, touch.created_by, touch.unit_id)
    own = mine and touch.voided_at is None
    young = is_amendable(touch.recorded_at, now)
    inspection = touch.kind is TouchKind.INSPECTION
    return render_template(
        "home/visit.html",
        touch=touch,
        follow_ups=follow_ups,
        photos=photos.photos_of(session, touch.id) if found.pictured else [],
        keeps_place=mine and bool((found.places or {}).get("keep_place")),
        trip=trips.of_touch(session, actor, touch.id) if found.on_trip else None,
        trips=trips.around(session, actor, day) if own and found.trips_then else [],
        reception=receptions.of_touch(session, actor, touch.id) if found.received else None,
        project=touches.project_name(session, actor, touch.project_id) if touch.project_id else None,
        kinds=TOUCH_LABELS,
        intentions=INTENTION_LABELS,
        leaders=LEADER_LABELS,
        backdated=is_backdated(touch.occurred_at, touch.recorded_at),
        due_state=due_state,
        today=timing.today(),
        mine=mine,
        can_amend=mine and young and touch.voided_at is None,
        can_report=mine and inspection and touch.voided_at is None and (young or not touch.report),
        inspection=inspection,
        void_form=void_form,
    )


def _at_least(count: int) -> str:
    """Write how long the list is; beyond a bound nobody counts on."""
    return f"{count:,}" if count <= queries.MOST_COUNTED else f"{queries.MOST_COUNTED:,}+"


def _wanted() -> TouchFilter:
    """Read the filters of the address; what makes no sense is left out."""
    args = request.args
    kind, state = args.get("kind", ""), args.get("state")
    since, until = _period(args.get("period", ""), timing.today())
    return TouchFilter(
        kind=TouchKind(kind) if kind in TOUCH_LABELS else None,
        unit_id=args.get("unit", type=int),
        person_id=args.get("person", type=int),
        enterprise_id=args.get("enterprise", type=int),
        since=_midnight(since) or _midnight(day_or_none(request.args.get("from", ""))),
        until=_midnight(until) or _midnight(day_or_none(request.args.get("to", "")), plus=1),
        voided=state == "voided",
    )


def _period(name: str, today: date) -> tuple[date | None, date | None]:
    starts = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }
    return (starts[name], today + timedelta(days=1)) if name in starts else (None, None)


def _midnight(day: date | None, plus: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=plus), time(), tzinfo=timing.zone())


def _link(**changes: str | None) -> str:
    """Return the address of the list with some filters changed and the paging reset."""
    kept = {key: value for key, value in request.args.items() if key != "cursor" and value}
    wanted = {key: value for key, value in {**kept, **changes}.items() if value}
    return f"{url_for('visits.index')}?{urlencode(wanted)}"
