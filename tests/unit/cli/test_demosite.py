from __future__ import annotations

import threading
import urllib.error
import urllib.request
from datetime import date, datetime
from typing import TYPE_CHECKING

import feedparser
import pytest

from crm.cli import demosite
from crm.cli.demodata.newsroom import Story, stories
from crm.cli.demodata.register import read_firms
from crm.cli.demosite import Page, Site
from crm.core.scheduling import SHANGHAI
from crm.enterprises.rules import AliasKind
from crm.linking.matcher import Alias, AliasIndex, derived_aliases
from crm.news.decode import decode
from crm.news.extract import extract
from crm.signals.rules import detect

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
SITE = Site(DAY, lambda: NOW)
OUT = [story for story in stories(DAY) if story.at <= NOW]


def page(path: str) -> Page:
    found = SITE.answer(path, "127.0.0.1:8765")
    assert found is not None, path
    return found


def test_the_feed_parses_and_lists_only_what_is_out() -> None:
    feed = feedparser.parse(page("/rss.xml").body)
    links = [entry.link for entry in feed.entries]
    assert links == [f"http://127.0.0.1:8765{story.path}" for story in OUT if story.channel == "yw"]


def test_a_story_of_tomorrow_does_not_exist_today() -> None:
    later = next(story for story in stories(DAY) if story.at > NOW)
    assert SITE.answer(later.path, "127.0.0.1:8765") is None


@pytest.mark.parametrize("story", OUT, ids=lambda story: story.key)
def test_a_page_gives_title_time_source_and_text(story: Story) -> None:
    answer = page(story.path)
    decoded = decode(answer.body, answer.kind.partition("charset=")[2])
    found = extract(decoded.text, f"http://127.0.0.1:8765{story.path}", base_time=NOW)
    assert (found.title, found.published_at) == (story.title, story.at)
    assert found.publisher == story.source
    assert story.paragraphs[0] in found.body


def test_one_page_is_served_in_an_old_chinese_encoding() -> None:
    odd = [story.key for story in OUT if "gb18030" in page(story.path).kind]
    assert odd == [demosite.GB_STORY]


def test_lists_lead_page_by_page_to_every_story_of_a_channel() -> None:
    listed = "".join(page(f"/cy/{number}").body.decode() for number in (1, 2, 3))
    assert all(story.path in listed for story in OUT if story.channel == "cy")
    assert SITE.answer("/cy/4", "x") is None


@pytest.mark.parametrize("path", ["/nothing", "/cy/x", "/cy/0", "/../etc/passwd", "/cy/gone.html"])
def test_an_address_without_a_page_has_none(path: str) -> None:
    assert SITE.answer(path, "x") is None


def test_the_stories_speak_of_every_kind_of_signal() -> None:
    firms = read_firms().values()
    aliases = [alias for firm in firms for alias in derived_aliases(firm.name, firm.short)]
    index = AliasIndex.build([*aliases, *(Alias(firm.short, firm.short, AliasKind.SHORT) for firm in firms)])
    kinds = set()
    for story in OUT:
        body = "\n".join(story.paragraphs)
        kinds |= {signal.kind.value for signal in detect(story.title, body, index.find(story.title), index.find(body))}
    assert kinds == {"CAPX", "RELO", "SUPP", "NEG", "COOP", "EXEC", "LAND", "ORDR"}


@pytest.fixture
def address() -> Iterator[str]:
    server = demosite.serve(SITE, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_site_answers_on_loopback_and_says_404_where_there_is_nothing(address: str) -> None:
    with urllib.request.urlopen(f"{address}/robots.txt", timeout=5) as answer:  # noqa: S310 (our own loopback server)
        assert f"Sitemap: {address}/sitemap.xml" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/nothing", timeout=5)  # noqa: S310 (our own loopback server)
    refused.value.close()
    assert refused.value.code == 404
