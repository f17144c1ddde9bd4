"""The palette in a real browser: found by the sound of a name, opened by a key or a finger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import office
from tests.browser.conftest import People, running_on_a_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.live import Live

NAME = office.FIRMS[0]  # 岚桥储能科技股份有限公司
INITIALS = "lqcn"
BOX = "搜索企业、联系人、项目和页面"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running, furnished office of its own."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office.furnish(session)
        yield found


def test_pinyin_initials_and_enter_open_the_enterprise(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name=BOX).press_sequentially(INITIALS)
    first = page.get_by_role("option", name=NAME).first
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("group", name="最近打开")).to_contain_text(NAME)


def test_arrows_walk_and_a_sign_narrows_to_commands(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name=BOX).press_sequentially(">zf")
    expect(page.get_by_role("option", name="新增企业")).to_have_count(0)
    expect(page.get_by_role("option", name="走访", exact=True)).to_be_visible()
    page.get_by_role("combobox", name=BOX).fill(">")
    expect(page.get_by_role("option", name="新增企业")).to_be_visible()
    expect(page.get_by_role("option", name="记走访")).to_have_attribute("aria-selected", "true")
    for passed in ("报线索", "登记诉求", "登记出访", "登记接待", "新增企业"):
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("option", name=passed)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{place.url}/enterprises/new")


def test_enter_before_the_results_opens_the_first_of_them(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name=BOX).fill(INITIALS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def test_on_a_phone_the_search_box_opens_the_palette_over_the_whole_screen(
    place: Live, gather: Callable[[Live], People]
) -> None:
    page = gather(place).enter("chen", phone=True)
    page.get_by_role("searchbox", name="搜索企业、项目、联系人、走访").tap()
    box = page.get_by_role("combobox", name=BOX)
    expect(box).to_be_focused()
    size = page.locator("#y-palette").bounding_box()
    assert size is not None
    assert (size["width"], size["height"]) == (390, 844)
    box.press_sequentially(INITIALS)
    page.get_by_role("option", name=NAME).first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
