"""Spiders with code: one saved page each, and what it must give."""

from pathlib import Path

from scrapy.http import Response

from crm.news.kinds import CODED as OFFERED
from scrapers.items import Reason
from scrapers.job import Job
from scrapers.registry import CODED, spider_for
from scrapers.spiders.base import Further, Listed

PAGES = Path(__file__).parents[2] / "fixtures" / "newsroom"
JPAGE = "http://www.linjiang.example/module/web/jpage/dataproxy.jsp?columnid=101&startrecord=1&endrecord=15&perpage=15"


def test_every_spider_with_code_is_offered_on_the_page_of_sources() -> None:
    assert set(OFFERED) == set(CODED)
    assert all(spider.name == key for key, spider in CODED.items())


def test_a_jpage_list_gives_its_rows_and_the_next_records() -> None:
    job = Job.parse({"source": "临江市政府网", "kind": "spider", "spider": "jpage", "url": JPAGE})
    spider = spider_for(job)(job)
    found = list(spider.read(Response(JPAGE, body=(PAGES / "jpage.xml").read_bytes())))
    site = "http://www.linjiang.example/art/2026/3"
    assert found[:2] == [
        Listed(f"{site}/8/art_101_5001.html", "临江市与晟澜半导体签署二期项目投资协议", "2026-03-08"),
        Listed(f"{site}/7/art_101_5000.html", "市长调研禾砺机器人产业园建设", "2026-03-07"),
    ]
    assert isinstance(found[2], Further)
    assert "startrecord=16&endrecord=18" in found[2].url


def test_a_page_that_is_no_jpage_answer_says_so() -> None:
    job = Job.parse({"source": "临江市政府网", "kind": "spider", "spider": "jpage", "url": JPAGE})
    found = list(spider_for(job)(job).read(Response(JPAGE, body=b"<html><body>404</body></html>")))
    assert [failure.reason for failure in found] == [Reason.NOT_A_FEED]  # type: ignore[union-attr]  # a failure
