from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.core.tasks import Task
from crm.fieldwork import queries, services
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.queries import TouchFilter
from crm.fieldwork.rules import Intention, TouchCorrection, TouchDraft, TouchKind, TouchTarget
from crm.pipeline import touches
from crm.pipeline.rules import ExitKind, ExitReason
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Enterprise
    from tests.support.builders import Office

DRAFT = TouchDraft(kind=TouchKind.VISIT, occurred_at=NOW - timedelta(hours=3), summary="谈了用地和用工。")
CORRECTION = TouchCorrection("谈了用地、用工和能耗。", "王总", Intention.STRONG, None)


def log(session: Session, office: Office, firm: Enterprise, draft: TouchDraft = DRAFT, **target: object) -> Touch:
    values = {"enterprise_id": firm.id, "client_id": "tap-00000001", **target}
    actor = office.actor(session, office.officer)
    wanted = TouchTarget(**values)  # type: ignore[arg-type]  # fields by name
    return touches.log(session, actor, draft, wanted, now=NOW, today=TODAY)


def key_of(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_a_visit_is_logged_with_next_step_rescore_and_audit(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    person = builders.contact(session, firm, office.east, office.officer)
    draft = replace(DRAFT, next_step="寄送用地方案", next_due=date(2026, 11, 24), contact_ids=(person.id,))
    touch = log(session, office, firm, draft)
    session.commit()
    assert (touch.unit_id, touch.created_by) == (office.east.id, office.officer.id)
    assert [contact.name for contact in touch.contacts] == ["赵总"]
    promise = session.scalars(select(FollowUp)).one()
    assert (promise.title, promise.owner_id, promise.due_on) == ("寄送用地方案", office.officer.id, date(2026, 11, 24))
    assert session.scalars(select(Task.dedupe_key).where(Task.kind == "rescore")).all() == [f"rescore:{firm.id}"]
    assert session.scalars(select(AuditEvent.action)).all() == ["touch.log"]


def test_a_double_tap_makes_one_visit_and_one_next_step(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    draft = replace(DRAFT, next_step="寄方案", next_due=TODAY)
    first, second = log(session, office, firm, draft), log(session, office, firm, draft)
    assert first.id == second.id
    assert len(session.scalars(select(Touch)).all()) == 1
    assert len(session.scalars(select(FollowUp)).all()) == 1


def test_nobody_takes_over_a_visit_by_its_key(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    log(session, office, firm)
    thief = office.actor(session, office.outsider)
    with pytest.raises(DomainError) as refused:
        services.log_touch(session, thief, DRAFT, TouchTarget(firm.id, "tap-00000001"), now=NOW, today=TODAY)
    assert key_of(refused) == ["touch.client_id"]


def test_a_visit_is_logged_only_for_ones_own_unit(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    with pytest.raises(DomainError) as refused:
        log(session, office, firm, unit_id=office.south.id)
    assert key_of(refused) == ["touch.unit"]


def test_a_leader_without_field_work_logs_nothing(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    leader = office.actor(session, office.leader)
    with pytest.raises(ForbiddenError):
        services.log_touch(session, leader, DRAFT, TouchTarget(firm.id, "tap-00000002"), now=NOW, today=TODAY)


def test_a_contact_of_another_unit_or_enterprise_is_refused(session: Session, office: Office) -> None:
    firm, other = builders.enterprise(session), builders.enterprise(session)
    foreign = builders.contact(session, firm, office.south, office.outsider)
    stray = builders.contact(session, other, office.east, office.officer)
    for contact in (foreign, stray):
        with pytest.raises(DomainError) as refused:
            log(session, office, firm, replace(DRAFT, contact_ids=(contact.id,)))
        assert key_of(refused) == ["touch.contacts"]


def test_the_only_open_project_is_linked_by_itself(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.project(session, firm, office.south, office.outsider)
    builders.project(
        session,
        firm,
        office.east,
        office.officer,
        exit_kind=ExitKind.LOST,
        exit_reason=ExitReason.SILENT,
        exited_at=NOW,
    )
    own = builders.project(session, firm, office.east, office.officer)
    assert log(session, office, firm).project_id == own.id
    assert log(session, office, firm, client_id="tap-00000002", auto_link=False).project_id is None


def test_two_open_projects_are_left_to_the_person(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    first = builders.project(session, firm, office.east, office.officer)
    builders.project(session, firm, office.east, office.officer)
    assert log(session, office, firm).project_id is None
    assert log(session, office, firm, client_id="tap-00000002", project_id=first.id).project_id == first.id


def test_a_project_of_another_unit_or_enterprise_is_refused(session: Session, office: Office) -> None:
    firm, other = builders.enterprise(session), builders.enterprise(session)
    foreign = builders.project(session, firm, office.south, office.outsider)
    stray = builders.project(session, other, office.east, office.officer)
    for project in (foreign, stray):
        with pytest.raises(DomainError) as refused:
            log(session, office, firm, project_id=project.id)
        assert key_of(refused) == ["touch.project"]


def test_a_voided_visit_stays_readable_and_does_not_count(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    touch = log(session, office, firm)
    actor = office.actor(session, office.officer)
    services.void_touch(session, actor, touch.id, "与昨天重复", now=NOW)
    session.flush()
    assert queries.count_touches(session, actor, TouchFilter()) == 0
    assert queries.count_touches(session, actor, TouchFilter(voided=True)) == 1
    assert queries.touch(session, actor, touch.id).void_reason == "与昨天重复"
    services.restore_touch(session, actor, touch.id, now=NOW)
    session.flush()
    assert queries.count_touches(session, actor, TouchFilter()) == 1


def test_voiding_needs_a_reason(session: Session, office: Office) -> None:
    touch = log(session, office, builders.enterprise(session))
    with pytest.raises(DomainError) as refused:
        services.void_touch(session, office.actor(session, office.officer), touch.id, " ", now=NOW)
    assert key_of(refused) == ["touch.void_reason"]


def test_a_colleague_may_not_correct_but_the_team_lead_may(session: Session, office: Office) -> None:
    touch = log(session, office, builders.enterprise(session))
    with pytest.raises(ForbiddenError):
        services.amend_touch(session, office.actor(session, office.colleague), touch.id, CORRECTION, now=NOW)
    services.amend_touch(session, office.actor(session, office.lead), touch.id, CORRECTION, now=NOW)
    assert (touch.summary, touch.intention) == (CORRECTION.summary, Intention.STRONG)
    trail = session.scalars(select(AuditEvent).where(AuditEvent.action == "touch.amend")).one()
    assert trail.detail["before"]["summary"] == DRAFT.summary


def test_after_thirty_days_nothing_is_corrected(session: Session, office: Office) -> None:
    touch = log(session, office, builders.enterprise(session))
    actor = office.actor(session, office.officer)
    with pytest.raises(DomainError) as refused:
        services.amend_touch(session, actor, touch.id, CORRECTION, now=NOW + timedelta(days=31))
    assert key_of(refused) == ["touch.too_late"]


def test_a_missing_inspection_report_can_still_be_written_late(session: Session, office: Office) -> None:
    touch = log(session, office, builders.enterprise(session), replace(DRAFT, kind=TouchKind.INSPECTION))
    actor, late = office.actor(session, office.officer), NOW + timedelta(days=40)
    services.write_report(session, actor, touch.id, "看了东区两块地，对方关心电价。", now=late)
    with pytest.raises(DomainError) as refused:
        services.write_report(session, actor, touch.id, "改写", now=late)
    assert key_of(refused) == ["touch.too_late"]


def test_another_units_visit_is_not_found(session: Session, office: Office) -> None:
    touch = log(session, office, builders.enterprise(session))
    with pytest.raises(NotFoundError):
        queries.touch(session, office.actor(session, office.outsider), touch.id)


def test_recent_enterprises_come_latest_first_and_only_ones_own(session: Session, office: Office) -> None:
    firms = [builders.enterprise(session) for _ in range(3)]
    for days, firm in reversed(list(enumerate(firms))):
        builders.touch(session, firm, office.east, office.officer, recorded_at=NOW - timedelta(days=days))
    builders.touch(session, builders.enterprise(session), office.east, office.colleague)
    found = queries.recent_enterprises(session, office.actor(session, office.officer))
    assert found == [(firm.id, firm.name) for firm in firms]
