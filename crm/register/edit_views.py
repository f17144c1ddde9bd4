"""Pages of the form of an enterprise: add, change, settle what two people changed at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError, Problem
from crm.enterprises import codes, history, services
from crm.enterprises import queries as enterprises
from crm.enterprises.fields import LABELS, read_value
from crm.enterprises.indexing import ENTERPRISE
from crm.register import editing, similar
from crm.register.enterprise_form import EnterpriseForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.compare import Clash
    from crm.enterprises.models import Enterprise
    from crm.register.editing import Edit

bp = Blueprint("enterprise_edit", __name__)
LONGEST = 100
INDUSTRIES, REGIONS = 120, 400
CHOSEN = "choice_"
LIKE = Problem("enterprise.alike", "登记册里有相近的企业。是同一家请打开它；确是另一家请勾选“仍要保存”。", "confirmed")
UNDECIDED = "有字段还没有选用哪个值，请逐个选好再保存。"


@bp.get("/enterprises/new")
@requires(Permission.ENTERPRISE_WRITE)
def new() -> ResponseReturnValue:
    """Show the form for a new enterprise."""
    name = request.args.get("name", "").strip()[:LONGEST]
    return _page(EnterpriseForm(formdata=None, data={"name": name}), None, 200)


@bp.post("/enterprises/new")
@requires(Permission.ENTERPRISE_WRITE)
def create() -> ResponseReturnValue:
    """Add an enterprise."""
    form, known = EnterpriseForm(), None
    if form.validate() and not _resembles(form):
        try:
            row = services.create_enterprise(db.session(), current_actor(), form.draft(), now=timing.now())
        except DomainError as error:
            known = _refused(form, error)
        else:
            return _added(row)
    return _page(form, None, 422, known)


def _added(row: Enterprise) -> ResponseReturnValue:
    """Lead on with the new enterprise: to the lead or the tip it was wanted for, else to its own page."""
    tip = request.form.get("for_tip", type=int)
    if tip is not None:
        flash(tr("已新增“%(name)s”，接着登记线索。", name=row.name), "ok")
        return redirect(url_for("lead_tips.show", tip_id=tip, enterprise=row.id), 303)
    if request.form.get("for_lead"):
        flash(tr("已新增“%(name)s”，接着登记线索。", name=row.name), "ok")
        return redirect(url_for("pipeline.new", enterprise=row.id), 303)
    flash(tr("已新增“%(name)s”。下一步：添加联系人或记走访。", name=row.name), "ok")
    return redirect(url_for("register.show", enterprise_id=row.id), 303)


@bp.get("/enterprises/<int:enterprise_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def edit(enterprise_id: int) -> ResponseReturnValue:
    """Show the form of an enterprise."""
    row = enterprises.enterprise(db.session(), enterprise_id)
    form = EnterpriseForm(formdata=None, obj=row)
    form.original.data = editing.packed(row)
    return _page(form, row, 200)


@bp.post("/enterprises/<int:enterprise_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def update(enterprise_id: int) -> ResponseReturnValue:
    """Save what was changed; ask, field by field, where somebody else changed the same meanwhile."""
    form = EnterpriseForm()
    sent, known, status = _sent(form), None, 422
    if form.validate() and sent.undecided:
        form.form_errors.append(tr(UNDECIDED))
    elif not form.errors:
        try:
            clashes = editing.save(
                db.session(),
                current_actor(),
                enterprise_id,
                sent,
                confirmed=bool(form.confirmed.data),
                now=timing.now(),
            )
        except DomainError as error:
            known = _refused(form, error)
            status = error.status
        else:
            if clashes:
                return _ask(enterprise_id, sent, clashes, confirmed=bool(form.confirmed.data))
            flash(tr("已保存。"), "ok")
            return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)
    row = enterprises.enterprise(db.session(), enterprise_id)
    return _page(form, row, status, known, sent)


def _resembles(form: EnterpriseForm) -> bool:
    """Whether something on record is much like a new enterprise, and nobody has said that it is another one."""
    draft = form.draft()
    if draft.confirmed or not any(one.asks for one in similar.similar(db.session(), draft)):
        return False
    form.refuse([LIKE])
    return True


def _sent(form: EnterpriseForm) -> Edit:
    earlier = editing.unpack(request.form.get("earlier", "")) or {}
    return editing.Edit(
        mine=form.values(),
        original=editing.unpack(text(form.original)),
        version=number_or_none(text(form.version)) or 0,
        earlier=earlier,
        chosen={name: request.form.get(CHOSEN + name, "") for name in earlier},
    )


def _ask(enterprise_id: int, sent: Edit, clashes: tuple[Clash, ...], *, confirmed: bool) -> ResponseReturnValue:
    """Show the clashes: nothing is lost of what was typed, nothing of what the other one saved."""
    row = enterprises.enterprise(db.session(), enterprise_id)
    values = {name: read_value(name, value) for name, value in editing.merged(sent, row).items()}
    form = EnterpriseForm(formdata=None, data={**values, "confirmed": confirmed, "version": row.version})
    form.original.data = editing.packed(row)
    asked = editing.Edit(
        mine=form.values(),
        original=editing.unpack(form.original.data),
        version=row.version,
        earlier={clash.field: clash.original for clash in clashes},
    )
    return _page(form, row, 409, None, asked)


def _refused(form: EnterpriseForm, error: DomainError) -> tuple[str, int] | None:
    """Put a refusal into the form; return which enterprise stands in the way: (where, its id)."""
    if error.status not in {DomainError.status, ConflictError.status}:
        raise error
    form.refuse(error.problems)
    if not isinstance(error, services.DuplicateError):
        return None
    return "bin" if isinstance(error, services.BinnedError) else "register", error.existing_id


def _page(
    form: EnterpriseForm,
    row: Enterprise | None,
    status: int,
    known: tuple[str, int] | None = None,
    sent: Edit | None = None,
) -> ResponseReturnValue:
    clashes = sent.clashes if sent else ()
    session = db.session()
    latest = history.latest(session, (ENTERPRISE, row.id), [clash.field for clash in clashes]) if row else {}
    page = render_template(
        "register/form.html",
        form=form,
        row=row,
        known=known,
        clashes=clashes,
        chosen=sent.chosen if sent else {},
        earlier=editing.pack(sent.earlier) if sent else "",
        latest=latest,
        names=people.names(session, [one.by for one in latest.values() if one.by]),
        labels=LABELS,
        shown=editing.shown,
        offers=_offers(),
        similar=similar.similar(session, form.draft(), row.id if row else None) if form.confirmed.errors else (),
    )
    return page, status


@lru_cache(maxsize=1)
def _offers() -> dict[str, tuple[str, ...]]:
    """Names of industries (sections, divisions) and regions (provinces, prefectures) to choose from."""
    return {
        "industry": tuple(name for _code, name in codes.suggest_industries("", INDUSTRIES)),
        "region": tuple(name for _code, name in codes.suggest_regions("", REGIONS)),
    }
