"""Pages of carriers: the list with what is free on a day, one carrier, adding and changing it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError
from crm.land import holders
from crm.land.carrier_forms import CarrierForm, ReasonForm, carrier_values
from crm.land.keeping import kept_units
from crm.pipeline.attempts import attempt
from crm.resources.carriers import queries, rules, services
from crm.resources.carriers.queries import Wanted
from crm.resources.carriers.rules import Availability, CarrierKind
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import asked, day_or_none, number_or_none

if TYPE_CHECKING:
    from datetime import date

    from flask.typing import ResponseReturnValue

    from crm.resources.carriers.models import Carrier

bp = Blueprint("carriers", __name__)
P = Permission


def wanted() -> tuple[Wanted, date]:
    """Read the filters of the address, and the day asked; what cannot be read does not narrow."""
    get = request.args.get
    found = Wanted(
        text=get("q", "").strip()[:80],
        kind=next((kind for kind in CarrierKind if kind == get("kind")), None),
        unit_id=number_or_none(get("unit", "")),
        parent_id=number_or_none(get("park", "")),
        availability=next((state for state in Availability if state == get("state")), None),
        least=_area(get("least", "")),
        industry=get("industry", "").strip()[:40],
        again=get("again") == "1",
    )
    return found, day_or_none(get("on", "")) or timing.today()


def _area(typed: str) -> Decimal | None:
    """Read an area as finely as one is kept; None for anything else."""
    try:
        found = Decimal(typed)
    except InvalidOperation:
        return None
    return round(found, rules.FINE) if found.is_finite() and abs(found) <= rules.LARGEST else None


@bp.get("/carriers")
@requires(P.RESOURCE_READ)
def index() -> ResponseReturnValue:
    """List carriers with what is free of each on a day."""
    session = db.session()
    narrowed, day = wanted()
    page = queries.listing(session, narrowed, day, cursor=request.args.get("cursor"))
    return render_template(
        "land/carriers/index.html",
        page=page,
        again=queries.again_since(session, [shown.carrier.id for shown in page.rows], day),
        total=queries.total(session, narrowed, day),
        wanted=narrowed,
        day=day,
        today=timing.today(),
        args=asked("cursor"),
        units={unit.id: unit.name for unit in people.units(session, timing.today())},
        parks=queries.parks(session),
        may_add=bool(kept_units()),
        rules=rules,
    )


@bp.get("/carriers/<int:carrier_id>")
@requires(P.RESOURCE_READ)
def show(carrier_id: int) -> ResponseReturnValue:
    """Show a carrier: its limits, what is free, who holds what, and what lies in it."""
    session, actor, today = db.session(), current_actor(), timing.today()
    row = queries.get(session, carrier_id)
    day = day_or_none(request.args.get("on", "")) or today
    found = queries.holds(session, row.id)
    parts = queries.chosen(session, Wanted(parent_id=row.id), day) if row.kind is CarrierKind.PARK else []
    return render_template(
        "land/carriers/show.html",
        shown=queries.show(session, row, day),
        again=queries.again_since(session, [row.id], day).get(row.id),
        row=row,
        day=day,
        today=today,
        holds=found,
        names=holders.names(session, actor, found),
        parts=parts,
        total=queries.total(session, Wanted(parent_id=row.id), day) if parts else None,
        park=queries.get(session, row.parent_id) if row.parent_id else None,
        unit=people.unit_names(session, [row.unit_id]).get(row.unit_id, ""),
        may=queries.may_manage(actor, row.unit_id),
        form=ReasonForm(formdata=None),
        rules=rules,
    )


@bp.route("/carriers/new", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def new() -> ResponseReturnValue:
    """Add a carrier."""
    park = request.args.get("park", "")
    start = {"kind": str(CarrierKind.PLOT), "parent_id": park, "listed_from": timing.today()}
    return _save(CarrierForm(data=start), None)


@bp.route("/carriers/<int:carrier_id>/edit", methods=["GET", "POST"])
@requires(P.RESOURCE_MANAGE)
def edit(carrier_id: int) -> ResponseReturnValue:
    """Change a carrier."""
    row = queries.get(db.session(), carrier_id)
    if not queries.may_manage(current_actor(), row.unit_id):
        raise ForbiddenError(services.FORBIDDEN)
    return _save(CarrierForm(data=carrier_values(row)), row)


def _save(form: CarrierForm, row: Carrier | None) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    form.offer(kept_units(), queries.parks_to_choose(session, actor, row))
    if request.method == "GET":
        return render_template("land/carriers/edit.html", form=form, row=row, rules=rules)
    kept: list[int] = []

    def act() -> None:
        seen = number_or_none(text(form.seen)) if row is not None else None
        saved = services.save(
            session,
            actor,
            form.draft(),
            now=timing.now(),
            today=timing.today(),
            carrier_id=None if row is None else row.id,
            seen=seen,
        )
        kept.append(saved.id)

    status = attempt(form, act)
    if status is not None:
        return render_template("land/carriers/edit.html", form=form, row=row, rules=rules), status
    flash(tr("已保存"), "ok")
    return redirect(url_for("carriers.show", carrier_id=kept[0]), 303)


@bp.post("/carriers/<int:carrier_id>/<any(withdraw, put_back):how>")
@requires(P.RESOURCE_MANAGE)
def change(carrier_id: int, how: str) -> ResponseReturnValue:
    """Take a carrier off the list, or offer it again."""
    session, actor, form = db.session(), current_actor(), ReasonForm()

    def act() -> None:
        services.withdraw(session, actor, carrier_id, reason=text(form.reason), today=timing.today(), now=timing.now())

    if how == "put_back":
        services.put_back(session, actor, carrier_id, now=timing.now())
        flash(tr("已恢复上架"), "ok")
    elif attempt(form, act) is not None:
        for errors in form.errors.values():
            flash("；".join(str(error) for error in errors), "error")
    else:
        flash(tr("已下架"), "ok")
    return redirect(url_for("carriers.show", carrier_id=carrier_id), 303)
