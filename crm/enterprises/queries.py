"""Reads of the register: enterprises are open to all, contacts belong to units."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.queries import EYES
from crm.core.errors import NotFoundError, Problem
from crm.core.text import fold
from crm.enterprises import finding, sight
from crm.enterprises.models import Contact, Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.rules import GRAVE, LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.auth.rules import Actor

PICK = 8
visible_to = sight.visible_to
MISSING_ENTERPRISE = Problem("enterprise.missing", "没有这家企业，可能已被合并。")
MISSING_CONTACT = Problem("contact.missing", "没有这位联系人，或者不在您的查看范围内。")


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the newest edition of a list that the enterprise is on, and its rank on the one before."""

    key: str
    name: str
    year: int
    rank: int | None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class EnterpriseOption:
    """A row of the enterprise picker."""

    id: int
    name: str
    region: str | None
    places: tuple[Place, ...]


def live() -> ColumnElement[bool]:
    """Condition: neither deleted nor merged into another enterprise."""
    return Enterprise.deleted_at.is_(None)


def enterprise(session: Session, enterprise_id: int) -> Enterprise:
    """Return an enterprise with its names; raise NotFoundError."""
    statement = select(Enterprise).where(Enterprise.id == enterprise_id, live()).options(joinedload(Enterprise.aliases))
    found = session.execute(statement).unique().scalar_one_or_none()
    if found is None:
        raise NotFoundError(MISSING_ENTERPRISE)
    return found


def same_name(session: Session, name: str) -> Enterprise | None:
    """Find the enterprise with the same name in folded form."""
    return session.scalar(select(Enterprise).where(Enterprise.folded_name == fold(name), live()))


def same_uscc(session: Session, uscc: str) -> Enterprise | None:
    """Find the enterprise with a credit code."""
    return session.scalar(select(Enterprise).where(Enterprise.uscc == uscc, live()))


def binned(session: Session, name: str, uscc: str | None = None) -> Enterprise | None:
    """Find a deleted enterprise with the same folded name or credit code; merged ones are in no bin."""
    buried = Enterprise.folded_name.startswith(fold(name)[: LINE - 20] + GRAVE, autoescape=True)
    same = or_(buried, Enterprise.uscc.startswith(uscc + GRAVE, autoescape=True)) if uscc else buried
    statement = select(Enterprise).where(in_bin(), same)
    return session.scalar(statement.order_by(Enterprise.id.desc()).limit(1))


def in_bin() -> ColumnElement[bool]:
    """Condition: deleted and not merged into another one, so that it can be restored."""
    return and_(Enterprise.deleted_at.is_not(None), Enterprise.merged_into_id.is_(None))


def called(session: Session, name: str) -> list[Enterprise]:
    """Find the enterprises that are also called so."""
    statement = select(Enterprise).join(EnterpriseAlias).where(EnterpriseAlias.folded == fold(name), live()).distinct()
    return list(session.scalars(statement.order_by(Enterprise.id)))


def contact(session: Session, actor: Actor, contact_id: int) -> Contact:
    """Return a contact the actor may see, with its enterprise; raise NotFoundError."""
    statement = select(Contact).where(Contact.id == contact_id, visible_to(actor))
    found = session.scalar(statement.options(joinedload(Contact.enterprise)))
    if found is None:
        raise NotFoundError(MISSING_CONTACT)
    return found


class Acquaintance(NamedTuple):
    """A contact as a form offers it: name and post, and whether the person asked to be left alone."""

    id: int
    name: str
    post: str | None
    do_not_contact: bool


def acquaintances(session: Session, actor: Actor, enterprise_id: int) -> list[Acquaintance]:
    """Contacts of an enterprise that the actor may see, archived ones left out, as a form offers them."""
    return [Acquaintance(*row) for row in session.execute(_acquaintances(actor), {"firm": enterprise_id})]


@lru_cache(maxsize=EYES)
def _acquaintances(actor: Actor) -> Select[int, str, str | None, bool]:
    columns = (Contact.id, Contact.name, Contact.post, Contact.do_not_contact)
    return select(*columns).where(*_here(), visible_to(actor)).order_by(Contact.sort_key, Contact.id)


def contacts_of(session: Session, actor: Actor, enterprise_id: int) -> list[Contact]:
    """Contacts of an enterprise that the actor may see, archived ones left out."""
    return list(session.scalars(_contacts_of().where(visible_to(actor)), {"firm": enterprise_id}))


@cache
def _contacts_of() -> Select[Contact]:
    return select(Contact).where(*_here()).order_by(Contact.sort_key, Contact.id)


def _here() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Contact.enterprise_id == bindparam("firm"), Contact.archived_at.is_(None)


def places(session: Session, enterprise_ids: Sequence[int]) -> dict[int, tuple[Place, ...]]:
    """Places of enterprises on lists, the newest edition of each list, heaviest list first."""
    if not enterprise_ids:
        return {}
    found: defaultdict[int, dict[str, Place]] = defaultdict(dict)
    for enterprise_id, key, name, year, rank in session.execute(_places(), {"ids": enterprise_ids}):
        known = found[enterprise_id].get(key)
        if known is None:
            found[enterprise_id][key] = Place(key, name, year, rank)
        elif known.before is None:
            found[enterprise_id][key] = replace(known, before=rank)
    return {enterprise_id: tuple(by_key.values()) for enterprise_id, by_key in found.items()}


@cache
def _places() -> Select[*tuple[Any, ...]]:
    return (
        select(ListEntry.enterprise_id, TargetList.key, TargetList.name, ListEdition.year, ListEntry.rank)
        .join(ListEdition, ListEdition.id == ListEntry.edition_id)
        .join(TargetList, TargetList.id == ListEdition.list_id)
        .where(ListEntry.enterprise_id.in_(bindparam("ids", expanding=True)))
        .order_by(TargetList.weight.desc(), TargetList.id, ListEdition.year.desc())
    )


def suggest(session: Session, query: str, limit: int = PICK) -> list[EnterpriseOption]:
    """Enterprises for a picker: found by name, alias, code or pinyin; the closest names first."""
    rows = finding.enterprises(session, query, limit)
    on_lists = places(session, [row.id for row in rows])
    return [EnterpriseOption(row.id, row.name, row.region, on_lists.get(row.id, ())) for row in rows]


def lists(session: Session) -> list[TargetList]:
    """Every list that has members, heaviest first."""
    return list(session.scalars(_lists()))


@cache
def _lists() -> Select[TargetList]:
    return select(TargetList).order_by(TargetList.weight.desc(), TargetList.id)


def used(session: Session, column: InstrumentedAttribute[str | None], limit: int = 200) -> list[str]:
    """The values in use of a column of the register, most frequent first."""
    statement = select(column).where(column.is_not(None), live()).group_by(column).order_by(func.count().desc(), column)
    return [str(value) for value in session.scalars(statement.limit(limit))]
