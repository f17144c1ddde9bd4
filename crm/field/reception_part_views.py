"""Parts of a reception: visitors, hosts, the itinerary, and the files made of it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.enterprises import queries as register
from crm.field import itinerary
from crm.field.brief_paper import file_name
from crm.field.brief_views import DOCX, maker, note
from crm.field.reception_forms import HostForm, SlotForm, VisitorForm
from crm.field.trip_views import attempt, colleagues
from crm.fieldwork.receptions import queries, rules, services
from crm.fieldwork.receptions.rules import STEP, Side
from crm.fieldwork.rules import LEADER_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.fieldwork.receptions.models import Reception

bp = Blueprint("reception_parts", __name__, url_prefix="/receptions")
P = Permission


@bp.route("/<int:reception_id>/<any('visitors', 'hosts'):who>", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def people(reception_id: int, who: str) -> ResponseReturnValue:
    """Show one side, and put somebody down."""
    session, actor = db.session(), current_actor()
    row = services.changeable(session, actor, reception_id)
    side = Side.VISITOR if who == "visitors" else Side.HOST
    form = _visitor_form(row) if side is Side.VISITOR else HostForm().offer(colleagues())
    status = 200
    if request.method == "POST":
        now, today = timing.now(), timing.today()
        refused = attempt(
            form, lambda: services.add_person(session, actor, reception_id, form.draft(), now=now, today=today)
        )
        if refused is None:
            flash(tr("已加入名单"), "ok")
            return redirect(url_for("reception_parts.people", reception_id=reception_id, who=who), 303)
        status = refused
    page = {"row": row, "form": form, "who": who, "listed": [one for one in row.people if one.side is side]}
    return render_template("field/receptions/people.html", rules=rules, levels=LEADER_LABELS, **page), status


@bp.post("/<int:reception_id>/<any('visitors', 'hosts'):who>/<int:person_id>/remove")
@requires(P.TOUCH_WRITE)
def remove_person(reception_id: int, who: str, person_id: int) -> ResponseReturnValue:
    """Take somebody off the list."""
    services.remove_person(db.session(), current_actor(), reception_id, person_id, now=timing.now())
    flash(tr("已移出名单"), "ok")
    return redirect(url_for("reception_parts.people", reception_id=reception_id, who=who), 303)


@bp.route("/<int:reception_id>/itinerary", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def plan(reception_id: int) -> ResponseReturnValue:
    """Show the itinerary, and add an item: the form goes on by half hours."""
    row = services.changeable(db.session(), current_actor(), reception_id)
    return _slot(row, None)


@bp.route("/<int:reception_id>/itinerary/<int:slot_id>", methods=["GET", "POST"])
@requires(P.TOUCH_WRITE)
def slot(reception_id: int, slot_id: int) -> ResponseReturnValue:
    """Change an item of the itinerary."""
    row = services.changeable(db.session(), current_actor(), reception_id)
    return _slot(row, slot_id)


@bp.post("/<int:reception_id>/itinerary/<int:slot_id>/remove")
@requires(P.TOUCH_WRITE)
def remove_slot(reception_id: int, slot_id: int) -> ResponseReturnValue:
    """Take an item out of the itinerary."""
    services.remove_slot(db.session(), current_actor(), reception_id, slot_id, now=timing.now())
    flash(tr("已从行程里去掉"), "ok")
    return redirect(url_for("reception_parts.plan", reception_id=reception_id), 303)


@bp.post("/<int:reception_id>/itinerary.docx")
@requires(P.TOUCH_READ)
def docx(reception_id: int) -> ResponseReturnValue:
    """Send the itinerary as a Word file."""
    row = queries.reception(db.session(), current_actor(), reception_id)
    note("reception", reception_id)
    name = file_name([f"接待方案-{row.enterprise.name}"])
    return send_file(BytesIO(itinerary.docx(row, maker())), mimetype=DOCX, as_attachment=True, download_name=name)


@bp.get("/<int:reception_id>/itinerary.ics")
@requires(P.TOUCH_READ)
def ics(reception_id: int) -> ResponseReturnValue:
    """Send the itinerary as a calendar file; it names no visitor."""
    row = queries.reception(db.session(), current_actor(), reception_id)
    content = itinerary.ics(row, request.host.partition(":")[0])
    return send_file(
        BytesIO(content), mimetype="text/calendar", as_attachment=True, download_name=f"reception-{row.id}.ics"
    )


def _visitor_form(row: Reception) -> VisitorForm:
    known = register.contacts_of(db.session(), current_actor(), row.enterprise_id)
    return VisitorForm().offer((one.id, f"{one.name}{f'（{one.post}）' if one.post else ''}") for one in known)


def _slot(row: Reception, slot_id: int | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    chosen = services.slot_of(row, slot_id) if slot_id is not None else None
    form, status = SlotForm(obj=chosen).offer(colleagues()), 200
    if request.method == "POST":
        refused = attempt(
            form, lambda: services.save_slot(session, actor, row.id, slot_id, form.draft(), now=timing.now())
        )
        if refused is None:
            flash(tr("已保存行程"), "ok")
            return redirect(url_for("reception_parts.plan", reception_id=row.id), 303)
        status = refused
    elif chosen is None:
        form.starts_at.data = row.slots[-1].ends_at if row.slots else row.starts_at
        form.ends_at.data = min(form.starts_at.data + STEP, row.ends_at)
    return render_template("field/receptions/plan.html", row=row, form=form, slot_id=slot_id, rules=rules), status
