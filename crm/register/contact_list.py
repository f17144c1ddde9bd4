"""The list of contacts the actor may see: narrowed, found by name or number, a page at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import and_, func, or_, select

from crm.core import searchindex
from crm.core.paging import PAGE_SIZE, Key, Page, fetch_page
from crm.enterprises import queries as enterprises
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.reach import SHORTEST_WHOLE, TAIL, phone_digits, phone_key
from crm.enterprises.rules import KNOWN_LABELS, KnownThrough
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch, TouchContact
from crm.web.inputs import day_or_none, number_or_none

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MONTH = timedelta(days=30)
QUIET = {"3": "3个月没有联系", "6": "6个月没有联系", "12": "12个月没有联系"}
LONGEST_NUMBER = 15
ARCHIVED, ALL = "archived", "all"
MONTH_LIKE = re.compile(r"[0-9]{4}-[0-9]{2}")
PHONE_LIKE = re.compile(r"[0-9+()\- ]+")


@dataclass(frozen=True, slots=True)
class ContactFilters:
    """What the list is narrowed to; blank means all. ``added`` is a month, as ``2026-11``."""

    q: str = ""
    state: str = ""
    enterprise: str = ""
    unit: str = ""
    known: str = ""
    quiet: str = ""
    due: str = ""
    dnc: str = ""
    added: str = ""

    @property
    def pairs(self) -> dict[str, str]:
        """Arguments of the address, blank ones left out."""
        named = {name: getattr(self, name) for name in ContactFilters.__slots__}
        return {name: value for name, value in named.items() if value}

    def href(self, path: str = "/contacts", **changes: str) -> str:
        """Address of the list with some arguments changed."""
        args = urlencode(replace(self, **changes).pairs)
        return f"{path}?{args}" if args else path

    @property
    def archived(self) -> bool:
        """Whether the list shows what was put away."""
        return self.state == ARCHIVED

    @property
    def narrowed(self) -> bool:
        """Whether some condition besides the text is in force."""
        return bool(self.pairs.keys() - {"q", "state"})

    def chips(self, firm: str, unit: str) -> list[tuple[str, str]]:
        """Chinese label and address without it, for every condition in force; the names are looked up before."""
        labels = {
            "enterprise": firm,
            "unit": unit,
            "known": KNOWN_LABELS[KnownThrough(self.known)] if self.known in set(KnownThrough) else "",
            "quiet": QUIET.get(self.quiet, ""),
            "due": "保存期限已到" if self.due else "",
            "dnc": "不再联系" if self.dnc else "",
            "added": self.added if month_of(self.added) else "",
        }
        return [(label, self.href(**{name: ""})) for name, label in labels.items() if label]


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on the office's clock."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The office's calendar day."""
        return self.now.astimezone(self.zone).date()


def page(
    session: Session, actor: Actor, wanted: ContactFilters, moment: Moment, *, cursor: str | None, size: int = PAGE_SIZE
) -> Page[Any]:
    """Return a page of (contact, name of its enterprise, last touch)."""
    statement = _narrowed(session, actor, wanted, moment, select(Contact, Enterprise.name, last_touch(actor)))
    order = [Key(Contact.sort_key), Key(Contact.id)]
    return fetch_page(session, statement, order, lambda row: [row[0].sort_key, row[0].id], cursor=cursor, size=size)


def count(session: Session, actor: Actor, wanted: ContactFilters, moment: Moment) -> int:
    """How many contacts there are."""
    return session.scalar(_narrowed(session, actor, wanted, moment, select(func.count(Contact.id)))) or 0


def month_of(text: str) -> date | None:
    """Read a month like ``2026-11``: its first day; None for anything else."""
    return day_or_none(f"{text}-01") if MONTH_LIKE.fullmatch(text) else None


def _narrowed(
    session: Session, actor: Actor, wanted: ContactFilters, moment: Moment, statement: Select[Any]
) -> Select[Any]:
    statement = statement.join(Enterprise, Enterprise.id == Contact.enterprise_id)
    statement = statement.where(enterprises.visible_to(actor), Contact.erased_at.is_(None))
    statement = statement.where(Contact.merged_into_id.is_(None))
    if wanted.state != ALL:
        statement = statement.where(Contact.archived_at.is_not(None) if wanted.archived else _in_use())
    return statement.where(*_conditions(session, actor, wanted, moment))


def _in_use() -> ColumnElement[bool]:
    return Contact.archived_at.is_(None)


def last_touch(actor: Actor) -> Any:  # noqa: ANN401 (a scalar subquery of an instant)
    """When the actor's view last saw a contact touched; the outer join makes SQLite begin at the contact."""
    seen = and_(Touch.id == TouchContact.touch_id, fieldwork.visible_to(actor), fieldwork.counted())
    return (
        select(func.max(Touch.occurred_at))
        .select_from(TouchContact)
        .outerjoin(Touch, seen)
        .where(TouchContact.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery()
    )


def untouched_since(actor: Actor, cutoff: datetime) -> ColumnElement[bool]:
    """Condition: on record before ``cutoff`` and touched by nobody of the actor's view since."""
    touched = (
        select(TouchContact.contact_id)
        .join(Touch, Touch.id == TouchContact.touch_id)
        .where(Touch.occurred_at >= cutoff, fieldwork.visible_to(actor), fieldwork.counted())
    )
    return (Contact.created_at < cutoff) & Contact.do_not_contact.is_(False) & Contact.id.not_in(touched)


def retention_due(today: date) -> ColumnElement[bool]:
    """Condition: kept longer than was said."""
    return Contact.retain_until < today


def _conditions(session: Session, actor: Actor, wanted: ContactFilters, moment: Moment) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, typed in ((Contact.enterprise_id, wanted.enterprise), (Contact.unit_id, wanted.unit)):
        number = number_or_none(typed)
        if number is not None:
            found.append(column == number)
    if wanted.known in set(KnownThrough):
        found.append(Contact.known_through == KnownThrough(wanted.known))
    if wanted.quiet in QUIET:
        found.append(untouched_since(actor, moment.now - MONTH * int(wanted.quiet)))
    if wanted.due:
        found.append(retention_due(moment.today))
    if wanted.dnc:
        found.append(Contact.do_not_contact.is_(True))
    first = month_of(wanted.added)
    if first is not None:
        last = (first + timedelta(days=31)).replace(day=1)
        begin, end = (datetime.combine(day, time(), tzinfo=moment.zone) for day in (first, last))
        found.append((Contact.created_at >= begin) & (Contact.created_at < end))
    if wanted.q:
        found.extend(_search(session, wanted.q))
    return found


def _search(session: Session, query: str) -> list[ColumnElement[bool]]:
    digits = phone_digits(query)
    if PHONE_LIKE.fullmatch(query):
        if len(digits) == TAIL:
            return [Contact.phone_tail == digits]
        if SHORTEST_WHOLE <= len(digits) <= LONGEST_NUMBER:
            return [Contact.phone_key == phone_key(query)]
    people = searchindex.matching(session, CONTACT, query)
    firms = searchindex.matching(session, ENTERPRISE, query)
    hits = []
    if people is not None:
        hits.append(Contact.id.in_(people))
    if firms is not None:
        hits.append(Contact.enterprise_id.in_(firms))
    return [or_(*hits)] if hits else []
