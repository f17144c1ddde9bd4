"""Who sees which contacts: they belong to units, while enterprises are open to all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crm.auth.queries import EYES, within
from crm.auth.rules import Actor, Permission
from crm.enterprises.models import Contact

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


@lru_cache(maxsize=EYES)
def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: contacts of the units the actor may read."""
    return within(Contact.unit_id, actor, Permission.CONTACT_READ)
