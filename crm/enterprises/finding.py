"""Find enterprises and contacts by what a person types, at a cost that does not grow with the register.

Exact names come first, then names that begin so, then any hit of the index; of each only the first
:data:`CANDIDATES` are looked at, because nobody reads the ten-thousandth company with 科技 in its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, literal, select, union_all

from crm.core import searchindex
from crm.core.text import fold
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias
from crm.enterprises.reach import SHORTEST_WHOLE, TAIL, phone_digits, phone_key
from crm.enterprises.sight import visible_to

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, CompoundSelect, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.searchindex import Shape

CANDIDATES = 60
KEPT = 128  # statements kept ready: one for each form of question, and for each person who asks for people
LONGEST_PHONE = 15
EXACT, BEGINS, HIT = range(3)


@dataclass(frozen=True, slots=True)
class Name:
    """An enterprise that was found."""

    id: int
    name: str
    region: str | None


class ContactHit(NamedTuple):
    """A contact as a line of results; the enterprise by name."""

    id: int
    name: str
    post: str | None
    do_not_contact: bool
    enterprise: str


def enterprises(session: Session, query: str, limit: int) -> list[Name]:
    """Enterprises found by a piece of a name or code, or the beginning of its pinyin; the closest first."""
    asked = searchindex.asked(session, query)
    if asked is None:
        return []
    folded = fold(query)
    values = {**asked.values, "name": folded, "after": searchindex.next_after(folded)}
    found: dict[int, tuple[tuple[int, ...], Name]] = {}
    for row in session.execute(_enterprises(asked.shape), values):
        closeness = row.tier if folded in row.folded_name else max(row.tier, HIT) + (row.tier != EXACT)
        known = ((closeness, len(row.name), row.id), Name(row.id, row.name, row.region))
        found[row.id] = min(known, found.get(row.id, known), key=lambda one: one[0])
    return [name for _order, name in sorted(found.values(), key=lambda one: one[0])][:limit]


@lru_cache(maxsize=KEPT)
def _enterprises(shape: Shape) -> CompoundSelect[Any]:
    alias, document = EnterpriseAlias.folded, searchindex.SearchDocument
    begins = searchindex.begins(shape[0], alias, "name", "after")
    hits = select(document.ref_id).where(*searchindex.kept_ready(ENTERPRISE, shape)).limit(CANDIDATES).subquery()
    tiers = [
        _named(alias == bindparam("name"), EXACT),
        _named(begins, BEGINS),
        _shown(HIT).join(hits, hits.c.ref_id == Enterprise.id),
    ]
    return union_all(*(select(tier.subquery()) for tier in tiers))


def contacts(
    session: Session,
    query: str,
    actor: Actor,
    limit: int,
    *,
    of: Sequence[int] = (),
    among: Callable[[Actor], ColumnElement[bool]] = visible_to,
) -> list[ContactHit]:
    """Contacts found by name, pinyin, post, enterprise or phone among those the actor may see.

    Those of the enterprises ``of`` come too. Four digits are the end of a phone number; a whole
    number is compared by its digest.
    """
    asked = searchindex.asked(session, query)
    if asked is None:
        return []
    column, number = _phone(query)
    names = _contacts(asked.shape, actor, among, of=bool(of), phone=column)
    found = session.execute(names, {**asked.values, "of": list(of), "phone": number})
    folded = fold(query)
    ranked = sorted(found, key=lambda one: (folded not in fold(one.name), one.sort_key, one.id))
    ids = [one.id for one in ranked[:limit]]
    if not ids:
        return []
    rows = {row[0]: ContactHit(*row) for row in session.execute(_whole(), {"ids": ids})}
    return [rows[one] for one in ids if one in rows]


@cache
def _whole() -> Select[*tuple[Any, ...]]:
    columns = (Contact.id, Contact.name, Contact.post, Contact.do_not_contact, Enterprise.name)
    shown = select(*columns).join(Enterprise, Enterprise.id == Contact.enterprise_id)
    return shown.where(Contact.id.in_(bindparam("ids", expanding=True)))


@lru_cache(maxsize=KEPT)
def _contacts(
    shape: Shape, actor: Actor, among: Callable[[Actor], ColumnElement[bool]], *, of: bool, phone: str
) -> Select[*tuple[Any, ...]]:
    document = searchindex.SearchDocument
    shown = select(Contact.id).where(among(actor), Contact.archived_at.is_(None), Contact.erased_at.is_(None))
    by_text = shown.join(document, document.ref_id == Contact.id).where(*searchindex.kept_ready(CONTACT, shape))
    parts: list[Select[Any]] = [by_text.limit(CANDIDATES)]  # rights come before the limit
    if of:
        parts.append(shown.where(Contact.enterprise_id.in_(bindparam("of", expanding=True))).limit(CANDIDATES))
    if phone:
        same = getattr(Contact, phone) == bindparam("phone")
        parts.append(shown.where(same).order_by(Contact.id).limit(CANDIDATES))
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(Contact.id, Contact.name, Contact.sort_key).where(Contact.id.in_(select(found.c.id)))


def _phone(query: str) -> tuple[str, str | None]:
    """Which column of a contact to compare with which value; none for what is no number."""
    digits = phone_digits(query)
    if not digits or any(char.isalpha() for char in query):
        return "", None
    if len(digits) == TAIL:
        return "phone_tail", digits
    return ("phone_key", phone_key(digits)) if SHORTEST_WHOLE <= len(digits) <= LONGEST_PHONE else ("", None)


def _named(condition: ColumnElement[bool], tier: int) -> Select[Any]:
    statement = _shown(tier).join(EnterpriseAlias, EnterpriseAlias.enterprise_id == Enterprise.id)
    return statement.where(condition).limit(CANDIDATES)


def _shown(tier: int) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Enterprise.id,
        Enterprise.name,
        Enterprise.folded_name,
        Enterprise.region,
        literal(tier).label("tier"),
    )
    shown: Select[Any] = select(*columns).where(Enterprise.deleted_at.is_(None))
    return shown
