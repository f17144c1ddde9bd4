from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.fieldwork.models import FollowUp
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import due
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    firm = builders.enterprise(session)
    made = builders.project(session, firm, office.east, office.officer, stage=Stage.VISITING)
    session.commit()
    return made


def step(session: Session, office: Office, project: Project, title: str = "送测算表") -> FollowUp:
    row = due(session, office, project, -2, title)
    session.commit()
    return row


def test_the_popover_lists_what_is_open_and_where_the_card_may_go(
    as_officer: Browser, session: Session, office: Office, project: Project
) -> None:
    step(session, office, project)
    page = as_officer.get(f"/projects/{project.id}/steps", headers=HTMX).text
    assert "送测算表" in page
    assert "推进到考察" in page
    assert "退回到" not in page
    assert "<html" not in page
    assert "<html" in as_officer.get(f"/projects/{project.id}/steps").text


def test_a_step_is_ticked_off_and_the_card_comes_anew(
    as_officer: Browser, session: Session, office: Office, project: Project
) -> None:
    row = step(session, office, project)
    answer = as_officer.post(f"/projects/{project.id}/steps/{row.id}/done", headers=HTMX)
    assert answer.status_code == 200
    assert f'data-card="{project.id}"' in answer.text
    assert "未安排下步" in answer.text
    session.refresh(row)
    assert row.done_at is not None


def test_a_step_is_done_and_followed_by_the_next(
    as_officer: Browser, session: Session, office: Office, project: Project
) -> None:
    row = step(session, office, project)
    given = {"title": "约第二次面谈", "due_on": "2026-11-27", "done": row.id}
    assert as_officer.post(f"/projects/{project.id}/steps", given).status_code == 303
    session.expire_all()
    found = {one.title: one for one in session.scalars(select(FollowUp))}
    assert found["送测算表"].done_at is not None
    assert found["约第二次面谈"].project_id == project.id


def test_a_new_step_without_words_is_refused_in_place(as_officer: Browser, project: Project) -> None:
    answer = as_officer.post(f"/projects/{project.id}/steps", {"title": "", "due_on": "2026-11-27"}, headers=HTMX)
    assert answer.status_code == 422
    assert "请写明要做什么" in answer.text


def test_another_unit_finds_no_steps(as_outsider: Browser, project: Project) -> None:
    assert as_outsider.get(f"/projects/{project.id}/steps").status_code == 404
    assert as_outsider.post(f"/projects/{project.id}/steps", {"title": "x"}).status_code == 404
