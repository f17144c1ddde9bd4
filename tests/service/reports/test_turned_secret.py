"""A report that was built before a project became confidential: neither read nor passed on until it is built anew."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.core.errors import DomainError, ForbiddenError
from crm.core.jobs import WEEKLY_ANNEX
from crm.core.tasks import Task
from crm.pipeline.confidential import services as confidential
from crm.reports import annex, road, services
from crm.reports.models import Standing, WeeklyReport
from crm.reports.stored import document_of
from tests.service.pipeline.confidential.test_nobody_else_knows import read
from tests.service.reports.test_weekly import PATH, WEEK, YEAR, built, frozen
from tests.support import builders
from tests.support.builders import NOW
from workers import reportjobs
from workers.contract import Context

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

NAME = "磐石电解液项目"
WHY = "报告里有已转为保密的项目，请重新生成草稿后再提交"


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    """Return a project of the week that is told in its report."""
    firm = builders.enterprise(session)
    made = builders.project(session, firm, office.east, office.officer, name=NAME)
    builders.touch(session, firm, office.east, office.officer, project_id=made.id)
    session.commit()
    return made


def close(session: Session, office: Office, project: Project) -> None:
    """Put the project under a code name."""
    lead = office.actor(session, office.lead)
    confidential.classify(session, lead, project.id, "青竹计划", version=project.version, now=NOW)
    session.commit()


def test_no_step_is_taken_with_it(session: Session, office: Office, project: Project) -> None:
    registrar, report = office.actor(session, office.registrar), built(session, office)
    road.submit(session, registrar, report, report.version, now=NOW)
    road.withdraw(session, registrar, report, report.version, now=NOW)
    close(session, office, project)
    with pytest.raises(DomainError) as refused:
        road.submit(session, registrar, report, report.version, now=NOW)
    assert [one.key for one in refused.value.problems] == ["report.secret"]
    assert report.standing is Standing.DRAFT


@pytest.mark.parametrize("approved", [False, True])
def test_one_on_its_way_goes_no_further(session: Session, office: Office, project: Project, *, approved: bool) -> None:
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    report = built(session, office)
    road.submit(session, registrar, report, report.version, now=NOW)
    if approved:
        road.approve(session, leader, report, report.version, now=NOW)
    close(session, office, project)
    step = services.freeze if approved else road.approve
    with pytest.raises(DomainError) as refused:
        step(session, leader, report, report.version, now=NOW)
    assert [one.key for one in refused.value.problems] == ["report.secret"]
    road.send_back(session, leader, report, report.version, "有保密项目", now=NOW)
    report = services.build_weekly(session, registrar, YEAR, WEEK, now=NOW)
    assert frozen(session, office, report).issue_no == 1
    assert NAME not in str(report.texts)


@pytest.mark.parametrize("sent", [False, True])
def test_its_page_and_files_are_shut(
    session: Session, office: Office, project: Project, as_leader: Browser, as_registrar: Browser, *, sent: bool
) -> None:
    report = built(session, office)
    if sent:
        road.submit(session, office.actor(session, office.registrar), report, report.version, now=NOW)
        session.commit()
    number = report.id
    session.rollback()
    row = f"/reports/weekly/{number}/figure/visits"
    assert NAME in as_leader.get(PATH).text
    assert NAME in as_leader.get(row).text
    session.refresh(project)
    close(session, office, project)
    for browser in (as_leader, as_registrar):
        page = browser.get(PATH)
        assert page.status_code == HTTPStatus.OK
        assert NAME not in page.text
        assert WHY in page.text
        for path in (f"{PATH}/docx", f"{PATH}/xlsx", row):
            answer = browser.get(path)
            assert answer.status_code == HTTPStatus.CONFLICT
            assert NAME not in read(answer)
            assert WHY in answer.text


def test_pressing_submit_says_why(session: Session, office: Office, project: Project, as_registrar: Browser) -> None:
    report = built(session, office)
    close(session, office, project)
    version = report.version
    session.rollback()
    assert WHY in as_registrar.post(f"{PATH}/submit", {"version": str(version)}, follow_redirects=True).text
    session.rollback()
    assert f"{PATH}/submit" not in as_registrar.get(PATH).text


def test_built_anew_it_is_read_again(session: Session, office: Office, project: Project, as_leader: Browser) -> None:
    built(session, office)
    close(session, office, project)
    built(session, office)
    page = as_leader.get(PATH).text
    assert WHY not in page
    assert NAME not in page
    assert as_leader.get(f"{PATH}/docx").status_code == HTTPStatus.OK


def test_a_project_that_came_later_shuts_nothing(session: Session, office: Office, as_leader: Browser) -> None:
    built(session, office)
    later = builders.project(session, builders.enterprise(session), office.east, office.officer, name=NAME)
    session.commit()
    close(session, office, later)
    assert WHY not in as_leader.get(PATH).text


def test_a_frozen_issue_stays_what_was_sent_out(
    session: Session, office: Office, project: Project, as_leader: Browser
) -> None:
    before = frozen(session, office, built(session, office)).texts
    close(session, office, project)
    assert as_leader.get(f"{PATH}/docx").status_code == HTTPStatus.OK
    assert session.get_one(WeeklyReport, 1).texts == before


def test_rows_of_a_frozen_issue_hide_it_from_who_is_not_named(
    session: Session, office: Office, project: Project, as_leader: Browser, as_officer: Browser
) -> None:
    report = frozen(session, office, built(session, office))
    addresses = [f"/reports/weekly/{report.id}/figure/{key}" for key in ("visits", "leads")]
    session.rollback()
    assert [NAME in as_leader.get(one).text for one in addresses] == [True, True]
    session.refresh(project)
    close(session, office, project)
    assert [NAME in as_leader.get(one).text for one in addresses] == [False, False]
    assert [NAME in as_officer.get(one).text for one in addresses] == [True, True], "the owner knows"


@pytest.mark.parametrize("large", [False, True])
def test_its_annex_leaves_them_out_for_who_is_not_named(
    session: Session, office: Office, project: Project, as_leader: Browser, app: Flask, database: Database,
    monkeypatch: pytest.MonkeyPatch, *, large: bool,
) -> None:  # fmt: skip
    report = frozen(session, office, built(session, office))
    report_id, sent = report.id, str([one.rows for one in document_of(report).tables]).count(NAME)
    session.rollback()

    def annexed() -> int:
        if large:
            as_leader.post(f"{PATH}/annex")
            task = session.scalars(select(Task).where(Task.kind == WEEKLY_ANNEX).order_by(Task.id.desc())).first()
            assert task is not None
            context = Context(app.config["SETTINGS"], database, NOW, task.id, 1, lambda _percent, _note: None)
            payload = task.payload
            session.rollback()
            assert reportjobs.write_annex(payload, context)
        answer = as_leader.get(f"{PATH}/xlsx")
        assert answer.status_code == HTTPStatus.OK
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        return sum(NAME in str(cell) for sheet in sheets for row in sheet for cell in row)

    if large:
        monkeypatch.setattr(annex, "AT_ONCE", 0)
    assert annexed() > sent
    session.refresh(project)
    close(session, office, project)
    if large:
        assert as_leader.get(f"{PATH}/xlsx").headers["Location"] == f"{PATH}/annex", (
            "the whole file is not for the rest"
        )
    assert annexed() == sent, "what its tables say was sent out"
    with pytest.raises(ForbiddenError):
        annex.request(session, office.actor(session, office.officer), session.get_one(WeeklyReport, report_id), now=NOW)


def test_words_of_a_person_that_name_it_are_taken_back(
    session: Session, office: Office, project: Project, as_registrar: Browser
) -> None:
    registrar = office.actor(session, office.registrar)
    report = built(session, office)
    services.edit_section(session, registrar, report, "news", f"{NAME}进展顺利。", report.version, now=NOW)
    session.commit()
    close(session, office, project)
    report = built(session, office)
    with pytest.raises(DomainError) as refused:
        road.submit(session, registrar, report, report.version, now=NOW)
    assert [one.key for one in refused.value.problems] == ["report.secret_written"]
    version = report.version
    session.rollback()
    page = as_registrar.get(PATH).text
    assert NAME not in page
    assert "恢复自动文字：企业动态" in page
    form = {"section": "news", "action": "reset", "text": "", "version": str(version)}
    assert as_registrar.post(f"{PATH}/edit", form).status_code == HTTPStatus.FOUND
    assert "恢复自动文字：" not in as_registrar.get(PATH).text
