"""Whom a notice about a confidential project may reach: only people who may know of it.

Projects are a slice far above this one; what is asked of them here are columns of their tables, by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Integer, column, or_, select, table

from crm.notices.models import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

PROJECT = table("project", column("id", Integer), column("owner_id", Integer), column("confidential", Boolean))
INSIDER = table("project_insider", column("project_id", Integer), column("user_id", Integer))


def readable_by(user_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Condition: the person's own notices, without those on projects that were closed to the person since.

    With the column of the notice itself: whoever it is for.
    """
    named = select(INSIDER.c.project_id).where(INSIDER.c.user_id == user_id).correlate(Notice)
    hidden = (
        select(PROJECT.c.id)
        .where(
            PROJECT.c.confidential,
            or_(PROJECT.c.owner_id.is_(None), PROJECT.c.owner_id != user_id),
            PROJECT.c.id.not_in(named),
        )
        .correlate(Notice)
    )
    return (Notice.user_id == user_id) & or_(Notice.project_id.is_(None), Notice.project_id.not_in(hidden))


def secret_among(session: Session, project_ids: Iterable[int | None]) -> set[int]:
    """Return those of the projects that are confidential."""
    ids = {one for one in project_ids if one is not None}
    if not ids:
        return set()
    return set(session.scalars(select(PROJECT.c.id).where(PROJECT.c.id.in_(ids), PROJECT.c.confidential)))


def privy(session: Session, project_id: int, user_ids: set[int]) -> set[int]:
    """Return those of the people who may know of a confidential project."""
    owner = select(PROJECT.c.owner_id).where(PROJECT.c.id == project_id)
    named = select(INSIDER.c.user_id).where(INSIDER.c.project_id == project_id)
    return {one for one in session.scalars(owner.union(named)) if one in user_ids}
