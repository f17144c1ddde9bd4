from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest
from icalendar import Calendar
from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.field import hosting, leading
from crm.field.leading import Leader
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.receptions import queries, services
from crm.fieldwork.receptions.models import Reception, ReceptionPerson
from crm.fieldwork.receptions.rules import (
    Outcome,
    PersonDraft,
    PersonRole,
    ReceptionDraft,
    ReceptionState,
    Side,
    SlotDraft,
)
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.fieldwork.trips import services as trips
from crm.fieldwork.trips.rules import MemberDraft, MemberRole, TripDraft
from crm.register.erasure import erase_contact
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

START = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)


@pytest.fixture
def firm(session: Session) -> Enterprise:
    return builders.enterprise(session, "云岭食品有限公司")


@pytest.fixture
def reception(session: Session, office: Office, firm: Enterprise) -> Reception:
    officer = office.actor(session, office.officer)
    known = builders.contact(session, firm, office.east, office.officer, "韩致远", post="副总经理")
    draft = ReceptionDraft(TouchKind.INSPECTION, "考察冷链厂房", firm.id, START, START + 8 * HALF, place="县展示厅")
    row = services.plan_reception(session, officer, draft, now=NOW)
    for person in (
        PersonDraft(Side.VISITOR, PersonRole.DECIDER, contact_id=known.id),
        PersonDraft(Side.VISITOR, PersonRole.TECHNICAL, heads=3),
        PersonDraft(Side.HOST, PersonRole.LEADER, user_id=office.leader.id, level=LeaderLevel.COUNTY),
    ):
        services.add_person(session, officer, row.id, person, now=NOW, today=TODAY)
    site = SlotDraft(START, START + HALF, "看冷链厂房", place="东区", user_id=office.officer.id)
    services.save_slot(session, officer, row.id, None, site, now=NOW)
    session.commit()
    return row


def held(session: Session, office: Office, row: Reception) -> Reception:
    outcome = Outcome("谈了三小时", "厂房合用，担心用工", Intention.STRONG, "寄用工方案", TODAY + timedelta(days=5))
    sites = {row.slots[0].id: "层高合用"}
    officer = office.actor(session, office.officer)
    return hosting.hold(session, officer, row.id, outcome, sites, now=NOW, today=TODAY)


def test_what_took_place_is_one_inspection_with_its_report(
    session: Session, office: Office, reception: Reception
) -> None:
    held(session, office, reception)
    touch = session.scalars(select(Touch)).one()
    assert (touch.id, touch.kind) == (reception.touch_id, TouchKind.INSPECTION)
    assert (touch.headcount, touch.leader_level) == (4, LeaderLevel.COUNTY)
    assert [contact.name for contact in touch.contacts] == ["韩致远"]
    assert touch.report is not None
    for told in ("决策人1人、技术人员3人", "看冷链厂房（东区），反馈：层高合用", "厂房合用"):
        assert told in touch.report
    assert session.scalars(select(FollowUp.title)).all() == ["寄用工方案"]
    with pytest.raises(DomainError):
        held(session, office, reception)


def test_an_inspection_logged_by_hand_that_day_is_taken_and_not_counted_twice(
    session: Session, office: Office, firm: Enterprise, reception: Reception
) -> None:
    other = {"kind": TouchKind.INSPECTION, "occurred_at": START - timedelta(days=1)}
    builders.touch(session, firm, office.east, office.officer, **other)
    by_hand = {"kind": TouchKind.INSPECTION, "occurred_at": START + HALF}
    touch = builders.touch(session, firm, office.east, office.officer, **by_hand)
    held(session, office, reception)
    session.refresh(touch)
    assert reception.touch_id == touch.id
    assert touch.report is not None
    assert "层高合用" in touch.report
    assert len(session.scalars(select(Touch.id)).all()) == 2
    assert session.scalars(select(FollowUp.touch_id)).all() == [touch.id]


def test_the_gate_counts_the_inspection_of_a_reception(
    session: Session, office: Office, firm: Enterprise, reception: Reception
) -> None:
    project = builders.project(session, firm, office.east, office.officer)
    held(session, office, reception)
    assert session.scalars(select(Touch.project_id)).one() == project.id


