"""Figures in a real browser: the big screen renews itself and turns its pages; charts have a table and a picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from crm.auth.models import User
from crm.auth.rules import UnitKind
from tests.browser import office
from tests.browser.conftest import People, running_on_a_file
from tests.support import builders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.live import Live

MINUTE, TURN = 61_000, 12_500
MANY = 25
ROWS = ".s-units tbody tr:visible"


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running, furnished office of its own."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office.furnish(session)
        yield found


def more_units(place: Live, count: int) -> None:
    with place.database.transaction() as session:
        by = session.query(User).filter_by(username="chen").one()
        for number in range(count):
            where = builders.unit(session, f"第{number}产业招商组很长的名称", UnitKind.INDUSTRY_GROUP)
            builders.project(session, builders.enterprise(session), where, by)


def screen(people: People, **options: Any) -> Page:
    page = people.enter("shen", **options)
    page.clock.install()
    page.goto("/insight/screen")
    expect(page.locator(".s-chart canvas")).to_be_visible()
    return page


def test_the_screen_takes_in_new_figures_without_loading_again(place: Live, gather: Callable[[Live], People]) -> None:
    page = screen(gather(place))
    page.evaluate("() => { window.here = true; document.querySelector('.s-tile').dataset.same = 'yes'; }")
    leads = page.locator("[data-live=tile-leads] b")
    before = int(leads.inner_text())
    more_units(place, 2)
    page.clock.fast_forward(MINUTE)
    expect(leads).to_have_text(str(before + 2))
    assert page.evaluate("window.here") is True
    expect(page.locator(".s-tile[data-same=yes]")).to_have_count(1)
    expect(page.locator("#s-state")).to_contain_text("每分钟自动刷新")


def test_many_units_take_turns_by_themselves_and_by_keys(place: Live, gather: Callable[[Live], People]) -> None:
    more_units(place, MANY)
    page = screen(gather(place), reduced_motion="no-preference")
    turns, first = page.locator(".s-turns span"), page.locator(ROWS).first
    expect(turns).to_have_text(re.compile(r"第1/\d页"))
    assert page.locator(ROWS).count() < MANY
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    top = first.inner_text()
    page.clock.fast_forward(TURN)
    expect(turns).to_have_text(re.compile(r"第2/\d页"))
    assert first.inner_text() != top
    page.keyboard.press("ArrowLeft")
    expect(turns).to_have_text(re.compile(r"第1/\d页"))
    page.keyboard.press("p")
    page.clock.fast_forward(TURN)
    expect(turns).to_have_text(re.compile(r"第1/\d页"))
    expect(page.get_by_role("button", name="继续")).to_be_visible()


def test_a_screen_without_a_network_says_so_and_comes_back(place: Live, gather: Callable[[Live], People]) -> None:
    page = screen(gather(place))
    page.route("**/insight/screen", lambda route: route.abort("aborted"))
    page.clock.fast_forward(MINUTE)
    expect(page.locator("#s-state")).to_contain_text("连接断了，数字停在")
    page.unroute("**/insight/screen")
    page.keyboard.press("r")
    expect(page.locator("#s-state")).not_to_contain_text("连接断了")


def test_a_chart_is_a_table_and_a_picture_too(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("shen")
    page.goto("/insight/groups")
    figure = page.locator("#figure-groups")
    expect(figure.locator("canvas")).to_be_visible()
    figure.get_by_text("表", exact=True).click()
    expect(figure.locator("canvas")).to_be_hidden()
    expect(figure.get_by_role("table")).to_be_visible()
    with page.expect_download() as saved:
        figure.get_by_role("button", name="存为图片").click()
    assert saved.value.suggested_filename == "各组到达各阶段的项目数.png"
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
