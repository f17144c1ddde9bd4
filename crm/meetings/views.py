"""Pages of meetings: what comes and what was, series, calling one, and the decisions that are still open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.workdays import is_workday, knows
from crm.fieldwork.rules import writing_units
from crm.meetings import decisions, queries, series, services
from crm.meetings.forms import DoneForm, DropForm, MeetingForm, SeriesForm
from crm.meetings.rules import (
    DECISION_LABELS,
    MEETING_LABELS,
    RHYTHM_LABELS,
    STATE_LABELS,
    MeetingKind,
    Rhythm,
    days_late,
)
from crm.pipeline.attempts import attempt
from crm.pipeline.claims.queries import project_names
from crm.web import db, timing
from crm.web.access import requires
from crm.web.filters import WEEKDAYS
from crm.web.forms import Form, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.meetings.models import Meeting, MeetingSeries

bp = Blueprint("meetings", __name__, url_prefix="/meetings")
P = Permission
Sat = TypeVar("Sat", MeetingForm, SeriesForm)
READERS = (P.TOUCH_READ, P.OPINION_GIVE)


@bp.get("")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """List the meetings to come, or those held."""
    session, actor, today = db.session(), current_actor(), timing.today()
    past = request.args.get("show") == "past"
    return render_template(
        "meetings/index.html",
        page=queries.page(session, actor, past=past, today=today, cursor=request.args.get("cursor")),
        past=past,
        series=queries.series_list(session, actor),
        late=queries.late_decisions(session, actor, today),
        kinds=MEETING_LABELS,
        states=STATE_LABELS,
        rhythms=RHYTHM_LABELS,
        weekdays=WEEKDAYS,
        number=queries.meeting_number,
        knows=knows,
        today=today,
        may_call=services.may_call(actor),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def new() -> ResponseReturnValue:
    """Call one meeting."""
    session, actor, today = db.session(), current_actor(), timing.today()
    asked = request.args.get("kind", "")
    kind = asked if asked in set(MeetingKind) else MeetingKind.COORDINATION.value
    form: MeetingForm = seated(MeetingForm(kind=kind, held_on=today + timedelta(days=1), chair_id=actor.user_id))
    if request.method == "GET":
        return render_template("meetings/form.html", form=form, meeting=None)
    made: list[Meeting] = []
    refused = attempt(form, lambda: made.append(services.call(session, actor, form.draft(), now=timing.now())))
    if refused is not None:
        return render_template("meetings/form.html", form=form, meeting=None), refused
    _tell_rest_day(made[0])
    return redirect(url_for("meeting.show", meeting_id=made[0].id), 303)


@bp.route("/series/new", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def new_series() -> ResponseReturnValue:
    """Begin a series."""
    session, actor, today = db.session(), current_actor(), timing.today()
    form: SeriesForm = seated(
        SeriesForm(kind=MeetingKind.REGULAR.value, first_on=today, chair_id=actor.user_id, weekday=0)
    )
    if request.method == "GET":
        return render_template("meetings/series_form.html", form=form, series=None)
    made: list[MeetingSeries] = []

    def act() -> None:
        made.append(series.start(session, actor, form.draft(), now=timing.now(), today=today))

    refused = attempt(form, act)
    if refused is not None:
        return render_template("meetings/series_form.html", form=form, series=None), refused
    flash(tr("例会已建好，今后五周的会已按工作日历排好。"), "ok")
    return redirect(url_for("meetings.index"), 303)


@bp.route("/series/<int:series_id>/edit", methods=["GET", "POST"])
@requires(*READERS)
def edit_series(series_id: int) -> ResponseReturnValue:
    """Change a series; its rhythm stays."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.series(session, actor, series_id)
    monthly = row.rhythm is Rhythm.MONTHLY
    names = ("name", "first_on", "starts_at", "place", "chair_id", "unit_id")
    values = {name: getattr(row, name) for name in names}
    form: SeriesForm = seated(
        SeriesForm(
            **values,
            kind=row.kind.value,
            rhythm=row.rhythm.value,
            weekday=0 if monthly else row.day,
            month_day=row.day if monthly else None,
            members=queries.members(session, row.id),
        )
    )
    if request.method == "GET":
        manage = series.may_manage(actor, row)
        return render_template("meetings/series_form.html", form=form, series=row, manage=manage)
    refused = attempt(
        form, lambda: series.change(session, actor, series_id, form.draft(), now=timing.now(), today=today)
    )
    if refused is not None:
        return render_template("meetings/series_form.html", form=form, series=row, manage=True), refused
    flash(tr("例会已保存，还没开的会跟着改了。"), "ok")
    return redirect(url_for("meetings.index"), 303)


