from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit, User
from crm.core.audit import AuditEvent
from crm.core.tasks import Task, TaskState
from tests.support.builders import NOW, PASSWORD

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

PAGES = ("/admin", "/admin/people", "/admin/people/new", "/admin/units", "/admin/audit")


def test_the_administrator_opens_every_page(as_administrator: Browser) -> None:
    for path in PAGES:
        assert as_administrator.get(path).status_code == 200, path


def test_an_officer_is_told_what_is_missing_and_sees_no_administration(as_officer: Browser) -> None:
    for path in (*PAGES, "/admin/tasks"):
        answer = as_officer.get(path)
        assert answer.status_code == 403, path
        assert "没有权限" in answer.text


def test_a_dead_task_shows_its_reason_and_runs_again(as_registrar: Browser, session: Session) -> None:
    task = Task(kind="crawl", payload={}, state=TaskState.DEAD, attempt=5, run_after=NOW, created_at=NOW)
    task.last_error = "Traceback\nTimeoutError: 信源没有响应"
    session.add(task)
    session.commit()
    task_id = task.id
    page = as_registrar.get("/admin/tasks?state=dead")
    assert "信源没有响应" in page.text
    assert as_registrar.post(f"/admin/tasks/{task_id}/rerun").status_code == 302
    session.expire_all()
    assert task.state is TaskState.NEW
    assert session.scalar(select(AuditEvent.action).where(AuditEvent.subject_type == "task")) == "task_rerun"
    session.rollback()
    assert as_registrar.post(f"/admin/tasks/{task_id}/rerun").status_code == 409


def test_a_new_account_must_change_its_password_first(
    as_administrator: Browser, visitor: Browser, office: Office
) -> None:
    form = {"name": "吴倩", "username": "wuqian", "password": PASSWORD, "unit": office.east.id, "role": "officer"}
    assert as_administrator.post("/admin/people/new", {**form, "password": "123"}).status_code == 422
    assert as_administrator.post("/admin/people/new", form).status_code == 302
    taken = as_administrator.post("/admin/people/new", {**form, "username": "ＷuQian"})
    assert taken.status_code == 422
    assert "已被使用" in taken.text
    visitor.sign_in("wuqian")
    assert visitor.get("/admin").headers["Location"] == "/password"


def test_disabling_an_account_ends_its_sessions_at_once(
    as_administrator: Browser, as_officer: Browser, office: Office
) -> None:
    answer = as_administrator.post(f"/admin/people/{office.officer.id}/active", {"active": "0"})
    assert answer.status_code == 302
    assert as_officer.get("/password").status_code == 302


def test_an_administrator_cannot_lock_out_themselves(as_administrator: Browser, office: Office) -> None:
    answer = as_administrator.post(f"/admin/people/{office.administrator.id}/active", {"active": "0"})
    assert answer.status_code == 422
    assert "不能停用自己" in answer.text


def test_a_unit_with_a_taken_name_is_refused_and_the_form_keeps_it(
    as_administrator: Browser, session: Session, office: Office
) -> None:
    form = {"name": "上海办事处", "kind": "liaison_office", "parent": office.bureau.id, "managing": 0}
    form["valid_from"] = "2026-03-01"
    assert as_administrator.post("/admin/units", form).status_code == 302
    again = as_administrator.post("/admin/units", form)
    assert again.status_code == 422
    assert 'value="上海办事处"' in again.text
    assert len(session.scalars(select(OrgUnit).where(OrgUnit.name == "上海办事处")).all()) == 1


def test_a_unit_is_closed_only_when_nobody_is_left_in_it(
    as_administrator: Browser, session: Session, office: Office
) -> None:
    closing = {"last_day": "2026-11-30", "successor": 0, "close_reason": "编委会3号文"}
    refused = as_administrator.post(f"/admin/units/{office.east.id}/close", closing)
    assert refused.status_code == 422
    assert "在编人员" in refused.text
    form = {"name": "厦门办事处", "kind": "liaison_office", "parent": 0, "managing": 0, "valid_from": "2026-01-01"}
    as_administrator.post("/admin/units", form)
    unit_id = session.scalar(select(OrgUnit.id).where(OrgUnit.name == "厦门办事处"))
    session.rollback()
    closed = as_administrator.post(f"/admin/units/{unit_id}/close", {**closing, "last_day": "2026-11-19"})
    assert closed.status_code == 303
    assert "厦门办事处" not in as_administrator.get("/admin/units").text.split("<tbody>")[1].split("</tbody>")[0]
    assert "厦门办事处" in as_administrator.get("/admin/units?state=closed").text
    assert as_administrator.post(f"/admin/units/{unit_id}/close", closing).status_code == 404


def test_a_reset_password_is_shown_once_and_works(
    as_administrator: Browser, visitor: Browser, office: Office, session: Session
) -> None:
    page = as_administrator.post(f"/admin/people/{office.officer.id}/password")
    password = page.text.split('<code class="y-once">')[1].split("<")[0]
    session.expire_all()
    assert session.get_one(User, office.officer.id).must_change_password
    session.rollback()
    visitor.sign_in("chen", password)


def test_the_audit_trail_names_the_person_and_can_be_filtered(as_administrator: Browser, office: Office) -> None:
    as_administrator.post(
        "/admin/units",
        {"name": "企业服务科", "kind": "department", "parent": 0, "managing": 0, "valid_from": "2026-01-01"},
    )
    page = as_administrator.get("/admin/audit?action=unit")
    assert "企业服务科" in page.text
    assert "login" not in page.text.split("<tbody>")[1].split("</tbody>")[0]


def test_the_administrator_alone_sees_no_business_pages(
    as_administrator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/projects", "/contacts", "/visits"):
        assert as_administrator.get(path).status_code in {403, 404}, path
