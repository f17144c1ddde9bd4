"""Contacts for programs: masked; a number is told by ``reveal`` alone, with its reason on record."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from flask import url_for
from pydantic import Field

from crm.api.fields import Answer, Body, Day, Line, Listed, LongText, Named, Paged, RecordId, Short
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.api.versions import matched, tag, unchanged
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.enterprises import contact_privacy, contacts, queries
from crm.enterprises.rules import ContactDraft, KnownThrough, mask_email, mask_phone
from crm.register import contact_list
from crm.register.contact_list import ContactFilters
from crm.web import db, timing

if TYPE_CHECKING:
    from crm.enterprises.models import Contact as Row

bp = group("contacts", "contacts")
READ = Door(Scope.CONTACTS_READ, Permission.CONTACT_READ)
WRITE = Door(Scope.CONTACTS_WRITE, Permission.CONTACT_WRITE)
REVEAL = Door(Scope.CONTACTS_REVEAL, Permission.CONTACT_REVEAL)
MASKED = {"phone": mask_phone, "email": mask_email}


class Contact(Answer):
    """A person at an enterprise; ``phone`` and ``email`` are masked."""

    id: int
    enterprise: Named
    unit_id: int
    name: str
    post: str | None
    phone: str | None
    email: str | None
    known_through: KnownThrough | None
    introducer: str | None
    hometown: str | None
    source: str | None
    note: str | None
    legal_basis: str
    notice_on: date | None
    retain_until: date | None
    do_not_contact: bool
    archived_at: datetime | None
    created_at: datetime
    version: int


class Contacts(Listed):
    """A page of contacts by name."""

    items: list[Contact]


class Reach(Answer):
    """The whole number and address of a contact; this look is on record."""

    id: int
    phone: str | None
    email: str | None


class ContactList(Paged):
    """Filters as in the list of the pages."""

    q: Annotated[str, Field(max_length=80, description="Name, or a whole number or its last four digits")] = ""
    state: Annotated[Literal["", "archived", "all"], Field(description="Those in use unless told")] = ""
    enterprise: RecordId | None = None
    unit: RecordId | None = None
    known: KnownThrough | None = None
    quiet: Annotated[Literal["", "3", "6", "12"], Field(description="Months without a touch")] = ""


class ContactFields(Body):
    """Fields of a contact that people change; null empties one."""

    post: Short | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    email: Line | None = None
    known_through: KnownThrough | None = None
    introducer: Short | None = None
    hometown: Short | None = None
    source: Line | None = None
    note: LongText | None = None
    legal_basis: Annotated[str, Field(max_length=40)] = "duty"
    notice_on: Day | None = None
    retain_until: Day | None = None
    do_not_contact: bool = False


class NewContact(ContactFields):
    """A contact to add in the person's own unit."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    confirmed: Annotated[bool, Field(description="It is another person than the one of the same number")] = False


class ContactChange(ContactFields):
    """What is to change of a contact; what is left out stays."""

    name: Annotated[str, Field(default_factory=str, min_length=1, max_length=80)]


class Why(Body):
    """Why a number must be seen; ``words`` go with ``other``."""

    reason: Literal["call", "check", "order", "other"]
    words: Line = ""


def read(contact_id: int) -> object:
    """Find a contact, or refuse as reading it does."""
    return queries.contact(db.session(), current_actor(), contact_id)


@operation(bp, "GET", "/contacts", READ, Contacts, query=ContactList)
def index(query: ContactList) -> Contacts:
    """List the contacts of the units this person may read, masked."""
    wanted = ContactFilters(
        q=query.q, state=query.state, enterprise=str(query.enterprise or ""), unit=str(query.unit or ""),
        known=str(query.known or ""), quiet=query.quiet,
    )  # fmt: skip
    moment = contact_list.Moment(timing.now(), timing.zone())
    page = contact_list.page(db.session(), current_actor(), wanted, moment, cursor=query.cursor, size=query.limit)
    items = [_masked(row, Named(id=row.enterprise_id, name=firm)) for row, firm, _touched in page.rows]
    return Contacts(items=items, next_cursor=page.next)


@operation(bp, "GET", "/contacts/<int:contact_id>", READ, Contact)
def show(contact_id: int) -> tuple[Contact, dict[str, str]]:
    """Read one contact, masked."""
    return _one(contact_id)


@operation(
    bp, "POST", "/enterprises/<int:enterprise_id>/contacts", WRITE, Contact, body=NewContact, status=201, reads=read
)
def create(enterprise_id: int, body: NewContact) -> tuple[Contact, dict[str, str]]:
    """Add a contact; one whose number is on record must be confirmed to be another person."""
    draft = ContactDraft(**_typed(body.model_dump()))
    row = contacts.add_contact(db.session(), current_actor(), enterprise_id, draft, now=timing.now())
    made, headers = _one(row.id)
    return made, {**headers, "Location": url_for("api_contacts.show", contact_id=row.id)}


@operation(bp, "PATCH", "/contacts/<int:contact_id>", WRITE, Contact, body=ContactChange, versioned=True)
def change(contact_id: int, body: ContactChange) -> tuple[Contact, dict[str, str]]:
    """Change fields of a contact; a masked number that comes back is refused, as it is no number."""
    session, actor = db.session(), current_actor()
    version = matched(contacts.writable(session, actor, contact_id).version)
    changed = _typed(body.model_dump(exclude_unset=True))
    with unchanged():
        contacts.update_contact(session, actor, contact_id, changed, version=version, now=timing.now())
    return _one(contact_id)


@operation(bp, "POST", "/contacts/<int:contact_id>/reveal", REVEAL, Reach, body=Why)
def reveal(contact_id: int, body: Why) -> tuple[Reach, dict[str, str]]:
    """Tell the whole number and address; every look is written down with its reason."""
    row = contact_privacy.reveal_contact(
        db.session(), current_actor(), contact_id, reason=body.reason, other=body.words, now=timing.now()
    )
    return Reach.model_validate(row), {"Cache-Control": "no-store"}


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Read blank texts as none, as the form does."""
    return {name: None if value == "" and name != "name" else value for name, value in values.items()}


def _one(contact_id: int) -> tuple[Contact, dict[str, str]]:
    session = db.session()
    session.flush()
    row = queries.contact(session, current_actor(), contact_id)
    return _masked(row, Named(id=row.enterprise_id, name=row.enterprise.name)), tag(row.version)


def _masked(row: Row, firm: Named) -> Contact:
    kept: dict[str, Any] = {name: getattr(row, name) for name in Contact.model_fields if name != "enterprise"}
    kept |= {name: hide(kept[name]) for name, hide in MASKED.items() if kept[name]}
    return Contact.model_validate({**kept, "enterprise": firm})