@bp.post("/series/<int:series_id>/end")
@requires(*READERS)
def end_series(series_id: int) -> ResponseReturnValue:
    """End a series."""
    series.end(db.session(), current_actor(), series_id, now=timing.now(), today=timing.today())
    flash(tr("例会已停开，还没开的会已取消；议定事项继续跟踪。"), "ok")
    return redirect(url_for("meetings.index"), 303)


@bp.get("/decisions")
@requires(*READERS)
def decision_list() -> ResponseReturnValue:
    """List decisions: mine or all I may see, open or closed."""
    session, actor, today = db.session(), current_actor(), timing.today()
    mine, closed = request.args.get("mine") == "1", request.args.get("state") == "closed"
    return render_template(
        "meetings/decisions.html",
        page=queries.decisions_page(session, actor, mine=mine, closed=closed, cursor=request.args.get("cursor")),
        mine=mine,
        closed=closed,
        late=queries.late_decisions(session, actor, today),
        labels=DECISION_LABELS,
        days_late=days_late,
        today=today,
    )


@bp.get("/decisions/<int:decision_id>")
@requires(*READERS)
def decision(decision_id: int) -> ResponseReturnValue:
    """Show one decision, and how it may end."""
    return _decision(decision_id)


@bp.post("/decisions/<int:decision_id>/done")
@requires(*READERS)
def decision_done(decision_id: int) -> ResponseReturnValue:
    """Close a decision with its result."""
    session, actor = db.session(), current_actor()
    form = DoneForm()
    refused = attempt(form, lambda: decisions.done(session, actor, decision_id, text(form.note), now=timing.now()))
    if refused is not None:
        return _decision(decision_id, done_form=form), refused
    flash(tr("已办结。"), "ok")
    return redirect(url_for("meetings.decision", decision_id=decision_id), 303)


@bp.post("/decisions/<int:decision_id>/drop")
@requires(*READERS)
def decision_drop(decision_id: int) -> ResponseReturnValue:
    """Drop a decision because a later one says so."""
    session, actor = db.session(), current_actor()
    form = DropForm()

    def act() -> None:
        decided = (text(form.number), form.dropped_on.data)
        decisions.drop(session, actor, decision_id, text(form.reason), decided, now=timing.now(), today=timing.today())

    refused = attempt(form, act)
    if refused is not None:
        return _decision(decision_id, drop_form=form), refused
    flash(tr("已按新的决定了结，不再办。"), "ok")
    return redirect(url_for("meetings.decision", decision_id=decision_id), 303)


def _decision(decision_id: int, **forms: Form) -> str:
    session, actor = db.session(), current_actor()
    found = queries.decision(session, actor, decision_id)
    project_id = found.row.project_id
    names = project_names(session, actor, [project_id]) if project_id else {}
    ready: dict[str, object] = {"done_form": None, "drop_form": None}
    if found.row.closed_at is None:
        if decisions.may_close(actor, found.row, found.row.meeting):
            ready["done_form"] = DoneForm(formdata=None)
        if services.may_manage(actor, found.row.meeting):
            ready["drop_form"] = DropForm(formdata=None)
    return render_template(
        "meetings/decision.html",
        found=found,
        row=found.row,
        project=names.get(project_id or 0),
        labels=DECISION_LABELS,
        late=days_late(found.row.due_on, timing.today()),
        closer=people.names(session, [found.row.closed_by]).get(found.row.closed_by) if found.row.closed_by else None,
        today=timing.today(),
        **{**ready, **forms},
    )


def seated(form: Sat) -> Sat:
    """Offer the colleagues of the day and the units in whose name the person may call a meeting."""
    session, actor = db.session(), current_actor()
    units = [(unit_id, actor.unit_names[unit_id]) for unit_id in writing_units(actor)]
    colleagues = [(user.id, user.name) for user in people.colleagues(session, None, timing.today())]
    form.offer(colleagues, units)
    return form


def _tell_rest_day(meeting: Meeting) -> None:
    """Say when a single meeting was put on a day without work; it stays where it was put."""
    flash(tr("会议已排好，下一步定议程。"), "ok")
    if knows(meeting.held_on) and not is_workday(meeting.held_on):
        flash(tr("注意：这一天不是工作日。"), "warn")
