"""What lies ready for a person's word, told by the slices that keep it, shown where the day begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PLACE = "desk"  # where the application keeps its sources


@dataclass(frozen=True, slots=True)
class Ready:
    """One thing that waits: message id of what it is with its places, its page, since when."""

    label: str
    href: str
    since: datetime
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """One slice: its key, the rows that wait for a person on a day (None: never any), and how a row is told."""

    key: str
    rows: Callable[[Actor, date], Select[*tuple[Any, ...]] | None]
    told: Callable[[Row[*tuple[Any, ...]]], Ready]


def counts(sources: Iterable[Source], actor: Actor, today: date) -> dict[str, Select[int]]:
    """Return what counts the rows of each slice, to be asked together with other counts."""
    asked = {source.key: source.rows(actor, today) for source in sources}
    return {key: select(func.count()).select_from(rows.subquery()) for key, rows in asked.items() if rows is not None}


def ready(
    sources: Iterable[Source], session: Session, actor: Actor, today: date, counted: Mapping[str, int]
) -> list[Ready]:
    """Ask the slices that counted something; what waits longest comes first."""
    found = []
    for source in sources:
        rows = source.rows(actor, today) if counted.get(source.key) else None
        if rows is not None:
            found += [source.told(row) for row in session.execute(rows)]
    return sorted(found, key=lambda one: one.since)
