"""Finding, merging and taking back a double in a real browser, on a desk and on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.auth.models import OrgUnit, User
from crm.auth.queries import actor_for
from crm.enterprises import services
from crm.enterprises.rules import EnterpriseDraft
from crm.register import duplicate_finding as finding
from tests.browser import office
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

ONE, TWO = office.FIRMS[0], "岚桥储能科技有限公司"
NARROW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office with one enterprise that is on record twice."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office.furnish(session)
            registrar = session.query(User).filter_by(username="xu").one()
            actor = actor_for(session, registrar, builders.TODAY)
            draft = EnterpriseDraft(TWO, region="江苏苏州", website="https://www.lanqiao.example", confirmed=True)
            row = services.create_enterprise(session, actor, draft, now=NOW)
            unit = session.query(OrgUnit).filter_by(name="长三角小分队").one()
            builders.contact(session, row, unit, registrar, "季晴", post="投资总监", phone="13800000009")
            finding.check(session, "enterprise", [row.id], now=NOW)
        yield found


def fits(page: Page) -> None:
    assert page.evaluate(NARROW), page.url


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_a_double_is_found_merged_and_taken_back(place: Live, gather: Callable[[Live], People], width: str) -> None:
    page = gather(place).enter("xu", phone=width == "phone")
    page.goto("/duplicates")
    card = page.locator(".d-pair").filter(has_text=TWO)
    expect(card).to_contain_text("名称只差法律后缀")
    fits(page)
    card.get_by_role("button", name="不是同一家").click()
    expect(page.get_by_text("已记为不是同一家，不再提示。")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    card.get_by_role("link", name="合并…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("合并预览")
    fits(page)
    if page.get_by_text("并入后隐去").locator("xpath=..").inner_text().find(TWO) < 0:
        page.get_by_role("link", name="左右对调").click()
    page.get_by_role("radio", name="江苏苏州").check()
    page.get_by_label("合并依据").fill("同一家登记了两次")
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ONE)
    toast = page.locator(".y-toast")
    expect(toast).to_contain_text(f"已把“{TWO}”并入“{ONE}”")
    expect(toast.get_by_role("link", name="合并记录")).to_be_visible()
    toast.get_by_role("button", name="撤销合并").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"“{TWO}”并入“{ONE}”")
    expect(page.get_by_text("撤销结果")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="打开恢复的一条").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TWO)


def test_a_name_being_typed_is_compared_at_once(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.goto("/enterprises/new")
    page.get_by_label("企业全称").fill("岚桥储能科技有限责任公司")
    page.get_by_label("统一社会信用代码").focus()
    expect(page.locator("#e-similar")).to_contain_text(TWO)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("checkbox", name=re.compile("仍要保存"))).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("仍要保存")).check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("岚桥储能科技有限责任公司")
