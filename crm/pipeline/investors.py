"""Who stands behind a project: the head of the investor's group, by which claims and repeats are keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.enterprises import groups
from crm.enterprises.models import Enterprise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


def head_of(session: Session, enterprise_id: int) -> int:
    """Return the head of the group an enterprise belongs to, else the enterprise itself."""
    above = groups.ancestors(session, enterprise_id)
    return above[-1][0] if above else enterprise_id


def parents(session: Session) -> dict[int, int]:
    """Return who belongs to whom, for jobs that look at all groups at once."""
    statement = select(Enterprise.id, Enterprise.parent_id).where(Enterprise.parent_id.is_not(None))
    return {row.id: row.parent_id for row in session.execute(statement.where(Enterprise.deleted_at.is_(None)))}


def climb(above: Mapping[int, int], enterprise_id: int) -> int:
    """Follow the parents up to the head; a ring or a chain that is too long ends where it stands."""
    for _step in range(groups.DEPTH):
        if enterprise_id not in above:
            break
        enterprise_id = above[enterprise_id]
    return enterprise_id
