"""Pages of contacts: list, add, change, show a number, put away, bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import DomainError
from crm.enterprises import contacts as services
from crm.enterprises import queries as enterprises
from crm.enterprises.rules import mask_email, mask_phone
from crm.register import queries
from crm.register.forms import ContactForm
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Contact, Enterprise

bp = Blueprint("contacts", __name__)
LONGEST = 100


@bp.app_context_processor
def _masks() -> dict[str, object]:
    return {"mask_phone": mask_phone, "mask_email": mask_email}


@bp.get("/contacts")
@requires(Permission.CONTACT_READ)
def index() -> ResponseReturnValue:
    """Show the contacts of the actor's units."""
    query = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST]
    archived = request.args.get("state") == "archived"
    session = db.session()
    page, total = queries.contacts(
        session, current_actor(), query, archived=archived, cursor=request.args.get("cursor")
    )
    units = people.unit_names(session, [row[0].unit_id for row in page.rows])
    return render_template("register/contacts.html", page=page, total=total, q=query, archived=archived, units=units)


@bp.get("/contacts/new")
@requires(Permission.CONTACT_WRITE)
def new() -> ResponseReturnValue:
    """Show the form for a contact of an enterprise."""
    enterprise_id = request.args.get("enterprise", type=int)
    if enterprise_id is None:
        flash(tr("请先打开企业，再添加联系人。"), "info")
        return redirect("/enterprises")
    firm = enterprises.enterprise(db.session(), enterprise_id)
    return _form_page(ContactForm(formdata=None), firm, None, 200)


@bp.post("/contacts/new")
@requires(Permission.CONTACT_WRITE)
def create() -> ResponseReturnValue:
    """Add a contact."""
    firm = enterprises.enterprise(db.session(), request.args.get("enterprise", 0, type=int))
    form = ContactForm()
    if form.validate():
        try:
            services.add_contact(db.session(), current_actor(), firm.id, form.draft(), now=timing.now())
        except DomainError as error:
            form.refuse(error.problems)
        else:
            flash(tr("已添加联系人。"), "ok")
            return redirect(url_for("register.show", enterprise_id=firm.id), 303)
    return _form_page(form, firm, None, 422)


@bp.get("/contacts/<int:contact_id>/edit")
@requires(Permission.CONTACT_WRITE)
def edit(contact_id: int) -> ResponseReturnValue:
    """Show the form of a contact; phone and mail are shown, so the look is on record."""
    with db.writing() as session:
        row = services.reveal_contact(session, current_actor(), contact_id, now=timing.now())
        return _form_page(ContactForm(formdata=None, obj=row), row.enterprise, row, 200)


@bp.post("/contacts/<int:contact_id>/edit")
@requires(Permission.CONTACT_WRITE)
def update(contact_id: int) -> ResponseReturnValue:
    """Save a contact."""
    row = enterprises.contact(db.session(), current_actor(), contact_id)
    form = ContactForm()
    if form.validate():
        try:
            services.update_contact(db.session(), current_actor(), contact_id, form.draft(), now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
        else:
            flash(tr("已保存联系人。"), "ok")
            return redirect(url_for("register.show", enterprise_id=row.enterprise_id), 303)
    return _form_page(form, row.enterprise, row, 422)


@bp.post("/contacts/<int:contact_id>/reveal")
@requires(Permission.CONTACT_REVEAL)
def reveal(contact_id: int) -> ResponseReturnValue:
    """Show phone and mail of one contact; the look is on record."""
    row = services.reveal_contact(db.session(), current_actor(), contact_id, now=timing.now())
    template = "register/_reveal.html" if "HX-Request" in request.headers else "register/reveal.html"
    return render_template(template, contact=row, shown=True)


@bp.post("/contacts/<int:contact_id>/archive")
@requires(Permission.CONTACT_WRITE)
def archive(contact_id: int) -> ResponseReturnValue:
    """Put a contact away, with an undo."""
    row = services.archive_contact(db.session(), current_actor(), contact_id, now=timing.now())
    undo = url_for("contacts.restore", contact_id=row.id)
    flash({"text": tr("已归档联系人“%(name)s”。", name=row.name), "undo": undo}, "ok")  # type: ignore[arg-type]  # the toast macro takes text with an undo
    return redirect(url_for("register.show", enterprise_id=row.enterprise_id), 303)


@bp.post("/contacts/<int:contact_id>/restore")
@requires(Permission.CONTACT_WRITE)
def restore(contact_id: int) -> ResponseReturnValue:
    """Bring a contact back."""
    row = services.restore_contact(db.session(), current_actor(), contact_id, now=timing.now())
    flash(tr("已恢复联系人“%(name)s”。", name=row.name), "ok")
    return redirect(url_for("register.show", enterprise_id=row.enterprise_id), 303)


def _form_page(form: ContactForm, firm: Enterprise, row: Contact | None, status: int) -> ResponseReturnValue:
    return render_template("register/contact_form.html", form=form, firm=firm, contact=row), status
