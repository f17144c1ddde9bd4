"""Match a list of names somebody typed with the register: sure by name, else offered, else kept as typed.

However many lines there are, the register is asked twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from crm.core.text import fold, fold_company
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.enterprises.queries import live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

MOST_LIKE = 5
LEAST_STEM = 2
ASKED_AT_ONCE = 400
BEYOND = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Match:
    """A typed line with the enterprises it may mean; ``sure`` when there is one and it bears this very name."""

    firm: str
    person: str
    found: tuple[tuple[int, str], ...] = ()
    sure: bool = False


def match(session: Session, lines: Sequence[tuple[str, str]]) -> list[Match]:
    """Find the enterprise of each line."""
    named = _named(session, [fold(firm) for firm, _person in lines if firm])
    open_stems = {fold_company(firm) for firm, _person in lines if firm and len(named.get(fold(firm), ())) != 1}
    alike = _alike(session, sorted(stem for stem in open_stems if len(stem) >= LEAST_STEM))
    matches = []
    for firm, person in lines:
        exact = named.get(fold(firm), {}) if firm else {}
        if len(exact) == 1:
            matches.append(Match(firm, person, tuple(exact.items()), sure=True))
        else:
            found = {**exact, **alike.get(fold_company(firm), {})} if firm else {}
            matches.append(Match(firm, person, tuple(found.items())[:MOST_LIKE]))
    return matches


def _named(session: Session, folded: Sequence[str]) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for start in range(0, len(folded), ASKED_AT_ONCE):
        statement = (
            select(EnterpriseAlias.folded, Enterprise.id, Enterprise.name)
            .join(Enterprise, Enterprise.id == EnterpriseAlias.enterprise_id)
            .where(EnterpriseAlias.folded.in_(folded[start : start + ASKED_AT_ONCE]), live())
            .order_by(Enterprise.id)
        )
        for name, enterprise_id, title in session.execute(statement):
            found.setdefault(name, {})[enterprise_id] = title
    return found


def _alike(session: Session, stems: Sequence[str]) -> dict[str, dict[int, str]]:
    """Enterprises whose name without its legal ending is the same or begins so."""
    if not stems:
        return {}
    found: dict[str, dict[int, str]] = {}
    for start in range(0, len(stems), ASKED_AT_ONCE // 4):
        some = stems[start : start + ASKED_AT_ONCE // 4]
        begins = or_(*(Enterprise.stem.between(stem, stem + BEYOND) for stem in some))
        statement = select(Enterprise.id, Enterprise.name, Enterprise.stem).where(begins, live())
        for enterprise_id, name, held in session.execute(statement.order_by(Enterprise.stem).limit(ASKED_AT_ONCE)):
            for stem in some:
                if held.startswith(stem):
                    found.setdefault(stem, {}).setdefault(enterprise_id, name)
    return found
