"""What contacts share with each other: a number, an address, a name at the same enterprise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from crm.core.text import fold
from crm.enterprises import contact_queries
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact, Enterprise
from crm.register.duplicate_rules import MOST_HITS, Verdict, judge_people

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

KEYS = ("person_phone", "email", "person_name")


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of a contact; ``phone`` and ``email`` are digests."""

    id: int
    name: str
    enterprise_id: int
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


def judge(one: Known, other: Known, crowded: Collection[tuple[str, str]] = frozenset()) -> Verdict | None:
    """Say how likely two contacts are one, or None."""
    keys = {}
    if one.phone and one.phone == other.phone and ("person_phone", one.phone) not in crowded:
        keys["person_phone"] = ""
    if one.email and one.email == other.email and ("email", one.email) not in crowded:
        keys["email"] = ""
    if one.enterprise_id == other.enterprise_id and fold(one.name) == fold(other.name):
        keys["person_name"] = one.name
    return judge_people(one.name, other.name, keys)


def load(session: Session, ids: Collection[int]) -> dict[int, Known]:
    """Read what is compared of contacts in use."""
    columns = (Contact.id, Contact.name, Contact.enterprise_id, Contact.phone_key, Contact.email_key)
    rows = session.execute(_living(*columns).where(Contact.id.in_(ids)))
    return {row.id: Known(*row) for row in rows}


def groups(session: Session, key: str) -> Iterator[list[int]]:
    """Ids of contacts in use that share a value of a key, those of 2 to ``MOST_HITS`` only."""
    value = _value(key)
    source = _living(Contact.id, *(column.label(f"k{at}") for at, column in enumerate(value))).where(*_given(key))
    table = source.subquery()
    keys = [table.c[f"k{at}"] for at in range(len(value))]
    few = select(*keys).group_by(*keys).having(func.count().between(2, MOST_HITS)).subquery()
    same = and_(*(few.c[column.name] == column for column in keys))
    rows = select(table.c.id, *keys).join(few, same).order_by(*keys, table.c.id)
    last, block = None, list[int]()
    for row in session.execute(rows.execution_options(yield_per=1000)):
        if tuple(row[1:]) != last and block:
            yield block
            block = []
        last = tuple(row[1:])
        block.append(row.id)
    if block:
        yield block


def crowded(session: Session) -> frozenset[tuple[str, str]]:
    """Numbers and addresses that more than ``MOST_HITS`` contacts share."""
    found: set[tuple[str, str]] = set()
    for key in ("person_phone", "email"):
        (column,) = _value(key)
        many = _living(column).where(*_given(key)).group_by(column).having(func.count() > MOST_HITS)
        found.update((key, value) for value in session.scalars(many))
    return frozenset(found)


def candidates(session: Session, known: Known) -> tuple[set[int], frozenset[tuple[str, str]]]:
    """Contacts that may be this one; and values that too many share."""
    found: set[int] = set()
    many = set()
    for key, value in (("person_phone", known.phone), ("email", known.email)):
        if not value:
            continue
        (column,) = _value(key)
        hits = set(session.scalars(_living(Contact.id).where(column == value).limit(MOST_HITS + 1)))
        if len(hits) > MOST_HITS:
            many.add((key, value))
        else:
            found |= hits
    here = _living(Contact.id, Contact.name).where(Contact.enterprise_id == known.enterprise_id)
    found |= {row.id for row in session.execute(here) if fold(row.name) == fold(known.name)}
    found.discard(known.id)
    return found, frozenset(many)


def _living(*columns: Any) -> Select[Any]:  # noqa: ANN401 (columns of any type)
    return (
        select(*columns)
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(contact_queries.in_use(), enterprises.live())
    )


def _value(key: str) -> tuple[Any, ...]:
    return {
        "person_phone": (Contact.phone_key,),
        "email": (Contact.email_key,),
        "person_name": (Contact.enterprise_id, Contact.name),
    }[key]


def _given(key: str) -> list[Any]:
    return [column.is_not(None) for column in _value(key)]
