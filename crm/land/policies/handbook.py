"""The handbook (招商手册): policies in force, free sites, chains, and answers the office writes once for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.resources.carriers import queries as carriers
from crm.resources.carriers.queries import Wanted
from crm.resources.chains import listing
from crm.resources.policies import queries
from crm.resources.policies.models import PolicyClause, PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.resources.carriers.queries import Total
    from crm.resources.chains.listing import Listed
    from crm.resources.policies.models import OfficeAnswer

TITLES: dict[str, str] = {
    "base": "县情",
    "process": "办事流程",
    "sites": "选址口径",
    "policy": "政策口径",
    "contact": "联系谁",
}
MOST = 60


@dataclass(frozen=True, slots=True)
class Book:
    """What the handbook says on a day; clauses by version, only those that may be promised."""

    answers: dict[str, OfficeAnswer]
    policies: Sequence[tuple[PolicyVersion, Sequence[PolicyClause]]]
    sites: Total
    chains: Sequence[Listed]


def gather(session: Session, day: date) -> Book:
    """Read the handbook of a day."""
    found: dict[int, tuple[PolicyVersion, list[PolicyClause]]] = {}
    rows = session.execute(
        queries.in_force(day).order_by(PolicyVersion.level, PolicyVersion.id, PolicyClause.id).limit(MOST * 5)
    )
    for clause, version in rows:
        found.setdefault(version.id, (version, []))[1].append(clause)
    return Book(
        answers=queries.answers(session),
        policies=list(found.values())[:MOST],
        sites=carriers.total(session, Wanted(), day),
        chains=listing.listed(session, None).rows,
    )


def answer(session: Session, key: str) -> str:
    """Give what stands under a key."""
    row = queries.answers(session).get(key)
    return row.body if row is not None else ""
