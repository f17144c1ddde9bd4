from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.field import conversion
from crm.field.conversion import Basket, Yield
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import FollowUpDraft, LeaderLevel, TouchDraft, TouchKind, TouchTarget
from crm.fieldwork.trips import course, joining, queries, services
from crm.fieldwork.trips.models import Trip, TripTouch
from crm.fieldwork.trips.rules import Approval, MemberDraft, MemberRole, StopDraft, TripDraft, TripState
from crm.pipeline import touches
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

START, END = TODAY - timedelta(days=3), TODAY + timedelta(days=1)


@pytest.fixture
def firm(session: Session) -> Enterprise:
    return builders.enterprise(session, "云岭电子有限公司")


@pytest.fixture
def trip(session: Session, office: Office, firm: Enterprise) -> Trip:
    officer = office.actor(session, office.officer)
    made = services.plan_trip(session, officer, TripDraft("赴昆州拜访电子企业", START, END, "摸清扩产计划"), now=NOW)
    services.save_stop(session, officer, made.id, None, StopDraft(START, firm.id, place="昆州高新区"), now=NOW)
    lead = MemberDraft(office.leader.id, role=MemberRole.LEADER, level=LeaderLevel.COUNTY, post="副县长")
    services.add_member(session, officer, made.id, lead, now=NOW, today=TODAY)
    services.add_member(session, officer, made.id, MemberDraft(office.officer.id), now=NOW, today=TODAY)
    session.commit()
    return made


def visit(session: Session, office: Office, by: User, firm: Enterprise, **fields: Any) -> int:
    draft = TouchDraft(TouchKind.VISIT, datetime(2026, 11, 18, 2, 0, tzinfo=UTC), "对方想看厂房。", **fields)
    target = TouchTarget(firm.id, f"trip-{by.id}-{firm.id}")
    return touches.log(session, office.actor(session, by), draft, target, now=NOW, today=TODAY).id


def test_the_level_of_a_trip_is_that_of_its_highest_member(session: Session, office: Office, trip: Trip) -> None:
    before = trip.leader_level
    leader = next(member for member in trip.members if member.role is MemberRole.LEADER)
    services.remove_member(session, office.actor(session, office.officer), trip.id, leader.id, now=NOW)
    assert (before, trip.leader_level) == (LeaderLevel.COUNTY, LeaderLevel.STAFF)


def test_another_squad_does_not_see_a_trip_unless_one_of_it_goes_along(
    session: Session, office: Office, trip: Trip
) -> None:
    outsider = office.actor(session, office.outsider)
    with pytest.raises(NotFoundError):
        queries.trip(session, outsider, trip.id)
    goes = MemberDraft(office.outsider.id)
    services.add_member(session, office.actor(session, office.officer), trip.id, goes, now=NOW, today=TODAY)
    assert queries.trip(session, outsider, trip.id) is trip
    services.save_stop(session, outsider, trip.id, None, StopDraft(END, title="昆州商会"), now=NOW)


def test_a_colleague_of_the_unit_reads_but_does_not_change(session: Session, office: Office, trip: Trip) -> None:
    colleague = office.actor(session, office.colleague)
    assert queries.trip(session, colleague, trip.id) is trip
    with pytest.raises(ForbiddenError):
        services.save_stop(session, colleague, trip.id, None, StopDraft(END, title="昆州商会"), now=NOW)


def test_a_visit_on_the_road_joins_its_trip_by_itself(
    session: Session, office: Office, trip: Trip, firm: Enterprise
) -> None:
    touch_id = visit(session, office, office.officer, firm)
    assert session.get_one(TripTouch, touch_id).trip_id == trip.id


def test_a_visit_by_somebody_who_stayed_at_home_does_not_join(
    session: Session, office: Office, trip: Trip, firm: Enterprise
) -> None:
    touch_id = visit(session, office, office.colleague, firm)
    assert session.get(TripTouch, touch_id) is None
    joining.place(session, office.actor(session, office.colleague), touch_id, trip.id, now=NOW)
    assert [one.id for one in queries.touches(session, office.actor(session, office.officer), trip.id)] == [touch_id]


def test_a_visit_logged_before_its_stop_joins_with_the_stop_unless_somebody_said_no(
    session: Session, office: Office, trip: Trip
) -> None:
    officer = office.actor(session, office.officer)
    early, refused = (builders.enterprise(session, name) for name in ("云岭新材有限公司", "云岭食品有限公司"))
    kept, out = (visit(session, office, office.officer, one) for one in (early, refused))
    joining.place(session, officer, out, None, now=NOW)
    for one in (early, refused):
        services.save_stop(session, officer, trip.id, None, StopDraft(START, one.id), now=NOW)
    assert session.get_one(TripTouch, kept).trip_id == trip.id
    assert session.get_one(TripTouch, out).trip_id is None


