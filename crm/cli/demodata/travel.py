"""Trips and receptions of the demonstration: done, just back and ahead; guests who came and who will come."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from crm.cli.demodata.office import LEADER, SECOND_LEADER
from crm.field import hosting
from crm.fieldwork.receptions import services as receptions
from crm.fieldwork.receptions.rules import Outcome, PersonDraft, PersonRole, ReceptionDraft, Side, SlotDraft, SlotKind
from crm.fieldwork.rules import FollowUpDraft, Intention, LeaderLevel, TouchDraft, TouchKind, TouchTarget
from crm.fieldwork.trips import course, services
from crm.fieldwork.trips.rules import (
    Approval,
    CostDraft,
    CostKind,
    MemberDraft,
    MemberRole,
    StopDraft,
    TripDraft,
    TripState,
)
from crm.pipeline import touches

if TYPE_CHECKING:
    from datetime import date

    from crm.cli.demodata.desk import Desk
    from crm.fieldwork.receptions.models import Reception
    from crm.fieldwork.trips.models import Trip


class Leg(NamedTuple):
    """A stop: day of the trip, time, enterprise, place, whom, and what came of it."""

    day: int
    clock: str
    short: str
    place: str
    meets: str
    summary: str
    mood: Intention


SUZHOU = (
    Leg(0, "14:30", "铂砚智控", "苏州工业园区", "总经理、运营总监",
        "介绍我县控制器配套企业和标准厂房，对方二期选址年底定，先要用工和电价数据。", Intention.INTERESTED),
    Leg(1, "09:30", "禾芯封测", "无锡新吴区", "董事长",
        "二期在三地比选，最看重洁净厂房交付时间和人才公寓，约定下月来看现场。", Intention.STRONG),
    Leg(1, "15:00", "澄江精密", "苏州昆山", "投资总监",
        "减速器工厂选址已缩到两地，对方要求书面答复土地价格和蒸汽供应。", Intention.INTERESTED),
)  # fmt: skip
DONGGUAN = (
    Leg(0, "10:00", "汐月线缆", "东莞虎门", "董事长、生产副总",
        "厂区租约明年六月到期，整体搬迁意愿明确，关心三百名老员工的安置。", Intention.STRONG),
    Leg(1, "09:30", "翎羽声学", "东莞松山湖", "人事总监",
        "用工缺口约两百人，愿意先设一条试产线，年前给方案。", Intention.WATCHING),
)  # fmt: skip
AHEAD = (
    Leg(0, "14:00", "岐岭机床", "宁波北仑", "总经理", "", Intention.UNKNOWN),
    Leg(1, "09:30", "锐衡轴承", "宁波慈溪", "副总裁", "", Intention.UNKNOWN),
    Leg(1, "15:30", "衡屿磁材", "宁波鄞州", "投资部负责人", "", Intention.UNKNOWN),
)
PROPOSALS = "装备配套产业园二期专案\n与砺川重工配套的零部件清单"
SITES = "东区标准厂房6号，1.2万平方米，层高9米，可吊装\n北区净地一宗，85亩，已平整"
POLICIES = "工业项目固定资产投资奖补办法（云政办〔2025〕18号）\n人才公寓入住管理办法"
POINTS = "请对方确认年内能否来区考察\n问清新产线的能耗和用工"


def add_travel(desk: Desk) -> None:
    """Write trips and receptions after everything else has happened."""
    _done(desk, _plan(desk, "tangruoxi", "赴苏州、无锡拜访电子信息和装备企业", SUZHOU, 41, LEADER), SUZHOU, closed=True)
    _done(desk, _plan(desk, "xujiahe", "赴东莞拜访搬迁意向企业", DONGGUAN, 6, SECOND_LEADER), DONGGUAN, closed=False)
    _plan(desk, "zengyian", "赴宁波拜访机床和轴承企业", AHEAD, -4, LEADER)
    _hold(desk, _receive(desk, "tangruoxi", "禾芯封测", 12, "考察洁净厂房和人才公寓"))
    _receive(desk, "xujiahe", "汐月线缆", -3, "考察东区标准厂房，洽谈整体搬迁")


def _plan(desk: Desk, username: str, title: str, legs: tuple[Leg, ...], ago: int, head: str) -> Trip:
    session, actor = desk.session, desk.actor(username)
    start = desk.on(desk.today - timedelta(days=ago), 9).date()
    start -= timedelta(days=max(0, start.weekday() - 3))
    now = desk.on(min(start, desk.today) - timedelta(days=5), 10)
    draft = TripDraft(title, start, start + timedelta(days=2), "摸清扩产和搬迁计划，邀请来县考察。")
    trip = services.plan_trip(session, actor, draft, now=now)
    for leg in legs:
        stop = StopDraft(
            start + timedelta(days=leg.day), desk.enterprises[leg.short].id, None, leg.clock, leg.place, leg.meets,
            POINTS, PROPOSALS, SITES, POLICIES,
        )  # fmt: skip
        services.save_stop(session, actor, trip.id, None, stop, now=now)
    for user, role, level in (
        (head, MemberRole.LEADER, LeaderLevel.COUNTY),
        (username, MemberRole.STAFF, LeaderLevel.STAFF),
    ):
        member = MemberDraft(desk.people[user].id, post=desk.people[user].title, role=role, level=level)
        services.add_member(session, actor, trip.id, member, now=now, today=now.date())
    guest = MemberDraft(None, "钟致远", "县电子行业商会会长", MemberRole.GUEST)
    services.add_member(session, actor, trip.id, guest, now=now, today=now.date())
    money = [CostDraft(CostKind.TRANSPORT, Decimal("1.2"), None), CostDraft(CostKind.LODGING, Decimal("0.8"), None)]
    services.set_costs(session, actor, trip.id, money, now=now)
    approval = Approval("县政府分管领导", now.date(), f"云招外出〔{now.year}〕{desk.number()}号", "同意按计划出访。")
    course.note_approval(session, actor, trip.id, approval, now=now, today=now.date())
    return trip


def _done(desk: Desk, trip: Trip, legs: tuple[Leg, ...], *, closed: bool) -> None:
    session, actor = (
        desk.session,
        desk.actor(next(name for name, one in desk.people.items() if one.id == trip.created_by)),
    )
    course.move_trip(session, actor, trip.id, TripState.UNDER_WAY, now=_at(desk, trip.starts_on, 8))
    for leg in legs:
        hour = int(leg.clock[:2])
        at = _at(desk, trip.starts_on + timedelta(days=leg.day), hour)
        draft = TouchDraft(
            TouchKind.VISIT, at, leg.summary, intention=leg.mood, place=leg.place, people=leg.meets,
            leader_level=LeaderLevel.COUNTY,
        )  # fmt: skip
        target = TouchTarget(desk.enterprises[leg.short].id, f"demo-{desk.number()}")
        touches.log(session, actor, draft, target, now=at + timedelta(hours=2), today=at.date())
    now = _at(desk, trip.ends_on, 18)
    course.move_trip(session, actor, trip.id, TripState.BACK, now=now)
    due = FollowUpDraft(
        f"书面答复{legs[-1].short}的问题", now.date() + timedelta(days=10), desk.enterprises[legs[-1].short].id
    )
    course.agree(session, actor, trip.id, due, trip.created_by, now=now, today=now.date())
    if closed:
        text = "\n".join(f"{number}. {leg.short}：{leg.summary}" for number, leg in enumerate(legs, 1))
        course.write_minutes(session, actor, trip.id, text, version=trip.version, now=now + timedelta(days=1))
        course.move_trip(session, actor, trip.id, TripState.CLOSED, now=now + timedelta(days=2))


def _receive(desk: Desk, username: str, short: str, ago: int, title: str) -> Reception:
    session, actor = desk.session, desk.actor(username)
    day = desk.on(desk.today - timedelta(days=ago), 9).date()
    if ago < 0 and day <= desk.today:
        day = desk.today + timedelta(days=1)
    start = _at(desk, day, 9)
    now = desk.on(min(day, desk.today) - timedelta(days=4), 11)
    firm = desk.enterprises[short]
    draft = ReceptionDraft(
        TouchKind.INSPECTION, title, firm.id, start, start + timedelta(hours=8), "县展示厅",
        "对方决策人首次来县，重点看现场、谈交付时间。",
    )  # fmt: skip
    row = receptions.plan_reception(session, actor, draft, now=now)
    for person in (
        PersonDraft(Side.VISITOR, PersonRole.DECIDER, name="邵董事长", post="董事长"),
        PersonDraft(Side.VISITOR, PersonRole.TECHNICAL, heads=3),
        PersonDraft(Side.VISITOR, PersonRole.FINANCE, heads=1),
        PersonDraft(Side.HOST, PersonRole.LEADER, desk.people[LEADER].id, level=LeaderLevel.COUNTY, post="副县长"),
        PersonDraft(Side.HOST, PersonRole.ESCORT, desk.people[username].id),
    ):
        receptions.add_person(session, actor, row.id, person, now=now, today=now.date())
    for offset, length, what, kind, place in (
        (0, 1, "展示厅：县情和产业介绍", SlotKind.OTHER, "县展示厅"),
        (1, 3, "看标准厂房和配套", SlotKind.SITE, "东区产业园"),
        (4, 2, "看人才公寓", SlotKind.SITE, "城南人才社区"),
        (6, 2, "工作午餐", SlotKind.MEAL, "园区食堂"),
        (8, 4, "座谈：用地、用电、用工", SlotKind.TALK, "县招商局会议室"),
    ):
        half = timedelta(minutes=30)
        item = SlotDraft(
            start + offset * half, start + (offset + length) * half, what, kind, place, desk.people[username].id
        )
        receptions.save_slot(session, actor, row.id, None, item, now=now)
    return row


def _hold(desk: Desk, row: Reception) -> None:
    username = _username(desk, row.created_by)
    now = row.ends_at + timedelta(hours=1)
    outcome = Outcome(
        "看了厂房和人才公寓，座谈两小时。",
        "对厂房层高和承重满意；担心洁净装修工期，要求月底前给出施工计划。",
        Intention.STRONG,
        "送去洁净装修施工计划",
        max(desk.today, now.date()) + timedelta(days=5),
    )
    sites = {slot.id: "层高和承重合用" for slot in row.slots if slot.place == "东区产业园"}
    hosting.hold(desk.session, desk.actor(username), row.id, outcome, sites, now=now, today=now.date())


def _username(desk: Desk, user_id: int) -> str:
    return next(name for name, one in desk.people.items() if one.id == user_id)


def _at(desk: Desk, day: date, hour: int) -> datetime:
    return desk.instant(day, hour)
