"""Pages of enterprises: list, record, add, change, names, picker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises import aliases
from crm.enterprises import queries as enterprises
from crm.register import record, record_page
from crm.register.forms import AliasForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import EnterpriseAlias

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
    template = "register/_choices.html" if _arg("as") == "choice" else "register/_pick.html"
    return render_template(template, options=options, q=query, chosen="")


@bp.get("/enterprises/<int:enterprise_id>")
@requires(Permission.ENTERPRISE_READ)
def show(enterprise_id: int) -> ResponseReturnValue:
    """Show one enterprise."""
    try:
        return record_page.stream(enterprise_id, AliasForm(formdata=None), 200)
    except record.MovedError as moved:
        flash(tr("“%(name)s”已并入这家企业，以后请用这里。", name=moved.name), "info")
        return redirect(url_for("register.show", enterprise_id=moved.winner_id))


@bp.post("/enterprises/<int:enterprise_id>/aliases")
@requires(Permission.ENTERPRISE_WRITE)
def add_alias(enterprise_id: int) -> ResponseReturnValue:
    """Add another name."""
    form = AliasForm()
    if form.validate():
        try:
            aliases.add(db.session(), current_actor(), enterprise_id, form.draft(), now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已添加别名，新闻和搜索会认得它。"), "ok")
            return redirect(url_for("register.show", enterprise_id=enterprise_id), 303)
    return record_page.stream(enterprise_id, form, 422)


@bp.get("/enterprises/aliases/<int:alias_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def edit_alias(alias_id: int) -> ResponseReturnValue:
    """Show kind, source and days of a name."""
    row = aliases.get(db.session(), alias_id)
    return _alias_page(AliasForm(formdata=None, obj=row), row, 200)


@bp.post("/enterprises/aliases/<int:alias_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def change_alias(alias_id: int) -> ResponseReturnValue:
    """Save kind, source and days of a name."""
    row = aliases.get(db.session(), alias_id)
    form = AliasForm()
    form.alias.data = row.alias
    if form.validate():
        try:
            aliases.change(db.session(), current_actor(), alias_id, form.draft(), now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已保存名称“%(name)s”。", name=row.alias), "ok")
            return redirect(url_for("register.show", enterprise_id=row.enterprise_id), 303)
    return _alias_page(form, row, 422)


@bp.post("/enterprises/aliases/<int:alias_id>/remove")
@requires(Permission.ENTERPRISE_WRITE)
def remove_alias(alias_id: int) -> ResponseReturnValue:
    """Take a name away."""
    removed = aliases.remove_alias(db.session(), current_actor(), alias_id, now=timing.now())
    flash(tr("已删除别名“%(name)s”。", name=removed.alias), "ok")
    return redirect(url_for("register.show", enterprise_id=removed.enterprise_id), 303)


def _alias_page(form: AliasForm, row: EnterpriseAlias, status: int) -> ResponseReturnValue:
    return render_template("register/alias_form.html", form=form, alias=row, firm=row.enterprise), status
