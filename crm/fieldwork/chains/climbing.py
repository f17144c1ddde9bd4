"""The round over promises that are due or overdue: each climbs its rungs once, and people are told together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, exists, or_, select

from crm.auth import queries as people
from crm.auth.models import Roster, User
from crm.auth.rules import Role
from crm.core.db import insert_ignore
from crm.enterprises.models import Enterprise
from crm.fieldwork.chains import services
from crm.fieldwork.chains.ladder import Told
from crm.fieldwork.chains.models import FollowUpAlarm
from crm.fieldwork.models import FollowUp
from crm.notices import sight
from crm.notices.rules import SINGLE, NoticeKind
from crm.notices.services import tell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime, tzinfo

    from sqlalchemy.orm import Session

    from crm.fieldwork.chains.ladder import Ladder, Rung

BATCH = 500
MINE, WATCH = "/follow-ups", "/follow-ups/stalled"
DUE = "今天到期：%(title)s"
DUE_MANY = "今天有%(n)s件待办到期"
LATE = "待办逾期%(days)s天：%(title)s（%(owner)s）"
LATE_MANY = "有%(n)s件待办逾期，最久%(days)s天"
RISK = "逾期%(days)s天，已列入风险清单，请催办或改派：%(title)s（%(owner)s）"
RISK_MANY = "有%(n)s件待办列入风险清单，请催办或改派"
WORDS = {NoticeKind.DUE: (DUE, DUE_MANY), NoticeKind.OVERDUE: (LATE, LATE_MANY), NoticeKind.RISK: (RISK, RISK_MANY)}
APART = ("blocker",)  # climb the ladder of their own register
ROLES = {Told.HEAD: Role.TEAM_LEAD, Told.MANAGER: Role.REGISTRAR, Told.LEADER: Role.LEADER}


@dataclass(frozen=True, slots=True)
class Promise:
    """An open follow-up as the ladder sees it."""

    id: int
    title: str
    firm: str | None
    due_on: date
    owner_id: int
    owner: str
    unit_id: int
    project_id: int | None

    @property
    def words(self) -> str:
        """What it is about."""
        return f"{self.firm}：{self.title}" if self.firm and self.firm not in self.title else self.title


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to tell some people."""

    promise: Promise
    kind: NoticeKind
    days: int
    people: frozenset[int]


def climb(session: Session, *, now: datetime, zone: tzinfo) -> dict[str, int]:
    """Let promises climb; outside of the hours of the office nobody is disturbed.

    Telling twice is impossible: a rung is written down once for each promise and deadline, and only who wrote it
    down tells. Rungs missed while nothing ran are climbed silently, only the highest speaks.
    """
    ladder = services.the_ladder(session)
    if not ladder.is_open(now, zone):
        return {"climbed": 0, "told": 0}
    today = now.astimezone(zone).date()
    promises = _waiting(session, ladder, today)
    calls: list[Call] = []
    offices = _Offices(session, today) if promises else None
    secret = sight.secret_among(session, [one.project_id for one in promises])
    climbed = 0
    for promise in promises:
        reached = ladder.due_rungs(promise.due_on, today)
        fresh = [rung for rung in reached if _write_down(session, promise, rung, now=now)]
        climbed += bool(fresh)
        if not fresh or fresh[-1] is not reached[-1] or offices is None:
            continue
        persons = offices.told(promise, reached[-1].told)
        if promise.project_id in secret and promise.project_id is not None:
            persons = sight.privy(session, promise.project_id, persons)
        days = ladder.days_late(promise.due_on, today)
        calls.append(Call(promise, _kind(reached[-1]), days, frozenset(persons)))
    return {"climbed": climbed, "told": sum(_tell(session, calls, kind, now=now) for kind in WORDS)}


def _waiting(session: Session, ladder: Ladder, today: date) -> list[Promise]:
    """Open promises that have not climbed the rung they have reached, the oldest first."""
    own = (FollowUpAlarm.follow_up_id == FollowUp.id, FollowUpAlarm.due_on == FollowUp.due_on)
    reached = [
        and_(FollowUp.due_on <= ladder.since(rung.day, today), ~exists().where(*own, FollowUpAlarm.day >= rung.day))
        for rung in ladder.rungs
    ]
    statement = (
        select(FollowUp, Enterprise.name, User.name)
        .join(User, User.id == FollowUp.owner_id)
        .outerjoin(Enterprise, Enterprise.id == FollowUp.enterprise_id)
        .where(FollowUp.done_at.is_(None), FollowUp.kind.not_in(APART), or_(*reached))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(BATCH)
    )
    return [_promise(row, firm, owner) for row, firm, owner in session.execute(statement)]


def _promise(row: FollowUp, firm: str | None, owner: str) -> Promise:
    due_on = cast("date", row.due_on)
    return Promise(row.id, row.title, firm, due_on, row.owner_id, owner, row.unit_id, row.project_id)


def _write_down(session: Session, promise: Promise, rung: Rung, *, now: datetime) -> bool:
    row = {"follow_up_id": promise.id, "due_on": promise.due_on, "day": rung.day, "at": now}
    return insert_ignore(session, FollowUpAlarm, [row], ["follow_up_id", "due_on", "day"]) == 1


def _kind(rung: Rung) -> NoticeKind:
    if rung.risk:
        return NoticeKind.RISK
    return NoticeKind.OVERDUE if rung.day else NoticeKind.DUE


class _Offices:
    """Who holds which office today, for the units of promises."""

    def __init__(self, session: Session, today: date) -> None:
        """Read rosters and units once."""
        self.covers = people.subtree(session)
        held = select(Roster.role, Roster.unit_id, Roster.user_id).join(User, User.id == Roster.user_id)
        held = held.where(Roster.role.in_(ROLES.values()), User.active, people.valid_on(Roster, today))
        self.held = list(session.execute(held))

    def told(self, promise: Promise, told: Iterable[Told]) -> set[int]:
        """Return whom a rung names for a promise."""
        found: set[int] = set()
        for one in told:
            if one is Told.OWNER:
                found.add(promise.owner_id)
                continue
            found |= {
                user_id
                for role, unit_id, user_id in self.held
                if role is ROLES[one] and (one is not Told.HEAD or promise.unit_id in self.covers.get(unit_id, ()))
            }
        return found


def _tell(session: Session, calls: Sequence[Call], kind: NoticeKind, *, now: datetime) -> int:
    """Tell of one kind of one round: a few things one by one, many to one person as one."""
    one_by_one, together = WORDS[kind]
    heard: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        for person in call.people if call.kind is kind else ():
            heard[person].append(call)
    many = {person for person, own in heard.items() if len(own) > SINGLE}
    told = 0
    for call in calls:
        people, promise = call.people - many, call.promise
        if call.kind is not kind or not people:
            continue
        link = MINE if people == {promise.owner_id} else WATCH
        params: dict[str, Any] = {"title": promise.words, "days": call.days, "owner": promise.owner}
        about = ("follow_up", promise.id)
        told += tell(session, people, kind, one_by_one, link, about, now, params=params, project_id=promise.project_id)
    for person in sorted(many):
        own = heard[person]
        link = MINE if all(call.promise.owner_id == person for call in own) else WATCH
        params = {"n": len(own), "days": max(call.days for call in own)}
        told += tell(session, [person], kind, together, link, None, now, params=params)
    return told
