from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from crm.aftercare.cases import queries, services
from crm.aftercare.cases.models import ServiceCase
from crm.aftercare.cases.queries import CaseFilter
from crm.aftercare.cases.rules import CaseDraft, CaseStepDraft, Limits
from crm.aftercare.cases.words import CaseKind, CaseState, CaseStepKind, Channel, Refusal, Topic, Verdict
from crm.assessment import queries as figures
from crm.assessment.measures import MEASURES
from crm.assessment.window import Window
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.core.scheduling import local_day
from crm.notices.models import Notice
from crm.pipeline.confidential import services as confidential
from tests.support import builders
from tests.support.admission import refuses
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.conftest import Browser
    from tests.support.builders import Office

K = CaseStepKind
SAID = "厂区门口道路破损，货车进不来，请尽快修复。"


def received(session: Session, office: Office, at: datetime = NOW, **more: object) -> ServiceCase:
    firm = builders.enterprise(session)
    draft = CaseDraft(
        CaseKind.FOREIGN, Topic.UTILITY, "修路", SAID, Channel.PHONE, local_day(at), firm.id, "王先生", "13800001234"
    )
    draft = replace(draft, **more)  # type: ignore[arg-type]  # named values
    actor = office.actor(session, office.officer)
    return services.receive(session, actor, draft, now=at, today=local_day(at))


def step(
    session: Session, office: Office, row: ServiceCase, who: User, kind: K, at: datetime = NOW, **more: object
) -> None:
    draft = CaseStepDraft(kind, "已经研究并答复", **more)  # type: ignore[arg-type]  # named values
    services.go_on(session, office.actor(session, who), row.id, draft, now=at, today=local_day(at))


def test_a_case_goes_from_receipt_to_a_satisfied_firm_and_everybody_is_told(session: Session, office: Office) -> None:
    row = received(session, office)
    assert (row.accept_due, row.unit_id, row.state) == (date(2026, 12, 1), office.east.id, CaseState.RECEIVED)
    with pytest.raises(ForbiddenError):
        step(session, office, row, office.officer, K.ACCEPT, lead_id=office.south.id)
    step(session, office, row, office.registrar, K.ACCEPT, lead_id=office.south.id, with_ids=(office.east.id,))
    assert (row.due_on, list(row.unit_ids)) == (date(2027, 2, 12), [office.south.id, office.east.id])
    step(session, office, row, office.outsider, K.REPLY)
    assert (row.state, row.next_due, row.late) == (CaseState.REPLIED, date(2026, 11, 27), False)
    with pytest.raises(DomainError):
        step(session, office, row, office.outsider, K.JUDGED, verdict=Verdict.SATISFIED)
    step(session, office, row, office.officer, K.JUDGED, verdict=Verdict.SATISFIED)
    assert (row.state, row.ended_at, row.next_due) == (CaseState.CLOSED, NOW, None)
    told = {(one.user_id, one.link) for one in session.scalars(select(Notice))}
    assert {(office.outsider.id, f"/cases/{row.id}"), (office.officer.id, f"/cases/{row.id}")} <= told
    assert len(queries.steps(session, row.id)) == 4


def test_an_unsatisfied_firm_gets_another_round_and_a_late_answer_stays_late(session: Session, office: Office) -> None:
    row = received(session, office)
    step(session, office, row, office.registrar, K.ACCEPT, lead_id=office.south.id)
    late = NOW + timedelta(days=120)
    step(session, office, row, office.outsider, K.REPLY, late)
    step(session, office, row, office.officer, K.ESCALATE, late)
    assert (row.state, row.rounds, row.escalated, row.late) == (CaseState.HANDLING, 2, True, True)
    assert row.due_on == row.next_due
    assert row.due_on is not None
    assert row.due_on > local_day(late)
    assert office.leader.id in {one.user_id for one in session.scalars(select(Notice))}
    step(session, office, row, office.outsider, K.REPLY, late)
    step(session, office, row, office.registrar, K.JUDGED, late, verdict=Verdict.FAIR)
    assert row.late


def test_while_the_firm_mends_its_papers_the_clock_begins_anew(session: Session, office: Office) -> None:
    row = received(session, office)
    step(session, office, row, office.registrar, K.ASK)
    assert (row.state, row.next_due) == (CaseState.SUPPLEMENT, date(2026, 12, 11))
    later = NOW + timedelta(days=14)
    step(session, office, row, office.officer, K.SUPPLIED, later)
    assert row.accept_due == row.next_due == date(2026, 12, 15)
    step(session, office, row, office.registrar, K.REFUSE, later, refusal=Refusal.CIVIL)
    assert (row.state, row.refusal, row.accept_late) == (CaseState.REFUSED, Refusal.CIVIL, False)


