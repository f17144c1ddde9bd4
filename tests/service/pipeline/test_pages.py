from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core.files import Attachment
from crm.fieldwork.models import FollowUp
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.rules import ExitKind, ExitReason, Stage
from tests.service.pipeline.helpers import EXE, PDF, agreed, at_signing, counting, inspected, lead
from tests.support import builders
from tests.support.builders import NOW, TODAY, stand

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}
SIGN_IN_QUERIES = 2


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    made = lead(session, office)
    session.commit()
    return made


@pytest.fixture
def ready(session: Session, office: Office) -> Project:
    made = at_signing(session, office)
    session.commit()
    return made


def many(session: Session, office: Office, count: int) -> None:
    for number in range(count):
        firm = builders.enterprise(session)
        when = NOW - timedelta(hours=number)
        builders.project(session, firm, office.east, office.officer, stage_since=when, name=f"项目第{number:02d}号")
    session.commit()


def follow_up(session: Session, office: Office, project: Project, days: int) -> None:
    session.add(
        FollowUp(
            title="送测算表",
            project_id=project.id,
            unit_id=office.east.id,
            owner_id=office.officer.id,
            due_on=TODAY + timedelta(days=days),
            created_by=office.officer.id,
            created_at=NOW,
        )
    )
    session.commit()


def test_the_board_shows_a_column_for_each_stage_and_the_clock_of_a_card(
    as_officer: Browser, session: Session, office: Office, project: Project
) -> None:
    follow_up(session, office, project, -2)
    page = as_officer.get("/projects").text
    for label in ("线索", "走访对接", "考察", "研判评审", "拟签约", "签约", "签约后"):
        assert f'data-label="{label}"' in page
    assert project.name in page
    assert "超期2天" in page
    assert 'aria-label="超期 1"' in page


def test_columns_page_by_themselves(as_officer: Browser, session: Session, office: Office) -> None:
    many(session, office, 25)
    page = as_officer.get("/projects").text
    assert page.count("data-card=") == 20
    assert '<span class="y-count" data-count>25</span>' in page
    more = page.split('hx-get="')[2].split('"')[0].replace("&amp;", "&")
    rest = as_officer.get(more, headers=HTMX).text
    assert rest.count("data-card=") == 5
    assert "项目第24号" in rest
    assert "更多" not in rest
    assert as_officer.get(more).status_code == 302


def test_the_board_costs_the_same_for_any_number_of_projects(
    as_officer: Browser, session: Session, office: Office, database: Database
) -> None:
    many(session, office, 24)
    with counting(database) as seen:
        assert as_officer.get("/projects?q=项目&capital=private").status_code == 200
    assert len(seen) <= SIGN_IN_QUERIES + 5, seen


def test_a_project_page_runs_at_most_twelve_queries(
    as_officer: Browser, session: Session, office: Office, ready: Project, database: Database
) -> None:
    agreed(session, office, ready)
    session.commit()
    with counting(database) as seen:
        assert as_officer.get(f"/projects/{ready.id}").status_code == 200
    assert len(seen) <= 12, seen


