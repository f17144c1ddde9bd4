"""Meetings of the demonstration: a weekly regular one with decisions kept and late, and a coordination meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Role
from crm.cli.demodata.office import LEADER, PEOPLE, REGISTRAR
from crm.core.scheduling import SHANGHAI, local_day
from crm.meetings import agenda, decisions, series, services
from crm.meetings.models import Meeting, MeetingPerson
from crm.meetings.proposals import proposals
from crm.meetings.rules import (
    DecisionDraft,
    MeetingDraft,
    MeetingKind,
    MeetingState,
    Presence,
    Rhythm,
    SeriesDraft,
)
from crm.pipeline.cards import Clock

if TYPE_CHECKING:
    from datetime import date, datetime

    from crm.cli.demodata.desk import Desk, Diary

FRIDAY = 4
WEEKS = 5
TAKEN, LEAVE = 5, 3
DAYS = 7


@dataclass(frozen=True, slots=True)
class Said:
    """What a meeting decided: text, whose, how many days they have, and the result if there is one."""

    text: str
    username: str
    days: int
    result: str = ""


SAID: tuple[tuple[Said, ...], ...] = (
    (
        Said("把三家面板企业的用地用能需求整理成表，报招商办。", "luoqingyang", 5, "已报送，三家需求并入项目台账。"),
        Said("各组核对超过一个月没有走访的项目，提出继续或退出的意见。", "hanzheng", 7),
    ),
    (Said("新材料组与园区对接中试厂房，拿出两个可选点位。", "penghuaiyuan", 6, "已选定B区2号、5号厂房。"),),
    (Said("驻深圳办事处约访两家装备企业，月底前安排来区考察。", "xujiahe", 10),),
)
MINUTES = "会议听取了各组本周进展，研究了超期事项和停滞项目，议定事项见下。"


def plan_meetings(desk: Desk, diary: Diary) -> None:
    """Begin the regular meeting some weeks ago; hold it every week since; call a coordination meeting."""
    begun = desk.on(desk.today - timedelta(days=WEEKS * DAYS), 8, 30)
    diary.write(begun, partial(_begin, desk, diary))
    diary.write(desk.on(desk.today - timedelta(days=2), 17), partial(_call, desk))


def arrange(desk: Desk, now: datetime) -> None:
    """Arrange the next weeks and prepare the next agenda, as the night and the registrar would."""
    series.arrange_all(desk.session, now=now, today=desk.today)
    coming = (Meeting.state == MeetingState.PLANNED, Meeting.held_on >= desk.today, Meeting.series_id.is_not(None))
    meeting = desk.session.scalars(select(Meeting).where(*coming).order_by(Meeting.held_on).limit(1)).one_or_none()
    if meeting is not None:
        _prepare(desk, meeting.id, now)


def _people(desk: Desk) -> tuple[int, ...]:
    leads = [username for username, *_rest, role in PEOPLE if role in {Role.TEAM_LEAD, Role.OFFICER}]
    return tuple(desk.people[username].id for username in [LEADER, REGISTRAR, *leads])


def _begin(desk: Desk, diary: Diary, now: datetime) -> None:
    draft = SeriesDraft(
        "招商工作例会",
        MeetingKind.REGULAR,
        Rhythm.WEEKLY,
        FRIDAY,
        now.date(),
        place="县招商局三楼会议室",
        chair_id=desk.people[LEADER].id,
        members=_people(desk),
    )
    series.start(desk.session, desk.actor(REGISTRAR), draft, now=now, today=now.date())
    coming = desk.session.execute(select(Meeting.id, Meeting.held_on).order_by(Meeting.held_on)).all()
    for number, (meeting_id, day) in enumerate(coming):
        if day < desk.today:
            diary.write(desk.instant(day, 9), partial(_hold, desk, diary, meeting_id, number))


def _call(desk: Desk, now: datetime) -> None:
    draft = MeetingDraft(
        "高新区项目用地协调会",
        MeetingKind.COORDINATION,
        desk.on(desk.today + timedelta(days=4), 9).date(),
        starts_at="15:00",
        place="县政府二楼会议室",
        chair_id=desk.people[LEADER].id,
        members=_people(desk)[:6],
    )
    meeting = services.call(desk.session, desk.actor(REGISTRAR), draft, now=now)
    agenda.add(
        desk.session, desk.actor(REGISTRAR), meeting.id, "研究两宗工业用地的供地时序", "请园区带图", None, now=now
    )


def _hold(desk: Desk, diary: Diary, meeting_id: int, number: int, now: datetime) -> None:
    actor, today = desk.actor(REGISTRAR), now.date()
    _prepare(desk, meeting_id, now)
    meeting = services.hold(desk.session, actor, meeting_id, now=now, today=today)
    coming = desk.session.scalars(select(MeetingPerson.user_id).where(MeetingPerson.meeting_id == meeting_id)).all()
    for place, user_id in enumerate(sorted(coming)):
        state = Presence.LEAVE if place == LEAVE + number else Presence.PRESENT
        services.set_presence(desk.session, actor, meeting_id, user_id, state, now=now, today=today)
    for said in SAID[number] if number < len(SAID) else ():
        _decide(desk, diary, meeting_id, said, now)
    services.write_minutes(desk.session, actor, meeting_id, MINUTES, "", version=meeting.version, now=now)
    services.issue(desk.session, actor, meeting_id, now=now)


def _prepare(desk: Desk, meeting_id: int, now: datetime) -> None:
    """Take up the latest of everything that is proposed."""
    actor = desk.actor(REGISTRAR)
    clock = Clock(now, local_day(now), SHANGHAI)
    meeting = desk.session.get_one(Meeting, meeting_id)
    found = proposals(desk.session, actor, meeting, clock)
    keys = [one.key for rows in found.values() for one in rows[:2]][:TAKEN]
    if keys:
        agenda.take_up(desk.session, actor, meeting_id, keys, clock)


def _decide(desk: Desk, diary: Diary, meeting_id: int, said: Said, now: datetime) -> None:
    due: date = now.date() + timedelta(days=said.days)
    owner = desk.actor(said.username)
    draft = DecisionDraft(said.text, owner.unit_ids[0], owner.user_id, due)
    row = decisions.decide(desk.session, desk.actor(REGISTRAR), meeting_id, draft, now=now, today=now.date())
    if said.result:
        done = desk.instant(now.date() + timedelta(days=said.days - 1), 16)
        diary.write(done, partial(_close, desk, said, row.id))


def _close(desk: Desk, said: Said, decision_id: int, now: datetime) -> None:
    decisions.done(desk.session, desk.actor(said.username), decision_id, said.result, now=now)
