"""After the signing: one project goes on to production, another is let go and its land is offered again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from docx import Document
from playwright.sync_api import expect

from tests.browser.conftest import People, running_on_a_file
from tests.browser.road import open_link, press
from tests.support import builders, deliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

NAME = "岚桥储能项目"
PAPER = {"name": "证照.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n1\n%%EOF\n"}
TO_PRODUCTION = (
    "公司注册", "项目备案", "土地", "规划许可", "环评", "能评", "施工许可", "项目开工", "纳统", "项目竣工", "项目投产",
)  # fmt: skip
REASON = "多次电话联系，对方没有答复"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office with a project signed in September, late with its deposit, on a plot."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            deliveries.deal(session, builders.office(session), name=NAME)
        yield found


def reached(page: Page, stage: str) -> str:
    """Read how many projects reached a stage this year, on the page of the funnel."""
    page.goto("/reports/funnel?period=year")
    line = page.get_by_role("table", name="到达各阶段的项目数").locator(
        "tr", has=page.get_by_role("cell", name=stage, exact=True)
    )
    return line.locator("td.y-num").first.inner_text()


def the_plan_is_walked_to_production(page: Page) -> None:
    page.goto("/projects/1/plan")
    press(page, "现在生成")
    for label in TO_PRODUCTION:
        page.goto("/projects/1/plan")
        open_link(page, label)
        page.get_by_label("证照或批复编号").fill(f"云{label}〔2026〕1号")
        if label == "项目开工":
            page.get_by_label("主体工程已经动工").check()
        page.locator("form[action$=finish] input[type=file]").set_input_files(PAPER)  # type: ignore[arg-type]  # a plain dict of the same shape
        press(page, "办结")
        expect(page.get_by_text("办结日期").first).to_be_visible()


def test_a_signed_project_goes_on_to_production_and_the_funnel_counts_it(
    place: Live, gather: Callable[[Live], People]
) -> None:
    people = gather(place)
    leader, officer = people.enter("shen"), people.enter("chen")
    assert [reached(leader, stage) for stage in ("开工", "投产")] == ["0", "0"]
    the_plan_is_walked_to_production(officer)
    officer.goto("/projects/1")
    expect(officer.locator("[aria-current=step]")).to_contain_text("投产")
    assert [reached(leader, stage) for stage in ("开工", "投产")] == ["1", "1"]


def download(page: Page, folder: Path) -> str:
    """Download the letter of the last step and return its words."""
    with page.expect_download() as saved:
        page.get_by_role("link", name="下载函件").last.click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def step(people: People, who: str, kind: str, days: str = "") -> Page:
    """Do the next step of the case as a person of the office."""
    page = people.enter(who)
    page.goto("/exit-cases")
    open_link(page, NAME)
    page.get_by_label("下一步").select_option(kind)
    page.get_by_label("期限（工作日）").fill(days)
    page.get_by_label("情况说明").fill(REASON)
    press(page, "办理")
    return page


def test_a_missed_deposit_ends_in_termination_and_the_land_is_offered_again(
    place: Live, gather: Callable[[Live], People], tmp_path: Path
) -> None:
    people = gather(place)
    page = people.enter("chen")
    before = reached(page, "签约")
    page.goto("/projects/1/obligations")
    open_link(page, "启动退出：发提醒函")
    page.get_by_label("事由").select_option("保证金逾期")
    page.get_by_label("期限（工作日）").fill("5")
    page.get_by_label("情况说明").fill(REASON)
    press(page, "发提醒函")
    assert "关于按约履行合同义务的提醒函" in download(page, tmp_path)
    place.clock.pass_by(timedelta(days=10))
    assert "限期整改通知书" in download(step(people, "lin", "限期整改通知", "10"), tmp_path)
    place.clock.pass_by(timedelta(days=20))
    step(people, "lin", "提请终止")
    page = step(people, "shen", "签发终止函")
    assert "重新招商：岚桥1号地60亩" in download(page, tmp_path)
    place.clock.pass_by(timedelta(days=1))
    page = people.enter("xu")
    page.goto("/carriers?again=1")
    expect(page.get_by_role("table").first).to_contain_text("岚桥1号地")
    assert (before, reached(page, "签约")) == ("1", "0")
