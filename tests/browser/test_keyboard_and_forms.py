"""Keys, forms and small comforts: what a person does all day, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from crm.fieldwork.models import Touch
from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.rules import LeadState
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage
from crm.signals.models import Signal, SignalState
from tests.browser import office
from tests.browser.conftest import People, running_on_a_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.support.live import Live

SEND = "form => fetch(form.action, { method: 'POST', body: new FormData(form) }).then(answer => answer.status)"
SUMMARY = "对方要求双回路供电，答应十天内给出用电方案。"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running, furnished office of its own for each test."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office.furnish(session)
        yield found


@pytest.fixture
def page(place: Live, gather: Callable[[Live], People]) -> Page:
    """Return the window of the officer, signed in."""
    return gather(place).enter("chen")


def lane(page: Page, stage: Stage) -> Locator:
    return page.locator(f"[data-stage={stage}] [data-card]")


def test_a_card_moves_one_stage_with_shift_and_the_arrow_and_keeps_the_focus(page: Page, place: Live) -> None:
    with place.database.reading() as session:
        taken = LeadIntake.state.in_([LeadState.ACCEPTED, LeadState.WORKING])
        statement = select(Project.id).join(LeadIntake, LeadIntake.project_id == Project.id)
        number = session.scalars(statement.where(Project.stage == Stage.LEAD, taken).order_by(Project.id)).first()
    page.goto("/projects")
    page.locator(f"[data-stage=lead] [data-card='{number}']").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f"[data-stage=visiting] [data-card='{number}']")).to_be_focused()
    expect(page.locator("[data-live]")).to_contain_text("已移到走访对接")
    with place.database.reading() as session:
        assert session.get_one(Project, int(number or 0)).stage is Stage.VISITING


def test_a_card_that_may_not_move_comes_back_and_says_what_is_missing(page: Page) -> None:
    page.goto("/projects")
    staying = lane(page, Stage.REVIEWING).first
    staying.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("dialog")).to_contain_text("事前评估通过")
    page.keyboard.press("Escape")
    expect(staying).to_be_focused()


def test_slash_and_control_k_open_the_palette_and_escape_gives_the_focus_back(page: Page) -> None:
    box = page.get_by_role("combobox", name="搜索企业、联系人、项目和页面")
    link = page.get_by_role("link", name="记走访").first
    for key in ("/", "Control+k"):
        link.focus()
        page.keyboard.press(key)
        expect(box).to_be_focused()
        page.keyboard.press("Escape")
        expect(box).to_be_hidden()
        expect(link).to_be_focused()


def test_two_characters_find_the_enterprise_and_the_keys_open_it(page: Page) -> None:
    page.get_by_role("searchbox", name="搜索企业、项目、联系人、走访").fill("岚桥")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=office.FIRMS[0]).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(office.FIRMS[0])


def test_rows_of_a_list_are_walked_with_j_and_opened_with_enter(page: Page) -> None:
    page.goto("/enterprises")
    second = page.locator("[data-list] [data-row]").nth(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(second).to_be_focused()
    name = second.get_by_role("link").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def fill_in_a_visit(page: Page) -> None:
    page.goto("/visits/new?enterprise=1")
    page.get_by_label("谈了什么").fill(SUMMARY)


def test_a_visit_that_is_sent_twice_is_one_visit(page: Page, place: Live) -> None:
    fill_in_a_visit(page)
    page.locator("form.h-touch").evaluate(SEND)
    page.get_by_role("button", name="保存走访").click()
    expect(page.get_by_role("status").get_by_text("已记走访")).to_be_visible()
    with place.database.reading() as session:
        assert session.scalar(select(func.count(Touch.id)).where(Touch.summary == SUMMARY)) == 1


def test_a_visit_dated_next_year_keeps_the_text_and_leads_to_the_date(page: Page) -> None:
    fill_in_a_visit(page)
    when = page.get_by_label("时间")
    when.fill("2027-11-20T10:00")
    page.get_by_role("button", name="保存走访").click()
    expect(page.get_by_role("alert")).to_contain_text("走访时间不能晚于现在")
    expect(page.get_by_label("谈了什么")).to_have_value(SUMMARY)
    expect(when).to_be_focused()
    expect(when).to_have_attribute("aria-invalid", "true")


def test_theme_and_language_are_changed_in_the_menu_and_kept(page: Page) -> None:
    page.locator("summary.y-person").click()
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator("summary.y-person").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/enterprises")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_decision_on_a_signal_is_taken_back_from_the_message(page: Page, place: Live) -> None:
    page.goto("/signals")
    card = page.locator("#signal-1")
    card.get_by_role("button", name="采用", exact=True).click()
    expect(card).to_contain_text("已采用")
    page.locator(".y-toast").get_by_role("button", name="撤销").click()
    expect(page.locator("#signal-1").get_by_role("button", name="采用", exact=True)).to_be_visible()
    with place.database.reading() as session:
        assert session.get_one(Signal, 1).state is SignalState.NEW


def test_a_dialog_gives_the_focus_back_and_the_keys_are_listed(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_hidden()
