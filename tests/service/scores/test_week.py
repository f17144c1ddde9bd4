from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.fieldwork.models import TouchContact
from crm.scores import services, weekly
from crm.scores.models import WorkDeferral
from crm.scores.ranking import PAGE, StepKind
from crm.scoring.models import ScoreOverride
from tests.service.scores.weeks import desk, listed, promise, scored
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

LONG_AGO = NOW - timedelta(days=60)


def test_who_asked_to_be_left_alone_is_never_suggested_while_others_may_be_called(
    session: Session, office: Office
) -> None:
    firm = scored(session)
    builders.contact(session, firm, office.east, office.officer, "安静", do_not_contact=True)
    builders.contact(session, firm, office.east, office.officer, "健谈")
    row = weekly.read(session, desk(session, office)).rows[0]
    assert row.ranked.candidate.person is not None
    assert row.ranked.candidate.person.name == "健谈"


def test_somebody_whom_another_unit_called_through_another_enterprise_is_not_suggested(
    session: Session, office: Office
) -> None:
    firm, elsewhere = scored(session), builders.enterprise(session)
    builders.contact(session, firm, office.east, office.officer, "沈立", phone="13900001111")
    twin = builders.contact(session, elsewhere, office.south, office.outsider, "沈立", phone="13900001111")
    visit = builders.touch(session, elsewhere, office.south, office.outsider)
    session.add(TouchContact(touch_id=visit.id, contact_id=twin.id))
    session.flush()
    assert weekly.read(session, desk(session, office)).rows[0].ranked.candidate.person is None


def test_people_of_other_units_are_not_named_only_hinted_at(session: Session, office: Office) -> None:
    firm = scored(session)
    builders.contact(session, firm, office.south, office.outsider, "别组的人")
    found = weekly.read(session, desk(session, office)).rows[0].ranked
    assert found.candidate.person is None
    assert found.step.kind is StepKind.COLLEAGUE


def test_fresh_news_is_the_reason_to_call_until_the_squad_has_been_there(session: Session, office: Office) -> None:
    firm = scored(session)
    builders.signal(session, firm, "CAPX", happened_at=NOW - timedelta(days=9))
    assert weekly.read(session, desk(session, office)).rows[0].ranked.step.kind is StepKind.NEWS
    builders.touch(session, firm, office.east, office.officer, occurred_at=NOW - timedelta(days=8))
    assert weekly.read(session, desk(session, office)).rows[0].ranked.candidate.news is None


def test_bad_or_rejected_news_is_no_reason_to_call(session: Session, office: Office) -> None:
    firm = scored(session)
    builders.signal(session, firm, "NEG")
    builders.signal(
        session, firm, "CAPX", state="rejected", decided_at=NOW, decided_by=office.officer.id,
        decided_unit_id=office.east.id,
    )  # fmt: skip
    assert weekly.read(session, desk(session, office)).rows[0].ranked.candidate.news is None


def test_the_own_project_on_the_way_is_pushed(session: Session, office: Office) -> None:
    firm = scored(session)
    deal = builders.project(session, firm, office.east, office.officer, stage_since=LONG_AGO)
    step = weekly.read(session, desk(session, office)).rows[0].ranked.step
    assert step.params["project"] == deal.name


def test_points_that_a_person_set_count_in_the_order(session: Session, office: Office) -> None:
    plain, favoured = scored(session, 80), scored(session, 40)
    session.add(
        ScoreOverride(
            enterprise_id=favoured.id, points=95, reason="当面答应来", set_by_id=office.lead.id,
            set_at=NOW - timedelta(days=1), expires_at=NOW + timedelta(days=5),
        )
    )  # fmt: skip
    session.flush()
    rows = weekly.read(session, desk(session, office)).rows
    assert [row.enterprise.id for row in rows] == [favoured.id, plain.id]
    assert rows[0].own is not None


def test_pages_hold_fifteen_and_the_last_one_says_so(session: Session, office: Office) -> None:
    firms = {scored(session, 90 - number).id for number in range(PAGE + 3)}
    at = desk(session, office)
    first, second = weekly.read(session, at), weekly.read(session, at, 2)
    assert (len(first.rows), first.more) == (PAGE, True)
    assert (len(second.rows), second.more) == (3, False)
    assert {row.enterprise.id for row in (*first.rows, *second.rows)} == firms
    assert [row.place for row in second.rows] == [16, 17, 18]


