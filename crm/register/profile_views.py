"""Pages of the profile of an enterprise: six blocks, their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import profile as services
from crm.enterprises import queries as enterprises
from crm.enterprises.rules import BLOCK_LABELS
from crm.register import record_page
from crm.register.relation_forms import EntryForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Enterprise, ProfileEntry

bp = Blueprint("profile", __name__)


@bp.get("/enterprises/<int:enterprise_id>/profile")
@requires(Permission.ENTERPRISE_READ)
def index(enterprise_id: int) -> ResponseReturnValue:
    """Show the six blocks."""
    return record_page.profile(enterprise_id)


@bp.get("/enterprises/<int:enterprise_id>/profile/archived")
@requires(Permission.ENTERPRISE_READ)
def archived(enterprise_id: int) -> ResponseReturnValue:
    """Show the entries that were put away."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    rows = services.entries(db.session(), firm.id, archived=True)
    return render_template("register/_profile_archived.html", firm=firm, entries=rows, labels=BLOCK_LABELS)


@bp.get("/enterprises/<int:enterprise_id>/profile/new")
@requires(Permission.ENTERPRISE_WRITE)
def new(enterprise_id: int) -> ResponseReturnValue:
    """Show the form of a new entry."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    data = {"block": request.args.get("block", ""), "as_of": timing.today()}
    return _form_page(EntryForm(formdata=None, data=data), firm, None, 200)


@bp.post("/enterprises/<int:enterprise_id>/profile/new")
@requires(Permission.ENTERPRISE_WRITE)
def create(enterprise_id: int) -> ResponseReturnValue:
    """Write an entry."""
    firm = enterprises.enterprise(db.session(), enterprise_id)
    form = EntryForm()
    if form.validate():
        try:
            services.add_entry(
                db.session(), current_actor(), firm.id, form.draft(), now=timing.now(), today=timing.today()
            )
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已写入企业档案。"), "ok")
            return redirect(url_for("profile.index", enterprise_id=firm.id), 303)
    return _form_page(form, firm, None, 422)


@bp.get("/enterprises/profile/<int:entry_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def edit(entry_id: int) -> ResponseReturnValue:
    """Show the form of an entry."""
    row = services.entry(db.session(), entry_id)
    firm = enterprises.enterprise(db.session(), row.enterprise_id)
    return _form_page(EntryForm(formdata=None, obj=row), firm, row, 200)


@bp.post("/enterprises/profile/<int:entry_id>/edit")
@requires(Permission.ENTERPRISE_WRITE)
def change(entry_id: int) -> ResponseReturnValue:
    """Save an entry unless somebody else changed it since."""
    row = services.entry(db.session(), entry_id)
    firm = enterprises.enterprise(db.session(), row.enterprise_id)
    form, status = EntryForm(), 422
    if form.validate():
        version = number_or_none(text(form.version)) or 0
        try:
            services.change_entry(
                db.session(), current_actor(), entry_id, form.draft(), version, now=timing.now(), today=timing.today()
            )
        except DomainError as error:
            if error.status not in {DomainError.status, ConflictError.status}:
                raise
            form.refuse(error.problems)
            status = error.status
        else:
            flash(tr("已保存企业档案。"), "ok")
            return redirect(url_for("profile.index", enterprise_id=firm.id), 303)
    form.version.data = str(row.version)
    return _form_page(form, firm, row, status)


@bp.post("/enterprises/profile/<int:entry_id>/archive")
@requires(Permission.ENTERPRISE_WRITE)
def archive(entry_id: int) -> ResponseReturnValue:
    """Put an entry away, with an undo."""
    row = services.archive_entry(db.session(), current_actor(), entry_id, now=timing.now())
    words = tr("已归档“%(block)s”的一条内容。", block=tr(BLOCK_LABELS[row.block]))
    undo = url_for("profile.restore", entry_id=row.id)
    flash({"text": words, "undo": undo}, "ok")  # type: ignore[arg-type]  # the toast macro takes text with an undo
    return redirect(url_for("profile.index", enterprise_id=row.enterprise_id), 303)


@bp.post("/enterprises/profile/<int:entry_id>/restore")
@requires(Permission.ENTERPRISE_WRITE)
def restore(entry_id: int) -> ResponseReturnValue:
    """Bring an entry back."""
    row = services.restore_entry(db.session(), current_actor(), entry_id, now=timing.now())
    flash(tr("已恢复这条内容。"), "ok")
    return redirect(url_for("profile.index", enterprise_id=row.enterprise_id), 303)


def _form_page(form: EntryForm, firm: Enterprise, row: ProfileEntry | None, status: int) -> ResponseReturnValue:
    form.offer_blocks()
    if form.block.data not in dict(BLOCK_LABELS):
        form.block.data = next(iter(BLOCK_LABELS)).value
    return render_template("register/profile_form.html", form=form, firm=firm, entry=row), status
