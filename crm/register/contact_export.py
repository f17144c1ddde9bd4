"""Rows of an export of contacts: the list as the address narrows it, numbers masked unless asked for with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.models import OrgUnit
from crm.auth.rules import Permission
from crm.enterprises.contact_words import plain
from crm.enterprises.rules import mask_email, mask_phone
from crm.register import contact_list
from crm.register.contact_list import ContactFilters, Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact
    from crm.register.export import Wish
    from crm.register.export_file import Book

STEP = 500
MOST_ROWS = 200_000
TOLD = ("known_through", "introducer", "hometown", "source", "legal_basis", "notice_on", "retain_until")
HEADS = (
    "姓名", "企业", "职务", "电话", "邮箱", "单位", "不再联系", "最近接触",
    "结识途径", "引荐人", "籍贯", "来源", "处理依据", "告知日期", "保存期限",
)  # fmt: skip
WIDTHS = (12, 34, 18, 18, 24, 16, 10, 18, 14, 16, 14, 24, 16, 12, 12)


def filters_of(state: Mapping[str, Any]) -> ContactFilters:
    """Read the filters out of a kept state; what is not one of them is left out."""
    return ContactFilters(**{name: str(state.get(name) or "") for name in ContactFilters.__slots__})


def fill(
    session: Session, actor: Actor, state: Mapping[str, Any], wish: Wish, book: Book
) -> tuple[int, list[tuple[int, int]]]:
    """Write the rows; return how many, and the contacts shown in full (id, enterprise id)."""
    wanted, moment = filters_of(state), Moment(book.now, book.zone)
    sheet = book.sheet("联系人", HEADS, WIDTHS)
    units = {one.id: one.name for one in session.scalars(select(OrgUnit))}
    total = max(1, min(MOST_ROWS, contact_list.count(session, actor, wanted, moment)))
    revealed: list[tuple[int, int]] = []
    rows, cursor = 0, None
    while rows < MOST_ROWS:
        page = contact_list.page(session, actor, wanted, moment, cursor=cursor, size=STEP)
        for contact, firm, last in page.rows:
            full = wish.full and actor.reaches(Permission.CONTACT_REVEAL, contact.unit_id)
            if full and (contact.phone or contact.email):
                revealed.append((contact.id, contact.enterprise_id))
            touched = f"{last.astimezone(book.zone):%Y-%m-%d %H:%M}" if last else ""
            away = "是" if contact.do_not_contact else ""
            head = [contact.name, firm, contact.post, *_reach(contact, full=full)]
            rest = [plain(field, getattr(contact, field)) for field in TOLD]
            sheet.add([*head, units.get(contact.unit_id, ""), away, touched, *rest])
        rows += len(page.rows)
        book.show(min(99, rows * 100 // total), f"{rows} / {total}")
        session.expunge_all()
        cursor = page.next
        if cursor is None:
            break
    return rows, revealed


def _reach(contact: Contact, *, full: bool) -> tuple[str | None, str | None]:
    phone = contact.phone if full or not contact.phone else mask_phone(contact.phone)
    email = contact.email if full or not contact.email else mask_email(contact.email)
    return phone, email
