from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.pipeline.exceptions import queries, services
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import NEVER, Decision, ExceptionKind, FairReview, Request
from crm.pipeline.facts import facts_of
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import lead, refused, visited, walk
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

ZONE = ZoneInfo("Asia/Shanghai")
YES = Decision(grants=True, number="县委专题会〔2026〕8号")


def asked(session: Session, office: Office, project: Project, **fields: Any) -> GateException:
    values = {"kind": ExceptionKind.SPECIAL, "reason": "对方董事长周末到访", "valid_until": date(2026, 11, 30)}
    request = Request(**{**values, "demand": "inspection", **fields})
    actor = office.actor(session, office.officer)
    return services.ask(session, actor, project.id, request, now=NOW, today=TODAY, zone=ZONE)


def granted(session: Session, office: Office, project: Project, **fields: Any) -> GateException:
    row = asked(session, office, project, **fields)
    return services.decide(session, office.actor(session, office.leader), project.id, row.id, YES, now=NOW)


def inspecting(session: Session, office: Office) -> Project:
    return walk(session, office, lead(session, office), Stage.INSPECTING)


def problem_of(call: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.problems[0].key


def test_a_granted_exception_opens_the_gate_until_its_last_day(session: Session, office: Office) -> None:
    project, officer = inspecting(session, office), office.actor(session, office.officer)
    row = asked(session, office, project)
    assert "gate.inspection" in refused(session, officer, project, Stage.REVIEWING)
    services.decide(session, office.actor(session, office.leader), project.id, row.id, YES, now=NOW)
    assert refused(session, officer, project, Stage.REVIEWING) == ["gate.inspection_report"]
    last = datetime(2026, 11, 30, 23, 59, tzinfo=ZONE)
    assert facts_of(session, project, now=last).waived == {"inspection"}
    assert facts_of(session, project, now=last + timedelta(minutes=1)).waived == frozenset()
    assert facts_of(session, project).waived == frozenset()
    assert facts_of(session, project, now=last).waivers[0].by == office.leader.name


def test_a_move_by_exception_says_so_in_its_audit_row(session: Session, office: Office) -> None:
    project, officer = inspecting(session, office), office.actor(session, office.officer)
    granted(session, office, project)
    granted(session, office, project, demand="inspection_report")
    assert refused(session, officer, project, Stage.REVIEWING) == []
    event = session.query(AuditEvent).filter_by(action="project.move").order_by(AuditEvent.id.desc()).first()
    assert event is not None
    assert event.detail["waived"] == ["inspection", "inspection_report"]


@pytest.mark.parametrize("key", NEVER)
def test_what_rests_on_law_is_refused_by_the_rules_and_by_the_database(
    session: Session, office: Office, key: str
) -> None:
    project = inspecting(session, office)
    assert problem_of(lambda: asked(session, office, project, demand=key)) == "exception.demand"
    assert problem_of(lambda: asked(session, office, project, demand=None)) == "exception.choose"
    row = asked(session, office, project)
    with pytest.raises(IntegrityError):
        session.execute(update(GateException).where(GateException.id == row.id).values(demand=key))


def test_the_asker_and_the_owner_cannot_decide(session: Session, office: Office) -> None:
    project = inspecting(session, office)
    row = asked(session, office, project)
    with pytest.raises(ForbiddenError):
        services.decide(session, office.actor(session, office.registrar), project.id, row.id, YES, now=NOW)
    leader = office.actor(session, office.leader)
    project.owner_id = office.leader.id
    session.flush()
    assert problem_of(lambda: services.decide(session, leader, project.id, row.id, YES, now=NOW)) == "exception.owner"
    with pytest.raises(IntegrityError):
        session.execute(
            update(GateException).values(state="granted", decided_by=row.asked_by, decided_at=NOW, decision_no="1")
        )


def test_a_decision_is_made_once_and_needs_a_number_or_a_reason(session: Session, office: Office) -> None:
    project, leader = inspecting(session, office), office.actor(session, office.leader)
    row = asked(session, office, project)

    def decide(decision: Decision) -> GateException:
        return services.decide(session, leader, project.id, row.id, decision, now=NOW)

    assert problem_of(lambda: decide(Decision(grants=True))) == "exception.number"
    assert problem_of(lambda: decide(Decision(grants=False, number="8号"))) == "exception.refusal"
    services.decide(session, leader, project.id, row.id, Decision(grants=False, note="材料不足"), now=NOW)
    with pytest.raises(ConflictError):
        services.decide(session, leader, project.id, row.id, YES, now=NOW)
    assert facts_of(session, project, now=NOW).waived == frozenset()


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"valid_until": TODAY - timedelta(days=1)}, "exception.past"),
        ({"valid_until": TODAY + timedelta(days=181)}, "exception.long"),
        ({"reason": "  "}, "exception.reason"),
        ({"kind": ExceptionKind.CASE, "demand": None}, "exception.granted"),
    ],
)
def test_a_request_is_complete_and_ends(session: Session, office: Office, fields: dict[str, Any], key: str) -> None:
    project = inspecting(session, office)
    assert problem_of(lambda: asked(session, office, project, **fields)) == key


