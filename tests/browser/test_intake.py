"""A tip typed on a phone is triaged at a desk and accepted on another phone; its reporter sees what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.enterprises import services as enterprises
from crm.enterprises.rules import EnterpriseDraft
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

FIRM = "云岭电子科技股份有限公司"
TIP = "听商会李会长说，云岭电子想在长三角建第二个工厂"
PROJECT = "云岭电子第二工厂项目"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running office that knows one enterprise."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office = builders.office(session)
            registrar = office.actor(session, office.registrar)
            enterprises.create_enterprise(session, registrar, EnterpriseDraft(name=FIRM), now=NOW)
        yield found


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_tip_goes_from_a_phone_through_triage_to_who_accepts_it(
    place: Live, gather: Callable[[Live], People]
) -> None:
    people = gather(place)
    leader = people.enter("shen", phone=True)
    leader.get_by_role("navigation", name="底部导航").get_by_role("link", name="报线索").click()
    leader.get_by_label("谁想投什么，从哪听来的").fill(TIP)
    leader.wait_for_load_state()
    leader.get_by_label("企业名称（不知道可以不填）").press_sequentially("云岭电子")
    expect(leader.get_by_label(FIRM)).to_be_visible()
    press(leader, "报上去")
    expect(leader.get_by_text("待答复")).to_be_visible()

    registrar = people.enter("xu")
    registrar.goto("/leads")
    registrar.get_by_role("link", name=TIP).click()
    registrar.get_by_role("link", name=FIRM).click()
    registrar.get_by_label("项目名称").fill(PROJECT)
    press(registrar, "登记线索")
    registrar.get_by_label("交给谁").select_option(label="陈晓")
    press(registrar, "研判通过并分办")
    expect(registrar.get_by_text("等对方答复").first).to_be_visible()

    officer = people.enter("chen", phone=True)
    officer.get_by_role("link", name="线索待接收").click()
    press(officer, "接收")
    expect(officer.locator("main")).to_contain_text("已接收")
    expect(officer.locator("main")).to_contain_text("陈晓")

    leader.reload()
    expect(leader.get_by_text("已转为线索")).to_be_visible()
    expect(leader.get_by_text("已接收")).to_be_visible()
