"""The whole road once: from a news page nobody has seen to the frozen weekly report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import road_deals, road_reviews
from tests.browser.conftest import People, running
from tests.browser.road import FIRM, THURSDAY, Road, furnish, open_link, press, whole_number
from tests.browser.road_report import (
    printed,
    rows_behind,
    the_leader_freezes_and_downloads,
    the_registrar_builds_and_edits_the_report,
)
from tests.support.site import news_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from crm.core.db import Database
    from tests.support.live import Live

QUOTE = "岚桥储能拟投资12亿元新建储能电芯工厂"
PROJECT = "岚桥储能电芯工厂项目"
BASE = 50


@pytest.fixture
def site() -> Iterator[str]:
    """Return the address of a news site with three new pages."""
    with news_site() as address:
        yield address


@pytest.fixture
def place(database: Database, tmp_path: Path, site: str) -> Iterator[Live]:
    """Return the furnished office on Thursday afternoon, running."""
    with database.transaction() as session:
        furnish(session)
    with running(database, tmp_path / "data", THURSDAY, {"YINFENG_CRAWL_ALLOW": site}) as found:
        yield found


@pytest.fixture
def road(place: Live, site: str, gather: Callable[[Live], People]) -> Road:
    """Return the road with three people signed in."""
    people = gather(place)
    return Road(place, site, people, people.sign_in("chen"), people.sign_in("xu"), people.sign_in("shen"))


def card(page: Page) -> Locator:
    return page.locator("[data-card]").filter(has_text=PROJECT)


def column(page: Page, stage: str) -> Locator:
    return page.locator(f"[data-stage={stage}]")


def current_step(page: Page) -> Locator:
    return page.locator("[aria-current=step]")


def the_registrar_adds_a_source_and_crawls_it(road: Road) -> None:
    page = road.registrar
    page.goto("/sources/new")
    page.get_by_label("名称").fill("云溪产业观察")
    page.get_by_label("类型").select_option("rss")
    page.locator("#url").fill(f"http://{road.site}/rss.xml")
    press(page, "直接保存并抓取")
    expect(page.get_by_role("heading", level=1)).to_have_text("云溪产业观察")
    road.work()
    press(page, "立即抓取")
    road.work()
    page.reload()
    first = page.get_by_role("table", name="抓取记录").locator("tbody tr").last
    expect(first).to_contain_text("完成")
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="没有入库的页面")).to_be_visible()
    expect(page.get_by_text("garbage.html")).to_be_visible()


def the_officer_turns_the_signal_into_a_lead(road: Road) -> None:
    page = road.officer
    page.goto("/signals")
    found = page.get_by_role("article").filter(has_text=QUOTE)
    expect(found.get_by_role("heading")).to_have_text(FIRM)
    expect(found.locator("blockquote")).to_contain_text(QUOTE)
    found.get_by_role("link", name="转线索").click()
    page.get_by_role("dialog").get_by_role("button", name="转线索").click()
    open_link(page, "查看项目")
    expect(current_step(page)).to_contain_text("线索")
    open_link(page, "修改")
    page.get_by_label("项目名称").fill(PROJECT)
    page.get_by_label("总投资（万元）").fill("120000")
    press(page, "保存")
    expect(page.get_by_role("heading", level=1)).to_have_text(PROJECT)
    road.work()


def the_team_lead_passes_the_triage(road: Road, project: str) -> None:
    page = road.people.enter("lin")
    page.goto(f"{project}/intake")
    press(page, "研判通过并分办")
    expect(page.get_by_text("已接收").first).to_be_visible()


def the_score_is_the_sum_of_its_reasons(page: Page) -> None:
    page.goto("/enterprises")
    open_link(page, FIRM)
    page.locator("summary.y-score").click()
    panel = page.locator(".y-score-panel")
    expect(panel).to_be_visible()
    points = [whole_number(text) for text in panel.locator("li .y-points").all_inner_texts()]
    shown = whole_number(page.locator("summary.y-score b").inner_text())
    assert len(points) > 1
    assert shown == BASE + sum(points)


def the_officer_visits_with_a_phone(road: Road) -> None:
    page = road.people.enter("chen", phone=True)
    page.goto("/")
    page.get_by_role("link", name="记走访").last.click()
    page.get_by_placeholder("输入名称找企业，两个字起").fill("岚桥")
    page.get_by_label(FIRM).check()
    page.get_by_label("见了谁").fill("总经理助理 顾青")
    page.get_by_label("谈了什么").fill("对方要求双回路供电和铁路专用线，答应十天内给出用电方案。")
    page.get_by_label("下步打算").fill("寄送用电方案")
    page.get_by_label("期限").fill("2026-11-27")
    press(page, "保存走访")
    expect(page.get_by_role("status").get_by_text(f"已记走访：{FIRM}")).to_be_visible()
    road.work()


def the_project_goes_to_the_inspection(road: Road) -> None:
    page = road.officer
    page.goto("/projects")
    card(page).drag_to(column(page, "inspecting").locator("[data-cards]"))
    expect(page.locator("#y-dialog")).to_contain_text("不能跳过阶段")
    page.locator("#y-dialog").get_by_role("button", name="关闭").click()
    card(page).drag_to(column(page, "visiting").locator("[data-cards]"))
    expect(column(page, "visiting").locator("[data-count]")).to_have_text("1")
    expect(column(page, "visiting").get_by_text(PROJECT)).to_be_visible()
    card(page).get_by_role("link", name=PROJECT).click()
    expect(current_step(page)).to_contain_text("走访对接")
    press(page, "推进到考察")
    expect(current_step(page)).to_contain_text("考察")
    blocked = page.get_by_role("button", name="推进到研判评审")
    expect(blocked).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#why-blocked")).to_contain_text("至少一次考察、有考察报告")


def the_inspection_opens_the_review(road: Road) -> None:
    page = road.officer
    open_link(page, "记考察")
    page.get_by_label("见了谁").fill("董事长一行四人")
    page.get_by_label("谈了什么").fill("实地看了北区两个地块和变电站。")
    more = page.locator("details").filter(has_text="考察报告")
    if more.get_attribute("open") is None:
        more.locator("summary").click()
    page.get_by_role("textbox", name="考察报告").fill(
        "来访四人，看了北区两个地块，对方倾向二号地块，我方答应测算用电价格。"
    )
    press(page, "保存走访")
    expect(current_step(page)).to_contain_text("考察")
    press(page, "推进到研判评审")
    expect(current_step(page)).to_contain_text("研判评审")
    road.work()


def the_review_passes_and_the_papers_arrive(road: Road, project: str) -> None:
    road_reviews.review(road.people, road.officer, road.registrar, project, "评估纪要〔2026〕21号")
    road.officer.goto(project)
    expect(road.officer.get_by_text("评估纪要〔2026〕21号").first).to_be_visible()
    road_reviews.approve(road.officer, road.registrar, project)


def the_officer_signs(road: Road, project: str) -> None:
    page = road.officer
    page.goto(project)
    press(page, "推进到拟签约")
    expect(current_step(page)).to_contain_text("拟签约")
    page.get_by_role("link", name="登记合同").click()
    page.get_by_label("正式合同").check()
    page.get_by_label("签订日期").fill("2026-11-19")
    page.get_by_label("协议金额（万元）").fill("120000")
    road_deals.fill_covenant(page)
    press(page, "上报协议")
    expect(page.get_by_text("待认定", exact=True)).to_be_visible()
    road_deals.fill_team(page, project)
    page.goto(project)
    press(page, "推进到签约")
    expect(current_step(page)).to_contain_text("签约")
    road.work()


def the_recogniser_recognises(road: Road, project: str) -> None:
    page = road.people.enter("tang")
    page.goto(project)
    open_link(page, "认定")
    press(page, "认定")
    expect(page.locator(".y-seal", has_text="12亿元")).to_be_visible()


def the_funnel_counts_one_signed(page: Page) -> None:
    page.goto("/reports/funnel")
    line = page.get_by_role("table", name="到达各阶段的项目数").locator(
        "tr", has=page.get_by_role("cell", name="签约", exact=True)
    )
    expect(line.get_by_role("link").first).to_have_text("1")
    line.get_by_role("link").first.click()
    rows = page.get_by_role("table", name="数字明细").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(PROJECT)


def test_from_an_unseen_news_page_to_a_weekly_report_whose_numbers_are_their_rows(road: Road, tmp_path: Path) -> None:
    the_registrar_adds_a_source_and_crawls_it(road)
    the_officer_turns_the_signal_into_a_lead(road)
    project = road.officer.url
    the_team_lead_passes_the_triage(road, project)
    the_score_is_the_sum_of_its_reasons(road.officer)
    the_officer_visits_with_a_phone(road)
    the_project_goes_to_the_inspection(road)
    the_inspection_opens_the_review(road)
    the_review_passes_and_the_papers_arrive(road, project)
    the_officer_signs(road, project)
    the_recogniser_recognises(road, project)
    the_score_is_the_sum_of_its_reasons(road.officer)
    the_funnel_counts_one_signed(road.leader)
    the_registrar_builds_and_edits_the_report(road)
    text = the_leader_freezes_and_downloads(road, tmp_path)
    assert "请供电部门十一月底前答复" in text
    assert printed(text, r"拜访企业(\d+)家") == rows_behind(road.leader, "visits") == 3
    assert printed(text, r"新增线索(\d+)条") == rows_behind(road.leader, "leads") == 2
    assert printed(text, r"新签约项目(\d+)个") == rows_behind(road.leader, "signings") == 1