def test_one_demand_waits_for_one_decision(session: Session, office: Office) -> None:
    project = inspecting(session, office)
    asked(session, office, project)
    assert problem_of(lambda: asked(session, office, project)) == "exception.open"


def test_a_revoked_exception_no_longer_helps(session: Session, office: Office) -> None:
    project, leader = inspecting(session, office), office.actor(session, office.leader)
    row = granted(session, office, project)
    services.revoke(session, leader, project.id, row.id, now=NOW)
    assert facts_of(session, project, now=NOW).waived == frozenset()
    with pytest.raises(ConflictError):
        services.revoke(session, leader, project.id, row.id, now=NOW)


def test_a_case_by_case_grant_keeps_basis_review_and_end(session: Session, office: Office) -> None:
    project = inspecting(session, office)
    texts = {"granted": "前三年按实缴税收的一定比例奖励", "legal_basis": "县政府〔2026〕15号"}
    row = granted(session, office, project, kind=ExceptionKind.CASE, demand=None, **texts)
    assert (row.fair_review, row.demand, row.granted) == (FairReview.PENDING, None, texts["granted"])
    officer = office.actor(session, office.officer)
    services.set_fair_review(session, officer, project.id, row.id, FairReview.PASSED, now=NOW)
    assert row.fair_review is FairReview.PASSED
    assert facts_of(session, project, now=NOW).waived == frozenset()


def test_the_flag_of_a_card_counts_what_is_in_force(session: Session, office: Office) -> None:
    project = inspecting(session, office)
    granted(session, office, project)
    asked(session, office, project, demand="inspection_report")
    assert session.scalar(select(queries.in_force(project.id, NOW))) == 1
    assert session.scalar(select(queries.in_force(project.id, NOW + timedelta(days=20)))) == 0


def test_the_page_asks_decides_and_tells_what_is_in_force(
    as_officer: Browser, as_leader: Browser, session: Session, office: Office
) -> None:
    project = inspecting(session, office)
    visited(session, office, project)
    session.commit()
    page = f"/projects/{project.id}/exceptions"
    form = {"kind": "special", "demand": "inspection", "reason": "急", "fair_review": "pending"}
    form["valid_until"] = "2026-11-30"
    assert as_officer.post(page, {**form, "valid_until": "2030-01-01"}).status_code == 422
    assert as_officer.post(page, form).status_code == 303
    assert "待领导决定" in as_officer.get("/projects/exceptions").text
    number = session.query(GateException).one().id
    session.rollback()
    assert as_officer.post(f"{page}/{number}/decide", {"answer": "grant", "decision_no": "8"}).status_code == 403
    answer = as_leader.post(f"{page}/{number}/decide", {"answer": "grant"})
    assert (answer.status_code, "请填写批准文号或会议纪要编号。" in answer.text) == (422, True)
    assert as_leader.post(f"{page}/{number}/decide", {"answer": "grant", "decision_no": "8"}).status_code == 303
    assert "特事特办至11月30日 周一（沈立）" in as_officer.get(f"/projects/{project.id}").text
    assert "特事特办至11月30日 周一（沈立）" in as_officer.get(f"/projects/{project.id}/move?stage=reviewing").text
