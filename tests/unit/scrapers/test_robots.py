"""A site's Crawl-delay is kept."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from protego import Protego
from scrapy import Request

from scrapers.robots import CrawlDelay

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

PAGE = Request("http://news.example/a.html")


def extension(slot: SimpleNamespace) -> CrawlDelay:
    downloader = SimpleNamespace(slots={"news.example": slot}, get_slot_key=lambda _: "news.example")
    crawler = SimpleNamespace(
        settings={"USER_AGENT": "Yinfeng/0.1"},
        signals=SimpleNamespace(connect=lambda *_: None),
        engine=SimpleNamespace(downloader=downloader),
    )
    return CrawlDelay(cast("Crawler", crawler))


def robots(text: str) -> SimpleNamespace:
    return SimpleNamespace(rp=Protego.parse(f"User-agent: *\n{text}"))


@pytest.mark.parametrize(
    ("text", "delay"),
    [("Crawl-delay: 5", 5.0), ("Crawl-delay: 0.2", 1.0), ("Crawl-delay: 86400", 30.0), ("Disallow: /x", 1.0)],
)
def test_the_delay_a_site_wants_is_kept_within_reason(text: str, delay: float) -> None:
    slot = SimpleNamespace(delay=1.0)
    extension(slot).learn(robots(text), PAGE)
    assert slot.delay == delay


def test_a_later_faster_pace_is_lifted_again() -> None:
    slot = SimpleNamespace(delay=1.0)
    tested = extension(slot)
    tested.learn(robots("Crawl-delay: 5"), PAGE)
    slot.delay = 0.5
    tested.keep(PAGE)
    assert slot.delay == 5.0
