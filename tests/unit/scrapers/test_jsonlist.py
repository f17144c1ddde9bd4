"""JSON lists: the standard, those of sites, and what only looks like one."""

import json
from typing import Any

import pytest
from scrapy.http import Response

from scrapers.items import Reason
from scrapers.job import Job
from scrapers.spiders.base import Listed
from scrapers.spiders.jsonlist import JsonSpider, moment, parse

URL = "http://news.example/api/list"
ENTRY = {"id": "1", "url": "http://news.example/1.html", "title": "甲 项目", "date_published": "2026-03-08T09:00+08:00"}
FEED = {"version": "https://jsonfeed.org/version/1.1", "items": [ENTRY]}
ROW = {"id": 7, "info": {"t": "乙项目开工"}, "ctime": 1772932500}
OWN = {"code": 0, "data": {"list": [ROW], "hot": [{"k": 1}, {"k": 2}]}}


def read(data: Any, **options: Any) -> list[Any]:
    spider = JsonSpider(Job.parse({"source": "临江日报", "kind": "json", "url": URL, **options}))
    body = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return list(spider.read(Response(URL, headers={"Content-Type": "application/json"}, body=body.encode())))


def test_a_json_feed_needs_no_paths() -> None:
    assert read(FEED) == [Listed("http://news.example/1.html", "甲 项目", "2026-03-08T09:00+08:00")]


def test_paths_and_a_pattern_of_addresses_read_a_list_of_a_site() -> None:
    options = {"json_items": "data.list", "json_link": "https://news.example/d/{id}.html", "json_title": "info.t"}
    assert read(OWN, **options) == [Listed("https://news.example/d/7.html", "乙项目开工", "2026-03-08T01:15:00+00:00")]


@pytest.mark.parametrize("wrapped", ["cb({});", "var list = {};", "/**/ jQuery_1.cb({})", "\ufeff{}", "{}"])
def test_a_callback_around_the_list_is_taken_off(wrapped: str) -> None:
    assert parse(wrapped.replace("{}", '{"a": [1]}')) == {"a": [1]}


def test_what_is_no_json_is_a_failure_that_says_so() -> None:
    assert [found.reason for found in read("<html>login</html>")] == [Reason.NOT_JSON]
    assert [found.reason for found in read("[" * 100_000)] == [Reason.NOT_JSON]


def test_a_wrong_path_finds_nothing_and_the_top_keys_are_told() -> None:
    spider = JsonSpider(Job.parse({"source": "a", "kind": "json", "url": URL, "json_items": "rows"}))
    answer = Response(URL, headers={"Content-Type": "application/json"}, body=json.dumps(OWN).encode())
    assert list(spider.read(answer)) == []
    assert "on top: code, data" in spider.empty_detail(answer)


@pytest.mark.parametrize(
    ("raw", "read_as"), [("1772932500000", "2026-03-08T01:15:00+00:00"), ("20260308", "20260308"), ("昨天", "昨天")]
)
def test_counted_moments_become_written_ones(raw: str, read_as: str) -> None:
    assert moment(raw) == read_as


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "url": "http://news.example/\ud800"},
        {**ENTRY, "date_published": "9" * 5000},
        {**ENTRY, "date_published": "²"},
    ],
)
def test_one_odd_entry_does_not_take_the_others_away(entry: dict[str, str]) -> None:
    found = read(json.dumps({**FEED, "items": [entry, {**ENTRY, "url": "http://news.example/2.html"}]}))
    assert found[-1].url == "http://news.example/2.html"
    assert all(one.url.isascii() for one in found)


def test_a_charset_that_reads_nothing_leaves_a_list_readable() -> None:
    spider = JsonSpider(Job.parse({"source": "临江日报", "kind": "json", "url": URL}))
    headers = {"Content-Type": "application/json; charset=undefined"}
    body = json.dumps(FEED, ensure_ascii=False).encode("gb18030")
    found = list(spider.read(Response(URL, headers=headers, body=body)))
    assert [one.title for one in found if isinstance(one, Listed)] == ["甲 项目"]


@pytest.mark.parametrize("before", [" ", "\n", "/**/ ", "a.", "var "])
def test_a_megabyte_before_a_list_is_read_past_in_one_go(before: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        parse(before * (1_000_000 // len(before)))
