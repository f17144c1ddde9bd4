"""Events of the demonstration: a promotion, a roundtable, a month of investment, a tea party at New Year."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import LEADER, REGISTRAR
from crm.field import event_leads
from crm.fieldwork.events import guests, services
from crm.fieldwork.events.models import EventGuest
from crm.fieldwork.events.rules import Delegate, EventDraft, EventKind, Guest, GuestState
from crm.pipeline.rules import Channel

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk, Diary
    from crm.fieldwork.events.models import Event

K = EventKind
PLANS: tuple[tuple[int, int, EventKind, str, str, str, Channel, int, int], ...] = (
    (190, 0, K.TEA, "云溪籍企业家新年茶话会", "云溪宾馆", "县委、县政府", Channel.KINSHIP, 6, 5),
    (96, 1, K.PROMOTION, "电子信息产业（深圳）推介会", "深圳湾会议中心", "县政府", Channel.PROFESSIONAL, 38, 36),
    (47, 0, K.FORUM, "粤商座谈会", "广州", "县招商局", Channel.BUSINESS, 8, 7),
    (19, 0, K.ROUNDTABLE, "新材料产业圆桌会", "县展示厅", "县招商局", Channel.ROUNDTABLE, 3, 2),
    (-6, 0, K.PROMOTION, "装备制造产业链推介会", "东莞", "县政府", Channel.CHAIN, 30, 0),
    (-12, 24, K.MONTH, "冬季招商月", "深圳、广州、东莞", "县委、县政府", Channel.SQUAD, 60, 0),
)
INVITED, CAME, LEADS = 22, 14, 3


def plan_events(desk: Desk, diary: Diary) -> None:
    """Plan the events of about half a year, some weeks before each."""
    for number, plan in enumerate(PLANS):
        day = desk.on(desk.today - timedelta(days=plan[0]), 9).date()
        written = desk.on(min(day, desk.today - timedelta(days=2)) - timedelta(days=18), 10)
        diary.write(written, partial(_plan, desk, diary, number))


def _plan(desk: Desk, diary: Diary, number: int, now: datetime) -> None:
    ago, days, kind, name, place, host, channel, budget, cost = PLANS[number]
    start = desk.on(desk.today - timedelta(days=ago), 9).date()
    actor = desk.actor(REGISTRAR)
    draft = EventDraft(
        kind=kind,
        name=name,
        start_on=start,
        end_on=start + timedelta(days=days),
        hours="14:30—17:30" if days == 0 else "",
        place=place,
        host=host,
        partners="县工信局\n云溪在粤商会",
        theme="推介园区、政策和配套，与企业一对一洽谈。",
        channel=channel.value,
        budget=Decimal(budget),
    )
    event = services.plan(desk.session, actor, draft, now=now)
    leader = Delegate("", desk.people[LEADER].id, speech="云溪产业和营商环境推介")
    services.add_delegate(desk.session, actor, event.id, leader, now=now)
    services.add_delegate(desk.session, actor, event.id, Delegate("", desk.people[REGISTRAR].id), now=now)
    firms = list(desk.firms)
    first = number * INVITED // 2 % len(firms)
    wanted = [Guest(desk.enterprises[short].id) for short in (firms[first:] + firms[:first])[:INVITED]]
    guests.invite(desk.session, actor, event.id, [*wanted, Guest(firm="岭南精工设备厂", person="许厂长")], now=now)
    if start < desk.today:
        diary.write(desk.on(start, 15), partial(_hold, desk, diary, event, replace(draft, cost=Decimal(cost))))


def _hold(desk: Desk, diary: Diary, event: Event, told: EventDraft, now: datetime) -> None:
    """Let two thirds come, one of them uninvited."""
    actor, today = desk.actor(REGISTRAR), now.date()
    known = (EventGuest.event_id == event.id, EventGuest.enterprise_id.is_not(None))
    rows = list(desk.session.scalars(select(EventGuest.id).where(*known).order_by(EventGuest.id)))
    for guest_id in rows[:CAME]:
        guests.set_state(desk.session, actor, event.id, guest_id, GuestState.ATTENDED, now=now, today=today)
    guests.walk_in(desk.session, actor, event.id, Guest(firm="慕云检测技术服务部"), now=now, today=today)
    guests.close_door(desk.session, actor, event.id, now=now, today=today)
    if event.kind is not EventKind.TEA:
        diary.write(now + timedelta(hours=2), partial(_lead, desk, event, rows[: 1 + event.id % LEADS]))
    diary.write(now + timedelta(days=3), partial(_settle, desk, event, told))


def _lead(desk: Desk, event: Event, guest_ids: list[int], now: datetime) -> None:
    """Let whoever keeps the enterprise make the lead."""
    keepers = {desk.enterprises[short].id: username for short, username in desk.keepers.items()}
    for guest_id in guest_ids:
        firm = desk.session.get_one(EventGuest, guest_id).enterprise_id
        actor = desk.actor(keepers.get(firm or 0, REGISTRAR))
        event_leads.make_lead(desk.session, actor, event.id, guest_id, now=now)


def _settle(desk: Desk, event: Event, told: EventDraft, now: datetime) -> None:
    actor = desk.actor(REGISTRAR)
    services.change(desk.session, actor, event.id, told, version=event.version, now=now)
