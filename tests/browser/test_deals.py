"""Agreements and mistakes as people meet them: a framework is no signing; a wrong move is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.pipeline.rules import AgreementKind, Stage
from tests.browser.conftest import People, running_on_a_file
from tests.service.pipeline.helpers import agreed, at_signing, lead, visited, walk
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.support.live import Live


def furnish(session: Session) -> None:
    """Write a project before signing with a framework agreement, and one in talks."""
    office = builders.office(session)
    agreed(session, office, at_signing(session, office), AgreementKind.FRAMEWORK)
    talks = walk(session, office, lead(session, office, name="年产十万套轴承项目"), Stage.VISITING)
    visited(session, office, talks)


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return the running office."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            furnish(session)
        yield found


@pytest.fixture
def people(place: Live, gather: Callable[[Live], People]) -> People:
    """Return the people of the office with their windows."""
    return gather(place)


def fill_row(page: Page, number: int, side: str, words: str, amount: str) -> None:
    """Fill one row of the obligations of a contract."""
    page.locator(f"#promise-side-{number}").select_option(side)
    page.locator(f"#promise-text-{number}").fill(words)
    page.locator(f"#promise-amount-{number}").fill(amount)
    page.locator(f"#promise-due-{number}").fill("2026-12-31")


def test_a_framework_agreement_is_not_counted_as_signed(people: People) -> None:
    page = people.enter("chen")
    page.goto("/projects/1/agreements")
    expect(page.locator("main")).to_contain_text("计入签约的只有正式合同：0")
    expect(page.get_by_role("row", name="框架协议")).to_contain_text("不计签约")
    page.goto("/projects/1/move?stage=signed")
    expect(page.get_by_role("heading", name="还不能推进到“签约”")).to_be_visible()
    page.get_by_role("link", name="登记合同").click()
    page.get_by_label("正式合同").check()
    page.get_by_label("签订日期").fill("2026-11-19")
    page.get_by_label("协议金额（万元）").fill("12000")
    page.get_by_role("button", name="上报协议").click()
    expect(page.locator("main")).to_contain_text("正式合同须登记“我方义务”")
    fill_row(page, 1, "ours", "交付净地", "500")
    page.get_by_role("button", name="加一行").click()
    fill_row(page, 4, "theirs", "开工建设", "")
    page.get_by_label("不收保证金的理由").fill("厂房租赁项目")
    page.get_by_role("button", name="上报协议").click()
    page.goto("/projects/1/agreements")
    expect(page.locator("main")).to_contain_text("计入签约的只有正式合同：1.2亿元")
    page.get_by_role("link", name="正式合同").click()
    expect(page.locator("main")).to_contain_text("交付净地（500万元）")


def test_a_mistaken_move_is_taken_back_with_its_reason(people: People) -> None:
    page = people.enter("chen")
    page.goto("/projects/2")
    page.get_by_role("button", name="推进到考察").click()
    page.get_by_role("link", name="点错了？撤销").click()
    page.get_by_label("撤销理由").fill("点错了项目")
    page.get_by_role("button", name="撤销这次变动").click()
    expect(page.locator("main")).to_contain_text("已撤销，不计入")
    expect(page.locator("main")).to_contain_text("点错了项目")
    page.goto("/projects/2")
    expect(page.locator("[aria-current=step]")).to_contain_text("走访对接")
    page.goto("/projects?view=list")
    expect(page.get_by_role("row", name="年产十万套轴承项目")).to_contain_text("走访对接")
