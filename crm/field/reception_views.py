"""Pages of receptions (接待): the list, one of them, planning and changing it, how it went."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.field import hosting
from crm.field.reception_forms import OutcomeForm, ReceptionForm
from crm.field.trip_views import OUTDATED, attempt
from crm.fieldwork import firm_pick
from crm.fieldwork.receptions import queries, rules, services
from crm.fieldwork.receptions.queries import ReceptionFilter
from crm.fieldwork.receptions.rules import ReceptionState, Side
from crm.fieldwork.rules import LEADER_LABELS, TouchKind, writing_units
from crm.pipeline import touches
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.fieldwork.receptions.models import Reception

bp = Blueprint("receptions", __name__, url_prefix="/receptions")
P = Permission
MORNING, EVENING = time(9), time(17)


@bp.get("")
@requires(P.TOUCH_READ)
def index() -> ResponseReturnValue:
    """List receptions, the latest first."""
    session, actor, today = db.session(), current_actor(), timing.today()
    wanted = _wanted()
    page = queries.page(session, actor, wanted, cursor=request.args.get("cursor"))
    scope = actor.scope(P.TOUCH_READ)
    units = [(unit.id, unit.name) for unit in people.units(session, today) if scope is None or unit.id in scope]
    return render_template(
        "field/receptions/index.html",
        page=page,
        count=queries.count(session, actor, wanted),
        guests=queries.guests(session, [row.id for row in page.rows]),
        units=units,
        rules=rules,
        levels=LEADER_LABELS,
        link=_link,
        may_plan=bool(writing_units(actor)) and actor.may(P.TOUCH_WRITE),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def new() -> ResponseReturnValue:
    """Plan a reception."""
    form = ReceptionForm()
    if request.method == "GET":
        tomorrow = timing.today() + timedelta(days=1)
        form.starts_at.data = datetime.combine(tomorrow, MORNING, tzinfo=timing.zone())
        form.ends_at.data = datetime.combine(tomorrow, EVENING, tzinfo=timing.zone())
        form.enterprise_id.data = request.args.get("enterprise", "")
        form.project_id.data = request.args.get("project", "")
        return _form_page(form)
    if "find" in request.form:
        return _form_page(form)
    made: list[Reception] = []

    def act() -> None:
        draft = form.draft()
        _check_project(draft.enterprise_id, draft.project_id)
        made.append(services.plan_reception(db.session(), current_actor(), draft, now=timing.now()))

    status = attempt(_offered(form), act)
    if status is None:
        flash(tr("已登记接待，接着安排来宾和行程"), "ok")
        return redirect(url_for("receptions.show", reception_id=made[0].id), 303)
    return _form_page(form), status


@bp.get("/<int:reception_id>")
@requires(P.TOUCH_READ)
def show(reception_id: int) -> ResponseReturnValue:
    """Show a reception."""
    session, actor = db.session(), current_actor()
    row = queries.reception(session, actor, reception_id)
    mine = actor.may(P.TOUCH_WRITE) and services.may_change(actor, row)
    return render_template(
        "field/receptions/show.html",
        row=row,
        visitors=[one for one in row.people if one.side is Side.VISITOR],
        hosts=[one for one in row.people if one.side is Side.HOST],
        party=rules.party([(one.role, one.heads) for one in row.people if one.side is Side.VISITOR]),
        project=touches.project_name(session, actor, row.project_id) if row.project_id else None,
        rules=rules,
        levels=LEADER_LABELS,
        mine=mine,
        open_=mine and row.state is ReceptionState.PLANNED,
        begun=row.starts_at <= timing.now(),
    )


@bp.route("/<int:reception_id>/edit", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def edit(reception_id: int) -> ResponseReturnValue:
    """Change what and when."""
    session, actor = db.session(), current_actor()
    row = services.changeable(session, actor, reception_id)
    form = ReceptionForm(obj=row)
    if request.method == "GET":
        form.version.data = str(row.version)
        return _form_page(form, row)
    if "find" in request.form:
        return _form_page(form, row)

    def act() -> None:
        draft = form.draft()
        if (draft.enterprise_id, draft.project_id) != (row.enterprise_id, row.project_id):
            _check_project(draft.enterprise_id, draft.project_id)
        services.change_reception(session, actor, reception_id, draft, version=form.seen, now=timing.now())

    status = attempt(_offered(form), act)
    if status is None:
        flash(tr("已保存"), "ok")
        return redirect(url_for("receptions.show", reception_id=reception_id), 303)
    if status == OUTDATED:
        form.version.data = str(row.version)
    return _form_page(form, row), status


@bp.route("/<int:reception_id>/held", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def held(reception_id: int) -> ResponseReturnValue:
    """Write down how it went; this logs the touch."""
    session, actor = db.session(), current_actor()
    row = services.changeable(session, actor, reception_id)
    form, status = OutcomeForm().label(), 200
    sites = {slot.id: request.form.get(f"site-{slot.id}", slot.feedback or "")[:5000] for slot in row.slots}
    if request.method == "POST":
        now, today = timing.now(), timing.today()
        refused = attempt(
            form, lambda: hosting.hold(session, actor, reception_id, form.outcome(), sites, now=now, today=today)
        )
        if refused is None:
            flash(tr("已登记结果，并记入走访记录"), "ok")
            return redirect(url_for("receptions.show", reception_id=reception_id), 303)
        status = refused
    return render_template("field/receptions/held.html", row=row, form=form, sites=sites, rules=rules), status


@bp.post("/<int:reception_id>/<any('cancel', 'resume'):what>")
@requires(P.TOUCH_WRITE)
def call_off(reception_id: int, what: str) -> ResponseReturnValue:
    """Call a reception off, or plan it again."""
    act = services.cancel if what == "cancel" else services.resume
    act(db.session(), current_actor(), reception_id, now=timing.now())
    flash(tr("已取消接待") if what == "cancel" else tr("已恢复接待"), "ok")
    return redirect(url_for("receptions.show", reception_id=reception_id), 303)


def _check_project(enterprise_id: int | None, project_id: int | None) -> None:
    """Refuse a project of another enterprise, or one the person may not log touches on."""
    if project_id is None or enterprise_id is None:
        return
    known = touches.choices(db.session(), current_actor(), enterprise_id)
    if project_id not in {row.id for row in known}:
        raise DomainError(touches.WRONG_PROJECT)


def _offered(form: ReceptionForm) -> ReceptionForm:
    session, actor = db.session(), current_actor()
    units = [(unit_id, actor.unit_names[unit_id]) for unit_id in writing_units(actor)]
    firm = number_or_none(text(form.enterprise_id))
    return form.offer(units, touches.choices(session, actor, firm) if firm else [])


def _form_page(form: ReceptionForm, row: Reception | None = None) -> str:
    chosen, query = text(form.enterprise_id), text(form.q)
    picks = firm_pick.offered(db.session(), current_actor(), query, chosen)
    return render_template(
        "field/receptions/form.html", form=_offered(form), row=row, picks=picks, q=query, chosen=chosen
    )


def _wanted() -> ReceptionFilter:
    """Read the filters of the address; what makes no sense is left out."""
    args = request.args
    state, kind = args.get("state", ""), args.get("kind", "")
    return ReceptionFilter(
        state=ReceptionState(state) if state in rules.STATE_LABELS else None,
        kind=TouchKind(kind) if kind in rules.KIND_LABELS else None,
        unit_id=args.get("unit", type=int),
        enterprise_id=args.get("enterprise", type=int),
    )


def _link(**changes: str | None) -> str:
    kept = {key: value for key, value in request.args.items() if key != "cursor" and value}
    wanted = {key: value for key, value in {**kept, **changes}.items() if value}
    return f"{url_for('receptions.index')}?{urlencode(wanted)}"