def test_a_trip_goes_out_and_comes_back_only_with_its_papers(
    session: Session, office: Office, trip: Trip, firm: Enterprise
) -> None:
    officer = office.actor(session, office.officer)
    with pytest.raises(DomainError) as refused:
        course.move_trip(session, officer, trip.id, TripState.UNDER_WAY, now=NOW)
    assert [problem.key for problem in refused.value.problems] == ["trip.approval"]
    course.note_approval(session, officer, trip.id, Approval("分管副县长", START), now=NOW, today=TODAY)
    course.move_trip(session, officer, trip.id, TripState.UNDER_WAY, now=NOW)
    course.move_trip(session, officer, trip.id, TripState.BACK, now=NOW)
    with pytest.raises(DomainError) as unfinished:
        course.move_trip(session, officer, trip.id, TripState.CLOSED, now=NOW)
    assert [problem.key for problem in unfinished.value.problems] == ["trip.minutes", "trip.unvisited"]
    visit(session, office, office.officer, firm)
    course.write_minutes(session, officer, trip.id, "对方十二月来考察。", version=trip.version, now=NOW)
    course.move_trip(session, officer, trip.id, TripState.CLOSED, now=NOW)
    with pytest.raises(DomainError):
        services.save_stop(session, officer, trip.id, None, StopDraft(END, title="昆州商会"), now=NOW)


def test_what_was_agreed_is_a_task_of_its_owner_with_a_date(session: Session, office: Office, trip: Trip) -> None:
    officer = office.actor(session, office.officer)
    with pytest.raises(DomainError) as refused:
        course.agree(session, officer, trip.id, FollowUpDraft("寄用地方案", None), 0, now=NOW, today=TODAY)
    assert {problem.key for problem in refused.value.problems} == {"agreed.due", "agreed.owner"}
    draft = FollowUpDraft("寄用地方案", TODAY + timedelta(days=7))
    row = course.agree(session, officer, trip.id, draft, office.colleague.id, now=NOW, today=TODAY)
    assert (row.owner_id, row.kind) == (office.colleague.id, "agreed")
    assert [one.id for one in queries.agreed(session, officer, trip.id)] == [row.id]


def test_figures_of_a_trip_are_the_rows_they_open(
    session: Session, office: Office, trip: Trip, firm: Enterprise
) -> None:
    officer = office.actor(session, office.officer)
    builders.project(session, firm, office.east, office.officer, created_at=datetime(2026, 11, 1, tzinfo=UTC))
    visit(session, office, office.officer, firm)
    after = builders.project(session, firm, office.east, office.officer, created_at=NOW)
    figures = conversion.of_trip(session, officer, trip.id)
    assert (figures.visits, figures.firms, figures.leads, figures.signings) == (1, 1, 1, 0)
    rows = {what: conversion.page(session, officer, what, Basket(trip_id=trip.id), cursor=None).rows for what in Yield}
    assert [len(rows[what]) for what in Yield] == [1, 1, 1, 0]
    assert rows[Yield.LEADS][0].id == after.id
    outsider = office.actor(session, office.outsider)
    assert conversion.of_trip(session, outsider, trip.id).visits == 0


def test_a_second_tap_makes_no_second_trip_and_no_second_task(session: Session, office: Office, trip: Trip) -> None:
    officer = office.actor(session, office.officer)
    again = services.plan_trip(session, officer, TripDraft(trip.title, START, END), now=NOW)
    assert again.id == trip.id
    draft = FollowUpDraft("寄用地方案", TODAY + timedelta(days=7))
    made = [course.agree(session, officer, trip.id, draft, office.officer.id, now=NOW, today=TODAY) for _ in range(2)]
    assert made[0].id == made[1].id


def test_on_the_page_of_a_visit_its_trip_is_chosen(
    as_officer: Browser, as_outsider: Browser, session: Session, office: Office, trip: Trip, firm: Enterprise
) -> None:
    touch_id = visit(session, office, office.officer, firm)
    session.commit()
    assert f'<a href="/trips/{trip.id}">赴昆州拜访电子企业</a>' in as_officer.get(f"/visits/{touch_id}").text
    assert as_outsider.post(f"/trips/of-visit/{touch_id}", {"trip": str(trip.id)}).status_code == 404
    as_officer.post(f"/trips/of-visit/{touch_id}", {"trip": ""})
    assert f'<a href="/trips/{trip.id}">' not in as_officer.get(f"/visits/{touch_id}").text


