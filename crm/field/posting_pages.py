"""What the pages of posts show: one's own turn today, the people of a post, who was there on the last days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.fieldwork.models import Touch
from crm.fieldwork.postings import attendance, queries, rules
from crm.fieldwork.postings.attendance import Cell, Days, Turn
from crm.fieldwork.queries import visible_to
from crm.fieldwork.rules import may_correct
from crm.web import timing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.postings.models import Posting, StationedPost

LAST_DAYS = 14
WORDS = {
    "roles": rules.POST_ROLE_LABELS,
    "ranks": rules.RANK_LABELS,
    "presence": rules.PRESENCE_LABELS,
    "icons": rules.PRESENCE_ICONS,
    "tones": rules.PRESENCE_TONES,
    "absences": rules.ABSENCE_LABELS,
}


def days(start: date, end: date) -> Days:
    """Return a run of days with the office's today and zone."""
    return Days(start, end, timing.today(), timing.zone())


def my_turns(session: Session, actor: Actor) -> list[Turn]:
    """Where the person who looks is posted today, and whether that is told already."""
    return attendance.turns(session, actor, timing.today(), timing.zone())


def post_page(session: Session, actor: Actor, post: StationedPost) -> dict[str, Any]:
    """Gather what the page of one post shows."""
    today = timing.today()
    rows = queries.roster(session, post.id)
    last = min(today, post.closed_on) if post.closed_on else today
    run = days(last - timedelta(days=LAST_DAYS - 1), last)
    recent = [row for row in rows if row.valid_from <= run.end and (row.valid_to is None or row.valid_to >= run.start)]
    found = attendance.grid(session, recent, run)
    now = [row for row in rows if queries.as_stay(row).covers(today)]
    return {
        "now": now,
        "later": [row for row in rows if row.valid_from > today],
        "past": [row for row in rows if row.valid_to is not None and row.valid_to < today],
        "recent": recent,
        "run": run.each()[::-1],  # the last days are what one looks for
        "grid": found,
        "days_there": {row.id: attendance.days_there(found, row.id) for row in recent},
        "visits": open_visits(session, actor, found.values()),
        "excusable": {row.id for row in now if _excuses(actor, row, post, now)},
        "strength": queries.strength(session, [post], today)[post.id],
        "mine": [turn for turn in my_turns(session, actor) if turn.row.post_id == post.id],
    }


def _excuses(actor: Actor, row: Posting, post: StationedPost, now: list[Posting]) -> bool:
    heads = actor.user_id in {one.user_id for one in now if one.role is rules.PostRole.HEAD}
    return heads or may_correct(actor, row.user_id, post.unit_id)


def open_visits(session: Session, actor: Actor, cells: Iterable[Cell]) -> set[int]:
    """Ids of those visits behind the cells that the person may open; the others are only counted."""
    ids = {touch_id for cell in cells for touch_id in cell.visits}
    if not ids:
        return set()
    return set(session.scalars(select(Touch.id).where(Touch.id.in_(ids), visible_to(actor))))