def test_the_office_sets_stricter_limits_for_what_comes_in_afterwards(session: Session, office: Office) -> None:
    before = received(session, office)
    with pytest.raises(ForbiddenError):
        services.set_limits(session, office.actor(session, office.officer), Limits(), now=NOW)
    boss = office.actor(session, office.registrar)
    with pytest.raises(DomainError):
        services.set_limits(session, boss, Limits(foreign_close=90), now=NOW)
    services.set_limits(session, boss, Limits(foreign_accept=3, foreign_close=15), now=NOW)
    after = received(session, office)
    assert (before.accept_due, after.accept_due) == (date(2026, 12, 1), date(2026, 11, 25))
    step(session, office, after, office.registrar, K.ACCEPT, lead_id=office.south.id)
    assert after.due_on == date(2026, 12, 11)


def test_who_complained_is_sealed_and_each_look_has_its_reason(session: Session, office: Office) -> None:
    row = received(session, office, confidential=True)
    step(session, office, row, office.registrar, K.ACCEPT, lead_id=office.south.id)
    raw = session.execute(text("SELECT person, phone FROM service_case")).one()
    assert all(value.startswith("a1:") for value in raw)
    with pytest.raises(ForbiddenError):
        services.reveal(session, office.actor(session, office.outsider), row.id, reason="call", now=NOW)
    boss = office.actor(session, office.registrar)
    with pytest.raises(DomainError):
        services.reveal(session, boss, row.id, reason="other", other=" ", now=NOW)
    assert services.reveal(session, boss, row.id, reason="check", now=NOW).phone == "13800001234"
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "case.reveal")).all()
    assert [(one.actor_id, one.detail["reason"]) for one in looks] == [(office.registrar.id, "核对信息")]


def test_only_the_office_lifts_secrecy_and_what_moved_is_on_record(session: Session, office: Office) -> None:
    row = received(session, office, confidential=True)
    day = TODAY - timedelta(days=9)
    draft = CaseDraft(CaseKind.DEMAND, row.topic, row.title, SAID, row.channel, day, row.enterprise_id)
    with pytest.raises(DomainError, match=r"case\.secrecy"):
        services.mend(session, office.actor(session, office.officer), row.id, draft, now=NOW, today=TODAY)
    assert row.confidential
    services.mend(session, office.actor(session, office.registrar), row.id, draft, now=NOW, today=TODAY)
    kept = session.scalars(select(AuditEvent).where(AuditEvent.action == "case.mend")).one()
    assert kept.detail == {
        "before": {"kind": "foreign", "received_on": TODAY.isoformat(), "confidential": True},
        "after": {"kind": "demand", "received_on": day.isoformat(), "confidential": False},
    }


def test_a_case_is_seen_by_who_received_it_and_who_answers_it(session: Session, office: Office) -> None:
    row = received(session, office)
    other = office.actor(session, office.outsider)
    with pytest.raises(NotFoundError):
        queries.get(session, other, row.id)
    step(session, office, row, office.registrar, K.ACCEPT, lead_id=office.south.id)
    assert queries.get(session, other, row.id) is row
    mine = queries.listing(session, other, CaseFilter(queries.MINE), TODAY, cursor=None)
    assert list(mine.rows) == [row]
    assert session.scalar(queries.waiting(other)) == 1
    assert session.scalar(queries.waiting(office.actor(session, office.officer))) == 0


def test_the_list_behind_a_sum_is_as_long_as_the_sum(session: Session, office: Office) -> None:
    received(session, office)
    for verdict in (Verdict.SATISFIED, Verdict.SILENT):
        row = received(session, office)
        step(session, office, row, office.registrar, K.ACCEPT, lead_id=office.south.id)
        step(session, office, row, office.outsider, K.REPLY)
        later = NOW + timedelta(days=20 if verdict is Verdict.SILENT else 0)
        step(session, office, row, office.officer, K.JUDGED, later, verdict=verdict)
    boss = office.actor(session, office.registrar)
    sums = queries.sums(session, boss, TODAY, date(TODAY.year, 1, 1))
    views = {queries.GOING: sums.open, queries.CLOSED: sums.closed, queries.JUDGED: sums.judged}
    found = {view: len(queries.listing(session, boss, CaseFilter(view), TODAY, cursor=None).rows) for view in views}
    assert found == views == {queries.GOING: 1, queries.CLOSED: 2, queries.JUDGED: 1}


