"""Pages of events: the calendar of a year, one event with what it brought, planning and changing it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.field import event_leads, event_yield
from crm.field.event_forms import CancelForm, CreditForm, DelegateForm, EventForm, filled
from crm.fieldwork.events import queries, services
from crm.fieldwork.events.rules import EVENT_LABELS, GUEST_LABELS, EventKind
from crm.fieldwork.rules import writing_units
from crm.pipeline.attempts import attempt
from crm.pipeline.rules import CHANNEL_LABELS, STAGE_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import Form, text
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from decimal import Decimal

    from flask.typing import ResponseReturnValue

    from crm.fieldwork.events.models import Event

bp = Blueprint("events", __name__)
P = Permission
OK = 200
FIRST, LAST = 2000, 2100


@bp.get("/events")
@requires(P.TOUCH_READ)
def index() -> ResponseReturnValue:
    """Show the events of a year by month, with who came and what they brought."""
    session, actor, today = db.session(), current_actor(), timing.today()
    asked = request.args.get("year", today.year, type=int)
    year = asked if FIRST <= asked <= LAST else today.year
    wanted = request.args.get("kind", "")
    kind = EventKind(wanted) if wanted in set(EventKind) else None
    found = queries.of_year(session, actor, (date(year, 1, 1), date(year, 12, 31)), kind)
    months: dict[int, list[Event]] = {}
    for event in found:
        months.setdefault(event.start_on.month, []).append(event)
    ids = [event.id for event in found]
    return render_template(
        "field/events.html",
        year=year,
        kind=kind,
        months=months,
        found=found,
        counts=queries.counts(session, ids) if ids else {},
        brought=event_yield.totals(session, ids, timing.now()) if ids else {},
        kinds=EVENT_LABELS,
        span=queries.years(session, actor),
        today=today,
        may_plan=actor.may(P.TOUCH_WRITE),
    )


@bp.route("/events/new", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def new() -> ResponseReturnValue:
    """Plan an event."""
    kind = request.args.get("kind", "")
    form = _offered(EventForm(**filled(None, current_actor().user_id, kind if kind in set(EventKind) else "promotion")))
    made: list[Event] = []
    if request.method == "POST":
        session, actor = db.session(), current_actor()
        refused = attempt(form, lambda: made.append(services.plan(session, actor, form.draft(), now=timing.now())))
        if refused is None:
            flash(tr("活动已登记，下一步邀请企业。"), "ok")
            return redirect(url_for("events.show", event_id=made[0].id), 303)
        return render_template("field/event_form.html", form=form, event=None), refused
    return render_template("field/event_form.html", form=form, event=None)


@bp.route("/events/<int:event_id>/edit", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def edit(event_id: int) -> ResponseReturnValue:
    """Change an event."""
    session, actor = db.session(), current_actor()
    event = services.managed(session, actor, event_id, lock=False)
    form = _offered(EventForm(**filled(event, event.owner_id, event.kind.value)))
    if request.method == "POST":
        version = form.version.data or 0
        refused = attempt(
            form, lambda: services.change(session, actor, event_id, form.draft(), version=version, now=timing.now())
        )
        if refused is None:
            flash(tr("活动已保存。"), "ok")
            return redirect(url_for("events.show", event_id=event_id), 303)
        session.expire(event)
        return render_template("field/event_form.html", form=form, event=event), refused
    return render_template("field/event_form.html", form=form, event=event)


@bp.get("/events/<int:event_id>")
@requires(P.TOUCH_READ)
def show(event_id: int) -> ResponseReturnValue:
    """Show an event: facts, delegation, who came, what it brought and what that cost."""
    return _record(event_id)


@bp.post("/events/<int:event_id>/cancel")
@requires(P.TOUCH_WRITE)
def cancel(event_id: int) -> ResponseReturnValue:
    """Call an event off with the reason."""
    form = CancelForm()
    session, actor = db.session(), current_actor()
    refused = attempt(form, lambda: services.call_off(session, actor, event_id, text(form.reason), now=timing.now()))
    if refused is not None:
        return _record(event_id, cancel_form=form), refused
    undo = url_for("events.restore", event_id=event_id)
    flash({"text": tr("活动已取消。"), "undo": undo}, "ok")  # type: ignore[arg-type]  # a toast with undo
    return redirect(url_for("events.show", event_id=event_id), 303)


@bp.post("/events/<int:event_id>/restore")
@requires(P.TOUCH_WRITE)
def restore(event_id: int) -> ResponseReturnValue:
    """Take a calling-off back."""
    services.restore(db.session(), current_actor(), event_id, now=timing.now())
    flash(tr("活动已恢复。"), "ok")
    return redirect(url_for("events.show", event_id=event_id), 303)


@bp.post("/events/<int:event_id>/delegates")
@requires(P.TOUCH_WRITE)
def add_delegate(event_id: int) -> ResponseReturnValue:
    """Put one of us on the delegation."""
    session, actor = db.session(), current_actor()
    form = DelegateForm().offer(_colleagues())
    refused = attempt(form, lambda: services.add_delegate(session, actor, event_id, form.delegate(), now=timing.now()))
    if refused is not None:
        return _record(event_id, delegate_form=form), refused
    return redirect(url_for("events.show", event_id=event_id, _anchor="delegates"), 303)


@bp.post("/events/<int:event_id>/delegates/<int:delegate_id>/remove")
@requires(P.TOUCH_WRITE)
def remove_delegate(event_id: int, delegate_id: int) -> ResponseReturnValue:
    """Take somebody off the delegation."""
    services.remove_delegate(db.session(), current_actor(), event_id, delegate_id, now=timing.now())
    return redirect(url_for("events.show", event_id=event_id, _anchor="delegates"), 303)


@bp.post("/events/<int:event_id>/credits")
@requires(P.TOUCH_WRITE)
def credit(event_id: int) -> ResponseReturnValue:
    """Credit a project to an event by hand."""
    session, actor = db.session(), current_actor()
    form = CreditForm().offer(event_leads.choices(session, actor, event_id))

    def act() -> None:
        event_leads.credit(session, actor, event_id, form.project_id.data, text(form.reason), now=timing.now())

    refused = attempt(form, act)
    if refused is not None:
        return _record(event_id, credit_form=form), refused
    flash(tr("已计入这次活动的成果。"), "ok")
    return redirect(url_for("events.show", event_id=event_id, _anchor="brought"), 303)


@bp.post("/events/<int:event_id>/credits/<int:credit_id>/remove")
@requires(P.TOUCH_WRITE)
def uncredit(event_id: int, credit_id: int) -> ResponseReturnValue:
    """Take a credit away."""
    event_leads.uncredit(db.session(), current_actor(), event_id, credit_id, now=timing.now())
    flash(tr("已从活动成果中移除，项目不受影响。"), "ok")
    return redirect(url_for("events.show", event_id=event_id, _anchor="brought"), 303)


def _record(event_id: int, **forms: Form) -> str:
    session, actor, now = db.session(), current_actor(), timing.now()
    event = queries.get(session, actor, event_id)
    may_write = actor.may(P.TOUCH_WRITE)
    manage = services.may_manage(actor, event)
    ready: dict[str, object] = {}
    if manage:
        ready["delegate_form"] = DelegateForm(formdata=None).offer(_colleagues())
        ready["cancel_form"] = CancelForm(formdata=None)
    if may_write:
        ready["credit_form"] = CreditForm(formdata=None).offer(event_leads.choices(session, actor, event.id))
    return render_template(
        "field/event.html",
        event=event,
        counts=queries.counts(session, [event.id])[event.id],
        brought=event_yield.totals(session, [event.id], now)[event.id],
        rows=event_yield.rows(session, actor, event.id, now),
        delegates=queries.delegates(session, event.id),
        kinds=EVENT_LABELS,
        states=GUEST_LABELS,
        channels=CHANNEL_LABELS,
        stages=STAGE_LABELS,
        ways=event_yield.WAY_LABELS,
        wan=_wan,
        today=timing.today(),
        may_write=may_write,
        manage=manage,
        **{**ready, **forms},
    )


def _wan(value: Decimal | None) -> str:
    """Write a small sum exactly: an event costs tens of 万元, where the whole ones would say too little."""
    if value is None:
        return "—"
    if locale() == "en":
        return f"CNY {_short(value * 10)}k"
    return tr("%(sum)s万元", sum=_short(value))


def _short(value: Decimal) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _offered(form: EventForm) -> EventForm:
    actor = current_actor()
    units = [(unit_id, actor.unit_names[unit_id]) for unit_id in writing_units(actor)]
    return form.offer(_colleagues(), units)


def _colleagues() -> list[tuple[int, str]]:
    return [(user.id, user.name) for user in people.colleagues(db.session(), None, timing.today())]