def test_nothing_is_held_before_it_began_or_without_feedback(
    session: Session, office: Office, reception: Reception
) -> None:
    officer = office.actor(session, office.officer)
    early = START - timedelta(hours=1)
    with pytest.raises(DomainError) as refused:
        hosting.hold(session, officer, reception.id, Outcome("", " "), {}, now=early, today=TODAY)
    assert {problem.key for problem in refused.value.problems} == {"reception.early", "reception.feedback"}


def test_two_items_at_the_same_time_are_refused(session: Session, office: Office, reception: Reception) -> None:
    officer = office.actor(session, office.officer)
    clash = SlotDraft(START + HALF / 2 * 1, START + 2 * HALF, "座谈")
    with pytest.raises(DomainError) as refused:
        services.save_slot(session, officer, reception.id, None, clash, now=NOW)
    assert refused.value.problems[0].key == "slot.clash"
    services.save_slot(session, officer, reception.id, None, SlotDraft(START + HALF, START + 2 * HALF, "座谈"), now=NOW)


def test_another_squad_sees_a_reception_only_as_its_host(
    session: Session, office: Office, reception: Reception
) -> None:
    outsider = office.actor(session, office.outsider)
    with pytest.raises(NotFoundError):
        queries.reception(session, outsider, reception.id)
    host = PersonDraft(Side.HOST, PersonRole.ESCORT, user_id=office.outsider.id)
    services.add_person(session, office.actor(session, office.officer), reception.id, host, now=NOW, today=TODAY)
    assert queries.reception(session, outsider, reception.id) is reception
    with pytest.raises(ForbiddenError):
        services.cancel(session, office.actor(session, office.colleague), reception.id, now=NOW)


def test_a_reception_on_a_confidential_project_is_for_those_named_on_it(
    session: Session, office: Office, firm: Enterprise, reception: Reception
) -> None:
    secret = {"confidential": True, "code_name": "甲一"}
    reception.project_id = builders.project(session, firm, office.east, office.officer, **secret).id
    session.flush()
    assert queries.reception(session, office.actor(session, office.officer), reception.id) is reception
    with pytest.raises(NotFoundError):
        queries.reception(session, office.actor(session, office.colleague), reception.id)


def test_a_reception_does_not_take_its_project_to_another_enterprise(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise, reception: Reception
) -> None:
    reception.project_id = builders.project(session, firm, office.east, office.officer).id
    other = builders.enterprise(session)
    session.commit()
    form = {
        "version": reception.version, "kind": "inspection", "title": "考察", "enterprise_id": other.id,
        "project_id": reception.project_id, "starts_at": "2026-11-19T09:00", "ends_at": "2026-11-19T13:00",
        "unit_id": office.east.id,
    }  # fmt: skip
    assert as_officer.post(f"/receptions/{reception.id}/edit", form).status_code == 422


def test_the_itinerary_is_a_paper_and_a_calendar(as_officer: Browser, reception: Reception) -> None:
    answer = as_officer.post(f"/receptions/{reception.id}/itinerary.docx")
    document = docx.Document(BytesIO(answer.data))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {"韩致远", "副总经理", "技术人员", "09:00—09:30", "看冷链厂房", "东区", "陈晓"} <= cells
    calendar = Calendar.from_ical(as_officer.get(f"/receptions/{reception.id}/itinerary.ics").data)
    event = calendar.walk("VEVENT")[0]
    assert (str(event["summary"]), str(event["location"])) == ("看冷链厂房", "东区")
    assert event.decoded("dtstart") == START
    assert str(event["description"]) == "云岭食品有限公司\n责任人：陈晓"
    assert "韩致远" not in calendar.to_ical().decode()


def test_lines_typed_into_a_title_are_no_lines_of_the_calendar(
    as_officer: Browser, session: Session, reception: Reception
) -> None:
    reception.title = "考察\rX-ONE:1\nX-TWO:2"
    session.commit()
    calendar = as_officer.get(f"/receptions/{reception.id}/itinerary.ics").data.decode().splitlines()
    names = [line for line in calendar if line.startswith("X-")]
    assert names == ["X-WR-CALNAME:云岭食品有限公司：考察 X-ONE:1 X-TWO:2"]


def test_an_item_is_nobodys_who_is_not_there(session: Session, office: Office, reception: Reception) -> None:
    draft = SlotDraft(START + HALF, START + 2 * HALF, "座谈", user_id=10**9)
    with pytest.raises(DomainError) as refused:
        services.save_slot(session, office.actor(session, office.officer), reception.id, None, draft, now=NOW)
    assert [problem.key for problem in refused.value.problems] == ["slot.keeper"]