def test_the_list_asks_no_more_of_the_database_when_it_is_longer(session: Session, office: Office) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", note)
        weekly.read(session, desk(session, office))
        event.remove(bind, "before_cursor_execute", note)
        return len(seen)

    for number in range(2):
        builders.contact(session, scored(session, 60 + number), office.east, office.officer)
    few = statements()
    for number in range(12):
        builders.contact(session, scored(session, 60 + number), office.east, office.officer)
    session.expire_all()
    assert statements() <= few + 2


def test_capacity_counts_the_people_of_the_squad_and_what_is_planned(session: Session, office: Office) -> None:
    promise(session, scored(session), office.officer, office.east.id)
    capacity = weekly.read(session, desk(session, office)).capacity
    assert (capacity.people, capacity.total, capacity.planned, capacity.left) == (3, 15, 1, 14)


def test_planning_adds_the_step_to_the_own_list_and_can_be_taken_back(session: Session, office: Office) -> None:
    firm, at = scored(session), desk(session, office)
    row = services.plan(session, at, firm.id, "打第一个电话")
    assert (row.owner_id, row.unit_id, row.enterprise_id) == (office.officer.id, office.east.id, firm.id)
    assert row.due_on == date(2026, 11, 24)
    assert listed(session, office) == []
    services.unplan(session, at.actor, row.id, now=NOW, today=TODAY)
    assert listed(session, office) == [firm.id]


def test_only_ones_own_fresh_plan_can_be_taken_back(session: Session, office: Office) -> None:
    row = services.plan(session, desk(session, office), scored(session).id, "打电话")
    with pytest.raises(DomainError):
        services.unplan(session, office.actor(session, office.colleague), row.id, now=NOW, today=TODAY)
    with pytest.raises(DomainError):
        services.unplan(
            session, office.actor(session, office.officer), row.id, now=NOW + timedelta(days=2), today=TODAY
        )


def test_what_is_put_off_is_gone_until_its_monday_for_this_squad_only(session: Session, office: Office) -> None:
    firm, at = scored(session), desk(session, office)
    row = services.defer(session, at, firm.id, "对方在忙", 1)
    assert row.until == date(2026, 11, 23)
    assert listed(session, office) == []
    assert listed(session, office, office.outsider) == [firm.id]
    monday = weekly.desk(session, at.actor, None, now=NOW + timedelta(days=3), today=date(2026, 11, 23))
    assert [found.enterprise.id for found in weekly.read(session, monday).rows] == [firm.id]
    assert session.query(AuditEvent).filter_by(action="week.defer").one().detail["reason"] == "对方在忙"


def test_what_was_put_off_can_be_brought_back_and_put_off_again(session: Session, office: Office) -> None:
    firm, at = scored(session), desk(session, office)
    services.defer(session, at, firm.id, "对方在忙", 1)
    services.bring_back(session, at, firm.id)
    assert listed(session, office) == [firm.id]
    services.defer(session, at, firm.id, "换了人", 2)
    assert session.query(WorkDeferral).one().reason == "换了人"
    with pytest.raises(NotFoundError):
        services.bring_back(session, at, scored(session).id)


def test_a_deferral_without_a_reason_is_refused(session: Session, office: Office) -> None:
    with pytest.raises(DomainError) as refused:
        services.defer(session, desk(session, office), scored(session).id, " ", 1)
    assert [problem.key for problem in refused.value.problems] == ["deferral.reason"]


def test_who_only_reads_may_look_at_every_list_and_change_none(session: Session, office: Office) -> None:
    firm = scored(session)
    at = desk(session, office, office.leader, office.east.id)
    assert [row.enterprise.id for row in weekly.read(session, at).rows] == [firm.id]
    with pytest.raises(ForbiddenError):
        services.plan(session, at, firm.id, "打电话")
    with pytest.raises(ForbiddenError):
        services.defer(session, at, firm.id, "在忙", 1)


def test_the_list_of_another_squad_is_not_found(session: Session, office: Office) -> None:
    with pytest.raises(NotFoundError):
        desk(session, office, office.officer, office.south.id)
