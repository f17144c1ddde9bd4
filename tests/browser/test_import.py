"""An import in a real browser: upload, columns, a bad cell mended in the grid, a doubt settled, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from crm.enterprises.models import Enterprise, EnterpriseAlias
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

KNOWN = "岚桥储能科技有限公司"
LEDGER = (
    "企业名称,统一社会信用代码,注册资本（万元）,联系人,手机\n"
    "岚桥储能科技集团有限公司,,,,\n"
    "禾砺机器人有限公司,91350100M000100Y44,无数,顾青,13800000001\n"
    "晟澜半导体材料有限公司,,5000,,\n"
)


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office with one enterprise."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            builders.office(session)
            row = builders.enterprise(session, KNOWN)
            short = {"alias": "岚桥储能科技", "folded": "岚桥储能科技", "kind": "short"}
            session.add(EnterpriseAlias(enterprise_id=row.id, **short))
        yield found


def names(place: Live) -> set[str]:
    with place.database.reading() as session:
        return set(session.scalars(select(Enterprise.name).where(Enterprise.deleted_at.is_(None))))


def checked(place: Live, page: Page) -> None:
    """Upload the ledger, take its columns as they were read, and wait for the check."""
    page.goto("/imports")
    file = {"name": "线索台账.csv", "mimeType": "text/csv", "buffer": LEDGER.encode("gb18030")}
    page.get_by_label("选择文件，或把文件拖到这里").set_input_files(file)  # type: ignore[arg-type]  # a file payload
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("这份文件怎么读")
    expect(page.get_by_label("注册资本（万元）", exact=True)).to_have_value("capital")
    page.get_by_role("button", name="保存并开始核对").click()
    expect(page.get_by_role("heading", name="正在核对")).to_be_visible()
    place.drain()
    expect(page.get_by_role("button", name="开始导入（新增 1 家、更新 0 家、跳过 1 行）")).to_be_visible()


def test_a_bad_cell_is_mended_in_the_grid_and_everything_is_taken_back(
    place: Live, gather: Callable[[Live], People]
) -> None:
    page = gather(place).enter("xu")
    checked(place, page)
    expect(page.get_by_text("“无数”不是金额")).to_be_visible()
    page.locator("#cell-3-2").click()
    page.get_by_role("textbox", name="注册资本（万元）").fill("1200")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“无数”不是金额")).to_have_count(0)
    page.locator("#cell-3-1").click()
    page.get_by_role("textbox", name="统一社会信用代码").fill("91350100M000100Y43")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="开始导入（新增 2 家、更新 0 家、跳过 0 行）")).to_be_visible()
    page.get_by_role("link", name="待核对").first.click()
    page.get_by_role("button", name="就是它").click()
    page.get_by_role("button", name="开始导入（新增 2 家、更新 1 家、跳过 0 行）").click()
    expect(page.get_by_role("heading", name="正在导入")).to_be_visible()
    place.drain()
    expect(page.get_by_role("link", name="撤销导入")).to_be_visible()
    assert names(place) == {KNOWN, "禾砺机器人有限公司", "晟澜半导体材料有限公司"}
    page.get_by_role("link", name="撤销导入").click()
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("heading", name="正在撤销")).to_be_visible()
    place.drain()
    expect(page.get_by_text("没有留下任何一行。")).to_be_visible()
    assert names(place) == {KNOWN}


def test_on_a_phone_a_row_is_a_card_and_its_bad_cell_is_mended_with_the_thumb(
    place: Live, gather: Callable[[Live], People]
) -> None:
    page = gather(place).enter("xu", phone=True)
    checked(place, page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="第 3 行", exact=True).tap()
    page.get_by_label("注册资本（万元）").fill("1200")
    page.get_by_label("统一社会信用代码").fill("")
    page.get_by_role("button", name="保存并重新核对这一行").tap()
    expect(page.get_by_role("button", name="开始导入（新增 2 家、更新 0 家、跳过 0 行）")).to_be_visible()
    page.get_by_role("link", name="待核对").first.tap()
    page.get_by_role("button", name="跳过这一行").tap()
    page.get_by_role("button", name="开始导入（新增 2 家、更新 0 家、跳过 1 行）").tap()
    expect(page.get_by_role("heading", name="正在导入")).to_be_visible()
    place.drain()
    expect(page.get_by_role("link", name="撤销导入")).to_be_visible()
    assert names(place) == {KNOWN, "禾砺机器人有限公司", "晟澜半导体材料有限公司"}


def test_a_wide_ledger_scrolls_in_its_table_and_not_the_page(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("xu")
    checked(place, page)
    page.set_viewport_size({"width": 800, "height": 700})
    assert page.evaluate("document.querySelector('.y-table-wrap').scrollWidth > 800")
    assert page.evaluate("document.documentElement.scrollWidth") == 800
