"""What lies ready for a person's word, told by the slices that keep it, shown where the day begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

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


Source = Callable[["Session", "Actor", "date"], Iterable[Ready]]


def ready(sources: Iterable[Source], session: Session, actor: Actor, today: date) -> list[Ready]:
    """Ask each slice; what waits longest comes first."""
    found = [one for source in sources for one in source(session, actor, today)]
    return sorted(found, key=lambda one: one.since)
