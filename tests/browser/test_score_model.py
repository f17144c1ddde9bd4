"""A weight edited, previewed, published and taken back in a real browser, on a desk and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.scoring import services as scoring
from crm.scoring.models import EnterpriseScore
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office with one enterprise of which one contact is known."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office = builders.office(session)
            firm = builders.enterprise(session, "岚桥储能股份有限公司")
            builders.contact(session, firm, office.east, office.officer)
            scoring.rescore(session, firm.id, now=NOW, cause="test")
        yield found


def points(place: Live) -> int:
    with place.database.reading() as session:
        return session.query(EnterpriseScore).one().points


def fits(page: Page) -> None:
    assert page.evaluate(NARROW), page.url


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_a_weight_is_edited_previewed_published_and_rolled_back(
    place: Live, gather: Callable[[Live], People], width: str
) -> None:
    before = points(place)
    page = gather(place).enter("xu", phone=width == "phone")
    page.goto("/score-model/table")
    fits(page)
    page.get_by_role("button", name="改权重").click()
    _edit(page)
    _preview(page, place, before)
    page.get_by_label("为什么改用这个版本").fill("有联系人的企业更容易约见，应当多给分")
    page.get_by_role("button", name="发布这个版本").click()
    expect(page.locator(".y-alert-good").first).to_contain_text("所有企业按这个版本评分")
    assert points(place) == before, "not in the request: workers score anew"
    place.drain()
    assert points(place) == before + 9
    page.goto("/score-model/versions")
    fits(page)
    expect(page.get_by_text("有联系人的企业更容易约见，应当多给分").first).to_be_visible()
    page.get_by_role("link", name=re.compile("expert-2")).click()
    page.get_by_label("为什么改用这个版本").fill("先退回，下周再议")
    page.get_by_role("button", name="退回到这个版本").click()
    expect(page.locator(".y-alert-good").first).to_contain_text("所有企业按这个版本评分")
    place.drain()
    assert points(place) == before


def _edit(page: Page) -> None:
    """Words and points say the same; the wrong number is refused with its words beside it."""
    fits(page)
    field, word = page.locator("#p-contacts-1"), page.locator("select[name=w-contacts-1]")
    word.select_option("很看重")
    expect(field).to_have_value("12")
    field.fill("-8")
    expect(word).to_have_value("扣分")
    field.fill("99")
    page.get_by_role("button", name="保存并预览谁会变").click()
    expect(page.locator("#p-contacts-1-error")).to_contain_text("请填−60到60之间的分数")
    expect(field).to_have_value("99")
    fits(page)
    field.fill("12")
    page.get_by_role("button", name="保存并预览谁会变").click()


def _preview(page: Page, place: Live, before: int) -> None:
    expect(page.get_by_role("status").first).to_contain_text("正在给全部企业各算两遍分")
    place.drain()
    page.get_by_role("link", name="看结果").click()
    expect(page.get_by_text("1家企业：1家上升")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="岚桥储能")
    expect(row).to_contain_text(str(before + 9))
    fits(page)
