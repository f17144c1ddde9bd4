"""Somebody met for the first time: registered in the form of the visit, with a warning when already on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.core.text import fold
from crm.enterprises import queries as register
from crm.enterprises.contacts import add_contact
from crm.enterprises.rules import ContactDraft
from crm.fieldwork import queries
from crm.web.forms import optional, text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.models import Touch
    from crm.home.forms import TouchForm

FIELDS = {"name": "new_name", "phone": "new_phone", "confirmed": "new_phone"}
KNOWN = Problem(
    "contact.known", "这家企业已有联系人“%(name)s”，请直接勾选；确是另一位时，勾选“确认不是同一人”。", "new_name"
)
NAMELESS = Problem("contact.name", "请写新联系人的姓名。", "new_name")
SENT = Problem("touch.client_id", "页面已过期，请刷新后重新提交。")


def add(session: Session, actor: Actor, form: TouchForm, enterprise_id: int, *, now: datetime) -> int | None:
    """Register whom the form names as new; return the contact, None when nobody is named.

    Raises DomainError when that person seems to be on record, or with what is wrong, by field.
    """
    name = text(form.new_name)
    if not name:
        if text(form.new_post) or text(form.new_phone):
            raise DomainError(NAMELESS)
        return None
    if queries.logged(session, actor, text(form.client_id)) is not None:
        raise DomainError(SENT)  # sent before: the answer is the visit it became
    sure = bool(form.confirm_contact.data)
    same = [row.name for row in register.acquaintances(session, actor, enterprise_id) if fold(row.name) == fold(name)]
    if same and not sure:
        raise DomainError(Problem(KNOWN.key, KNOWN.message, KNOWN.field, {"name": same[0]}))
    draft = ContactDraft(name, optional(form.new_post), optional(form.new_phone), confirmed=sure)
    try:
        return add_contact(session, actor, enterprise_id, draft, now=now).id
    except DomainError as error:
        error.problems = tuple(
            Problem(one.key, one.message, FIELDS.get(one.field or "", one.field), one.params) for one in error.problems
        )
        raise


def stay(touch: Touch, newcomer: int | None) -> None:
    """Refuse a visit that was sent by two taps at once, so that the person met is registered once."""
    if newcomer is not None and newcomer not in {one.id for one in touch.contacts}:
        raise DomainError(SENT)