def test_pages_of_a_trip_say_what_is_missing_and_keep_what_was_typed(as_officer: Browser, trip: Trip) -> None:
    refused = as_officer.post(f"/trips/{trip.id}/state/under_way")
    assert refused.status_code == 422
    assert "出发前请登记审批情况" in refused.text
    blank = as_officer.post("/trips/new", {"title": "", "purpose": "看三家企业", "unit_id": "1"})
    assert blank.status_code == 422
    assert "请写行程名称" in blank.text
    assert "看三家企业" in blank.text
    stop = as_officer.post(f"/trips/{trip.id}/stops/new", {"on_day": "2027-01-01", "title": "昆州商会"})
    assert "拜访日期要在行程起止日期之内" in stop.text


def test_a_trip_is_planned_on_its_pages(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise
) -> None:
    session.commit()
    form = {"title": "赴昆州", "starts_on": "2026-11-23", "ends_on": "2026-11-25", "unit_id": str(office.east.id)}
    where = as_officer.post("/trips/new", form).headers["Location"]
    as_officer.post(f"{where}/stops/new", {"enterprise_id": str(firm.id), "on_day": "2026-11-24", "at_clock": "9:30"})
    as_officer.post(f"{where}/members", {"name": "王书记", "role": "leader", "level": "county"})
    as_officer.post(f"{where}/costs", {"transport_budget": "1.5", "transport_spent": "1.2"})
    as_officer.post(f"{where}/agreed", {"title": "寄方案", "owner_id": str(office.officer.id), "due_on": "2026-12-01"})
    page = as_officer.get(where).text
    for words in ("云岭电子有限公司", "09:30", "王书记", "县区领导带队", "1.5", "寄方案"):
        assert words in page
    row = session.scalars(select(FollowUp).where(FollowUp.title == "寄方案")).one()
    assert row.due_on == date(2026, 12, 1)
    assert "赴昆州" in as_officer.get("/trips?year=2026&state=planned&level=county").text


def test_steps_of_chains_are_not_agreed(session: Session, office: Office, firm: Enterprise, trip: Trip) -> None:
    officer = office.actor(session, office.officer)
    touch_id = visit(session, office, office.officer, firm, next_step="送测算表", next_due=TODAY)
    (promise,) = queries.agreed(session, officer, trip.id)
    assert (promise.touch_id, promise.title) == (touch_id, "送测算表")
    promise.kind = "chain.material"
    session.flush()
    assert queries.agreed(session, officer, trip.id) == []


def test_a_trip_says_what_it_lacks_and_leads_there(as_officer: Browser) -> None:
    fields = {"title": "赴昆州", "starts_on": START.isoformat(), "ends_on": END.isoformat()}
    where = as_officer.post("/trips/new", fields).headers["Location"]
    page = as_officer.get(where).text
    assert "出发前还差这些" in page
    for part, text in (("members", "谁带队"), ("stops/new", "至少安排一站"), ("approval", "审批情况")):
        assert f'<a href="{where}/{part}">出发前请' in page
        assert text in page
    assert f'<a href="{where}/members">出发前请' in as_officer.post(f"{where}/state/under_way").text


def test_who_leads_a_trip_has_a_level(as_officer: Browser, trip: Trip) -> None:
    where = f"/trips/{trip.id}/members"
    refused = as_officer.post(where, {"name": "王书记", "role": "deputy"})
    assert refused.status_code == 422
    assert "王书记" in refused.text
    assert "哪一级" in refused.text
    assert as_officer.post(where, {"name": "小赵", "role": "staff"}).status_code == 303


def test_a_stop_offers_enterprises_visited_last_and_those_found_by_name(
    as_officer: Browser, session: Session, office: Office, trip: Trip
) -> None:
    last = builders.enterprise(session, "云岭新材有限公司")
    builders.touch(session, last, office.east, office.officer)
    session.commit()
    assert "云岭新材有限公司" in as_officer.get(f"/trips/{trip.id}/stops/new").text
    found = as_officer.post(f"/trips/{trip.id}/stops/new", {"find": "1", "q": "云岭电子", "points": "谈用工"})
    assert found.status_code == 200
    assert "云岭电子有限公司" in found.text
    assert "谈用工" in found.text
    assert "云岭电子有限公司" in as_officer.get("/trips/firms?q=云岭电子").text
    missed = as_officer.get("/trips/firms?q=没有的公司").text
    assert "登记册里没有找到“没有的公司”；下面是最近走访的。" in missed
    assert "云岭新材有限公司" in missed
    assert "/enterprises/new?name=" in missed


def test_minutes_written_twice_at_once_keep_both_texts_in_sight(as_officer: Browser, trip: Trip) -> None:
    answer = as_officer.post(f"/trips/{trip.id}/minutes", {"minutes": "我的纪要", "version": "1"})
    assert answer.status_code == 409
    assert "我的纪要" in answer.text
