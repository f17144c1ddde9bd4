"""Pages of assessments: a book from an example, a run, a unit line by line, a slip with its paper."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest

from crm.assessment.books import queries, services
from crm.assessment.books.reckoning import english, english_label
from crm.word.check.checking import check
from tests.conftest import Browser
from tests.support.assessing import RULES, visits
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


@pytest.fixture
def book_id(as_registrar: Browser) -> int:
    body = json.dumps(RULES, ensure_ascii=False)
    answer = as_registrar.post(
        "/assessment/books/json", data={"body": body, "feed.走访数": "measure:visits", "span.走访数": "period"}
    )
    assert answer.status_code == 303
    as_registrar.post(f"{answer.location}/publish", data={"version": "1"})
    return int(answer.location.rsplit("/", 1)[1])


def begun(session: Session, office: Office, as_registrar: Browser, book_id: int) -> str:
    visits(session, office, 3, 1)
    session.commit()
    form = {"book_id": str(book_id), "name": "11月考核", "start_on": "2026-11-01", "end_on": "2026-11-20"}
    answer = as_registrar.post("/assessment/new", data={**form, "units": [str(office.east.id), str(office.south.id)]})
    assert answer.status_code == 303
    place = str(answer.location)
    for unit in (office.east, office.south):
        typed = {"v.走访任务": "4", "v.走访数": "", "v.报送率": "90%", "note": "省局通报"}
        assert as_registrar.post(f"{place}/units/{unit.id}/values", data=typed).status_code == 303
    session.expire_all()
    services.compute(session, int(place.rsplit("/", 1)[1]), now=NOW)
    session.commit()
    return place


def only_slip(session: Session) -> int:
    number = queries.slips(session, None, closed=False, unit_ids=None).rows[0].id
    session.commit()
    return number


def test_a_book_begins_from_an_example_and_names_its_sources(as_registrar: Browser, book_id: int) -> None:
    assert "签约个数、签约额各占一半" in as_registrar.get("/assessment/books/new").text
    page = as_registrar.get(f"/assessment/books/{book_id}").text
    assert "系统统计：外出走访企业" in page
    assert json.loads(as_registrar.get(f"/assessment/books/{book_id}/rules.json").data)["name"] == RULES["name"]


def test_faults_of_rules_stand_on_the_page_and_what_was_typed_stays(as_registrar: Browser) -> None:
    body = '{"name": "试行", "rules": [{"key": "甲", "label": "甲", "kind": "ratio", "done": "a +", "weight": 3}]}'
    answer = as_registrar.post("/assessment/books/json", data={"body": body})
    assert answer.status_code == 422
    assert "rules[0].done：看不懂公式" in answer.text
    assert "a +" in answer.text


def test_a_unit_sees_its_score_line_by_line_with_rows_behind_the_counts(
    session: Session, office: Office, as_registrar: Browser, as_officer: Browser, book_id: int
) -> None:
    place = begun(session, office, as_registrar, book_id)
    assert "81" in as_officer.get(place).text
    page = as_officer.get(f"{place}/units/{office.east.id}").text
    assert "3÷4×60＝45" in page
    line = page[page.index("3÷4×60＝45") :].partition("</tr>")[0]
    assert "/reports/rows?measure=visits" in line  # the 3 leads to its visits, the task to who typed it
    assert re.findall(r'href="(#value-\d)">4<', line) == ["#value-2"]
    assert 'id="value-2"' in page
    assert "保存并重新计算" not in page


def test_a_trial_changes_nothing(session: Session, office: Office, as_registrar: Browser, book_id: int) -> None:
    place = begun(session, office, as_registrar, book_id)
    page = as_registrar.get(f"{place}/units/{office.south.id}?v.走访数=4")
    assert "这样得96分，第1名；现在51分" in page.text
    assert "51" in as_registrar.get(place).text


def test_the_english_page_speaks_english(session: Session, office: Office, as_registrar: Browser, book_id: int) -> None:
    place = begun(session, office, as_registrar, book_id)
    as_registrar.client.set_cookie("locale", "en")
    office.registrar.locale = "en"
    session.commit()
    page = as_registrar.get(f"{place}/units/{office.east.id}").text
    assert "Line by line" in page
    assert "封顶" not in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2项合计：项城分厂 5＝5；少林项目 3", "2 items, sum: 项城分厂 5＝5; 少林项目 3"),
        ("0.8（满0.5）得50", "0.8 (from 0.5): 50"),
        ("6÷5×20＝24，封顶20", "6÷5×20＝24, at most 20"),
    ],
)
def test_a_reckoning_in_english_leaves_names_alone(text: str, shown: str) -> None:
    assert english(text) == shown


@pytest.mark.parametrize(
    ("key", "label", "shown"),
    [
        ("签约", "签约项目得分", "签约项目得分"), ("adjustment", "调整：迟报两项", "Adjustment: 迟报两项"),
        ("section_甲", "分项折算", "分项: scaled"), ("round", "四舍五入", "Rounding"),
    ],
)  # fmt: skip
def test_labels_of_rules_are_names_and_stay(key: str, label: str, shown: str) -> None:
    assert english_label(key, label) == shown


def test_confirmed_results_lead_to_slips_with_papers_to_the_norm(
    app: Flask, session: Session, office: Office, as_registrar: Browser, as_leader: Browser, book_id: int
) -> None:
    place = begun(session, office, as_registrar, book_id)
    assert as_leader.post(f"{place}/confirm").status_code == 303
    assert as_registrar.post(f"{place}/slips", data={"demand": "", "due_on": ""}).status_code == 422
    due = (TODAY + timedelta(days=7)).isoformat()
    assert as_registrar.post(f"{place}/slips", data={"demand": "补足走访任务", "due_on": due}).status_code == 303
    slip_id = only_slip(session)
    name = office.outsider.username
    session.commit()
    outsider = Browser(app.test_client()).sign_in(name)
    assert "绿灯" in outsider.get("/assessment/slips").text
    paper = outsider.get(f"/assessment/slips/{slip_id}/paper.docx").data
    assert "补足走访任务" in "\n".join(one.text for one in docx.Document(BytesIO(paper)).paragraphs)
    assert check(paper).findings == ()
    assert outsider.post(f"/assessment/slips/{slip_id}/reply", data={"text": "已补三家"}).status_code == 303
    assert as_registrar.post(f"/assessment/slips/{slip_id}/close", data={"verdict": "同意"}).status_code == 303
    assert "已销号" in as_registrar.get("/assessment/slips?state=closed").text


def test_another_squads_slip_is_not_there(
    session: Session, office: Office, as_registrar: Browser, as_leader: Browser, as_officer: Browser, book_id: int
) -> None:
    place = begun(session, office, as_registrar, book_id)
    as_leader.post(f"{place}/confirm")
    due = (TODAY + timedelta(days=7)).isoformat()
    as_registrar.post(f"{place}/slips", data={"demand": "补足走访任务", "due_on": due})
    slip_id = only_slip(session)
    assert as_officer.get(f"/assessment/slips/{slip_id}").status_code == 404
    assert as_officer.get(f"/assessment/slips/{slip_id}/paper.docx").status_code == 404
