"""The round over blockers that are due or late: each climbs its rungs once, up to the leader and the meeting list.

The team lead is the one of the responsible unit, with the head of the project's task force; the leader is the one
who answers for the project (分包领导), without such a one the leaders of the office.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select

from crm.auth import queries as people
from crm.auth.models import Roster, User
from crm.auth.rules import Role
from crm.core.db import insert_ignore
from crm.delivery.blockers import keeping, queries
from crm.delivery.blockers.models import Blocker, BlockerAlarm
from crm.delivery.blockers.rules import StepKind
from crm.fieldwork.chains import services as chains
from crm.fieldwork.chains.ladder import TOLD_LABELS, Told
from crm.fieldwork.models import FollowUp
from crm.notices.rules import NoticeKind
from crm.pipeline.team.models import ProjectRole, TaskForce
from crm.pipeline.team.rules import TeamRole

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo

    from sqlalchemy.orm import Session

    from crm.fieldwork.chains.ladder import Ladder, Rung

BATCH = 200
DUE = "今天到时限：%(title)s（%(subject)s）"
LATE = "问题超期未解决，时限%(due)s：%(title)s（%(subject)s）"
RISK = "问题超期未解决，已列入协调会清单：%(title)s（%(subject)s），时限%(due)s"
WHO = {**TOLD_LABELS, Told.OWNER: "责任人"}
ROLES = {Told.HEAD: Role.TEAM_LEAD, Told.MANAGER: Role.REGISTRAR, Told.LEADER: Role.LEADER}


def climb(session: Session, *, now: datetime, zone: tzinfo) -> dict[str, int]:
    """Let late blockers climb within the hours of the office; each rung speaks once for each deadline."""
    if not chains.the_ladder(session).is_open(now, zone):
        return {"climbed": 0}
    today = now.astimezone(zone).date()
    ladder = queries.rules_of(session).ladder
    rows = _late(session, ladder, today)
    offices = _Offices(session, rows, today) if rows else None
    climbed = 0
    for row in rows:
        reached = ladder.due_rungs(row.due_on, today)
        fresh = [rung for rung in reached if _write_down(session, row, rung, now=now)]
        if fresh and fresh[-1] is reached[-1] and offices is not None:
            climbed += 1
            _speak(session, row, reached[-1], offices.told(row, reached[-1]), now=now)
    return {"climbed": climbed}


def _late(session: Session, ladder: Ladder, today: date) -> list[Blocker]:
    """Open blockers that have not climbed the rung they have reached, the oldest first."""
    own = (BlockerAlarm.blocker_id == Blocker.id, BlockerAlarm.due_on == Blocker.due_on)
    reached = [
        and_(Blocker.due_on <= ladder.since(rung.day, today), ~exists().where(*own, BlockerAlarm.day >= rung.day))
        for rung in ladder.rungs
    ]
    waits = (Blocker.closed_at.is_(None), FollowUp.done_at.is_(None), or_(*reached))
    statement = queries.whole().where(*waits).order_by(Blocker.due_on, Blocker.id).limit(BATCH)
    return list(session.scalars(statement))


def _write_down(session: Session, row: Blocker, rung: Rung, *, now: datetime) -> bool:
    alarm = {"blocker_id": row.id, "due_on": row.due_on, "day": rung.day, "at": now}
    return insert_ignore(session, BlockerAlarm, [alarm], ["blocker_id", "due_on", "day"]) == 1


def _speak(session: Session, row: Blocker, rung: Rung, persons: set[int], *, now: datetime) -> None:
    kind = NoticeKind.RISK if rung.risk else NoticeKind.OVERDUE if rung.day else NoticeKind.DUE
    words = {NoticeKind.RISK: RISK, NoticeKind.OVERDUE: LATE, NoticeKind.DUE: DUE}[kind]
    keeping.inform(session, row, persons, words, now, kind=kind)
    if not rung.day:
        return
    told = "、".join(WHO[one] for one in Told if one in rung.told)
    keeping.note(session, row, (StepKind.ESCALATED, told), by=None, now=now)
    if rung.risk and row.coordinate_at is None:
        row.coordinate_at = now
        keeping.note(session, row, (StepKind.COORDINATE, None), by=None, now=now)


class _Offices:
    """Who holds which office today, and who answers for the projects of some blockers: three queries."""

    def __init__(self, session: Session, rows: list[Blocker], today: date) -> None:
        """Read rosters, leaders of projects and heads of task forces once."""
        self.covers = people.subtree(session)
        held = select(Roster.role, Roster.unit_id, Roster.user_id).join(User, User.id == Roster.user_id)
        held = held.where(Roster.role.in_(ROLES.values()), User.active, people.valid_on(Roster, today))
        self.held = list(session.execute(held))
        ids = {row.project_id for row in rows if row.project_id is not None}
        leads = select(ProjectRole.project_id, ProjectRole.user_id).where(
            ProjectRole.project_id.in_(ids), ProjectRole.role == TeamRole.LEADER, ProjectRole.valid_to.is_(None)
        )
        self.leaders: dict[int, int | None] = {row.project_id: row.user_id for row in session.execute(leads)}
        heads = select(TaskForce.project_id, TaskForce.leader_id).where(
            TaskForce.project_id.in_(ids), TaskForce.ended_at.is_(None)
        )
        self.heads: dict[int | None, int] = {row.project_id: row.leader_id for row in session.execute(heads)}

    def told(self, row: Blocker, rung: Rung) -> set[int]:
        """Return whom a rung names for a blocker."""
        found: set[int] = set()
        for one in rung.told:
            own = self._own(row, one)
            found |= own or {
                user_id
                for role, unit_id, user_id in self.held
                if role is ROLES.get(one) and (one is not Told.HEAD or row.unit_id in self.covers.get(unit_id, ()))
            }
            if one is Told.HEAD and row.project_id in self.heads:
                found.add(self.heads[row.project_id])
        return found

    def _own(self, row: Blocker, one: Told) -> set[int]:
        if one is Told.OWNER:
            return {row.responsible_id}
        leader = self.leaders.get(row.project_id) if one is Told.LEADER and row.project_id is not None else None
        return set() if leader is None else {leader}
