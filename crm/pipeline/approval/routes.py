"""What the office sets for its approval chains: meetings by category and the landing checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.core import options
from crm.core.errors import DomainError, Problem
from crm.pipeline.approval.rules import CHAINS, CHECKLIST, MEETINGS, Category, Routes, Station

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

KEY = "approval"
MOST_ITEMS, ITEM_LENGTH = 30, 40


def current(session: Session) -> Routes:
    """Return what the office has set, defaults for the rest."""
    return load(options.read(session, KEY).get(KEY, {}))


def load(value: Mapping[str, Any]) -> Routes:
    """Make routes of a stored value."""
    chains = {
        category: tuple(Station(key) for key in value.get("chains", {}).get(category.value, CHAINS[category]))
        for category in Category
    }
    return Routes(chains=chains, checklist=tuple(value.get("checklist", CHECKLIST)))


def dump(routes: Routes) -> dict[str, Any]:
    """Return routes as a JSON value."""
    return {
        "chains": {category.value: [str(station) for station in chain] for category, chain in routes.chains.items()},
        "checklist": list(routes.checklist),
    }


def problems_of(routes: Routes) -> list[Problem]:
    """Reasons why routes cannot be set."""
    found = []
    for category, chain in routes.chains.items():
        if not chain or len(set(chain)) != len(chain) or not set(chain) <= MEETINGS:
            found.append(Problem("routes.chain", "每一类至少上一个会，同一个会不能上两次。", f"chain_{category.value}"))
    items = routes.checklist
    if not items or len(items) > MOST_ITEMS or len(set(items)) != len(items):
        found.append(Problem("routes.checklist", "落地条件清单须有1到30项，不能重复。", "checklist"))
    if any(len(item) > ITEM_LENGTH for item in items):
        found.append(Problem("routes.item", "清单每项最多40字。", "checklist"))
    return found


def set_routes(session: Session, actor: Actor, routes: Routes, *, now: datetime) -> None:
    """Set the office's chains; papers already under way keep theirs."""
    problems = problems_of(routes)
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, KEY, dump(routes), now=now)