def test_filters_stand_in_the_address_as_chips(as_registrar: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    builders.project(session, firm, office.east, office.officer, name="东部轴承项目")
    builders.project(session, firm, office.south, office.outsider, name="南部面板项目")
    session.commit()
    page = as_registrar.get(f"/projects?unit={office.south.id}").text
    assert "南部面板项目" in page
    assert "东部轴承项目" not in page
    assert 'href="/projects" aria-label="去掉条件：珠三角小分队"' in page
    assert "没有项目" in as_registrar.get("/projects?capital=foreign").text
    assert as_registrar.get("/projects?unit=x&capital=gold&q=%00").status_code == 200


def test_the_list_sorts_and_pages_without_gaps(as_officer: Browser, session: Session, office: Office) -> None:
    many(session, office, 33)
    for sort in ("since", "stage", "amount"):
        first = as_officer.get(f"/projects?view=list&sort={sort}&dir=asc").text
        assert first.count("<tr data-row>") == 30
        following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        assert as_officer.get(following).text.count("<tr data-row>") == 3


def test_a_drop_answers_with_the_renewed_card(as_officer: Browser, project: Project, session: Session) -> None:
    form = {"stage": "visiting", "version": project.version}
    answer = as_officer.post(f"/projects/{project.id}/move", form, headers=HTMX)
    assert answer.status_code == 200
    assert f'data-version="{project.version + 1}"' in answer.text
    session.expire_all()
    assert session.get_one(Project, project.id).stage is Stage.VISITING


def test_a_stage_jump_by_a_crafted_request_is_refused_and_changes_nothing(
    as_officer: Browser, project: Project, session: Session
) -> None:
    for wanted in ("signed", "full_capacity", "after"):
        answer = as_officer.post(f"/projects/{project.id}/move", {"stage": wanted, "version": project.version})
        assert answer.status_code == 422
        assert "不能跳过阶段：下一步是“走访对接”。" in answer.text
    assert as_officer.post(f"/projects/{project.id}/move", {"stage": "gold", "version": 1}).status_code == 422
    session.expire_all()
    kept = session.get_one(Project, project.id)
    assert (kept.stage, kept.version) == (Stage.LEAD, project.version)
    assert len(session.scalars(select(StageEntry)).all()) == 1


def test_a_blocked_drop_lists_what_is_missing_and_where_to_supply_it(
    as_officer: Browser, project: Project, session: Session, office: Office
) -> None:
    stand(session, project, Stage.INSPECTING)
    inspected(session, office, project, report=None)
    session.commit()
    form = {"stage": "reviewing", "version": project.version}
    answer = as_officer.post(f"/projects/{project.id}/move", form, headers=HTMX)
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert "还不能推进到“研判评审”" in answer.text
    assert f"/visits/new?enterprise={project.enterprise_id}&amp;project={project.id}&amp;kind=visit" in answer.text
    assert "补写考察报告" in answer.text


def test_without_scripts_the_same_refusal_is_a_page(as_officer: Browser, ready: Project) -> None:
    answer = as_officer.post(f"/projects/{ready.id}/move", {"stage": "signed", "version": ready.version})
    assert answer.status_code == 422
    assert "<html" in answer.text
    assert "登记合同" in answer.text


def test_after_signing_the_refusal_asks_for_the_evidence(
    as_officer: Browser, ready: Project, session: Session, office: Office
) -> None:
    agreed(session, office, ready)
    session.commit()
    signing = as_officer.post(f"/projects/{ready.id}/move", {"stage": "signed", "version": ready.version})
    assert signing.headers["Location"] == f"/projects/{ready.id}"
    form = {"stage": "after", "version": ready.version + 1}
    asked = as_officer.post(f"/projects/{ready.id}/move", form, headers=HTMX)
    assert asked.status_code == 422
    assert 'name="reason"' in asked.text
    done = as_officer.post(f"/projects/{ready.id}/move", {**form, "reason": "营业执照 91330000", "back": "board"})
    assert (done.status_code, done.headers["Location"]) == (303, "/projects")


def test_a_stale_version_answers_409_on_every_change(as_officer: Browser, project: Project, session: Session) -> None:
    stale = project.version + 7
    changes: dict[str, dict[str, Any]] = {
        "move": {"stage": "visiting"},
        "edit": {"name": "新名称", "capital": "private", "channel": "other"},
        "owner": {"owner_id": project.owner_id},
        "exit": {"kind": "lost", "reason": "elsewhere", "detail": "落户邻县", "place": "邻县"},
        "restore": {},
    }
    for action, form in changes.items():
        answer = as_officer.post(f"/projects/{project.id}/{action}", {**form, "version": stale})
        assert answer.status_code == 409, action
    session.expire_all()
    assert session.get_one(Project, project.id).version == project.version


def test_a_conflict_keeps_what_was_typed_and_shows_what_is_stored(as_officer: Browser, project: Project) -> None:
    form = {"version": project.version + 1, "name": "我改的名称", "capital": "private", "channel": "other"}
    answer = as_officer.post(f"/projects/{project.id}/edit", form)
    assert answer.status_code == 409
    assert 'value="我改的名称"' in answer.text
    assert project.name in answer.text
    assert f'name="version" type="hidden" value="{project.version}"' in answer.text


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


def test_a_forged_token_moves_nothing(as_officer: Browser, project: Project, session: Session) -> None:
    form = {"stage": "visiting", "version": project.version, "csrf_token": "forged"}
    answer = as_officer.client.post(f"/projects/{project.id}/move", data=form)
    assert answer.status_code == 400
    session.expire_all()
    assert session.get_one(Project, project.id).stage is Stage.LEAD


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


def test_a_project_that_left_is_kept_on_its_own_list_and_can_come_back(
    as_officer: Browser, session: Session, project: Project
) -> None:
    path, link = f"/projects/{project.id}", f'href="/projects/{project.id}"'
    form = {"version": project.version, "kind": "lost", "reason": "elsewhere", "detail": "落户邻县", "place": "邻县"}
    assert as_officer.post(f"{path}/exit", {**form, "detail": ""}).status_code == 422
    assert as_officer.post(f"{path}/exit", form).status_code == 303
    session.expire_all()
    left = session.get_one(Project, project.id)
    assert (left.exit_kind, left.exit_reason) == (ExitKind.LOST, ExitReason.ELSEWHERE)
    version = left.version
    session.rollback()
    assert link not in as_officer.get("/projects?view=list").text
    assert link in as_officer.get("/projects?state=left").text
    assert "落户邻县" in as_officer.get(path).text
    assert as_officer.post(f"{path}/restore", {"version": version}).status_code == 303
    assert link in as_officer.get("/projects").text


def test_names_are_escaped_everywhere(as_officer: Browser, session: Session, office: Office) -> None:
    made = lead(session, office, name="<script>alert(1)</script>项目", content="<img src=x>")
    session.commit()
    for path in ("/projects", "/projects?view=list", f"/projects/{made.id}", f"/projects/{made.id}/edit"):
        page = as_officer.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


def test_a_blank_note_is_refused_beside_its_field(as_officer: Browser, project: Project) -> None:
    assert as_officer.post(f"/projects/{project.id}/notes", {"body": " "}).status_code == 422
    assert as_officer.post(f"/projects/{project.id}/notes", {"body": "约下周再谈"}).status_code == 303
    assert "约下周再谈" in as_officer.get(f"/projects/{project.id}").text
