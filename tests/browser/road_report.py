"""The last part of the whole road: the weekly report, from its draft to the numbers of the frozen one."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from docx import Document
from playwright.sync_api import expect

from tests.browser.road import SHANGHAI, open_link

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.road import Road

CUT_OFF = datetime(2026, 11, 20, 10, 5, tzinfo=SHANGHAI)
WEEK = "2026-W47"


def the_registrar_builds_and_edits_the_report(road: Road) -> None:
    page = road.registrar
    road.live.clock.move_to(CUT_OFF)
    page.goto("/reports/weekly")
    page.get_by_role("button", name="生成周报").click()
    dialog = page.get_by_role("dialog", name="生成周报")
    dialog.locator("[name=week]").fill(WEEK)
    dialog.get_by_role("button", name="生成草稿").click()
    expect(page.get_by_text("正在汇总")).to_be_visible()
    road.work()
    expect(page.get_by_text("这是草稿")).to_be_visible()
    issues = page.locator("#s-issues")
    issues.locator("summary").click()
    issues.locator("textarea").fill("北区变电站扩容方案尚未确定，请供电部门十一月底前答复。")
    issues.get_by_role("button", name="保存").click()
    expect(issues).to_contain_text("请供电部门十一月底前答复")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_text("等待审批")).to_be_visible()


def the_leader_freezes_and_downloads(road: Road, folder: Path) -> str:
    page = road.leader
    page.goto(f"/reports/weekly/{WEEK}")
    page.get_by_role("button", name="同意定稿").click()
    page.get_by_role("button", name="定稿编号").click()
    page.get_by_role("dialog", name="定稿并编号").get_by_role("button", name="定稿").click()
    expect(page.get_by_text("第1期（总第1期）")).to_be_visible()
    with page.expect_download() as download:
        open_link(page, "下载Word")
    path = folder / "weekly.docx"
    download.value.save_as(path)
    assert download.value.suggested_filename.endswith(f"{WEEK}.docx")
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def rows_behind(page: Page, key: str) -> int:
    """Count what the link of a figure lists."""
    page.goto(f"/reports/weekly/{WEEK}")
    page.locator(f".y-doc-figures a[href$='/figure/{key}']").first.click()
    rows = page.locator("table[data-list] tbody tr")
    expect(rows.first).to_be_visible()
    return rows.count()


def printed(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    assert found, text
    return int(found.group(1))
