"""The pages of a project: who finds them, registration, papers, notes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.files import Attachment
from crm.pipeline.models import Agreement, Project
from tests.service.pipeline.helpers import EXE, PDF, agreed, counting
from tests.support import builders

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


def test_a_project_page_runs_at_most_twelve_queries(
    as_officer: Browser, session: Session, office: Office, ready: Project, database: Database
) -> None:
    agreed(session, office, ready)
    session.commit()
    with counting(database) as seen:
        assert as_officer.get(f"/projects/{ready.id}").status_code == 200
    assert len(seen) <= 12, seen


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/edit",
        "/owner",
        "/move?stage=visiting",
        "/exit",
        "/agreements/new",
        "/agreements/{agreement}/files/1",
    ],
)
def test_another_units_project_is_not_found_on_any_page(
    as_outsider: Browser, session: Session, office: Office, ready: Project, path: str
) -> None:
    paper = agreed(session, office, ready)
    session.commit()
    foreign = as_outsider.get(f"/projects/{ready.id}{path}".format(agreement=paper))
    absent = as_outsider.get(f"/projects/999999{path}".format(agreement=paper))
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert ready.name not in foreign.text


@pytest.mark.parametrize("path", ["edit", "owner", "move", "exit", "restore", "notes", "agreements/new"])
def test_another_units_project_cannot_be_written_by_any_route(
    as_outsider: Browser, session: Session, ready: Project, path: str
) -> None:
    form = {
        "version": ready.version,
        "stage": "signed",
        "name": "改名",
        "capital": "private",
        "channel": "other",
        "kind": "lost",
        "reason": "elsewhere",
        "detail": "x",
        "body": "x",
    }
    assert as_outsider.post(f"/projects/{ready.id}/{path}", form).status_code == 404
    session.expire_all()
    assert session.get_one(Project, ready.id).version == ready.version


def test_review_and_recognition_are_closed_to_officers(as_outsider: Browser, ready: Project) -> None:
    for path in ("admission/score", "admission/decide", "agreements/1/recognize"):
        assert as_outsider.get(f"/projects/{ready.id}/{path}").status_code == 403
        assert as_outsider.post(f"/projects/{ready.id}/{path}", {}).status_code == 403


def test_another_units_project_shows_up_on_no_list(as_outsider: Browser, ready: Project) -> None:
    for path in ("/projects", "/projects?view=list", "/projects?q=电解液", "/projects/column/pre_signing"):
        assert ready.name not in as_outsider.get(path, headers=HTMX).text


def test_registration_keeps_the_text_and_links_the_first_project(
    as_officer: Browser, session: Session, project: Project
) -> None:
    form = {"enterprise": project.enterprise_id, "name": project.name, "capital": "private", "channel": "other"}
    answer = as_officer.post("/projects/new", {**form, "content": "三条产线"})
    assert answer.status_code == 422
    assert "三条产线" in answer.text
    assert f'href="/projects/{project.id}"' in answer.text
    assert as_officer.post("/projects/new", {**form, "name": "二期项目"}).status_code == 303
    bad = as_officer.post("/projects/new", {**form, "name": "三期", "total_investment": "一个亿", "capital": "gold"})
    assert bad.status_code == 422
    assert "请填数字，单位是万元" in bad.text
    assert "Not a valid" not in bad.text


def test_an_enterprise_is_found_before_a_lead_is_written(as_officer: Browser) -> None:
    assert "输入两个字就能找" in as_officer.get("/projects/new").text
    assert "没有找到“不存在的企业”" in as_officer.get("/projects/new?q=不存在的企业").text
    assert as_officer.get("/projects/new?enterprise=999").status_code == 404


def test_a_signal_becomes_a_lead_by_one_click(as_officer: Browser, session: Session, office: Office) -> None:
    signal = builders.signal(session, builders.enterprise(session))
    session.commit()
    first = as_officer.post(f"/projects/from-signal/{signal.id}")
    second = as_officer.post(f"/projects/from-signal/{signal.id}", headers=HTMX)
    assert first.status_code == 303
    assert second.headers["HX-Redirect"] == first.headers["Location"]
    assert len(session.scalars(select(Project)).all()) == 1


def upload(browser: Browser, project: Project, name: str, data: bytes) -> int:
    form = {"kind": "contract", "signed_on": "2026-11-18", "amount": "12,000", "number": "YX-1"}
    form |= {"ours": "交付净地 2026-12-31", "theirs": "开工建设 2027-03-31", "deposits": "50 2026-12-31"}
    return browser.post(
        f"/projects/{project.id}/agreements/new",
        {**form, "scan": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    ).status_code


def test_a_scan_is_uploaded_and_downloaded_under_its_chinese_name(
    as_officer: Browser, as_outsider: Browser, session: Session, ready: Project
) -> None:
    assert upload(as_officer, ready, "正式合同.pdf", PDF) == 303
    paper, scan = session.scalars(select(Agreement)).one(), session.scalars(select(Attachment)).one()
    session.rollback()
    path = f"/projects/{ready.id}/agreements/{paper.id}/files/{scan.id}"
    answer = as_officer.get(path)
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "filename*=UTF-8''%E6%AD%A3%E5%BC%8F%E5%90%88%E5%90%8C.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert as_outsider.get(path).status_code == 404
    assert as_officer.get(f"/projects/{ready.id}/agreements/{paper.id}/files/999").status_code == 404


def test_twenty_megabytes_are_refused_with_a_page_that_says_the_limit(as_officer: Browser, ready: Project) -> None:
    body = b"--cut\r\n" + b"0" * 20 * 1024 * 1024
    answer = as_officer.client.post(
        f"/projects/{ready.id}/agreements/new",
        data=body,
        content_type="multipart/form-data; boundary=cut",
        headers={"X-CSRFToken": as_officer.token()},
    )
    assert answer.status_code == 413
    assert "单个文件不能超过 10 MB" in answer.text


def test_a_program_named_pdf_is_refused_and_nothing_is_kept(
    as_officer: Browser, session: Session, ready: Project
) -> None:
    assert upload(as_officer, ready, "合同.pdf", EXE) == 422
    assert session.scalars(select(Agreement)).all() == []


def test_the_recogniser_recognises_once(
    app: Flask, session: Session, office: Office, ready: Project, visitor: Browser
) -> None:
    paper = agreed(session, office, ready)
    session.commit()
    visitor.sign_in(office.recognizer.username)
    path = f"/projects/{ready.id}/agreements/{paper}/recognize"
    assert visitor.post(path, {"amount": "10000"}).status_code == 422
    assert visitor.post(path, {"amount": "10000", "reason": "扣除二手设备"}).status_code == 303
    assert visitor.post(path, {"amount": "12000"}).status_code == 409
    assert "扣除二手设备" in visitor.get(f"/projects/{ready.id}").text


def test_a_blank_note_is_refused_beside_its_field(as_officer: Browser, project: Project) -> None:
    assert as_officer.post(f"/projects/{project.id}/notes", {"body": " "}).status_code == 422
    assert as_officer.post(f"/projects/{project.id}/notes", {"body": "约下周再谈"}).status_code == 303
    assert "约下周再谈" in as_officer.get(f"/projects/{project.id}").text
