"""A review with one department absent: silence closes nothing unless it is lawful and the office allows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from crm.pipeline.models import Project
from crm.pipeline.rules import Stage
from tests.browser import road_reviews
from tests.browser.conftest import People, running_on_a_file
from tests.browser.road_reviews import press
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

THEN = datetime(2026, 11, 19, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SETTINGS = "/projects/settings/admission"
NUMBER = "评估纪要〔2026〕33号"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return an office with one project in review."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office = builders.office(session)
            road_reviews.furnish(session, office, THEN)
            firm = builders.enterprise(session, "岚桥储能科技股份有限公司")
            builders.project(session, firm, office.east, office.officer, stage=Stage.REVIEWING)
        yield found


def project_of(place: Live) -> str:
    with place.database.reading() as session:
        return f"/projects/{session.query(Project).one().id}"


def open_opinion(page: Page, project: str, name: str) -> None:
    page.goto(f"{project}/admission")
    page.get_by_role("table", name="六项意见").get_by_role("link", name=name).click()


def notify(page: Page, project: str, name: str) -> None:
    open_opinion(page, project, name)
    page.get_by_label("送达凭据").fill("云招函〔2026〕41号，窗口签收")
    press(page, "登记送达凭据")
    expect(page.get_by_text("送达凭据已登记")).to_be_visible()


def refused(page: Page, project: str, why: str) -> None:
    road_reviews.registrar_decides(page, project, NUMBER)
    expect(page.get_by_role("alert")).to_contain_text(why)


def test_an_absent_department_is_waited_for_unless_silence_is_lawful_and_allowed(
    place: Live, gather: Callable[[Live], People]
) -> None:
    people, project = gather(place), project_of(place)
    registrar, owner = people.enter("xu"), people.enter("chen")
    owner.goto(f"{project}/admission")
    press(owner, "发起评审")
    reviewer = people.enter(road_reviews.REVIEWER)
    road_reviews.departments_answer(reviewer, project, silent=("planning", "economy"))
    road_reviews.registrar_scores(registrar, project)
    road_reviews.board_votes(people, project)
    for name in ("城乡规划", "经济效益"):
        notify(registrar, project, name)
    refused(registrar, project, "“经济效益”还没有意见。")
    place.clock.pass_by(timedelta(days=14))
    registrar, reviewer = people.enter("xu"), people.enter(road_reviews.REVIEWER)
    open_opinion(registrar, project, "经济效益")
    expect(registrar.get_by_text("本办没有启用超时视同同意")).to_be_visible()

    registrar.goto(SETTINGS)
    registrar.get_by_label("启用超时视同同意（仅限内部意见，须有送达凭据）").check()
    press(registrar, "保存评审规则")
    open_opinion(registrar, project, "城乡规划")
    expect(registrar.get_by_text("“城乡规划”是法定意见，任何情况下都不能视同同意")).to_be_visible()
    expect(registrar.get_by_role("button", name="按视同同意登记")).to_have_count(0)
    open_opinion(registrar, project, "经济效益")
    registrar.get_by_label("部门责任人").select_option(label="会审员")
    press(registrar, "按视同同意登记")
    expect(registrar.get_by_role("table", name="六项意见")).to_contain_text("视同同意（超时）")
    refused(registrar, project, "“城乡规划”还没有意见。")

    road_reviews.departments_answer(
        reviewer, project, silent=("law", "industry_policy", "admission", "environment", "economy")
    )
    road_reviews.registrar_decides(registrar, project, NUMBER)
    expect(registrar.get_by_text(NUMBER).first).to_be_visible()
