from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.rules import SYSTEM
from crm.core.errors import ConflictError, DomainError, ForbiddenError
from crm.notices.models import Notice
from crm.reports import desk, road, services
from crm.reports.models import RoadStep, Standing, WeeklyReport
from tests.service.reports.test_weekly import PATH, WEEK, YEAR, built, frozen
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.desks import waiting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def sent(session: Session, office: Office) -> WeeklyReport:
    """Build the week and send it in as the 招商办."""
    report = built(session, office)
    road.submit(session, office.actor(session, office.registrar), report, report.version, now=NOW)
    session.commit()
    return report


def told(session: Session, user_id: int) -> list[str]:
    """What a person was told, with its places filled in."""
    rows = session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id))
    lines = [row.text % row.params for row in rows]
    session.commit()
    return lines


def test_only_an_approved_report_is_frozen(session: Session, office: Office) -> None:
    leader, report = office.actor(session, office.leader), built(session, office)
    with pytest.raises(ConflictError):
        services.freeze(session, leader, report, report.version, now=NOW)
    road.submit(session, office.actor(session, office.registrar), report, report.version, now=NOW)
    with pytest.raises(ConflictError):
        services.freeze(session, leader, report, report.version, now=NOW)
    road.approve(session, leader, report, report.version, now=NOW)
    services.freeze(session, leader, report, report.version, now=NOW)
    assert [one.step for one in report.steps] == [RoadStep.SUBMITTED, RoadStep.APPROVED, RoadStep.FROZEN]
    assert report.standing is Standing.FROZEN
    assert report.issue_no == 1


def test_whoever_sent_it_in_does_not_approve_it(session: Session, office: Office) -> None:
    report = sent(session, office)
    with pytest.raises(ForbiddenError):
        road.approve(session, office.actor(session, office.registrar), report, report.version, now=NOW)
    with pytest.raises(ForbiddenError):
        road.approve(session, office.actor(session, office.lead), report, report.version, now=NOW)
    assert report.standing is Standing.SUBMITTED


def test_nothing_changes_while_it_lies_with_the_approver(session: Session, office: Office) -> None:
    report = sent(session, office)
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    for _turn in ("submitted", "approved"):
        with pytest.raises(ConflictError):
            services.build_weekly(session, SYSTEM, YEAR, WEEK, now=NOW)
        with pytest.raises(ConflictError):
            services.edit_section(session, registrar, report, "news", "改", report.version, now=NOW)
        if report.standing is Standing.SUBMITTED:
            road.approve(session, leader, report, report.version, now=NOW)
    assert report.standing is Standing.APPROVED
    road.send_back(session, leader, report, report.version, "数字要核", now=NOW)
    services.edit_section(session, registrar, report, "news", "改", report.version, now=NOW)


def test_a_report_taken_back_can_be_edited_again(session: Session, office: Office) -> None:
    report, registrar = sent(session, office), office.actor(session, office.registrar)
    road.withdraw(session, registrar, report, report.version, now=NOW)
    services.edit_section(session, registrar, report, "news", "改", report.version, now=NOW)
    with pytest.raises(ConflictError):
        road.withdraw(session, registrar, report, report.version, now=NOW)


def test_sending_back_needs_a_reason_and_tells_it(
    session: Session, office: Office, as_leader: Browser, as_registrar: Browser
) -> None:
    report = sent(session, office)
    assert told(session, office.leader.id) == ["2026-W47 周报已送审，请审批。"]
    form = {"version": str(report.version), "reason": "  "}
    refused = as_leader.post(f"{PATH}/return", form)
    assert refused.status_code == 422
    assert "请写明退回的原因" in refused.text
    stale = as_leader.post(f"{PATH}/return", {"version": "0", "reason": "第三节漏了考察"})
    assert stale.status_code == 409
    assert "第三节漏了考察" in stale.text
    assert as_leader.post(f"{PATH}/return", {**form, "reason": "第三节漏了考察"}).status_code == 302
    page = as_registrar.get(PATH).text
    assert page.count("第三节漏了考察") == 2, "at the top and on record"
    assert told(session, office.registrar.id)[-1] == "2026-W47 周报被退回，请按退回原因修改。"


def test_the_page_offers_each_person_the_next_step_only(
    session: Session, office: Office, as_leader: Browser, as_registrar: Browser, as_officer: Browser
) -> None:
    report = built(session, office)
    assert "/submit" in as_registrar.get(PATH).text
    assert "/submit" not in as_leader.get(PATH).text
    assert as_registrar.post(f"{PATH}/submit", {"version": str(report.version)}).status_code == 302
    mine, theirs = as_registrar.get(PATH).text, as_leader.get(PATH).text
    assert "/withdraw" in mine
    assert "请另一位有定稿权限的人审批" in mine
    assert f"{PATH}/edit" not in mine
    assert "/approve" in theirs
    assert "/freeze" not in theirs
    assert "待审批" in as_leader.get("/reports/weekly").text
    session.expire_all()
    version = str(report.version)
    session.commit()
    for step in ("submit", "withdraw", "approve", "return"):
        assert as_officer.post(f"{PATH}/{step}", {"version": version}).status_code == 403, step
    as_leader.post(f"{PATH}/approve", {"version": version})
    assert "/freeze" in as_leader.get(PATH).text


def test_a_frozen_issue_is_sent_to_all_who_read_reports_and_to_nobody_else(session: Session, office: Office) -> None:
    frozen(session, office, built(session, office))
    words = "动态信息周报第1期（总第1期）已印发，请阅。"
    for reader in (office.officer, office.lead, office.registrar, office.recognizer, office.supervisor):
        assert told(session, reader.id)[-1] == words, reader.name
    link = session.scalar(select(Notice.link).where(Notice.user_id == office.officer.id))
    assert link == PATH
    assert words not in told(session, office.leader.id), "who froze it knows"
    assert told(session, office.administrator.id) == []


def test_two_people_at_once_take_one_step(session: Session, office: Office, as_leader: Browser) -> None:
    report = sent(session, office)
    version = str(report.version)
    as_leader.post(f"{PATH}/approve", {"version": version})
    as_leader.post(f"{PATH}/approve", {"version": version})
    session.expire_all()
    assert [one.step for one in report.steps] == [RoadStep.SUBMITTED, RoadStep.APPROVED]


def test_a_report_built_before_the_cut_off_is_built_again_before_it_is_sent_in(
    session: Session, office: Office, as_registrar: Browser
) -> None:
    registrar = office.actor(session, office.registrar)
    early = NOW - timedelta(days=2)
    report = services.build_weekly(session, registrar, YEAR, WEEK, now=early)
    for moment in (early, NOW):
        with pytest.raises(DomainError):
            road.submit(session, registrar, report, report.version, now=moment)
    session.commit()
    assert "请先重新汇总" in as_registrar.get(PATH).text
    frozen(session, office, services.build_weekly(session, registrar, YEAR, WEEK, now=NOW))


def test_what_was_sent_in_lies_where_the_day_of_an_approver_begins(
    session: Session, office: Office, as_leader: Browser
) -> None:
    sent(session, office)
    builders.enterprise(session)
    who = {one: office.actor(session, getattr(office, one)) for one in ("leader", "registrar", "officer")}
    assert {one: len(waiting(session, desk.WAITING, actor, TODAY)) for one, actor in who.items()} == {
        "leader": 1, "registrar": 0, "officer": 0,
    }  # fmt: skip
    session.commit()
    assert f'href="{PATH}"' in as_leader.get("/").text
