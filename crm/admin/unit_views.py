"""Units (机构): set up, renamed, moved and closed on a day; what was before can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from crm.admin.forms import UnitChangeForm, UnitCloseForm, UnitForm
from crm.auth import queries, services, units
from crm.auth.identity import current_actor
from crm.auth.models import OrgUnit
from crm.auth.rules import UNIT_LABELS, Permission, UnitKind
from crm.auth.units import Closing, UnitChange
from crm.core.errors import DomainError
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import optional, text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("units", __name__, url_prefix="/admin/units")
REFUSED = 422


@bp.route("", methods=["GET", "POST"])
@requires(Permission.ADMIN_MANAGE)
def index() -> ResponseReturnValue:
    """List units and set one up; closed ones are a click away."""
    form = UnitForm(valid_from=timing.today())
    form.fill(_pairs())
    status = 200
    if request.method == "POST":
        status = REFUSED
        if form.validate() and form.valid_from.data is not None:
            try:
                made = services.create_unit(db.session(), current_actor(), _typed(form), now=timing.now())
            except DomainError as error:
                form.refuse(error.problems)
            else:
                flash(tr("已新建机构 %(name)s。", name=made.name), "ok")
                return redirect(url_for("units.index"))
    session, today = db.session(), timing.today()
    closed = request.args.get("state") == "closed"
    gone = select(OrgUnit).where(OrgUnit.valid_to < today).order_by(OrgUnit.valid_to.desc(), OrgUnit.id)
    listed = list(session.scalars(gone)) if closed else queries.units(session, today)
    page = render_template(
        "admin/units.html",
        form=form,
        units=listed,
        closed=closed,
        names=units.names_on(session, today),
        kinds=UNIT_LABELS,
    )
    return page, status


@bp.get("/<int:unit_id>")
@requires(Permission.ADMIN_MANAGE)
def show(unit_id: int) -> ResponseReturnValue:
    """Show a unit, what it was before, and what can be changed."""
    return _page(unit_id)


@bp.post("/<int:unit_id>/change")
@requires(Permission.ADMIN_MANAGE)
def change(unit_id: int) -> ResponseReturnValue:
    """Rename or move a unit."""
    form = UnitChangeForm().fill(_pairs())
    if form.validate():
        wanted = UnitChange(
            name=text(form.name),
            parent_id=int(form.parent.data) or None,
            managing_unit_id=int(form.managing.data) or None,
            region=optional(form.region),
            day=form.day.data or timing.today(),
            reason=text(form.reason),
        )
        try:
            units.change(db.session(), current_actor(), unit_id, wanted, now=timing.now(), today=timing.today())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已变更，以前的名称和隶属关系留在沿革里。"), "ok")
            return redirect(url_for("units.show", unit_id=unit_id), 303)
    return _page(unit_id, changing=form), REFUSED


@bp.post("/<int:unit_id>/close")
@requires(Permission.ADMIN_MANAGE)
def close(unit_id: int) -> ResponseReturnValue:
    """Close a unit after its last day; what it did stays counted for it."""
    form = UnitCloseForm().fill(_pairs())
    if form.validate():
        successor = int(form.successor.data) or None
        closing = Closing(form.last_day.data or timing.today(), text(form.close_reason), successor)
        try:
            row = units.close(db.session(), current_actor(), unit_id, closing, now=timing.now())
        except DomainError as error:
            if error.status != REFUSED:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已撤销机构 %(name)s，历史数据保留。", name=row.name), "ok")
            return redirect(url_for("units.show", unit_id=unit_id), 303)
    return _page(unit_id, closing=form), REFUSED


@bp.post("/<int:unit_id>/reopen")
@requires(Permission.ADMIN_MANAGE)
def reopen(unit_id: int) -> ResponseReturnValue:
    """Take a closing back."""
    row = units.reopen(db.session(), current_actor(), unit_id, now=timing.now())
    flash(tr("已恢复机构 %(name)s，人员请重新编组。", name=row.name), "ok")
    return redirect(url_for("units.show", unit_id=unit_id), 303)


def _page(unit_id: int, *, changing: UnitChangeForm | None = None, closing: UnitCloseForm | None = None) -> str:
    session, today = db.session(), timing.today()
    row = units.unit(session, unit_id)
    pairs = _pairs()
    if changing is None:
        changing = UnitChangeForm(
            formdata=None,
            name=row.name,
            parent=row.parent_id or 0,
            managing=row.managing_unit_id or 0,
            region=row.region,
            day=today,
        ).fill(pairs)
    if closing is None:
        closing = UnitCloseForm(formdata=None, last_day=today).fill([one for one in pairs if one[0] != str(unit_id)])
    return render_template(
        "admin/unit.html",
        unit=row,
        versions=units.versions(session, unit_id),
        since=units.since(session, row),
        names=units.names_on(session, today),
        changing=changing,
        closing=closing,
        kinds=UNIT_LABELS,
        today=today,
    )


def _typed(form: UnitForm) -> OrgUnit:
    return OrgUnit(
        name=text(form.name),
        kind=UnitKind(form.kind.data),
        parent_id=int(form.parent.data) or None,
        managing_unit_id=int(form.managing.data) or None,
        region=optional(form.region),
        valid_from=form.valid_from.data,
    )


def _pairs() -> list[tuple[str, str]]:
    return [(str(unit.id), unit.name) for unit in queries.units(db.session(), timing.today())]
