from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.fieldwork.models import Touch
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import counting, visited
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    firm = builders.enterprise(session)
    made = builders.project(session, firm, office.east, office.officer, stage=Stage.VISITING)
    session.commit()
    return made


def refused(browser: Browser, project: Project, stage: str) -> str:
    answer = browser.post(f"/projects/{project.id}/move", {"stage": stage, "version": project.version}, headers=HTMX)
    assert answer.status_code == 422, answer.text[:500]
    return answer.text


def fields(page: str) -> dict[str, str]:
    form = page.split("y-mend", 1)[1]
    pairs = re.findall(r'name="(client_id|stage|back|version|visit_on|inspection_on)"[^>]*?value="([^"]*)"', form)
    return dict(pairs)


def stage_of(session: Session, project: Project) -> Stage:
    session.expire_all()
    return session.get_one(Project, project.id).stage


def test_a_refusal_offers_only_what_is_missing(as_officer: Browser, project: Project) -> None:
    page = refused(as_officer, project, "inspecting")
    assert 'name="visit_summary"' in page
    for other in ("owner_id", "inspection_summary", "report", "reason"):
        assert f'name="{other}"' not in page


def test_the_visit_is_logged_and_the_card_moves(as_officer: Browser, session: Session, project: Project) -> None:
    given = {**fields(refused(as_officer, project, "inspecting")), "visit_summary": "看了厂房，谈了用工。"}
    answer = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    assert answer.status_code == 200, answer.text[:800]
    assert f'data-card="{project.id}"' in answer.text
    assert stage_of(session, project) is Stage.INSPECTING
    touch = session.scalars(select(Touch)).one()
    assert (touch.project_id, touch.summary) == (project.id, "看了厂房，谈了用工。")


def test_a_double_tap_logs_one_visit(as_officer: Browser, session: Session, project: Project) -> None:
    given = {**fields(refused(as_officer, project, "inspecting")), "visit_summary": "看了厂房。"}
    first = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    second = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    assert (first.status_code, second.status_code) == (200, 409)
    assert session.scalar(select(func.count()).select_from(Touch)) == 1


def test_nothing_supplied_is_refused_in_place(as_officer: Browser, session: Session, project: Project) -> None:
    given = fields(refused(as_officer, project, "inspecting"))
    answer = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    assert answer.status_code == 422
    assert "请至少补上一项" in answer.text
    assert stage_of(session, project) is Stage.VISITING


def test_a_faulty_part_keeps_every_word(as_officer: Browser, session: Session, project: Project) -> None:
    given = fields(refused(as_officer, project, "inspecting"))
    answer = as_officer.post(
        f"/projects/{project.id}/mend",
        {**given, "visit_on": "2031-01-01", "visit_summary": "看了厂房。"},
        headers=HTMX,
    )
    assert answer.status_code == 422
    assert "走访时间不能晚于现在" in answer.text
    assert "看了厂房。" in answer.text
    assert session.scalars(select(Touch)).all() == []


def test_what_was_supplied_stays_when_something_is_still_missing(
    as_officer: Browser, session: Session, office: Office, project: Project
) -> None:
    visited(session, office, project)
    builders.stand(session, project, Stage.INSPECTING)
    session.commit()
    given = {**fields(refused(as_officer, project, "reviewing")), "inspection_summary": "看了三号地块。"}
    answer = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    assert answer.status_code == 422
    assert 'name="report"' in answer.text
    assert 'name="inspection_summary"' not in answer.text
    given = {**fields(answer.text), "report": "对方满意。"}
    answer = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    assert answer.status_code == 200, answer.text[:800]
    assert stage_of(session, project) is Stage.REVIEWING
    reports = [row.report for row in session.scalars(select(Touch)) if row.report]
    assert reports == ["对方满意。"]


def test_mending_is_no_side_door(as_officer: Browser, session: Session, project: Project) -> None:
    given = {
        "client_id": "c" * 32,
        "stage": "pre_signing",
        "version": project.version,
        "reason": "有依据",
        "visit_summary": "看了厂房。",
    }
    answer = as_officer.post(f"/projects/{project.id}/mend", given, headers=HTMX)
    assert answer.status_code == 422
    assert stage_of(session, project) is Stage.VISITING
    assert session.scalar(select(func.count()).select_from(StageEntry)) == 1


def test_a_foreign_project_is_not_found(as_outsider: Browser, project: Project) -> None:
    assert as_outsider.post(f"/projects/{project.id}/mend", {"stage": "inspecting"}).status_code == 404


def test_moving_a_card_runs_at_most_twelve_queries(
    as_officer: Browser, session: Session, office: Office, project: Project, database: Database
) -> None:
    visited(session, office, project)
    session.commit()
    as_officer.token()
    with counting(database) as seen:
        answer = as_officer.post(
            f"/projects/{project.id}/move", {"stage": "inspecting", "version": project.version}, headers=HTMX
        )
    assert answer.status_code == 200
    own = [statement for statement in seen if "login_session" not in statement]
    assert len(own) <= 12, own
