"""Pages of contacts: list, one person, add, change, put away, bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import contact_queries
from crm.enterprises import contacts as services
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import (
    CLOSENESS,
    KNOWN_LABELS,
    LEGAL_BASES,
    REVEAL_REASONS,
    mask_email,
    mask_phone,
)
from crm.fieldwork.rules import TOUCH_LABELS
from crm.register import contact_list, contact_page
from crm.register.contact_forms import ContactForm, KnowerForm
from crm.register.contact_list import QUIET, ContactFilters, Moment
from crm.web import db, timing
from crm.web.access import requires
from crm.web.forms import text
from crm.web.i18n import tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from crm.enterprises.models import Contact

bp = Blueprint("contacts", __name__)
LONGEST = 100


@bp.app_context_processor
def _words() -> dict[str, object]:
    return {"mask_phone": mask_phone, "mask_email": mask_email, "reveal_reasons": REVEAL_REASONS}


@bp.get("/contacts")
@requires(Permission.CONTACT_READ)
def index() -> ResponseReturnValue:
    """Show the contacts of the actor's units."""
    session, actor, wanted = db.session(), current_actor(), asked()
    moment = Moment(timing.now(), timing.zone())
    found = contact_list.page(session, actor, wanted, moment, cursor=request.args.get("cursor"))
    unit_id, firm_id = number_or_none(wanted.unit), number_or_none(wanted.enterprise)
    names = people.unit_names(session, [*(row[0].unit_id for row in found.rows), *([unit_id] if unit_id else [])])
    firm = session.get(Enterprise, firm_id) if firm_id else None
    scope = actor.scope(Permission.CONTACT_READ)
    units = [one for one in people.units(session, moment.today) if scope is None or one.id in scope]
    return render_template(
        "register/contacts.html",
        page=found,
        total=contact_list.count(session, actor, wanted, moment),
        wanted=wanted,
        chips=wanted.chips(firm.name if firm else "", names.get(unit_id or 0, "")),
        firm=firm,
        units=names,
        unit_options=[(one.id, one.name) for one in units],
        known=KNOWN_LABELS,
        quiet=QUIET,
        today=moment.today,
    )


def asked() -> ContactFilters:
    """Read the filters of the address."""
    args = request.args
    return ContactFilters(**{name: args.get(name, "").strip()[:LONGEST] for name in ContactFilters.__slots__})


@bp.get("/contacts/<int:contact_id>")
@requires(Permission.CONTACT_READ)
def show(contact_id: int) -> ResponseReturnValue:
    """Show one person: posts over time, who knows them, the basis on which we keep them."""
    seen = contact_page.read(db.session(), current_actor(), contact_id, now=timing.now(), today=timing.today())
    row = seen.contact
    if row.merged_into_id is not None and row.erased_at is None:
        flash(tr("“%(name)s”已合并到这位联系人。", name=row.name), "info")
        return redirect(url_for("contacts.show", contact_id=row.merged_into_id))
    mates, own = list(seen.colleagues), str(current_actor().user_id)
    return render_template(
        "register/contact.html",
        seen=seen,
        contact=row,
        knower_form=KnowerForm(formdata=None, data={"user_id": own}).offer(mates),
        today=timing.today(),
        known=KNOWN_LABELS,
        bases=LEGAL_BASES,
        closeness=CLOSENESS,
        kinds=TOUCH_LABELS,
    )


@bp.get("/contacts/new")
@requires(Permission.CONTACT_WRITE)
def new() -> ResponseReturnValue:
    """Show the form for a contact of an enterprise."""
    enterprise_id = request.args.get("enterprise", type=int)
    if enterprise_id is None:
        flash(tr("请先打开企业，再添加联系人。"), "info")
        return redirect("/enterprises")
    firm = enterprises.enterprise(db.session(), enterprise_id)
    return _form_page(ContactForm(formdata=None, data={"legal_basis": "duty"}), firm, None, 200)


@bp.post("/contacts/new")
@requires(Permission.CONTACT_WRITE)
def create() -> ResponseReturnValue:
    """Add a contact."""
    firm = enterprises.enterprise(db.session(), request.args.get("enterprise", 0, type=int))
    form = ContactForm()
    if form.validate():
        try:
            row = services.add_contact(db.session(), current_actor(), firm.id, form.draft(), now=timing.now())
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.refuse(error.problems)
            return _form_page(form, firm, None, error.status, _twin(error))
        flash(tr("已添加联系人“%(name)s”。", name=row.name), "ok")
        return redirect(url_for("register.show", enterprise_id=firm.id), 303)
    return _form_page(form, firm, None, 422)


@bp.get("/contacts/<int:contact_id>/edit")
@requires(Permission.CONTACT_WRITE)
def edit(contact_id: int) -> ResponseReturnValue:
    """Show the form of a contact; numbers on record stay masked, so nothing is revealed."""
    row = services.writable(db.session(), current_actor(), contact_id)
    return _form_page(ContactForm.of(row), row.enterprise, row, 200)


@bp.post("/contacts/<int:contact_id>/edit")
@requires(Permission.CONTACT_WRITE)
def update(contact_id: int) -> ResponseReturnValue:
    """Save a contact."""
    session, actor = db.session(), current_actor()
    row = services.writable(session, actor, contact_id)
    form = ContactForm()
    if form.validate():
        changed, version = form.changed(), number_or_none(text(form.version))
        try:
            if not form.confirmed.data:
                contact_queries.refuse_twins(session, actor, changed.get("phone"), changed.get("email"), row.id)
            services.update_contact(session, actor, contact_id, changed, version=version, now=timing.now())
        except DomainError as error:
            if error.status not in {ConflictError.status, DomainError.status}:
                raise
            session.rollback()
            form.refuse(error.problems)
            theirs = form.theirs(row) if error.status == ConflictError.status else []
            if theirs:
                form.version.data = str(row.version)  # the person has been shown it: the next try counts
            return _form_page(form, row.enterprise, row, error.status, _twin(error), theirs)
        flash(tr("已保存联系人。"), "ok")
        return redirect(url_for("contacts.show", contact_id=row.id), 303)
    return _form_page(form, row.enterprise, row, 422)


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


def _twin(error: DomainError) -> int | None:
    """Return the contact on record with the same number, if the person may see it."""
    return next((one.params["id"] for one in error.problems if "id" in one.params), None)  # type: ignore[return-value]  # a record number


def _form_page(
    form: ContactForm,
    firm: Enterprise,
    row: Contact | None,
    status: int,
    twin: int | None = None,
    theirs: Sequence[tuple[str, str]] = (),
) -> ResponseReturnValue:
    if row is not None:
        form.mask(row)
    page = render_template(
        "register/contact_form.html",
        form=form,
        firm=firm,
        contact=row,
        asked=bool(form.confirmed.errors or form.confirmed.data),
        twin=twin,
        theirs=theirs,
    )
    return page, status
