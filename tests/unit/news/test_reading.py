"""A feed line is read with its parts, its encoding and its time zone."""

from __future__ import annotations

import base64
import zlib

from crm.news.pages import ReadPage, read_row
from tests.support import feeds

URL = "https://news.example/1.html"
SECOND = ("第二页接着说明项目的配套情况，园区已经建成标准厂房十万平方米，污水处理厂同步投运，道路全部通车。",)
THIRD = ("第三页介绍了今后三年的招商计划，重点引进上下游配套企业二十家，形成百亿级产业集群，带动就业三千人。",)


def part(*paragraphs: str) -> dict[str, object]:
    raw = feeds.page(paragraphs=[*feeds.STORY[:1], *paragraphs]).encode()
    return {
        "url": URL.replace("1.html", "1_2.html"),
        "http_charset": None,
        "body": base64.b64encode(zlib.compress(raw)).decode(),
    }


def test_the_parts_of_an_article_become_one_text() -> None:
    read = read_row(feeds.article(URL, parts=[part(*SECOND), part(*THIRD)]))
    assert isinstance(read, ReadPage)
    assert read.body.index(SECOND[0]) < read.body.index(THIRD[0])
    assert read.body.count(feeds.STORY[0]) == 1
    assert "parts_missing" not in read.problems


def test_a_part_that_did_not_come_is_noted() -> None:
    read = read_row(feeds.article(URL, parts=[{"body": "%%%"}]))
    assert isinstance(read, ReadPage)
    assert "parts_missing" in read.problems
    missing = read_row(feeds.article(URL, parts_missing=True))
    assert isinstance(missing, ReadPage)
    assert "parts_missing" in missing.problems


def test_moments_without_a_zone_are_of_the_sources_zone() -> None:
    here, there = (read_row(feeds.article(URL, reading={"timezone": zone})) for zone in ("", "Asia/Tokyo"))
    assert isinstance(here, ReadPage)
    assert isinstance(there, ReadPage)
    assert here.published_at
    assert there.published_at
    assert (here.published_at - there.published_at).total_seconds() == 3600


def test_the_sources_encoding_comes_before_what_the_server_says() -> None:
    raw = feeds.page("臺灣電子擬投資12億元建新工廠").encode("big5", errors="ignore")
    read = read_row(feeds.article(URL, raw, http_charset="gbk", reading={"encoding": "big5"}))
    assert isinstance(read, ReadPage)
    assert read.encoding == "big5"


def test_a_picked_time_wins_over_the_pages_own() -> None:
    read = read_row(feeds.article(URL, fields={"time_css": "更新于 2026-11-17 08:05"}))
    assert isinstance(read, ReadPage)
    assert read.published_at
    assert f"{read.published_at:%Y-%m-%d}" == "2026-11-17"


def test_lines_that_make_no_sense_do_no_harm() -> None:
    read = read_row(feeds.article(URL, parts="x", reading=[1], fields=["y"]))
    assert isinstance(read, ReadPage)
