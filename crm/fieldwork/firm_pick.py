"""Picking an enterprise in a form: found while typing, or with a button where there is no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries as fieldwork
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


@dataclass(frozen=True, slots=True)
class Choice:
    """One enterprise on offer; ``hit`` tells one that was searched for from one touched lately."""

    id: int
    name: str
    note: str = ""
    hit: bool = True


def found(session: Session, query: str) -> list[Choice]:
    """Enterprises by name, alias or pinyin."""
    rows = register.suggest(session, query) if query else []
    return [
        Choice(row.id, row.name, "、".join(filter(None, (*(p.name for p in row.places[:2]), row.region))))
        for row in rows
    ]


def offered(session: Session, actor: Actor, query: str, chosen: str) -> list[Choice]:
    """What was searched for; else the chosen one and those touched last."""
    hits = found(session, query)
    if hits:
        return hits
    known = dict(fieldwork.recent_enterprises(session, actor))
    chosen_id = number_or_none(chosen)
    row = session.get(Enterprise, chosen_id) if chosen_id else None
    if row is not None:
        known[row.id] = row.name
    return sorted((Choice(*pair, hit=False) for pair in known.items()), key=lambda one: one.id != chosen_id)
