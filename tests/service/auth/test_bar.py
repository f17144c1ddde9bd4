"""The bar at the top is drawn once for a person and lent to every request."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Browser


def returns_to(page: str) -> str:
    found = re.search(r'name="next" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_the_bar_leads_back_to_the_page_it_stands_on(as_officer: Browser) -> None:
    for address in ("/visits?kind=visit&q=%3Cb%3E", "/enterprises?q=%22x%22"):
        assert returns_to(as_officer.get(address).text) == address


def test_the_bar_carries_the_token_of_whoever_asks(as_officer: Browser, as_leader: Browser) -> None:
    tokens = set()
    for browser in (as_officer, as_leader):
        page = browser.get("/enterprises").text
        found = set(re.findall(r'name="csrf_token" value="([^"]+)"', page.split("</header>")[0]))
        assert len(found) == 1
        tokens |= found
    assert len(tokens) == 2
    assert not any(token.startswith("[") for token in tokens)


def test_the_bar_shows_what_is_searched_for_and_nothing_else(as_officer: Browser) -> None:
    assert 'value="&#34;&gt;&lt;b&gt;"' in as_officer.get('/search?q=">%3Cb>').text
    assert "<b>云岭</b>" not in as_officer.get("/enterprises?q=<b>云岭</b>").text


def test_names_of_people_looked_at_do_not_become_the_name_of_who_looks(as_officer: Browser, as_leader: Browser) -> None:
    own = re.search(r'class="y-person-name">([^<]+)<', as_officer.get("/enterprises").text)
    other = re.search(r'class="y-person-name">([^<]+)<', as_leader.get("/enterprises").text)
    assert own
    assert other
    assert own[1] != other[1]
