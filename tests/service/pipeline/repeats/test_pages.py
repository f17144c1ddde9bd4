from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm.core.tasks import Task
from crm.pipeline.repeats import finding
from crm.pipeline.repeats.models import ProjectRepeat
from crm.pipeline.repeats.rules import RepeatState
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import counting
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

PLACE = {"site": "园区二期A地块", "product_line": "锂电池电解液"}
MOST = 12


@pytest.fixture
def repeat(session: Session, office: Office) -> ProjectRepeat:
    firm = builders.enterprise(session)
    old = builders.project(session, firm, office.south, office.outsider, **PLACE)
    new = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED, **PLACE)
    for one in (old, new):
        finding.notice(session, one, now=NOW)
    found = session.query(ProjectRepeat).one()
    session.commit()
    return found


def test_the_page_of_the_project_says_that_it_does_not_count_and_why(
    repeat: ProjectRepeat, as_officer: Browser, database: Database
) -> None:
    with counting(database) as seen:
        shown = as_officer.get(f"/projects/{repeat.project_id}").text
    assert len(seen) <= MOST
    assert "待核老项目，暂不计入" in shown
    assert "同一投资方" in shown
    assert "同一地块：园区二期A地块" in shown
    assert "同一地块：园区二期A地块" in as_officer.get(f"/projects/{repeat.project_id}/ownership").text


def test_a_registrar_rules_in_words_and_the_mark_goes(
    session: Session, repeat: ProjectRepeat, as_registrar: Browser, as_officer: Browser
) -> None:
    path = f"/projects/repeats/{repeat.id}"
    assert as_registrar.get("/projects/repeats").text.count("园区二期A地块") == 1
    ruling = {"version": "1", "state": "expansion", "reason": "二期增资"}
    answer = as_registrar.post(path, ruling)
    assert answer.status_code == 422
    assert "增资只计增量，请填写增加的投资额。" in answer.text
    assert "二期增资" in answer.text
    assert as_registrar.post(path, {**ruling, "state": "different"}).status_code == 303
    assert as_registrar.post(path, {**ruling, "state": "same"}).status_code == 409
    session.refresh(repeat)
    session.commit()
    assert repeat.state is RepeatState.DIFFERENT
    assert "待核老项目" not in as_officer.get(f"/projects/{repeat.project_id}").text


def test_an_officer_sees_the_comparison_and_cannot_rule(repeat: ProjectRepeat, as_officer: Browser) -> None:
    path = f"/projects/repeats/{repeat.id}"
    shown = as_officer.get(path).text
    assert "由招商办核定。" in shown
    assert "其他单位的项目" in shown
    assert as_officer.post(path, {"version": "1", "state": "different", "reason": "x"}).status_code == 403


def test_another_squad_finds_nothing(repeat: ProjectRepeat, as_outsider: Browser) -> None:
    assert as_outsider.get(f"/projects/repeats/{repeat.id}").status_code == 404
    assert "没有疑似老项目" in as_outsider.get("/projects/repeats").text


def test_a_look_behind_all_is_asked_for_once(session: Session, as_registrar: Browser) -> None:
    for _ in range(2):
        assert as_registrar.post("/projects/repeats/look").status_code == 303
    assert session.query(Task).filter_by(kind="find_repeats").count() == 1


def test_the_list_opens_within_its_queries(repeat: ProjectRepeat, as_registrar: Browser, database: Database) -> None:
    for path in ("/projects/repeats", "/projects/repeats?state=all", f"/projects/repeats/{repeat.id}"):
        with counting(database) as seen:
            assert as_registrar.get(path).status_code == 200
        assert len(seen) <= MOST
