"""Every spider's first request, and its reading of saved pages."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response

from scrapers.items import ArticlePage, FailedPage, Reason, unpack, url_hash
from scrapers.job import Job
from scrapers.registry import SPIDERS
from scrapers.spiders.base import Listed, NewsSpider

PAGES = Path(__file__).parents[2] / "fixtures" / "newsroom"
SITE = "http://news.example"
FIRST, SECOND = f"{SITE}/2026/0308/1001.html", f"{SITE}/2026/0307/1002.html"


def spider(kind: str, **options: object) -> NewsSpider:
    extra = {"link_css": "ul.news li a"} if kind == "list" and "link_xpath" not in options else {}
    return SPIDERS[kind](Job.parse({"source": "临江日报", "kind": kind, "url": f"{SITE}/start", **extra, **options}))


def response(body: bytes, kind: str = "text/html", url: str = f"{SITE}/start") -> Response:
    return Response(url, headers={"Content-Type": kind}, body=body)


def read(spider: NewsSpider, body: bytes, kind: str = "text/html") -> tuple[list[Request], list[FailedPage]]:
    found = list(spider.parse_listing(response(body, kind), via=""))
    return [f for f in found if isinstance(f, Request)], [f for f in found if isinstance(f, FailedPage)]


async def first(spider: NewsSpider) -> list[Request]:
    return [request async for request in spider.start()]


@pytest.mark.parametrize("kind", sorted(SPIDERS))
def test_every_spider_first_asks_for_the_listing_of_its_job(kind: str) -> None:
    tested = spider(kind)
    with ThreadPoolExecutor(1) as aside:  # a browser test of the same process leaves its loop running in this thread
        requests = aside.submit(lambda: asyncio.run(first(tested))).result()
    assert [(r.url, r.method) for r in requests] == [(f"{SITE}/start", "GET")]
    assert requests[0].callback == tested.parse_listing
    assert requests[0].errback == tested.failed


def test_a_feed_gives_its_entries_with_raw_times() -> None:
    requests, failures = read(spider("rss"), (PAGES / "rss.xml").read_bytes(), "application/rss+xml")
    listed = [request.cb_kwargs["listed"] for request in requests]
    assert [(item.url.partition("?")[0], item.time) for item in listed] == [
        (FIRST, "2026年03月08日 07:15"),
        (SECOND, "Sat, 07 Mar 2026 18:20:00 CST"),
    ]
    assert listed[0].title == "晟澜半导体临江二期项目开工，总投资三十二亿元"
    assert failures == []


def test_a_national_feed_that_says_utf8_is_read() -> None:
    body = (PAGES / "rss.xml").read_text(encoding="utf-8").encode("gb18030")
    requests, _ = read(spider("rss", encoding="gb18030"), body.replace(b"UTF-8", b"GB18030"), "text/xml")
    assert requests[0].cb_kwargs["listed"].title.startswith("晟澜半导体")


def test_a_feed_that_is_an_html_page_is_a_failure_that_says_so() -> None:
    requests, failures = read(spider("rss"), (PAGES / "article.html").read_bytes())
    assert requests == []
    assert [(f.reason, f.detail) for f in failures] == [
        (Reason.NOT_A_FEED, "the address gives an HTML page, not a feed")
    ]
    assert failures[0].body


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff\xfe garbage", b"/etc/passwd", b"http://169.254.169.254/", b"<?xml version='1.0'?><x/>"]
)
def test_garbage_is_no_feed_and_never_opened_as_a_file_or_address(body: bytes) -> None:
    requests, failures = read(spider("rss"), body, "text/xml")
    assert requests == []
    assert [f.reason for f in failures] == [Reason.NOT_A_FEED]


def test_an_entity_in_a_feed_does_not_read_a_file() -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><item><title>&x;</title><link>http://news.example/a</link></item></channel></rss>'
    requests, _ = read(spider("rss"), body, "text/xml")
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in [
        r.cb_kwargs["listed"].title for r in requests
    ]


def test_a_list_page_gives_links_titles_times_and_the_next_page() -> None:
    body = (PAGES / "list.html").read_text(encoding="utf-8").encode("gb18030")
    requests, failures = read(spider("list", next_css=".pages a.next"), body)
    listed = [r.cb_kwargs["listed"] for r in requests if "listed" in r.cb_kwargs]
    assert listed == [
        Listed(FIRST, "晟澜半导体临江二期项目开工，总投资三十二亿元", "2026-03-08 07:15"),
        Listed(SECOND, "禾砺机器人拟在华东新建产能", "03-07"),
    ]
    assert [r.url for r in requests if "listed" not in r.cb_kwargs] == [f"{SITE}/list_2.html"]
    assert failures == []


def test_a_path_selector_may_pick_rows_instead_of_links() -> None:
    requests, _ = read(spider("list", link_xpath="//ul[@class='news']/li"), (PAGES / "list.html").read_bytes())
    assert [r.url for r in requests] == [FIRST, SECOND]


def test_a_list_without_a_selector_gives_the_links_that_read_like_headlines() -> None:
    body = """<nav><a href="/">首页</a> <a href="/about.html">关于我们</a></nav>
        <ul><li><a href="/1.html">海棠新材拟投资二十亿元建设储能基地</a></li>
        <li><a href="/2.html" title="北辰重工把焊接产线整体迁往内地">北辰重工把…</a></li></ul>"""
    requests, failures = read(spider("list", link_css=""), body.encode())
    assert [r.url for r in requests] == [f"{SITE}/1.html", f"{SITE}/2.html"]
    assert failures == []


def test_a_selector_that_matches_nothing_is_a_failure_with_a_hint() -> None:
    _, failures = read(spider("list", link_css="ul.gone a", next_css="a.next"), (PAGES / "list.html").read_bytes())
    assert [f.reason for f in failures] == [Reason.EMPTY_LIST]
    assert "'ul.gone a' matches nothing; the page has 8 links" in failures[0].detail


def test_an_empty_body_is_an_empty_list() -> None:
    assert [f.reason for f in read(spider("list"), b"")[1]] == [Reason.EMPTY_LIST]


def test_a_sitemap_gives_its_newest_pages_first_and_only_web_addresses() -> None:
    requests, failures = read(spider("sitemap"), (PAGES / "sitemap.xml").read_bytes(), "application/xml")
    assert [r.url for r in requests] == [FIRST, f"{SITE}/2026/0301/0990.html"]
    assert requests[0].cb_kwargs["listed"].time == "2026-03-08T07:15:00+08:00"
    assert failures == []


def test_a_sitemap_index_leads_on_and_is_not_empty() -> None:
    requests, failures = read(spider("sitemap"), (PAGES / "sitemap_index.xml").read_bytes(), "text/xml")
    assert [r.url for r in requests] == [f"{SITE}/sitemap-202603.xml.gz"]
    assert failures == []


def test_a_packed_sitemap_is_unpacked() -> None:
    body = gzip.compress((PAGES / "sitemap.xml").read_bytes())
    assert len(read(spider("sitemap"), body, "application/x-gzip")[0]) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"<urlset>" + b" " * 6_000_000), Reason.TOO_LARGE),
        (b"\x1f\x8b\x08garbage-garbage", Reason.BAD_GZIP),
        (b"<html><body>404</body></html>", Reason.NOT_A_SITEMAP),
        (b"", Reason.NOT_A_SITEMAP),
        (b"<urlset></urlset>", Reason.EMPTY_LIST),
    ],
)
def test_a_bad_sitemap_is_a_failure_with_its_reason(body: bytes, reason: Reason) -> None:
    assert [f.reason for f in read(spider("sitemap"), body, "application/xml")[1]] == [reason]


@pytest.mark.parametrize("kind", sorted(SPIDERS))
def test_a_listing_that_is_a_picture_is_refused(kind: str) -> None:
    assert [f.reason for f in read(spider(kind), b"\x89PNG", "image/png")[1]] == [Reason.CONTENT_TYPE]


def test_an_article_goes_home_as_the_bytes_it_came_in() -> None:
    raw = (PAGES / "article.html").read_text(encoding="utf-8").encode("gb18030")
    page = response(raw, "text/html; charset=GBK", f"{FIRST}?spm=1#top")
    [item] = spider("list", title_css="h1").parse_article(page, Listed(FIRST, "标题", "03-08"), f"{SITE}/start")
    assert isinstance(item, ArticlePage)
    assert unpack(item.body) == raw
    assert (item.canonical_url, item.url_hash, item.request_hash) == (FIRST, url_hash(FIRST), url_hash(FIRST))
    assert (item.http_charset, item.size, item.listed_time) == ("gbk", len(raw), "03-08")
    assert item.fields == {"title_css": "晟澜半导体临江二期项目开工，总投资三十二亿元"}


def test_a_canonical_address_on_another_host_is_not_believed() -> None:
    page = response(b'<link rel="canonical" href="http://evil.example/x">', url=FIRST)
    [item] = spider("rss").parse_article(page, Listed(FIRST), "")
    assert isinstance(item, ArticlePage)
    assert item.canonical_url == FIRST


def test_an_article_that_is_a_document_is_a_failure() -> None:
    [item] = spider("rss").parse_article(response(b"%PDF", "application/pdf"), Listed(FIRST), "")
    assert isinstance(item, FailedPage)
    assert (item.reason, item.detail) == (Reason.CONTENT_TYPE, "content type application/pdf")


def test_seen_pages_are_skipped_and_counted() -> None:
    tested = spider("rss", seen=[url_hash(FIRST)])
    requests, failures = read(tested, (PAGES / "rss.xml").read_bytes(), "text/xml")
    assert [r.url.partition("?")[0] for r in requests] == [SECOND]
    assert tested.summary()["skipped_seen"] == 1
    assert failures == []


@pytest.mark.parametrize("limit", [{"max_items": 1}, {"max_pages": 1}])
def test_a_limit_stops_the_crawl_and_is_told(limit: dict[str, int]) -> None:
    tested = spider("rss", **limit)
    requests, _ = read(tested, (PAGES / "rss.xml").read_bytes(), "text/xml")
    assert len(requests) == 1
    assert tested.limited


def test_the_same_page_is_asked_for_once() -> None:
    tested = spider("list", link_css="a.x")
    body = b"".join(b'<a class=x href="/a%s">t</a>' % tail for tail in (b"", b"#part", b"?utm_source=wx"))
    assert len(read(tested, body)[0]) == 1
