"""Where a blocker comes from: only what the person who raises it may see can be named as its origin.

Meetings stand above this slice, so that their two tables are named here by their columns alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, column, exists, or_, select, table

from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.delivery.blockers.rules import BlockerSource
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.supervision import queries as supervision
from crm.pipeline.instructions import queries as instructions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SEEN = "没有这个来源，或者不在您的查看范围内：请从走访、会议、督查或批示的页面登记。"
UNSEEN = Problem("blocker.origin", SEEN, "source")
MEETING = table(
    "meeting",
    column("id", Integer),
    column("unit_id", Integer),
    column("chair_id", Integer),
    column("created_by", Integer),
)
COMES = table("meeting_person", column("meeting_id", Integer), column("user_id", Integer))


def origin_problems(session: Session, actor: Actor, source: BlockerSource, ref_id: int | None) -> list[Problem]:
    """Reasons why this cannot be the origin; a source without a page of its own names none."""
    if ref_id is None:
        return []
    try:
        match source:
            case BlockerSource.VISIT:
                fieldwork.touch(session, actor, ref_id)
            case BlockerSource.INSPECTION:
                supervision.finding(session, actor, ref_id)
            case BlockerSource.INSTRUCTION:
                instructions.get(session, actor, ref_id)
            case BlockerSource.MEETING:
                return [] if _knows_meeting(session, actor, ref_id) else [UNSEEN]
            case _:
                return [UNSEEN]
    except NotFoundError:
        return [UNSEEN]
    return []


def _knows_meeting(session: Session, actor: Actor, meeting_id: int) -> bool:
    comes = exists().where(COMES.c.meeting_id == MEETING.c.id, COMES.c.user_id == actor.user_id)
    own = or_(MEETING.c.chair_id == actor.user_id, MEETING.c.created_by == actor.user_id, comes)
    seen = or_(own, within(MEETING.c.unit_id, actor, Permission.TOUCH_READ))
    return session.scalar(select(MEETING.c.id).where(MEETING.c.id == meeting_id, seen)) is not None
