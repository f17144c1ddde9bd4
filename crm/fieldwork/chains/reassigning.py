"""Giving promises to somebody else: one by one or many at once, never more than a page of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.fieldwork import queries, rules
from crm.fieldwork.models import FollowUp
from crm.notices import sight
from crm.notices.rules import NoticeKind
from crm.notices.services import tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 100
NOTHING = Problem("reassign.none", "请先勾选要改派的待办；只有本组组长、招商办和负责人能改派。", "ids")
TOO_MANY = Problem("reassign.many", "一次最多改派100条，请分批。", "ids")
OWNER = Problem("reassign.owner", "请选择由谁接手；这位同事今天要在所选单位。", "owner")
NOT_YOUR_UNIT = Problem("reassign.unit", "您只能改派给自己管得到的单位的同事。", "owner")
SECRET = Problem("reassign.secret", "其中有保密项目的待办，只能改派给该项目的知情人，请先去掉勾选。", "ids")
GIVEN = "%(name)s把待办改派给您：%(title)s"
GIVEN_MANY = "%(name)s把%(n)s件待办改派给您"
TAKEN = "您的%(n)s件待办已改派给%(name)s"


def movable(session: Session, actor: Actor, ids: Sequence[int]) -> list[FollowUp]:
    """Return those of the open promises that the person may give to somebody else."""
    if len(ids) > MOST:
        raise DomainError(TOO_MANY)
    statement = (
        select(FollowUp)
        .where(FollowUp.id.in_(ids), FollowUp.done_at.is_(None), queries.follow_ups_visible_to(actor))
        .options(joinedload(FollowUp.enterprise), joinedload(FollowUp.owner))
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    return [row for row in session.scalars(statement) if rules.may_correct(actor, row.owner_id, row.unit_id)]


def reassign(
    session: Session, actor: Actor, ids: Sequence[int], owner: tuple[int, int] | None, *, now: datetime, today: date
) -> int:
    """Give promises to a colleague (user id, unit id); both sides are told. Return how many were given."""
    rows = movable(session, actor, ids)
    if not rows:
        raise DomainError(NOTHING)
    if owner is None:
        raise DomainError(OWNER)
    owner_id, unit_id = owner
    if not actor.reaches(Permission.TOUCH_WRITE, unit_id):
        raise DomainError(NOT_YOUR_UNIT)
    if owner_id not in {one.id for one in people.colleagues(session, frozenset({unit_id}), today)}:
        raise DomainError(OWNER)
    moved = [row for row in rows if row.owner_id != owner_id]
    if _would_leak(session, moved, owner_id):
        raise DomainError(SECRET)
    before = Counter(row.owner_id for row in moved)
    for row in moved:
        audit.record(session, actor.user_id, "follow_up.reassign", ("follow_up", row.id), now=now, before=row.owner_id)
        row.owner_id, row.unit_id = owner_id, unit_id
    session.flush()
    _tell(session, actor, moved, owner_id, before, now=now)
    return len(moved)


def _would_leak(session: Session, rows: Sequence[FollowUp], owner_id: int) -> bool:
    """Whether one of them is about a confidential project that the colleague may not know of."""
    secret = sight.secret_among(session, [row.project_id for row in rows])
    return any(not sight.privy(session, project_id, {owner_id}) for project_id in secret)


def _tell(
    session: Session, actor: Actor, moved: Sequence[FollowUp], owner_id: int, before: Counter[int], *, now: datetime
) -> None:
    if owner_id != actor.user_id and len(moved) == 1:
        row, params = moved[0], {"name": actor.name, "title": moved[0].title}
        about = ("follow_up", row.id)
        tell(
            session, [owner_id], NoticeKind.HANDOVER, GIVEN, "/follow-ups", about, now,
            params=params, project_id=row.project_id,
        )  # fmt: skip
    elif owner_id != actor.user_id and moved:
        params = {"name": actor.name, "n": str(len(moved))}
        tell(session, [owner_id], NoticeKind.HANDOVER, GIVEN_MANY, "/follow-ups", None, now, params=params)
    to = people.names(session, [owner_id]).get(owner_id, "")
    for person, count in before.items():
        if person != actor.user_id:
            params = {"n": str(count), "name": to}
            tell(session, [person], NoticeKind.HANDOVER, TAKEN, "/follow-ups", None, now, params=params)
