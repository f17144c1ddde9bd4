"""A trip and a reception for the tests of how pages look."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.fieldwork.receptions import services as receptions
from crm.fieldwork.receptions.rules import PersonDraft, PersonRole, ReceptionDraft, Side, SlotDraft
from crm.fieldwork.rules import FollowUpDraft, LeaderLevel, TouchKind
from crm.fieldwork.trips import course, services
from crm.fieldwork.trips.rules import Approval, CostDraft, CostKind, MemberDraft, MemberRole, StopDraft, TripDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

PLACE = "岚桥高新区"


def furnish(session: Session, office: Office, firms: Sequence[Enterprise]) -> None:
    """Write a trip with everything on it and a reception that has begun."""
    actor = office.actor(session, office.officer)
    draft = TripDraft("赴岚桥拜访储能企业", TODAY, TODAY + timedelta(days=2), "摸清扩产计划。")
    trip = services.plan_trip(session, actor, draft, now=NOW)
    for place, firm in enumerate((firms[0], firms[3])):
        stop = StopDraft(TODAY + timedelta(days=place), firm.id, None, "09:30", PLACE, "董事长", "先谈用工", "专案",
                         "东区厂房6号", "奖补办法")  # fmt: skip
        services.save_stop(session, actor, trip.id, None, stop, now=NOW)
    for member in (
        MemberDraft(None, "岚书记", "县委书记", MemberRole.LEADER, LeaderLevel.COUNTY),
        MemberDraft(office.officer.id),
    ):
        services.add_member(session, actor, trip.id, member, now=NOW, today=TODAY)
    services.set_costs(session, actor, trip.id, [CostDraft(CostKind.TRANSPORT, Decimal("1.2"), None)], now=NOW)
    course.note_approval(session, actor, trip.id, Approval("分管领导", TODAY), now=NOW, today=TODAY)
    agreed = FollowUpDraft("寄送用地方案", TODAY + timedelta(days=5), firms[0].id)
    course.agree(session, actor, trip.id, agreed, office.officer.id, now=NOW, today=TODAY)
    _receive(session, office, firms[1])


def _receive(session: Session, office: Office, firm: Enterprise) -> None:
    actor, start, half = office.actor(session, office.officer), NOW - timedelta(hours=1), timedelta(minutes=30)
    draft = ReceptionDraft(TouchKind.INSPECTION, "考察东区厂房", firm.id, start, start + 8 * half, PLACE)
    row = receptions.plan_reception(session, actor, draft, now=NOW)
    for person in (
        PersonDraft(Side.VISITOR, PersonRole.TECHNICAL, heads=4),
        PersonDraft(Side.HOST, PersonRole.LEADER, user_id=office.leader.id, level=LeaderLevel.COUNTY),
    ):
        receptions.add_person(session, actor, row.id, person, now=NOW, today=TODAY)
    slot = SlotDraft(start, start + half, "看厂房", place=PLACE, user_id=office.officer.id)
    receptions.save_slot(session, actor, row.id, None, slot, now=NOW)
