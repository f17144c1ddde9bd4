"""Pages of enterprises: list, record, add, change, names, picker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import queries as enterprises
from crm.enterprises import services
from crm.enterprises.rules import ALIAS_LABELS, AliasKind
from crm.fieldwork.rules import due_state
from crm.pipeline.rules import STAGE_LABELS
from crm.register import record
from crm.register.forms import AliasForm, EnterpriseForm
from crm.scoring.display import shown_reasons
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Enterprise

bp = Blueprint("register", __name__)
LONGEST = 100


def _arg(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:LONGEST]


@bp.get("/enterprises/pick")
@requires(Permission.ENTERPRISE_READ)
def pick() -> ResponseReturnValue:
    """Offer enterprises to a form, as buttons; without htmx the list itself."""
    query = _arg("q")
    if "HX-Request" not in request.headers:
        return redirect(url_for("enterprise_list.index", q=query))
    options = enterprises.suggest(db.session(), query) if query else []
    return render_template("register/_pick.html", options=options, q=query)


@bp.get("/enterprises/new")
@requires(Permission.ENTERPRISE_WRITE)
def new() -> ResponseReturnValue:
    """Show the form for a new enterprise."""
    return _form_page(EnterpriseForm(formdata=None, data={"name": _arg("name")}), None, 200)


@bp.post("/enterprises/new")
@requires(Permission.ENTERPRISE_WRITE)
def create() -> ResponseReturnValue:
    """Add an enterprise."""
    form, existing = EnterpriseForm(), None
    if form.validate():
        try:
            row = services.create_enterprise(db.session(), current_actor(), form.draft(), now=timing.now())
        except services.DuplicateError as error:
            form.refuse(error.problems)
            existing = error.existing_id
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已新增“%(name)s”。下一步：添加联系人或记走访。", name=row.name), "ok")
            return redirect(url_for("register.show", enterprise_id=row.id), 303)
    return _form_page(form, None, 422, existing)


@bp.get("/enterprises/<int:enterprise_id>")
@requires(Permission.ENTERPRISE_READ)
def show(enterprise_id: int) -> ResponseReturnValue:
    """Show one enterprise."""
    return _record_page(enterprise_id, AliasForm(formdata=None), 200)


@bp.get("/enterprises/<int:enterprise_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def edit(enterprise_id: int) -> ResponseReturnValue:
    """Show the form of an enterprise."""
    row = enterprises.enterprise(db.session(), enterprise_id)
    return _form_page(EnterpriseForm(formdata=None, obj=row), row, 200)


@bp.post("/enterprises/<int:enterprise_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def update(enterprise_id: int) -> ResponseReturnValue:
    """Save an enterprise unless somebody else changed it since."""
    form, existing, status = EnterpriseForm(), None, 422
    if form.validate():
        version = number_or_none(text(form.version)) or 0
        try:
            services.update_enterprise(
                db.session(), current_actor(), enterprise_id, form.draft(), version, now=timing.now()
            )
        except services.DuplicateError as error:
            form.refuse(error.problems)
            existing = error.existing_id
        except DomainError as error:
            if error.status not in {DomainError.status, ConflictError.status}:
                raise
            form.refuse(error.problems)
            status = error.status
        else:
            flash(tr("已保存。"), "ok")
            return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)
    row = enterprises.enterprise(db.session(), enterprise_id)
    form.version.data = str(row.version)
    return _form_page(form, row, status, existing)


@bp.post("/enterprises/<int:enterprise_id>/aliases")
@requires(Permission.ENTERPRISE_WRITE)
def add_alias(enterprise_id: int) -> ResponseReturnValue:
    """Add another name."""
    form = AliasForm()
    if form.validate():
        try:
            services.add_alias(
                db.session(),
                current_actor(),
                enterprise_id,
                text(form.alias),
                AliasKind(form.kind.data),
                now=timing.now(),
            )
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已添加别名，新闻和搜索会认得它。"), "ok")
            return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)
    return _record_page(enterprise_id, form, 422)


@bp.post("/enterprises/aliases/<int:alias_id>/remove")
@requires(Permission.ENTERPRISE_WRITE)
def remove_alias(alias_id: int) -> ResponseReturnValue:
    """Take a name away."""
    removed = services.remove_alias(db.session(), current_actor(), alias_id, now=timing.now())
    flash(tr("已删除别名“%(name)s”。", name=removed.alias), "ok")
    return redirect(url_for("register.show", enterprise_id=removed.enterprise_id), 303)


def _form_page(
    form: EnterpriseForm, row: Enterprise | None, status: int, existing: int | None = None
) -> ResponseReturnValue:
    return render_template("register/form.html", form=form, row=row, existing=existing), status


def _record_page(enterprise_id: int, alias_form: AliasForm, status: int) -> ResponseReturnValue:
    found = record.read(db.session(), current_actor(), enterprise_id)
    today = timing.today()
    page = render_template(
        "register/record.html",
        record=found,
        ent=found.enterprise,
        reasons=shown_reasons(found.score.reasons) if found.score else [],
        alias_form=alias_form,
        alias_labels=ALIAS_LABELS,
        stages=STAGE_LABELS,
        due={one.id: due_state(one.due_on, today) for one in found.follow_ups},
    )
    return page, status
