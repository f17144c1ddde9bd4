"""The map in a real browser: it draws under our content policy, asks nobody else, and a popup leads to the carrier."""

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


@pytest.fixture
def place(sqlite_template: Path, tmp_path: Path) -> Iterator[Live]:
    """Return a running, furnished office of its own."""
    with running_on_a_file(sqlite_template, tmp_path) as found:
        with found.database.transaction() as session:
            office.furnish(session)
        yield found


def test_the_map_draws_and_a_popup_leads_to_the_carrier(place: Live, gather: Callable[[Live], People]) -> None:
    page = gather(place).enter("chen")
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto("/carriers/map")
    expect(page.locator("path.m-shape.m-partly")).to_have_count(1)
    expect(page.locator("path.m-shape.m-park")).to_have_count(1)
    expect(page.locator(".m-label")).to_have_text("岚桥县")
    page.get_by_role("button", name="岚桥一号地").click()
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("40 亩")
    popup.get_by_role("link", name="打开载体").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("岚桥一号地")
    assert [url for url in asked if not url.startswith((place.url, "data:", "blob:"))] == []
    assert said == []
