from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.fieldwork.models import Touch
from crm.fieldwork.rules import TouchKind
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def touch(session: Session, office: Office) -> Touch:
    row = builders.touch(session, builders.enterprise(session, "云岭电子有限公司"), office.east, office.officer)
    session.commit()
    return row


def test_the_list_shows_ones_own_units_visits_only(
    as_officer: Browser, as_outsider: Browser, as_leader: Browser, touch: Touch
) -> None:
    assert "云岭电子有限公司" in as_officer.get("/visits").text
    assert "云岭电子有限公司" not in as_outsider.get("/visits").text
    assert "云岭电子有限公司" in as_leader.get("/visits").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=visit", True),
        ("kind=call", False),
        ("period=week", True),
        ("from=2026-11-19", False),
        ("to=2026-11-18", True),
        ("state=voided", False),
        ("kind=nonsense&unit=x&cursor=y", True),
    ],
)
def test_filters_narrow_the_list(as_officer: Browser, touch: Touch, query: str, *, found: bool) -> None:
    assert ("介绍园区配套" in as_officer.get(f"/visits?{query}").text) is found


def test_thirty_first_visit_is_on_the_second_page(as_officer: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    for hours in range(31):
        when = NOW - timedelta(hours=hours + 1)
        builders.touch(session, firm, office.east, office.officer, occurred_at=when, summary=f"第{hours}次谈话")
    session.commit()
    page = as_officer.get("/visits").text
    assert "第30次谈话" not in page
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "第30次谈话" in as_officer.get(following).text


def test_another_units_visit_by_id_is_not_found(as_outsider: Browser, touch: Touch) -> None:
    for path in ("", "/edit", "/report"):
        assert as_outsider.get(f"/visits/{touch.id}{path}").status_code == 404
    for path in ("/edit", "/report", "/void", "/restore"):
        assert as_outsider.post(f"/visits/{touch.id}{path}", {"reason": "x", "report": "x"}).status_code == 404


def test_a_late_entry_is_marked(as_officer: Browser, session: Session, touch: Touch) -> None:
    assert "补记" not in as_officer.get(f"/visits/{touch.id}").text
    touch.recorded_at = touch.occurred_at + timedelta(days=4)
    session.commit()
    assert "补记" in as_officer.get(f"/visits/{touch.id}").text


def test_voiding_asks_why_and_can_be_taken_back(as_officer: Browser, session: Session, touch: Touch) -> None:
    assert as_officer.post(f"/visits/{touch.id}/void", {"reason": ""}).status_code == 422
    assert as_officer.post(f"/visits/{touch.id}/void", {"reason": "重复登记"}).status_code == 303
    page = as_officer.get(f"/visits/{touch.id}").text
    assert "作废原因：重复登记" in page
    assert as_officer.post(f"/visits/{touch.id}/restore").status_code == 303
    session.expire_all()
    assert session.scalars(select(Touch.voided_at)).all() == [None]


def test_a_correction_is_saved_and_an_empty_one_keeps_the_rest(as_officer: Browser, touch: Touch) -> None:
    data = {"summary": "谈了能耗。", "people": "李总", "intention": "strong"}
    refused = as_officer.post(f"/visits/{touch.id}/edit", {**data, "summary": ""})
    assert refused.status_code == 422
    assert "李总" in refused.text
    assert as_officer.post(f"/visits/{touch.id}/edit", data).status_code == 303
    assert "谈了能耗。" in as_officer.get(f"/visits/{touch.id}").text


def test_an_inspection_asks_for_its_report(as_officer: Browser, session: Session, office: Office) -> None:
    row = builders.touch(session, builders.enterprise(session), office.east, office.officer, kind=TouchKind.INSPECTION)
    session.commit()
    assert "还没有考察报告" in as_officer.get(f"/visits/{row.id}").text
    assert as_officer.post(f"/visits/{row.id}/report", {"report": " "}).status_code == 422
    assert as_officer.post(f"/visits/{row.id}/report", {"report": "看了两块地。"}).status_code == 303
    assert "看了两块地。" in as_officer.get(f"/visits/{row.id}").text


def test_the_tabs_of_field_work_stand_over_the_list(as_officer: Browser) -> None:
    page = as_officer.get("/visits").text
    tabs = page.split('aria-label="走访与活动"')[1].split("</nav>")[0]
    assert '<a href="/visits" aria-current="page">走访' in tabs
