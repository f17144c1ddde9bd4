"""Pages of site tours: planned by the office, judged on a phone, read by all once closed."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest
from sqlalchemy import select

from crm.assessment.tours import queries
from crm.assessment.tours.models import TourSheet
from crm.auth.rules import Role
from crm.core.audit import AuditEvent
from crm.pipeline.confidential import services as confidential
from crm.pipeline.models import Project
from crm.word.check.checking import check
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

FORM = {
    "name": "2026年四季度观摩",
    "held_on": TODAY.isoformat(),
    "criteria": "建设进度 10 60\n现场讲解 5 40",
    "trim": "y",
}


@pytest.fixture
def place(session: Session, office: Office, as_registrar: Browser) -> str:
    """A tour of two stops that is being planned; the leader and an officer judge."""
    builders.project(session, builders.enterprise(session), office.east, office.officer, name="轴承二期")
    judges = [str(office.leader.id), str(office.outsider.id)]
    session.commit()
    answer = as_registrar.post("/assessment/tours/new", data={**FORM, "judges": judges})
    assert answer.status_code == 303
    for unit, project, title in ((office.east.id, "1", ""), (office.south.id, "", "包装车间")):
        form = {"unit_id": str(unit), "project_id": project, "title": title}
        assert as_registrar.post(f"{answer.location}/stops", data=form).status_code == 303
    return str(answer.location)


def sheet(browser: Browser, place: str, stop: int, progress: str, talk: str) -> tuple[int, str]:
    answer = browser.post(f"{place}/judge/{stop}", data={"mark-c1": progress, "mark-c2": talk})
    return answer.status_code, answer.text


def test_a_plan_that_cannot_be_keeps_what_was_typed(as_registrar: Browser) -> None:
    answer = as_registrar.post("/assessment/tours/new", data={**FORM, "criteria": "建设进度 10 60"})
    assert answer.status_code == 422
    assert "权重合计要等于100，现在是60" in answer.text
    assert "2026年四季度观摩" in answer.text


def test_the_office_plans_and_takes_stops_off(place: str, as_registrar: Browser) -> None:
    page = as_registrar.get(place).text
    assert "轴承二期" in page
    assert "/projects/1" in page
    twice = as_registrar.post(f"{place}/stops", data={"unit_id": "3", "project_id": "", "title": "包装车间"})
    assert (twice.status_code, "这个观摩点已经加过了" in twice.text) == (422, True)
    assert as_registrar.post(f"{place}/stops/2/remove").status_code == 303
    assert "包装车间" not in as_registrar.get(place).text


def test_a_judge_marks_on_the_phone_and_leaves_out_the_own_unit(
    place: str, as_registrar: Browser, as_outsider: Browser
) -> None:
    assert as_outsider.get(f"{place}/judge").status_code == 404  # not before it is opened
    as_registrar.post(f"{place}/open")
    assert "2026年四季度观摩" in as_outsider.get("/assessment/ratings").text
    assert "回避" in as_outsider.get(f"{place}/judge").text
    assert sheet(as_outsider, place, 2, "9", "5")[0] == 403
    status, text = sheet(as_outsider, place, 1, "11", "")
    assert (status, "满分10，不能再高" in text, "请给“现场讲解”打分" in text, 'value="11"' in text) == (
        422,
        True,
        True,
        True,
    )
    assert sheet(as_outsider, place, 1, "9", "5")[0] == 303
    assert "94分" in as_outsider.get(f"{place}/judge").text


def test_nobody_reads_marks_before_the_closing_and_all_read_places_after(
    place: str, as_registrar: Browser, as_leader: Browser, as_officer: Browser
) -> None:
    as_registrar.post(f"{place}/open")
    sheet(as_leader, place, 1, "7.5", "4")
    assert "77" not in as_registrar.get(place).text
    as_registrar.post(f"{place}/close")
    assert "“包装车间”还没有评委交分" in as_registrar.get(place).text
    sheet(as_leader, place, 2, "10", "5")
    as_registrar.post(f"{place}/close")
    page = as_officer.get(place).text.split("<main")[1]
    assert page.index("珠三角小分队") < page.index("长三角小分队")
    assert ("77" in page, "沈立" in page, "评委1" in page) == (True, False, True)
    assert "沈立" in as_registrar.get(place).text


def test_a_blank_sheet_and_the_result_are_papers_to_the_norm(
    place: str, as_registrar: Browser, as_leader: Browser
) -> None:
    blank = as_registrar.get(f"{place}/paper.docx").data
    as_registrar.post(f"{place}/open")
    for stop in (1, 2):
        sheet(as_leader, place, stop, "10", "5")
    as_registrar.post(f"{place}/close")
    result = as_leader.get(f"{place}/paper.docx").data
    for paper, word in ((blank, "评委签名"), (result, "去掉一个最高分和一个最低分")):
        assert check(paper).findings == ()
        assert word in "\n".join(one.text for one in docx.Document(BytesIO(paper)).paragraphs)


def test_a_project_that_became_confidential_is_named_to_nobody_else(
    app: Flask, session: Session, office: Office, place: str, as_registrar: Browser, as_leader: Browser
) -> None:
    as_lead = Browser(app.test_client()).sign_in(office.lead.username)
    as_registrar.post(f"{place}/open")
    form = {"mark-c1": "7", "mark-c2": "4", "remark": "轴承线已通电"}
    assert as_leader.post(f"{place}/judge/1", data=form).status_code == 303
    lead, deal = office.actor(session, office.lead), session.get_one(Project, 1)
    confidential.classify(session, lead, deal.id, "青竹计划", version=deal.version, now=NOW)
    session.commit()
    as_registrar.post(f"{place}/close")
    pages = [as_leader.get(f"{place}{part}").text for part in ("", "/judge", "/judge/1")]
    pages.append(as_registrar.get(place).text)
    told = [("轴承" in text, "其他项目" in text) for text in pages]
    assert told == [(False, True)] * 4
    assert "轴承二期" in as_lead.get(place).text
    for stop in (1, 2):
        sheet(as_leader, place, stop, "10", "5")
    assert session.scalars(select(TourSheet.remark).where(TourSheet.stop_id == 1)).one() == "轴承线已通电"
    session.rollback()
    papers = [as_lead.get(f"{place}/paper.docx").data]
    as_registrar.post(f"{place}/close")
    papers.append(as_lead.get(f"{place}/paper.docx").data)
    for paper in papers:
        cells = [cell.text for table in docx.Document(BytesIO(paper)).tables for cell in table._cells]  # noqa: SLF001 (all of them at once)
        assert ("轴承二期" in cells, "其他项目" in cells, "包装车间" in cells) == (False, True, True)
    kept = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "tour.stop")).all()
    assert [one.get("title") for one in kept] == [None, "包装车间"]


def test_who_does_not_manage_reads_and_changes_nothing(
    app: Flask, session: Session, office: Office, place: str, as_officer: Browser, as_administrator: Browser
) -> None:
    assert as_officer.get("/assessment/tours").status_code == 200
    for path in ("/assessment/tours/new", f"{place}/edit"):
        assert as_officer.get(path).status_code == 403
    for path in (f"{place}/stops", f"{place}/open", f"{place}/close", f"{place}/stops/1/remove"):
        assert as_officer.post(path).status_code == 403
    assert as_administrator.get(place).status_code == 403
    assert as_officer.get(f"{place}/judge").status_code == 404
    assert queries.tour(session, 1).state == "draft"
    name = builders.user(session, "rev", "评审员", (office.bureau, Role.REVIEWER)).username
    session.commit()
    reviewer = Browser(app.test_client()).sign_in(name)
    assert reviewer.get("/assessment/ratings").status_code == 200
