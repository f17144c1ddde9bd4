from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import ForbiddenError
from crm.core.tasks import Task, TaskState
from crm.notices.models import Notice
from crm.reports import annex, road, services
from crm.reports.docx import render_docx
from crm.reports.frozen import annex_of
from crm.reports.models import WeeklyReport
from crm.reports.stored import document_of
from crm.reports.xlsx import render_xlsx
from tests.service.reports.test_weekly import PATH, WEEK, YEAR, built, busy_week, frozen
from tests.support import facts
from tests.support.builders import NOW, TODAY
from workers import reportjobs
from workers.contract import Context

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office


def silence(percent: int, note: str) -> None:
    """Take progress and tell nobody."""


def test_only_those_who_may_build_edit_and_freeze(session: Session, office: Office, as_officer: Browser) -> None:
    report = built(session, office)
    officer, leader = office.actor(session, office.officer), office.actor(session, office.leader)
    with pytest.raises(ForbiddenError):
        services.freeze(session, officer, report, report.version, now=NOW)
    with pytest.raises(ForbiddenError):
        services.build_weekly(session, leader, YEAR, WEEK, now=NOW)
    session.commit()
    assert as_officer.post(f"{PATH}/freeze", {"version": "1"}).status_code == 403
    assert as_officer.post("/reports/weekly/build", {"week": "2026-W47"}).status_code == 403
    assert as_officer.get(PATH).status_code == 404
    assert as_officer.get(f"{PATH}/docx").status_code == 404


def test_a_frozen_issue_reaches_officers_without_other_units_rows(
    session: Session, office: Office, as_officer: Browser, as_leader: Browser
) -> None:
    busy_week(session, office)
    report = built(session, office)
    road.submit(session, office.actor(session, office.registrar), report, report.version, now=NOW)
    road.approve(session, office.actor(session, office.leader), report, report.version, now=NOW)
    session.commit()
    assert as_leader.post(f"{PATH}/freeze", {"version": str(report.version)}).status_code == 302
    assert "第1期（总第1期）" in as_officer.get(PATH).text
    assert as_officer.get(f"{PATH}/docx").status_code == 200
    assert as_officer.get(f"{PATH}/xlsx").status_code == 404
    page = as_officer.get(f"/reports/weekly/{report.id}/figure/visits").text
    assert "其中2条属于其他单位" in page
    assert page.count("<tr data-row>") == 5
    assert as_leader.post(f"{PATH}/freeze", {"version": "9"}).status_code == 409


def test_the_page_links_every_figure_to_as_many_rows(session: Session, office: Office, as_registrar: Browser) -> None:
    busy_week(session, office)
    report = built(session, office)
    page = as_registrar.get(PATH).text
    links = set(re.findall(rf"/reports/weekly/{report.id}/figure/(\w+)", page))
    assert {"visits", "leads", "signed_amount", "year_visits", "overdue", "signals", "in_talk"} <= links
    assert '/figure/visits"><b>7</b></a>家' in page
    assert page.count("较上周增加7家") == 4, "in words, in their editor, beside the overview and beside the section"
    for figure in report.figures:
        rows = as_registrar.get(f"/reports/weekly/{report.id}/figure/{figure.key}").text
        assert rows.count("<tr data-row>") == figure.row_count, figure.key
    narrowed = as_registrar.get(f"/reports/weekly/{report.id}/figure/visits?unit={office.south.id}").text
    assert narrowed.count("<tr data-row>") == 2


def test_a_draft_is_built_by_a_job_and_the_page_waits_for_it(
    session: Session, office: Office, as_registrar: Browser, database: Database, app: Flask
) -> None:
    facts.touches(session, office.east, office.officer, facts.firms(session, 2))
    session.commit()
    assert as_registrar.post("/reports/weekly/build", {"week": "2026-W47"}).headers["Location"] == PATH
    assert "正在生成" in as_registrar.get(PATH).text
    assert "hx-get" in as_registrar.get(f"{PATH}/progress", headers={"HX-Request": "true"}).text
    task = session.scalars(select(Task)).one()
    context = Context(app.config["SETTINGS"], database, NOW, task.id, 1, silence)
    result = reportjobs.weekly_draft(session, task.payload, context)
    task.state, task.finished_at = TaskState.DONE, NOW
    session.commit()
    assert result is not None
    assert as_registrar.get(f"{PATH}/progress", headers={"HX-Request": "true"}).headers["HX-Redirect"] == PATH
    assert "拜访企业" in as_registrar.get(PATH).text
    report = session.get(WeeklyReport, result["report_id"])
    assert report is not None
    assert report.built_by == office.registrar.id