def test_what_was_asked_at_a_visit_becomes_one_case_and_keeps_its_secret(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer)
    touch = builders.touch(session, firm, office.east, office.officer, project_id=deal.id, people="陈总")
    officer = office.actor(session, office.officer)
    row = services.from_touch(session, officer, touch.id, now=NOW, today=TODAY)
    assert services.from_touch(session, officer, touch.id, now=NOW, today=TODAY) is row
    assert (row.received_on, row.person, row.project_id) == (date(2026, 11, 18), "陈总", deal.id)
    confidential.classify(session, office.actor(session, office.lead), deal.id, "青竹", version=deal.version, now=NOW)
    with pytest.raises(NotFoundError):
        queries.get(session, office.actor(session, office.colleague), row.id)


def test_figures_of_demands_are_those_of_the_cut_off(session: Session, office: Office) -> None:
    start = NOW - timedelta(days=30)
    quick, slow = received(session, office, start), received(session, office, start)
    received(session, office, start)
    for row in (quick, slow):
        step(session, office, row, office.registrar, K.ACCEPT, start, lead_id=office.south.id)
    step(session, office, quick, office.outsider, K.REPLY, start + timedelta(days=5))
    step(session, office, quick, office.registrar, K.JUDGED, start + timedelta(days=6), verdict=Verdict.SATISFIED)
    year = Window(date(2026, 1, 1), date(2027, 12, 31), NOW)
    figure = {key: figures.total(session, one, year) for key, one in MEASURES.items() if key.startswith("cases_")}
    assert figure == {
        "cases_received": 3,
        "cases_accepted": 2,
        "cases_answered": 1,
        "cases_due": 1,
        "cases_closed_in_time": 1,
        "cases_closed": 1,
        "cases_judged": 1,
        "cases_satisfied": 1,
    }
    early = replace(year, cutoff=start + timedelta(days=4))
    assert figures.total(session, MEASURES["cases_answered"], early) == 0
    late = replace(year, cutoff=NOW + timedelta(days=200))
    assert figures.total(session, MEASURES["cases_due"], late) == 2
    assert figures.total(session, MEASURES["cases_closed_in_time"], late) == 1


def test_a_case_taken_back_after_its_day_was_missed_is_late_and_stays_due(session: Session, office: Office) -> None:
    timely, missed = received(session, office), received(session, office)
    after = NOW + timedelta(days=120)
    for row, at in ((timely, NOW), (missed, after)):
        step(session, office, row, office.registrar, K.ACCEPT, lead_id=office.south.id)
        step(session, office, row, office.officer, K.WITHDRAW, at)
    assert (timely.late, missed.late) == (False, True)
    window = Window(date(2026, 1, 1), date(2027, 12, 31), after + timedelta(days=1))
    assert figures.total(session, MEASURES["cases_due"], window) == 1
    assert figures.total(session, MEASURES["cases_closed_in_time"], window) == 0


def test_the_database_keeps_ends_and_verdicts_together(session: Session, office: Office) -> None:
    row = received(session, office)
    values = {name: getattr(row, name) for name in ("kind", "topic", "channel", "enterprise_id", "unit_id", "title")}
    values |= {"body": SAID, "received_on": TODAY, "accept_due": TODAY, "created_by": row.created_by}
    values |= {"created_at": NOW, "next_due": TODAY}
    assert refuses(session, ServiceCase(**values, state=CaseState.CLOSED))
    assert refuses(session, ServiceCase(**values, accepted_on=TODAY))


def test_the_pages_register_answer_and_mask(
    session: Session, office: Office, as_officer: Browser, as_registrar: Browser
) -> None:
    firm_id, lead_id = str(builders.enterprise(session, "云岭电子有限公司").id), str(office.east.id)
    session.commit()
    form = {
        "kind": "demand", "title": "请协调用电增容", "body": "三季度扩产，变压器不够。", "topic": "utility",
        "channel": "phone", "received_on": "2026-11-20", "person": "陆经理", "phone": "13955667788",
    }  # fmt: skip
    refused = as_officer.post("/cases/new", form)
    assert refused.status_code == 422
    assert "请选择企业" in refused.text
    made = as_officer.post("/cases/new", {**form, "enterprise_id": firm_id})
    path = made.headers["Location"]
    page = as_registrar.get(path).text
    assert "13955667788" not in page
    assert "139****7788" in page
    bad = as_registrar.post(f"{path}/steps", {"kind": "accept"})
    assert bad.status_code == 422
    assert "请选择主办单位" in bad.text
    assert as_registrar.post(f"{path}/steps", {"kind": "accept", "lead_id": lead_id}).status_code == 303
    assert "13955667788" in as_registrar.post(f"{path}/reveal", {"reason": "call"}).text
    listed = as_officer.get("/cases?view=mine").text
    assert "请协调用电增容" in listed
    assert as_officer.post(f"{path}/steps", {"kind": "reply", "text": "已报供电公司"}).status_code == 303
    assert "待评价" in as_registrar.get("/cases?view=replied").text
