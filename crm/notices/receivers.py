"""Who in a unit is to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import ROLE_PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Permission, Role


def holders(session: Session, permission: Permission, day: date) -> set[int]:
    """Return the active people whose role of a day has a permission."""
    roles = [role for role, may in ROLE_PERMISSIONS.items() if permission in may]
    statement = select(User.id).join(Roster, Roster.user_id == User.id)
    return set(session.scalars(statement.where(User.active, Roster.role.in_(roles), valid_on(Roster, day))))


def people_of(session: Session, unit_ids: Iterable[int], day: date, roles: Collection[Role] | None = None) -> set[int]:
    """Return the active people of units on a day, of certain roles if any are named."""
    statement = select(User.id).join(Roster, Roster.user_id == User.id)
    statement = statement.where(User.active, Roster.unit_id.in_(unit_ids), valid_on(Roster, day))
    return set(session.scalars(statement if roles is None else statement.where(Roster.role.in_(roles))))
