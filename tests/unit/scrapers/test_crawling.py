"""What the base spider does with listings and pages: parts, paging, rules of addresses, unchanged lists, test runs."""

from typing import Any

from scrapy import Request
from scrapy.http import Response

from scrapers.items import ArticlePage, FailedPage, Reason, unpack
from scrapers.job import Job
from scrapers.registry import spider_for
from scrapers.reports import ListingReport
from scrapers.spiders.base import Listed, NewsSpider

SITE = "http://news.example"
FIRST = "<li><a href='/2026/1.html'>海棠新材储能基地项目开工</a></li>"
LINKS = FIRST + "<li><a href='/ad/2.html'>北辰重工整体迁往内地</a></li>"
TOLD = Listed(f"{SITE}/2026/1.html")
MORE = "<a href='/list_2.html'>下一页</a>"


def spider(**options: Any) -> NewsSpider:
    job = Job.parse({"source": "临江日报", "kind": "list", "url": f"{SITE}/list.html", "link_css": "li a", **options})
    return spider_for(job)(job)


def page(body: str, url: str = f"{SITE}/list.html", status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(url, status=status, headers={"Content-Type": "text/html", **named}, body=body.encode())


def urls(found: list[Any]) -> list[str]:
    return [one.url.removeprefix(SITE) for one in found if isinstance(one, Request)]


def test_only_wanted_addresses_are_asked_for() -> None:
    wanting = spider(include=["/2026/", "/ad/"], exclude=["http*://*/ad/*"])
    assert urls(list(wanting.parse_listing(page(LINKS), via=""))) == ["/2026/1.html"]
    assert wanting.summary()["excluded"] == 1


def test_older_lists_are_asked_for_only_while_there_is_anything_new() -> None:
    assert urls(list(spider(paging="auto").parse_listing(page(LINKS + MORE), via="")))[-1] == "/list_2.html"
    nothing_new = spider(paging="auto", exclude=["/"])
    assert urls(list(nothing_new.parse_listing(page(LINKS + MORE), via=""))) == []
    assert urls(list(spider(paging="auto", max_lists=1).parse_listing(page(LINKS + MORE), via="")))[-1] == "/ad/2.html"
    assert urls(list(spider().parse_listing(page(LINKS + MORE), via=""))) == ["/2026/1.html", "/ad/2.html"]


def test_lists_by_number_end_where_the_site_ends() -> None:
    numbered = spider(paging="pattern", page_pattern=f"{SITE}/list_{{page}}.html")
    assert urls(list(numbered.parse_listing(page(LINKS), via="")))[-1] == "/list_2.html"
    assert list(numbered.parse_listing(page("", f"{SITE}/list_2.html"), via="x")) == []


def test_an_unchanged_list_is_asked_for_by_its_version_and_is_no_failure() -> None:
    knowing = spider(etag='"abc"', modified="Sat, 07 Mar 2026 10:00:00 GMT")
    request = knowing.listing(knowing.job.url, "")
    assert request is not None
    assert (request.headers["If-None-Match"], request.meta["handle_httpstatus_list"]) == (b'"abc"', [304])
    assert list(knowing.parse_listing(page("", status=304), via="")) == []
    assert knowing.summary()["unchanged"]


def test_the_version_of_a_list_goes_home_with_the_summary() -> None:
    fresh = spider()
    list(fresh.parse_listing(page(LINKS, ETag='"v2"'), via=""))
    assert fresh.summary()["validators"] == {"etag": '"v2"'}


def test_a_test_run_reports_what_the_list_held_and_asks_in_full() -> None:
    trying = spider(trial=True, etag='"abc"', link_css="ul.gone a")
    found = list(trying.parse_listing(page(f"<ul class='news'>{LINKS * 2}</ul>"), via=""))
    reports = [one for one in found if isinstance(one, ListingReport)]
    assert (reports[0].found, reports[0].page_links) == (0, 4)
    assert [one.reason for one in found if isinstance(one, FailedPage)] == [Reason.EMPTY_LIST]
    request = spider(trial=True, etag='"abc"').listing(f"{SITE}/list.html", "")
    assert request is not None
    assert "If-None-Match" not in request.headers


def test_a_page_drawn_by_scripts_says_so_and_a_feed_it_names_is_offered() -> None:
    feed = "<html><link rel='alternate' type='application/rss+xml' href='/rss.xml'>"
    body = f"{feed}<div id='app'></div><script src='a.js'></script></html>"
    found = list(spider(trial=True, link_css="").parse_listing(page(body), via=""))
    assert [one.reason for one in found if isinstance(one, FailedPage)] == [Reason.NEEDS_SCRIPTS]
    assert [one.feeds for one in found if isinstance(one, ListingReport)] == [[f"{SITE}/rss.xml"]]


def article(body: str, number: str = "") -> Response:
    return page(body, f"{SITE}/2026/1{number}.html")


def test_the_parts_of_an_article_go_home_as_one_item() -> None:
    reading = spider(body_css="p", timezone="Asia/Tokyo")
    first = list(reading.parse_article(article("<p>一</p><a href='1_2.html'>下一页</a>"), TOLD, ""))
    assert urls(first) == ["/2026/1_2.html"]
    item = first[0].cb_kwargs["item"]  # type: ignore[union-attr]  # a request
    last = list(reading.parse_part(article("<p>二</p><a href='2.html'>下一篇</a>", "_2"), item))
    assert last == [item]
    assert [unpack(part["body"]).decode()[:8] for part in item.parts] == ["<p>二</p>"]
    assert (item.fields["body_css"], item.reading, item.parts_missing) == ("一\n二", {"timezone": "Asia/Tokyo"}, False)


def test_a_circle_of_parts_ends_and_one_page_is_enough_when_told_so() -> None:
    circle = spider()
    list(circle.parse_article(article("<a href='1_2.html'>下一页</a>"), TOLD, ""))
    again = list(circle.parse_article(article("<a href='1_2.html'>下一页</a>"), TOLD, ""))
    assert isinstance(again[0], ArticlePage)
    single = spider(parts=False).parse_article(article("<a href='1_2.html'>下一页</a>"), TOLD, "")
    assert isinstance(next(iter(single)), ArticlePage)


def test_a_part_that_is_no_page_leaves_the_article_with_a_note() -> None:
    reading = spider()
    asked = list(reading.parse_article(article("<a href='1_2.html'>下一页</a>"), TOLD, ""))
    pdf = Response(f"{SITE}/2026/1_2.html", headers={"Content-Type": "application/pdf"}, body=b"%PDF")
    (item,) = reading.parse_part(pdf, asked[0].cb_kwargs["item"])  # type: ignore[union-attr]  # a request
    assert isinstance(item, ArticlePage)
    assert item.parts_missing
