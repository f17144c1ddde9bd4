"""The turns of the leaders: who of them was at a post in a period, in rows that add up to the figure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import Roster, User
from crm.auth.rules import Permission, Role
from crm.core import options
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.fieldwork.postings import attendance, queries
from crm.fieldwork.postings.models import Posting
from crm.fieldwork.postings.rota_rules import RotaSetup, rota_problems, share_met
from crm.fieldwork.postings.rules import THERE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.postings.attendance import Days

KEY = "postings.rota"
MOST = 500
NO_RIGHT = Problem("rota.right", "您的角色不能改轮值要求，请联系招商办。")
STRANGER = Problem("rota.head", "党政主要领导要从领导里选。", "head_ids")


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """One leader in a period: at which posts, on which days there, whether that counts as taking part."""

    user_id: int
    name: str
    title: str | None
    head: bool
    posts: tuple[str, ...]
    days: tuple[date, ...]
    took_part: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The rota of a period; every figure is a count of its rows."""

    rows: tuple[LeaderRow, ...]
    setup: RotaSetup

    @property
    def took_part(self) -> int:
        """How many leaders took part."""
        return sum(row.took_part for row in self.rows)

    @property
    def heads(self) -> tuple[LeaderRow, ...]:
        """The heads of party and government among them."""
        return tuple(row for row in self.rows if row.head)

    @property
    def heads_there(self) -> int:
        """How many of the heads took part."""
        return sum(row.took_part for row in self.heads)

    @property
    def share_met(self) -> bool:
        """Whether the share of leaders is reached."""
        return share_met(self.took_part, len(self.rows), self.setup.share)

    @property
    def heads_met(self) -> bool:
        """Whether enough of the heads took their turn."""
        return self.heads_there >= self.setup.heads_needed


def setup(session: Session) -> RotaSetup:
    """Return what the office demands."""
    kept = options.read(session, KEY).get(KEY, {})
    usual = RotaSetup()
    return RotaSetup(
        share=int(kept.get("share", usual.share)),
        min_days=int(kept.get("min_days", usual.min_days)),
        heads_needed=int(kept.get("heads_needed", usual.heads_needed)),
        head_ids=tuple(int(one) for one in kept.get("head_ids", ())),
    )


def set_setup(session: Session, actor: Actor, wanted: RotaSetup, *, now: datetime, today: date) -> None:
    """Keep what the office demands; the audit keeps what it was."""
    if not actor.may(Permission.STAFF_MANAGE):
        raise ForbiddenError(NO_RIGHT)
    problems = rota_problems(wanted)
    known = {user.id for user in leaders(session, today, today)} | set(setup(session).head_ids)
    if set(wanted.head_ids) - known:
        problems.append(STRANGER)
    if problems:
        raise DomainError(*problems)
    value = {"share": wanted.share, "min_days": wanted.min_days, "heads_needed": wanted.heads_needed}
    options.write(session, actor.user_id, KEY, {**value, "head_ids": list(wanted.head_ids)}, now=now)


def leaders(session: Session, start: date, end: date) -> list[User]:
    """Everybody who held the role of a leader on a day from start to end, whether or not still in office."""
    held = (
        (Roster.role == Role.LEADER)
        & (Roster.valid_from <= end)
        & or_(Roster.valid_to.is_(None), Roster.valid_to >= start)
    )
    ids = select(Roster.user_id).where(held)
    return list(session.scalars(select(User).where(User.id.in_(ids)).order_by(User.name, User.id).limit(MOST)))


def report(session: Session, days: Days, wanted: RotaSetup) -> Report:
    """Count the turns of a period."""
    people = leaders(session, days.start, days.end)
    statement = (
        select(Posting)
        .where(Posting.user_id.in_([user.id for user in people]), queries.there_on(days.start, days.end))
        .options(joinedload(Posting.post))
        .order_by(Posting.valid_from, Posting.id)
    )
    held: dict[int, list[Posting]] = defaultdict(list)
    for row in session.scalars(statement):
        held[row.user_id].append(row)
    found = attendance.grid(session, [row for rows in held.values() for row in rows], days)
    rows = [_row(user, held[user.id], found, wanted) for user in people]
    return Report(tuple(sorted(rows, key=lambda row: (not row.head, not row.took_part))), wanted)


def _row(user: User, held: Sequence[Posting], found: attendance.Grid, wanted: RotaSetup) -> LeaderRow:
    ids = {row.id for row in held}
    there = sorted({day for (posting_id, day), cell in found.items() if posting_id in ids and cell.state in THERE})
    return LeaderRow(
        user_id=user.id,
        name=user.name,
        title=user.title,
        head=user.id in wanted.head_ids,
        posts=tuple(dict.fromkeys(row.post.name for row in held)),
        days=tuple(there),
        took_part=len(there) >= wanted.min_days,
    )
