"""Pages of relations between enterprises: the group, its parent, typed relations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises import groups
from crm.enterprises import queries as enterprises
from crm.enterprises import relations as services
from crm.register import record_page
from crm.register.relation_forms import ParentForm, RelationForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Enterprise, EnterpriseRelation

bp = Blueprint("relations", __name__)


@bp.get("/enterprises/<int:enterprise_id>/relations")
@requires(Permission.ENTERPRISE_READ)
def index(enterprise_id: int) -> ResponseReturnValue:
    """Show the group and the relations of an enterprise."""
    return record_page.relations(enterprise_id)


@bp.get("/enterprises/<int:enterprise_id>/relations/new")
@requires(Permission.ENTERPRISE_WRITE)
def new(enterprise_id: int) -> ResponseReturnValue:
    """Show the form of a new relation."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    form = RelationForm(formdata=None, data={"role": request.args.get("role", ""), "q": request.args.get("q", "")})
    return _relation_page(form, firm, None, 200)


@bp.post("/enterprises/<int:enterprise_id>/relations/new")
@requires(Permission.ENTERPRISE_WRITE)
def create(enterprise_id: int) -> ResponseReturnValue:
    """Keep a relation, or look for the other enterprise without a script."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    form = RelationForm()
    if form.looking:
        return _relation_page(form, firm, None, 200)
    if form.complete():
        try:
            services.add_relation(db.session(), current_actor(), firm.id, form.draft(), now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已添加企业关系。"), "ok")
            return redirect(url_for("relations.index", enterprise_id=firm.id), 303)
    return _relation_page(form, firm, None, 422)


@bp.get("/enterprises/<int:enterprise_id>/relations/<int:relation_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def edit(enterprise_id: int, relation_id: int) -> ResponseReturnValue:
    """Show dates, source and note of a relation."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    row = services.relation(db.session(), firm.id, relation_id)
    return _relation_page(RelationForm(formdata=None, obj=row), firm, row, 200)


@bp.post("/enterprises/<int:enterprise_id>/relations/<int:relation_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def change(enterprise_id: int, relation_id: int) -> ResponseReturnValue:
    """Save dates, source and note of a relation."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    row = services.relation(db.session(), firm.id, relation_id)
    form = RelationForm()
    if form.validate():
        try:
            services.change_relation(
                db.session(), current_actor(), firm.id, relation_id, form.draft(), now=timing.now()
            )
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已保存企业关系。"), "ok")
            return redirect(url_for("relations.index", enterprise_id=firm.id), 303)
    return _relation_page(form, firm, row, 422)


@bp.post("/enterprises/<int:enterprise_id>/relations/<int:relation_id>/end")
@requires(Permission.ENTERPRISE_WRITE)
def end(enterprise_id: int, relation_id: int) -> ResponseReturnValue:
    """End a relation today."""
    services.end_relation(db.session(), current_actor(), enterprise_id, relation_id, timing.today(), now=timing.now())
    flash(tr("已记为今天结束，仍可在“修改”里改日期。"), "ok")
    return redirect(url_for("relations.index", enterprise_id=enterprise_id), 303)


@bp.post("/enterprises/<int:enterprise_id>/relations/<int:relation_id>/remove")
@requires(Permission.ENTERPRISE_WRITE)
def remove(enterprise_id: int, relation_id: int) -> ResponseReturnValue:
    """Take a relation away that never was."""
    name = services.remove_relation(db.session(), current_actor(), enterprise_id, relation_id, now=timing.now())
    flash(tr("已删除与“%(name)s”的关系。", name=name), "ok")
    return redirect(url_for("relations.index", enterprise_id=enterprise_id), 303)


@bp.get("/enterprises/<int:enterprise_id>/parent")
@requires(Permission.ENTERPRISE_WRITE)
def parent(enterprise_id: int) -> ResponseReturnValue:
    """Show the form that says which enterprise this one belongs to."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    return _parent_page(ParentForm(formdata=None, data={"q": request.args.get("q", "")}), firm, 200)


@bp.post("/enterprises/<int:enterprise_id>/parent")
@requires(Permission.ENTERPRISE_WRITE)
def set_parent(enterprise_id: int) -> ResponseReturnValue:
    """Save which enterprise this one belongs to."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    form = ParentForm()
    if form.looking:
        return _parent_page(form, firm, 200)
    if form.complete():
        try:
            groups.set_parent(db.session(), current_actor(), firm.id, form.parent_id, now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已保存集团关系。"), "ok")
            return redirect(url_for("relations.index", enterprise_id=firm.id), 303)
    return _parent_page(form, firm, 422)


def _relation_page(
    form: RelationForm, firm: Enterprise, row: EnterpriseRelation | None, status: int
) -> ResponseReturnValue:
    form.offer_roles()
    other = None
    if row is not None:
        other_id = row.to_id if row.from_id == firm.id else row.from_id
        other = enterprises.enterprise(db.session(), other_id)
    options = [] if row else _found(text(form.q), form.chosen)
    page = render_template("register/relation_form.html", form=form, firm=firm, row=row, other=other, options=options)
    return page, status


def _parent_page(form: ParentForm, firm: Enterprise, status: int) -> ResponseReturnValue:
    above = groups.ancestors(db.session(), firm.id)
    options = _found(text(form.q), form.chosen)
    page = render_template("register/parent_form.html", form=form, firm=firm, above=above, options=options)
    return page, status


def _found(query: str, chosen: int | None) -> Sequence[enterprises.EnterpriseOption]:
    """Enterprises a text finds, and the one that was chosen already."""
    found = enterprises.suggest(db.session(), query) if query else []
    if chosen is None or any(one.id == chosen for one in found):
        return found
    try:
        row = enterprises.enterprise(db.session(), chosen)
    except DomainError:
        return found
    return [enterprises.EnterpriseOption(row.id, row.name, row.region, ()), *found]
