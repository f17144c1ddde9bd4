"""The board under the hand: a blocked drag mended in place, keys, the bar of lateness, the menu of the phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from crm.core.db import Database
from crm.fieldwork.models import FollowUp
from crm.pipeline.rules import Stage
from tests.browser.conftest import running
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from sqlalchemy.orm import Session

    from tests.browser.conftest import People
    from tests.support.live import Live

UNSEEN, CALLED, QUIET = "岚桥电芯项目", "禾砺机器人项目", "晟澜封装项目"


def furnish(session: Session) -> None:
    """Write three projects in talks: never visited, with a promise overdue, with nothing promised."""
    office = builders.office(session)
    for number, name in enumerate((UNSEEN, CALLED, QUIET)):
        firm = builders.enterprise(session)
        since = NOW - timedelta(hours=number)
        deal = builders.project(
            session, firm, office.east, office.officer, name=name, stage=Stage.VISITING, stage_since=since
        )
        if name != UNSEEN:
            builders.touch(session, firm, office.east, office.officer, project_id=deal.id)
        if name == CALLED:
            session.add(
                FollowUp(
                    title="送测算表",
                    project_id=deal.id,
                    unit_id=office.east.id,
                    owner_id=office.officer.id,
                    due_on=TODAY - timedelta(days=2),
                    created_by=office.officer.id,
                    created_at=NOW,
                )
            )


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Iterator[Live]:
    path = tmp_path / "live.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        furnish(session)
    with running(database, tmp_path / "data") as found:
        yield found
    database.dispose()


def card(page: Page, name: str) -> Locator:
    return page.locator("[data-card]").filter(has_text=name)


def column(page: Page, stage: str) -> Locator:
    return page.locator(f"[data-stage={stage}]")


def dialog(page: Page) -> Locator:
    return page.locator("#y-dialog")


def test_a_blocked_drag_snaps_back_and_is_mended_in_place(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.goto("/projects")
    card(page, UNSEEN).drag_to(column(page, "inspecting").locator("[data-cards]"))
    expect(dialog(page)).to_contain_text("还不能推进到“考察”")
    expect(column(page, "visiting").get_by_text(UNSEEN)).to_be_attached()
    expect(column(page, "visiting").locator("[data-count]")).to_have_text("3")
    expect(page.locator("[data-live]")).to_have_text(f"“{UNSEEN}”没有移动，回到走访对接")
    dialog(page).get_by_role("button", name="补齐并推进到考察").click()
    expect(dialog(page)).to_contain_text("请至少补上一项")
    dialog(page).get_by_label("走访谈了什么").fill("看了厂房，谈了用工和物流。")
    dialog(page).get_by_role("button", name="补齐并推进到考察").click()
    expect(dialog(page)).to_be_hidden()
    expect(column(page, "inspecting").get_by_text(UNSEEN)).to_be_visible()
    expect(column(page, "inspecting").locator("[data-count]")).to_have_text("1")
    expect(column(page, "visiting").locator("[data-count]")).to_have_text("2")
    page.reload()
    expect(column(page, "inspecting").get_by_text(UNSEEN)).to_be_visible()


def test_a_card_moves_with_the_keys_and_says_so(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.goto("/projects")
    card(page, CALLED).focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, "inspecting").get_by_text(CALLED)).to_be_visible()
    expect(page.locator("[data-live]")).to_have_text(f"“{CALLED}”已移到考察")
    expect(card(page, CALLED)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(card(page, UNSEEN)).to_be_focused()


def test_a_segment_of_the_bar_narrows_the_board_and_widens_it_again(
    place: Live, gather: Callable[[Live], People]
) -> None:
    page = gather(place).enter("chen")
    page.goto("/projects")
    segment = column(page, "visiting").get_by_role("link", name="超期 1")
    segment.click()
    expect(page).to_have_url(f"{place.url}/projects?due=overdue")
    expect(page.locator("[data-card]")).to_have_count(1)
    expect(card(page, CALLED)).to_be_visible()
    segment.click()
    expect(page).to_have_url(f"{place.url}/projects")
    expect(page.locator("[data-card]")).to_have_count(3)


def test_the_clock_of_a_card_opens_its_steps(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    page.goto("/projects")
    card(page, CALLED).get_by_role("link", name="下步：超期2天").click()
    expect(dialog(page)).to_contain_text("送测算表")
    dialog(page).get_by_role("button", name="完成", exact=True).click()
    expect(dialog(page)).to_contain_text("还没有安排下步")
    dialog(page).get_by_label("下步做什么").fill("约第二次面谈")
    dialog(page).get_by_role("button", name="安排下步").click()
    expect(dialog(page)).to_contain_text("约第二次面谈")
    dialog(page).get_by_role("button", name="关闭").click()
    expect(card(page, CALLED)).to_contain_text("还有")
    expect(column(page, "visiting").get_by_role("link", name="已安排 1")).to_be_attached()


def test_the_phone_moves_a_card_by_its_menu(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen", phone=True)
    page.goto("/projects?lane=visiting")
    card(page, QUIET).get_by_role("link", name="移动").click()
    dialog(page).get_by_role("link", name="推进到考察").click()
    expect(dialog(page)).to_contain_text("至少一次走访")
    dialog(page).get_by_role("button", name="推进到考察").click()
    expect(dialog(page)).to_be_hidden()
    expect(column(page, "visiting").locator("[data-count]")).to_have_text("2")
    page.goto("/projects?lane=inspecting")
    expect(column(page, "inspecting").get_by_text(QUIET)).to_be_visible()
