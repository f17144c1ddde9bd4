"""The group tree (集团): which enterprise belongs to which, up and down, bounded in depth and number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal, select

from crm.auth.rules import Permission
from crm.core import audit, changes
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.enterprises import queries
from crm.enterprises.indexing import ENTERPRISE
from crm.enterprises.models import Enterprise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import CTE, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

DEPTH = 12
MOST = 500
NO_RIGHT = Problem("relation.right", "您的角色不能修改企业关系。")
ITSELF = Problem("relation.itself", "不能选本企业自己，请选另一家。", "other_id")
LOOP = Problem("parent.loop", "“%(name)s”在本企业的下属之中，不能再作它的上级。", "other_id")
DEEP = Problem("parent.deep", "集团层级最多 12 层，请挂到更上面的一级。", "other_id")


@dataclass(frozen=True, slots=True)
class Kin:
    """A subsidiary: ``depth`` 1 is a direct one."""

    id: int
    name: str
    depth: int
    last_touch_at: datetime | None


def group_ids(session: Session, enterprise_id: int) -> list[int]:
    """Ids of an enterprise and all that belong to it, itself first, at most ``MOST``; deleted ones left out."""
    return list(dict.fromkeys([enterprise_id, *session.scalars(_group_ids(), {"id": enterprise_id})]))


def subsidiaries(session: Session, enterprise_id: int) -> list[Kin]:
    """All that belong to an enterprise in the order of the tree, each behind its parent, at most ``MOST``."""
    children: dict[int, dict[int, Kin]] = {}
    for row_id, name, parent_id, depth, touched in session.execute(_subsidiaries(), {"id": enterprise_id}):
        children.setdefault(parent_id, {}).setdefault(row_id, Kin(row_id, name, depth, touched))
    return _in_order(children, enterprise_id, set())


def ancestors(session: Session, enterprise_id: int) -> list[tuple[int, str]]:
    """What an enterprise belongs to, the nearest first, as (id, name)."""
    start = select(Enterprise.parent_id, literal(1).label("depth")).where(Enterprise.id == enterprise_id)
    above = start.cte("above", recursive=True)
    above = above.union_all(
        select(Enterprise.parent_id, above.c.depth + 1)
        .join(above, above.c.parent_id == Enterprise.id)
        .where(above.c.depth < DEPTH)
    )
    statement = (
        select(Enterprise.id, Enterprise.name)
        .join(above, above.c.parent_id == Enterprise.id)
        .where(queries.live())
        .order_by(above.c.depth)
    )
    return list(dict.fromkeys((row_id, name) for row_id, name in session.execute(statement)))


def set_parent(
    session: Session, actor: Actor, enterprise_id: int, parent_id: int | None, *, now: datetime
) -> Enterprise:
    """Say which enterprise this one belongs to; None makes it stand alone.

    Raises:
        DomainError: it would belong to itself, the group would be a ring or too deep.

    """
    if not actor.may(Permission.ENTERPRISE_WRITE):
        raise ForbiddenError(NO_RIGHT)
    row = queries.enterprise(session, enterprise_id)
    if parent_id is not None:
        _check_parent(session, row, parent_id)
    before = row.parent_id
    if before == parent_id:
        return row
    row.parent_id, row.updated_at = parent_id, now
    changes.note(
        session,
        (ENTERPRISE, row.id),
        {"parent_id": (before, parent_id)},
        by=actor.user_id,
        via=changes.Via.FORM,
        now=now,
    )
    detail = {"before": before, "after": parent_id}
    audit.record(session, actor.user_id or None, "enterprise.parent", (ENTERPRISE, row.id), now=now, **detail)
    session.flush()
    return row


@cache
def _group_ids() -> Select[int]:
    below = _below()
    return select(below.c.id).order_by(below.c.depth, below.c.id).limit(MOST)


@cache
def _subsidiaries() -> Select[*tuple[Any, ...]]:
    below = _below()
    return (
        select(Enterprise.id, Enterprise.name, Enterprise.parent_id, below.c.depth, Enterprise.last_touch_at)
        .join(below, below.c.id == Enterprise.id)
        .where(below.c.depth > 0, Enterprise.id != bindparam("id"))
        .order_by(below.c.depth, Enterprise.sort_key, Enterprise.id)
        .limit(MOST)
    )


def _below() -> CTE:
    """The enterprise with the id bound as ``id`` and all below it."""
    start = select(Enterprise.id, literal(0).label("depth")).where(Enterprise.id == bindparam("id"))
    below = start.cte("below", recursive=True)
    return below.union(
        select(Enterprise.id, below.c.depth + 1)
        .join(below, Enterprise.parent_id == below.c.id)
        .where(queries.live(), below.c.depth < DEPTH)
    )


def _in_order(children: Mapping[int, Mapping[int, Kin]], parent_id: int, seen: set[int]) -> list[Kin]:
    found: list[Kin] = []
    for kin in children.get(parent_id, {}).values():
        if kin.id not in seen:
            seen.add(kin.id)
            found += [kin, *_in_order(children, kin.id, seen)]
    return found


def _check_parent(session: Session, row: Enterprise, parent_id: int) -> None:
    if parent_id == row.id:
        raise DomainError(ITSELF)
    parent = queries.enterprise(session, parent_id)
    both = sorted((row.id, parent.id))
    session.execute(select(Enterprise.id).where(Enterprise.id.in_(both)).order_by(Enterprise.id).with_for_update())
    above = [one for one, _name in ancestors(session, parent_id)]
    if row.id in above:
        raise DomainError(Problem(LOOP.key, LOOP.message, LOOP.field, {"name": parent.name}))
    height = max((kin.depth for kin in subsidiaries(session, row.id)), default=0)
    if len(above) + 1 + height >= DEPTH:
        raise DomainError(DEEP)
