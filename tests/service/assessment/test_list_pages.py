"""Pages of lists and mutual rating: typed, pasted, asked for on a phone, closed; and who may not confirm."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.assessment.books import services
from crm.auth.rules import Role
from tests.conftest import Browser
from tests.service.assessment.test_lists import RULES
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


@pytest.fixture
def place(session: Session, office: Office, as_registrar: Browser) -> str:
    """An assessment with a list of projects and a mutual rating."""
    units = [str(office.east.id), str(office.south.id)]
    session.commit()
    book = as_registrar.post("/assessment/books/json", data={"body": json.dumps(RULES, ensure_ascii=False)}).location
    as_registrar.post(f"{book}/publish", data={"version": "1"})
    form = {"book_id": str(book).rsplit("/", 1)[1], "name": "11月考核", "start_on": "2026-11-01"}
    answer = as_registrar.post("/assessment/new", data={**form, "end_on": "2026-11-20", "units": units})
    assert answer.status_code == 303
    return str(answer.location)


def reckon(session: Session, place: str) -> None:
    session.expire_all()
    services.compute(session, int(place.rsplit("/", 1)[1]), now=NOW)
    session.commit()


def test_a_list_is_typed_and_its_score_explains_itself(
    session: Session, office: Office, place: str, as_registrar: Browser
) -> None:
    east = office.east.id
    session.commit()
    sheet = f"{place}/lists/1/units/{east}"
    page = as_registrar.get(sheet).text
    assert all(name in page for name in ("状态", "完成", "年度计划", "新开工"))
    form = {
        "c1": ["云岭轴承", "青溪包装"],
        "c2": ["新开工", "续建"],
        "c3": ["2.4", "1"],
        "c4": ["3", "2"],
        "note": "调度表",
    }
    assert as_registrar.post(sheet, data=form).status_code == 303
    reckon(session, place)
    assert "云岭轴承" in as_registrar.get(f"{place}/units/{east}").text
    assert "调度表" in as_registrar.get(f"{place}/lists").text


def test_a_unit_says_where_its_lists_are_filled_in(office: Office, place: str, as_registrar: Browser) -> None:
    page = as_registrar.get(f"{place}/units/{office.east.id}").text
    assert "“评分”还没有填。" in page
    assert f'<a href="{place}/lists">去列表页填写</a>' in page


def test_rows_copied_from_a_table_are_read_in_before_they_are_kept(
    office: Office, place: str, as_registrar: Browser
) -> None:
    sheet = f"{place}/lists/1/units/{office.east.id}"
    pasted = "名称\t状态\t年度计划\n云岭轴承\t新开工\t3"
    answer = as_registrar.post(sheet, data={"paste": "1", "pasted": pasted})
    assert ("已读入1行" in answer.text, 'value="云岭轴承"' in answer.text) == (True, True)
    assert as_registrar.post(sheet, data={"paste": "1", "pasted": " "}).status_code == 422


def test_a_bad_cell_is_told_and_linked_and_what_was_typed_stays(
    office: Office, place: str, as_registrar: Browser
) -> None:
    answer = as_registrar.post(
        f"{place}/lists/2/units/{office.east.id}", data={"c1": ["园区", "园区"], "c2": ["90", "101"]}
    )
    assert answer.status_code == 422
    assert all(text in answer.text for text in ('href="#cell-2-2"', "分数在0到100之间", 'value="101"'))


def test_people_rate_on_a_phone_and_marks_are_shown_to_nobody(
    app: Flask, session: Session, office: Office, place: str, as_registrar: Browser, as_leader: Browser
) -> None:
    east, south = office.east.id, office.south.id
    park = [office.leader.id, office.supervisor.id, office.recognizer.id]
    towns = [builders.user(session, f"town{at}", f"乡镇{at}", (office.bureau, Role.REVIEWER)) for at in range(3)]
    names, ids = [one.username for one in towns], [str(one.id) for one in towns]
    session.commit()
    form = {"due_on": (TODAY + timedelta(days=3)).isoformat(), "units": [str(east), str(south)]}
    form |= {"group_0": [str(one) for one in park], "group_1": ids}
    assert as_registrar.post(f"{place}/lists/2/rating", data={**form, "group_1": ids[:2]}).status_code == 422
    asked = as_registrar.post(f"{place}/lists/2/rating", data=form)
    assert asked.status_code == 303
    for name, mark in zip(names, ("61.25", "62.75", "60"), strict=True):
        town = Browser(app.test_client()).sign_in(name)
        assert "11月考核" in town.get("/assessment/ratings").text
        assert town.post("/assessment/ratings/1", data={f"mark-{east}": mark, f"mark-{south}": "70"}).status_code == 303
    wrong = as_leader.post("/assessment/ratings/1", data={f"mark-{east}": "120"})
    assert (wrong.status_code, 'value="120"' in wrong.text) == (422, True)
    state = as_registrar.get("/assessment/ratings/1/state").text
    assert ("3/3" in state, "61.25" in state) == (True, False)
    as_registrar.post("/assessment/ratings/1/close")
    reckon(session, place)
    assert "61.25" not in as_registrar.get(f"{place}/units/{east}").text


def test_who_typed_reads_why_the_result_is_not_theirs_to_confirm(
    session: Session, office: Office, place: str, as_registrar: Browser, as_leader: Browser
) -> None:
    as_registrar.post(f"{place}/lists/1/units/{office.east.id}", data={"c1": ["云岭轴承"], "c2": ["续建"]})
    reckon(session, place)
    assert "请由没有经手的人确认" in as_registrar.get(place).text
    refused = as_registrar.post(f"{place}/confirm")
    assert (refused.status_code, "不能自己确认结果" in refused.text) == (403, True)
    assert as_leader.post(f"{place}/confirm").status_code == 303


def test_who_confirmed_reads_that_another_issues_the_slips(
    app: Flask, session: Session, office: Office, place: str
) -> None:
    name = builders.user(session, "qin", "秦越", (office.bureau, Role.REGISTRAR)).username
    session.commit()
    second = Browser(app.test_client()).sign_in(name)
    reckon(session, place)
    assert second.post(f"{place}/confirm").status_code == 303
    form = {"demand": "补足走访任务", "due_on": TODAY.isoformat()}
    refused = second.post(f"{place}/slips", data=form)
    assert (refused.status_code, "督办单请由招商办的另一个人发出" in refused.text) == (403, True)


def test_officers_read_lists_and_type_none(office: Office, place: str, as_officer: Browser) -> None:
    assert as_officer.get(f"{place}/lists").status_code == 200
    for path in (f"{place}/lists/1/units/{office.east.id}", f"{place}/lists/2/rating"):
        assert as_officer.get(path).status_code == 403
        assert as_officer.post(path).status_code == 403
    assert as_officer.get("/assessment/ratings/1").status_code == 404


def test_a_book_tells_its_rules_in_words(place: str, as_registrar: Browser) -> None:
    assert place
    assert "①看“状态”；是“新开工”得5分；是“续建”得2分；其他得0分" in as_registrar.get("/assessment/books/1").text