def test_the_schedule_builds_this_week_and_leaves_a_frozen_issue_alone(
    session: Session, office: Office, database: Database, app: Flask
) -> None:
    context = Context(app.config["SETTINGS"], database, NOW, 1, 1, silence)
    reportjobs.weekly_draft(session, {}, context)
    report = session.scalars(select(WeeklyReport)).one()
    assert (report.iso_year, report.iso_week, report.built_by) == (YEAR, WEEK, None)
    frozen(session, office, report)
    assert reportjobs.weekly_draft(session, {}, replace(context, attempt=2)) == {"skipped": "report.frozen"}
    saturday = replace(context, now=NOW + timedelta(days=1))
    assert reportjobs.weekly_draft(session, {}, saturday) == {"skipped": "report.not_due"}


def test_a_later_cut_off_can_be_asked_for_but_no_week_to_come(
    session: Session, office: Office, as_registrar: Browser
) -> None:
    form = {"week": "2026-W47", "cutoff": "2026-11-22T18:00"}
    assert as_registrar.post("/reports/weekly/build", form).headers["Location"] == PATH
    task = session.scalars(select(Task)).one()
    assert datetime.fromisoformat(task.payload["cutoff"]).isoformat() == "2026-11-22T18:00:00+08:00"
    session.commit()
    for week in ("2026-W49", "2026-W60", "W47"):
        answer = as_registrar.post("/reports/weekly/build", {"week": week})
        assert answer.headers["Location"] == "/reports/weekly", week
    assert as_registrar.get("/reports/weekly/2026-W60").status_code == 404


def test_downloads_are_logged_and_named_after_the_week(session: Session, office: Office, as_registrar: Browser) -> None:
    busy_week(session, office)
    built(session, office)
    for suffix in ("docx", "xlsx"):
        answer = as_registrar.get(f"{PATH}/{suffix}")
        assert answer.status_code == 200
        assert answer.data[:2] == b"PK"
        assert f"2026-W47.{suffix}" in answer.headers["Content-Disposition"]
    logged = session.scalars(select(AuditEvent).where(AuditEvent.action == "report.download")).all()
    assert [event.detail["format"] for event in logged] == ["docx", "xlsx"]


def test_a_large_annex_is_written_in_the_background_and_told_of(
    app: Flask,
    session: Session,
    office: Office,
    database: Database,
    as_registrar: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy_week(session, office)
    built(session, office)
    session.commit()
    monkeypatch.setattr(annex, "AT_ONCE", 3)
    page = f"{PATH}/annex"
    assert as_registrar.get(f"{PATH}/xlsx").headers["Location"] == page
    for _tap in range(2):
        assert as_registrar.post(page).headers["Location"] == page
    (task,) = session.scalars(select(Task).where(Task.kind == "weekly_annex"))
    payload, told = task.payload, list[int]()
    assert "正在生成附表" in as_registrar.get(page).text
    context = Context(app.config["SETTINGS"], database, NOW, task.id, 1, lambda percent, _note: told.append(percent))
    session.rollback()
    data = reportjobs.write_annex(payload, context)
    reportjobs.annex_written(session, payload, data, context)
    session.commit()
    assert (told == sorted(told), told[-1]) == (True, 70)
    assert "下载附表" in as_registrar.get(page).text
    assert as_registrar.get(f"{PATH}/xlsx").data[:2] == b"PK"
    assert session.scalars(select(Notice.user_id).where(Notice.link == page)).all() == [office.registrar.id]
    later = NOW + timedelta(days=40_000)
    assert annex.sweep(app.config["SETTINGS"].files_dir, now=later) == 1


def test_the_command_writes_the_word_file_and_prints_every_figure(
    session: Session, office: Office, app: Flask, tmp_path: Path
) -> None:
    busy_week(session, office)
    session.commit()
    out = tmp_path / "week.docx"
    answer = app.test_cli_runner().invoke(args=["report", "weekly", "--week", "2026-W47", "--out", str(out), "--json"])
    assert answer.exit_code == 0, answer.output
    figures = {one["key"]: one for one in json.loads(answer.output)["figures"]}
    assert (figures["visits"]["value"], figures["visits"]["rows"]) == ("7", 7)
    assert (figures["visits"]["before"], figures["visits"]["change"]) == ("0", "7")
    assert figures["year_visits"]["change"] is None
    assert out.read_bytes()[:2] == b"PK"
    bad = app.test_cli_runner().invoke(args=["report", "weekly", "--week", "2026-46", "--out", str(out)])
    assert bad.exit_code == 2


def test_an_empty_week_makes_a_report_without_gaps(session: Session, office: Office, as_registrar: Browser) -> None:
    report = built(session, office)
    assert "本周（11月16日—22日），全县无新增招商工作动态。" in report.texts["text"]["summary"]
    assert as_registrar.get(PATH).status_code == 200
    assert render_docx(document_of(report))
    assert render_xlsx(annex_of(report))
    assert TODAY.isoformat() in as_registrar.get(PATH).text
