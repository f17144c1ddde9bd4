from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest
from sqlalchemy import select, update

from crm.core.audit import AuditEvent
from crm.field import brief_facts
from crm.field.brief_points import propose
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import Intention
from crm.fieldwork.trips import services
from crm.fieldwork.trips.rules import StopDraft, TripDraft
from crm.signals.models import SignalState
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from crm.fieldwork.trips.models import Trip
    from tests.support.builders import Office


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    row = builders.enterprise(session, "云岭电子有限公司", industry="电子信息", profile="主营覆铜板。")
    builders.touch(session, row, office.east, office.officer, intention=Intention.STRONG, summary="想看洁净厂房。")
    builders.contact(session, row, office.east, office.officer, "韩致远", phone="13900001234", post="副总经理")
    builders.signal(session, row, quote="拟投资十亿元扩建第二工厂", kind="CAPX")
    rejected = SignalState.REJECTED
    builders.signal(session, row, "NEG", quote="不相干的消息", state=rejected, decided_at=NOW)
    late = FollowUp(
        title="寄送电价资料", enterprise_id=row.id, unit_id=office.east.id, owner_id=office.officer.id,
        due_on=TODAY - timedelta(days=3), created_by=office.officer.id, created_at=NOW,
    )  # fmt: skip
    session.add(late)
    builders.project(session, row, office.east, office.officer, name="覆铜板基地")
    session.commit()
    return row


@pytest.fixture
def trip(session: Session, office: Office, firm: Enterprise) -> Trip:
    officer = office.actor(session, office.officer)
    made = services.plan_trip(session, officer, TripDraft("赴昆州拜访", TODAY, TODAY + timedelta(days=2)), now=NOW)
    stop = StopDraft(TODAY, firm.id, points="先谈用工", sites="东区厂房6号\n北区净地", policies="奖补办法")
    services.save_stop(session, officer, made.id, None, stop, now=NOW)
    services.save_stop(session, officer, made.id, None, StopDraft(TODAY, title="昆州商会", proposals="专案"), now=NOW)
    session.commit()
    return made


def words(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def test_points_begin_with_what_we_promised_and_follow_the_facts(
    session: Session, office: Office, firm: Enterprise
) -> None:
    facts = brief_facts.of_firm(session, office.actor(session, office.officer), firm.id)
    told = [point.text for point in propose(facts, TODAY)]
    assert told[0] == "我方答应的“寄送电价资料”已超期3天：带上结果，主动说明。"
    assert told[1].startswith("上次意向强烈")
    assert any("覆铜板基地" in text for text in told)
    assert any("拟投资十亿元" in text for text in told)
    assert not any("不相干" in text for text in told)


def test_a_firm_nobody_met_asks_for_a_first_visit_and_a_contact(session: Session, office: Office) -> None:
    new = builders.enterprise(session)
    facts = brief_facts.of_firm(session, office.actor(session, office.officer), new.id)
    told = [point.text for point in propose(facts, TODAY)]
    assert [text[:4] for text in told] == ["首次拜访", "还没有登"]


def test_the_page_and_the_paper_tell_the_same_and_no_number_of_a_person(
    as_officer: Browser, session: Session, firm: Enterprise, trip: Trip
) -> None:
    page = as_officer.get(f"/trips/{trip.id}/brief").text
    answer = as_officer.post(f"/trips/{trip.id}/brief.docx")
    paper = words(answer.data)
    for told in (
        "云岭电子有限公司", "主营覆铜板", "想看洁净厂房", "拟投资十亿元", "寄送电价资料", "覆铜板基地", "韩致远",
        "副总经理", "先谈用工", "东区厂房6号", "北区净地", "奖补办法", "昆州商会",
    ):  # fmt: skip
        assert told in page, told
        assert told in paper, told
    assert "13900001234" not in page + paper
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "brief.export")).one()
    assert (event.subject_type, event.subject_id) == ("trip", trip.id)


def test_a_number_somebody_typed_into_a_note_is_not_printed(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise
) -> None:
    builders.touch(session, firm, office.east, office.officer, summary="韩总13900001234愿谈", occurred_at=NOW)
    session.execute(update(FollowUp).values(title="给韩总139-0000-1234回电"))
    session.commit()
    paper = words(as_officer.post(f"/enterprises/{firm.id}/brief.docx").data)
    assert "愿谈" in paper
    assert "回电" in paper
    assert "13900001234" not in paper.replace("-", "")


def test_another_unit_reads_of_a_firm_only_what_everybody_may(as_outsider: Browser, firm: Enterprise) -> None:
    page = as_outsider.get(f"/enterprises/{firm.id}/brief").text
    paper = words(as_outsider.post(f"/enterprises/{firm.id}/brief.docx").data)
    for text in (page, paper):
        assert "拟投资十亿元" in text
        for hidden in ("想看洁净厂房", "覆铜板基地", "韩致远", "寄送电价资料"):
            assert hidden not in text


def test_a_confidential_project_is_in_no_brief_of_somebody_not_named(
    app: Flask, session: Session, office: Office, firm: Enterprise
) -> None:
    secret = {"name": "凤凰计划", "confidential": True, "code_name": "甲一"}
    project = builders.project(session, firm, office.east, office.lead, **secret)
    hidden = {
        "project_id": project.id,
        "summary": "谈凤凰计划的条件",
        "occurred_at": datetime(2026, 11, 19, tzinfo=UTC),
    }
    builders.touch(session, firm, office.east, office.lead, **hidden)
    session.commit()
    as_colleague = Browser(app.test_client()).sign_in(office.colleague.username)
    page = as_colleague.get(f"/enterprises/{firm.id}/brief").text
    paper = words(as_colleague.post(f"/enterprises/{firm.id}/brief.docx").data)
    assert "想看洁净厂房" in page
    assert "凤凰计划" not in page + paper


def test_a_brief_of_many_stops_asks_no_more_than_one_of_few(
    session: Session, office: Office, database: Database, firm: Enterprise
) -> None:
    ids = [firm.id, *(builders.enterprise(session).id for _ in range(5))]
    session.commit()
    actor = office.actor(session, office.officer)
    with counted(database) as statements:
        assert set(brief_facts.read(session, actor, ids)) == set(ids)
    assert len(statements) <= 8


def test_an_enterprise_that_is_not_there_has_no_brief(as_officer: Browser) -> None:
    assert as_officer.get("/enterprises/999999/brief").status_code == 404
