"""An event, meetings and a bulletin for the tests of how pages look."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.field import event_leads
from crm.fieldwork.events import guests, services
from crm.fieldwork.events.rules import Delegate, EventDraft, EventKind, Guest, GuestState
from crm.meetings import agenda, decisions, series
from crm.meetings import services as meetings
from crm.meetings.rules import DecisionDraft, MeetingDraft, MeetingKind, Rhythm, SeriesDraft
from crm.reports import bulletins
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office


def furnish(session: Session, office: Office, firms: Sequence[Enterprise]) -> None:
    """Write an event that goes on, a held meeting with a decision, one to come, and a draft of a bulletin."""
    actor = office.actor(session, office.registrar)
    draft = EventDraft(
        EventKind.PROMOTION, "储能产业推介会", TODAY, TODAY, "岚桥会展中心", "14:30—17:00", "县政府", "县工信局",
        "推介园区，一对一洽谈。", "professional", Decimal(30), Decimal("28.5"),
    )  # fmt: skip
    event = services.plan(session, actor, draft, now=NOW)
    services.add_delegate(session, actor, event.id, Delegate("", office.leader.id, speech="岚桥优势"), now=NOW)
    guests.invite(session, actor, event.id, [Guest(firm.id) for firm in firms[:3]], now=NOW)
    came = guests.walk_in(session, actor, event.id, Guest(firm="临时来的厂", person="钱工"), now=NOW, today=TODAY)
    guests.set_state(session, actor, event.id, came - 1, GuestState.ATTENDED, now=NOW, today=TODAY)
    event_leads.credit(session, actor, event.id, 1, "会上首次接触", now=NOW)
    _meet(session, office)
    row = bulletins.build(session, actor, 1, TODAY, now=NOW, today=TODAY)
    bulletins.edit(session, actor, row.id, "首月见效", "走访五家企业。", version=row.version, now=NOW)


def _meet(session: Session, office: Office) -> None:
    actor, people = office.actor(session, office.registrar), (office.lead.id, office.officer.id, office.leader.id)
    one = MeetingDraft("项目调度会", MeetingKind.DISPATCH, TODAY, chair_id=office.leader.id, members=people)
    meeting = meetings.call(session, actor, one, now=NOW)
    item = agenda.add(session, actor, meeting.id, "研究供地时序", "请园区带图", 1, now=NOW)
    meetings.hold(session, actor, meeting.id, now=NOW, today=TODAY)
    decision = DecisionDraft("周三前拿出供地方案", office.east.id, office.colleague.id, TODAY, item_id=item.id)
    decisions.decide(session, actor, meeting.id, decision, now=NOW, today=TODAY)
    weekly = SeriesDraft("招商例会", MeetingKind.REGULAR, Rhythm.WEEKLY, 4, TODAY, members=people)
    series.start(session, actor, weekly, now=NOW, today=TODAY)
