"""Units whose resources the signed-in person keeps: what forms of sites, chains and policies offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth import queries as people
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.web import db, timing

if TYPE_CHECKING:
    from crm.auth.models import OrgUnit


def kept_units() -> list[OrgUnit]:
    """Give them as they are today; none for who keeps nothing."""
    actor = current_actor()
    if not actor.may(Permission.RESOURCE_MANAGE):
        return []
    allowed = actor.scope(Permission.RESOURCE_MANAGE)
    known = people.units(db.session(), timing.today())
    return [unit for unit in known if allowed is None or unit.id in allowed]