def test_an_erased_guest_leaves_no_post_and_what_was_written_is_told(
    session: Session, office: Office, reception: Reception
) -> None:
    guest = next(person for person in reception.people if person.contact_id)
    guest.post, reception.feedback = "首席代表", "韩致远担心用工"
    typed = PersonDraft(Side.VISITOR, PersonRole.MANAGER, name="韩致远", post="副总经理")
    officer = office.actor(session, office.officer)
    services.add_person(session, officer, reception.id, typed, now=NOW, today=TODAY)
    session.flush()
    registrar = office.actor(session, office.registrar)
    seen = erase_contact(session, registrar, guest.contact_id or 0, reason="本人要求", now=NOW)
    session.refresh(guest)
    assert "韩致远" not in guest.called
    assert "首席代表" not in guest.title
    assert "韩致远" not in session.scalars(select(ReceptionPerson.name)).all()
    assert ("reception", reception.id) in {(one.kind, one.ref) for one in seen.mentions}


def test_a_reception_is_planned_and_held_on_its_pages(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise
) -> None:
    session.commit()
    form = {
        "kind": "inspection", "title": "考察冷链", "enterprise_id": str(firm.id), "starts_at": "2026-11-20T08:00",
        "ends_at": "2026-11-20T17:00", "unit_id": str(office.east.id),
    }  # fmt: skip
    where = as_officer.post("/receptions/new", form).headers["Location"]
    assert "已知联系人" not in as_officer.get(f"{where}/visitors").text
    as_officer.post(f"{where}/visitors", {"role": "technical", "heads": "4"})
    unranked = as_officer.post(f"{where}/hosts", {"name": "王书记", "role": "leader"})
    assert (unranked.status_code, "哪一级" in unranked.text) == (422, True)
    as_officer.post(f"{where}/hosts", {"name": "王书记", "role": "leader", "level": "county"})
    slot = {"starts_at": "2026-11-20T08:30", "ends_at": "2026-11-20T09:00", "title": "看展厅", "kind": "site"}
    as_officer.post(f"{where}/itinerary", slot)
    refused = as_officer.post(f"{where}/held", {"feedback": "", "summary": "谈了用工", "intention": "strong"})
    assert refused.status_code == 422
    assert "谈了用工" in refused.text
    assert as_officer.post(f"{where}/held", {"feedback": "合用", "intention": "strong"}).status_code == 303
    page = as_officer.get(where).text
    for words in ("技术人员", "王书记", "看展厅", "08:30—09:00", "合用", "已接待"):
        assert words in page
    touch = session.scalars(select(Touch)).one()
    assert "考察冷链" in as_officer.get(f"/visits/{touch.id}").text
    row = session.scalars(select(Reception)).one()
    assert row.state is ReceptionState.HELD


def test_a_leader_has_one_page_of_everything_led(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise, reception: Reception
) -> None:
    held(session, office, reception)
    officer = office.actor(session, office.officer)
    trip = trips.plan_trip(session, officer, TripDraft("赴昆州拜访", TODAY, TODAY), now=NOW)
    for member in (
        MemberDraft(office.leader.id, role=MemberRole.LEADER, level=LeaderLevel.COUNTY),
        MemberDraft(None, "王书记", role=MemberRole.LEADER, level=LeaderLevel.COUNTY),
    ):
        trips.add_member(session, officer, trip.id, member, now=NOW, today=TODAY)
    session.commit()
    found = {one.name: (one.trips, one.receptions) for one in leading.everybody(session, officer, TODAY)}
    assert (found["沈立"], found["王书记"]) == ((1, 1), (1, 0))
    page = as_officer.get(f"/trips/leaders/one?user={office.leader.id}").text
    for words in ("赴昆州拜访", "考察冷链厂房", "云岭食品有限公司"):
        assert words in page
    guest = as_officer.get("/trips/leaders/one?name=王书记").text
    assert "赴昆州拜访" in guest
    assert "考察冷链厂房" not in guest
    outsider = office.actor(session, office.outsider)
    assert leading.led(session, outsider, Leader(office.leader.id, "沈立")).touches == ()
