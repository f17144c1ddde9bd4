from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.field import event_leads, event_yield
from crm.fieldwork.events import guests, queries, services
from crm.fieldwork.events.models import EventCredit, EventGuest
from crm.fieldwork.events.rules import Delegate, EventDraft, EventKind, Guest, GuestState
from crm.pipeline.confidential import services as confidential
from crm.pipeline.intake import tips
from crm.pipeline.intake.models import LeadTip
from crm.pipeline.intake.rules import TipSource
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Project
from crm.pipeline.rules import Channel, Stage
from crm.register import merging
from tests.service.pipeline.helpers import agreed, at_signing, go, lead
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.fieldwork.events.models import Event
    from tests.support.builders import Office

DRAFT = EventDraft(
    EventKind.ROUNDTABLE, "电子信息产业圆桌会", TODAY, TODAY, place="深圳", channel="roundtable", cost=Decimal(10)
)


def planned(session: Session, office: Office, draft: EventDraft = DRAFT) -> Event:
    return services.plan(session, office.actor(session, office.officer), draft, now=NOW)


def keys(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_an_event_is_planned_changed_called_off_and_brought_back(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    event = planned(session, office)
    assert (event.unit_id, event.owner_id, event.end_on) == (office.east.id, office.officer.id, TODAY)
    with pytest.raises(DomainError) as twice:
        planned(session, office)
    assert keys(twice) == ["event.taken"]
    renamed = replace(DRAFT, name="电子信息产业恳谈会")
    services.change(session, officer, event.id, renamed, version=event.version, now=NOW)
    with pytest.raises(ConflictError):
        services.change(session, officer, event.id, renamed, version=event.version - 1, now=NOW)
    with pytest.raises(ForbiddenError):
        services.call_off(session, office.actor(session, office.outsider), event.id, "改期", now=NOW)
    with pytest.raises(DomainError) as silent:
        services.call_off(session, officer, event.id, " ", now=NOW)
    assert keys(silent) == ["event.cancel_reason"]
    services.call_off(session, officer, event.id, "改到下月", now=NOW)
    assert queries.between(session, officer, TODAY, TODAY) == []
    services.restore(session, officer, event.id, now=NOW)
    assert queries.between(session, officer, TODAY, TODAY) == [event]
    assert queries.between(session, office.actor(session, office.administrator), TODAY, TODAY) == []
    one = services.add_delegate(session, officer, event.id, Delegate("", office.leader.id, speech="优势"), now=NOW)
    services.remove_delegate(session, officer, event.id, one.id, now=NOW)
    assert queries.delegates(session, event.id) == []


def test_guests_are_invited_once_come_and_are_taken_back(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    firm = builders.enterprise(session)
    person = builders.contact(session, firm, office.east, office.officer)
    event = planned(session, office)
    wanted = [Guest(firm.id), Guest(contact_id=person.id), Guest(firm="没有登记的公司", person="钱工"), Guest(firm.id)]
    assert guests.invite(session, officer, event.id, wanted, now=NOW) == 3
    assert guests.invite(session, officer, event.id, wanted, now=NOW) == 0
    page = queries.guests(session, officer, event.id, show="", q="", cursor=None)
    assert [(line.firm, line.person) for line in page.rows] == [
        (firm.name, None), (firm.name, "赵总"), ("没有登记的公司", "钱工")
    ]  # fmt: skip
    stranger = queries.guests(session, office.actor(session, office.outsider), event.id, show="", q="赵总", cursor=None)
    assert stranger.rows == ()
    first = page.rows[0].guest.id
    before = guests.set_state(session, officer, event.id, first, GuestState.ATTENDED, now=NOW, today=TODAY)
    assert before is GuestState.INVITED
    assert guests.set_state(session, officer, event.id, first, before, now=NOW, today=TODAY) is GuestState.ATTENDED
    guests.set_state(session, officer, event.id, first, GuestState.ATTENDED, now=NOW, today=TODAY)
    assert guests.walk_in(session, officer, event.id, Guest(firm.id), now=NOW, today=TODAY) == first
    guests.walk_in(session, officer, event.id, Guest(firm="临时来的公司"), now=NOW, today=TODAY)
    assert guests.close_door(session, officer, event.id, now=NOW, today=TODAY) == 2
    counted = queries.counts(session, [event.id])[event.id]
    assert counted.states == {GuestState.ATTENDED: 1, GuestState.WALK_IN: 1, GuestState.ABSENT: 2}
    assert (counted.all, counted.came, counted.firms) == (4, 2, 1)


def test_nobody_out_of_sight_or_who_asked_for_silence_is_invited(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    hidden = builders.contact(session, firm, office.south, office.outsider)
    silent = builders.contact(session, firm, office.east, office.officer, name="孙总", do_not_contact=True)
    event = planned(session, office)
    officer = office.actor(session, office.officer)
    for person, key in ((hidden, "guest.unknown"), (silent, "guest.silent")):
        with pytest.raises(DomainError) as refused:
            guests.invite(session, officer, event.id, [Guest(contact_id=person.id)], now=NOW)
        assert keys(refused) == [key]
    with pytest.raises(ForbiddenError):
        guests.invite(session, office.actor(session, office.leader), event.id, [Guest(firm.id)], now=NOW)


def test_nobody_attends_before_the_event_begins(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    tomorrow = TODAY + timedelta(days=1)
    event = planned(session, office, replace(DRAFT, start_on=tomorrow, end_on=tomorrow))
    with pytest.raises(DomainError) as early:
        guests.walk_in(session, officer, event.id, Guest(firm="早到的公司"), now=NOW, today=TODAY)
    assert keys(early) == ["guest.early"]


def attended(session: Session, office: Office, event: Event, firm: str = "") -> EventGuest:
    known = builders.enterprise(session, firm) if firm else None
    one = Guest(known.id) if known else Guest(firm="没有登记的公司")
    officer = office.actor(session, office.officer)
    guest_id = guests.walk_in(session, officer, event.id, one, now=NOW, today=TODAY)
    return session.get_one(EventGuest, guest_id)


def test_one_tap_makes_a_lead_with_channel_and_event_and_only_one(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    event = planned(session, office)
    guest = attended(session, office, event, "云岭电子有限公司")
    made = event_leads.make_lead(session, officer, event.id, guest.id, now=NOW)
    assert isinstance(made, Project)
    assert (made.channel, made.owner_id) == (Channel.ROUNDTABLE, office.officer.id)
    assert event.name in made.name
    assert event.name in (made.content or "")
    with pytest.raises(DomainError) as twice:
        event_leads.make_lead(session, officer, event.id, guest.id, now=NOW)
    assert keys(twice) == ["event.led"]
    with pytest.raises(DomainError) as kept:
        guests.remove(session, officer, event.id, guest.id, now=NOW)
    assert keys(kept) == ["guest.led"]
    found = event_yield.totals(session, [event.id], NOW)[event.id]
    assert (found.leads, found.signings, found.per_lead(event.cost)) == (1, 0, Decimal("10.00"))
    assert found.per_signing(event.cost) is None


def test_a_guest_of_no_register_becomes_a_tip_that_is_credited_once_it_is_a_lead(
    session: Session, office: Office
) -> None:
    officer = office.actor(session, office.officer)
    event = planned(session, office)
    guest = attended(session, office, event)
    tip = event_leads.make_lead(session, officer, event.id, guest.id, now=NOW)
    assert isinstance(tip, LeadTip)
    assert (tip.source, guest.tip_id) == (TipSource.EVENT, tip.id)
    assert event_yield.rows(session, officer, event.id, NOW) == []
    firm = builders.enterprise(session, "没有登记的公司")
    team_lead = office.actor(session, office.lead)
    tips.register(session, team_lead, tip.id, firm.id, ProjectDraft(name="没有登记的公司建厂"), now=NOW)
    (row,) = event_yield.rows(session, officer, event.id, NOW)
    assert (row.way, row.lead, row.credit_id) == (event_yield.Way.TIP, True, None)


def test_a_signing_credited_by_hand_counts_with_its_amount_and_its_rows(session: Session, office: Office) -> None:
    officer, leader = office.actor(session, office.officer), office.actor(session, office.leader)
    event = planned(session, office)
    project = at_signing(session, office)
    agreed(session, office, project)
    go(session, officer, project, Stage.SIGNED, "营业执照 91330000")
    with pytest.raises(DomainError) as silent:
        event_leads.credit(session, officer, event.id, project.id, " ", now=NOW)
    assert keys(silent) == ["event.credit_reason"]
    for _twice in range(2):
        event_leads.credit(session, officer, event.id, project.id, "会上首次接触", now=NOW)
    assert session.scalar(select(func.count()).select_from(EventCredit)) == 1
    found = event_yield.totals(session, [event.id], NOW)[event.id]
    rows = event_yield.rows(session, leader, event.id, NOW)
    assert (found.leads, found.signings, found.amount) == (1, 1, Decimal(12000))
    assert (sum(row.lead for row in rows), sum(row.signing for row in rows), rows[0].amount) == (1, 1, Decimal(12000))
    (others,) = event_yield.rows(session, office.actor(session, office.outsider), event.id, NOW)
    assert (others.name, others.reason) == (None, None)
    credit = session.scalars(select(EventCredit)).one()
    with pytest.raises(ForbiddenError):
        event_leads.uncredit(session, leader, event.id, credit.id, now=NOW)
    event_leads.uncredit(session, officer, event.id, credit.id, now=NOW)
    assert event_yield.totals(session, [event.id], NOW)[event.id].signings == 0


def test_a_confidential_project_is_in_no_figure_of_an_event_and_no_row_of_others(
    session: Session, office: Office
) -> None:
    officer = office.actor(session, office.officer)
    event = planned(session, office)
    project = lead(session, office)
    event_leads.credit(session, officer, event.id, project.id, "会上首次接触", now=NOW)
    session.commit()
    registrar = office.actor(session, office.registrar)
    confidential.classify(session, registrar, project.id, "七号项目", version=project.version, now=NOW)
    assert event_yield.totals(session, [event.id], NOW)[event.id].leads == 0
    assert event_yield.rows(session, office.actor(session, office.lead), event.id, NOW) == []
    with pytest.raises(DomainError):
        event_leads.credit(session, officer, event.id, project.id, "再计一次", now=NOW)


def test_a_merge_takes_the_guests_along_and_back(session: Session, office: Office) -> None:
    winner = builders.enterprise(session, "云岭电子有限公司")
    loser = builders.enterprise(session, "云岭电子股份有限公司")
    event = planned(session, office)
    officer = office.actor(session, office.officer)
    guests.invite(session, officer, event.id, [Guest(loser.id), Guest(winner.id)], now=NOW)
    session.commit()
    registrar = office.actor(session, office.registrar)
    merging.merge(session, registrar, "enterprise", winner.id, loser.id, merging.Choice(), now=NOW)
    found = set(session.scalars(select(EventGuest.enterprise_id)))
    assert found == {winner.id}
    assert queries.counts(session, [event.id])[event.id].firms == 0


def test_a_guest_of_another_event_is_not_found(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    event, other = planned(session, office), planned(session, office, replace(DRAFT, name="另一场"))
    guests.invite(session, officer, event.id, [Guest(firm="某公司")], now=NOW)
    guest_id = session.scalars(select(EventGuest.id)).one()
    with pytest.raises(NotFoundError):
        guests.set_state(session, officer, other.id, guest_id, GuestState.ATTENDED, now=NOW, today=TODAY)
