"""What a source may set: keys, bounds, selectors, and when it runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.news import options, selectors
from crm.news.rhythm import clock_times, next_run
from crm.news.sources import crawl_problem, validators
from scrapers import selectors as twin
from scrapers.job import Job

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
GOOD = (
    "ul.news li a", "a::attr(href)", "div > p:first-child", "//ul[@class='news']/li/a", "(//a)[1]",
    "//a[contains(@href, 'art') and not(@rel)]", "//a[contains(., 'document(//x)')]", ".//li[2]",
    "//li[.//a]/a", "//div[ul//a][descendant::span]//a",
)  # fmt: skip
BAD = (
    "div[", "//a[", "//a[document('http://127.0.0.1/')]", "//a[re:test(@href, '(a+)+$')]", "//a[@href=$x]", "a " * 150,
    "//a[count(//a) > 1]", "//a" * 9, "//a[b[c[d[e[f]]]]]",
    "//a[b[.//c]]", "//a[following::b]", "//a[(//b)[1]]",
)  # fmt: skip


@pytest.mark.parametrize("selector", GOOD)
def test_good_selectors_are_good_on_both_sides(selector: str) -> None:
    assert selectors.usable(selector)
    assert twin.problem(selector) == ""


@pytest.mark.parametrize("selector", BAD)
def test_bad_selectors_are_bad_on_both_sides(selector: str) -> None:
    assert not selectors.usable(selector)
    assert twin.problem(selector) != ""


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("list", {"link_css": "ul[["}, "link_css"),
        ("list", {"paging": "pattern"}, "page_pattern"),
        ("list", {"paging": "pattern", "page_pattern": "https://a.example/list"}, "page_pattern"),
        ("list", {"paging": "selector"}, "next_css"),
        ("list", {"paging": "backwards"}, "paging"),
        ("spider", {}, "spider"),
        ("spider", {"spider": "../run"}, "spider"),
        ("json", {"json_items": "a b"}, "json_items"),
        ("json", {"json_link": "https://a.example/{"}, "json_link"),
        ("rss", {"encoding": "utf-99"}, "encoding"),
        ("rss", {"timezone": "Mars/Olympus"}, "timezone"),
        ("rss", {"timezone": "../../etc/passwd"}, "timezone"),
        ("rss", {"delay": 0.1}, "delay"),
        ("rss", {"delay": True}, "delay"),
        ("rss", {"max_items": 100_000}, "max_items"),
        ("rss", {"max_lists": "many"}, "max_lists"),
        ("rss", {"quiet_from": "22:00"}, "quiet_to"),
        ("rss", {"quiet_from": "25:00", "quiet_to": "06:00"}, "quiet_from"),
        ("rss", {"times": ["8 Uhr"]}, "times"),
        ("rss", {"include": ["a"] * 31}, "include"),
        ("rss", {"parts": "no"}, "parts"),
    ],
)
def test_a_wrong_option_is_said_at_its_field(kind: str, given: dict[str, object], field: str) -> None:
    assert [problem.field for problem in options.problems(kind, given)][:1] == [field]


def test_what_a_source_may_set_is_a_job_of_the_spider() -> None:
    given = {
        "link_css": "ul a", "paging": "pattern", "page_pattern": "https://a.example/l_{page}.html", "page_first": 1,
        "max_lists": 3, "max_items": 50, "delay": 2, "include": ["*/2026/*"], "encoding": "gb18030", "parts": False,
        "timezone": "Asia/Tokyo", "time_css": "span.t", "times": ["08:30"], "quiet_from": "22:00", "quiet_to": "6:00",
    }  # fmt: skip
    kept = options.clean(given)
    assert kept == given
    assert options.problems("list", kept) == []
    told = {key: value for key, value in kept.items() if key not in options.SCHEDULE}
    assert Job.parse({"source": "a", "kind": "list", "url": "https://a.example/", **told}).max_lists == 3


def test_nothing_else_gets_through() -> None:
    assert options.clean({"allow": ["127.0.0.1:80"], "obey_robots": False, "user_agent": "x", "link_css": " a "}) == {
        "link_css": "a"
    }


def test_times_of_the_day_are_read_and_sorted() -> None:
    assert clock_times("12:00，8:30 08:30") == ["08:30", "12:00"]
    assert clock_times("noon") is None


def test_times_of_the_day_replace_the_interval() -> None:
    assert next_run(NOW, 60, 0, {"times": ["08:30", "17:30"]}) == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert next_run(NOW + timedelta(hours=12), 60, 0, {"times": ["08:30"]}) == datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


def test_after_a_failure_the_sooner_of_retry_and_plan_counts() -> None:
    assert next_run(NOW, 60, 1, {"times": ["17:30"]}) == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(0, "10:00"), (12, "22:00"), (14, "06:30"), (20, "06:30")],
)
def test_quiet_hours_go_over_midnight(hours: int, expected: str) -> None:
    quiet = {"quiet_from": "22:30", "quiet_to": "06:30"}
    planned = next_run(NOW + timedelta(hours=hours), 60, 0, quiet) + timedelta(hours=8)
    assert f"{planned:%H:%M}" == expected


def test_the_version_of_a_listing_is_kept_only_when_all_it_named_came() -> None:
    told = {"finish": "finished", "failed": 0, "validators": {"etag": '"a"', "else": "x"}}
    assert validators(told, None, None) == {"etag": '"a"'}
    assert validators({**told, "failed": 1}, None, {"etag": "old"}) is None
    assert validators({**told, "finish": "limit"}, None, None) is None
    assert validators(told, "timeout", None) is None
    assert validators({"finish": "finished", "unchanged": True}, None, {"etag": "old"}) == {"etag": "old"}


def test_an_unchanged_listing_is_no_failure() -> None:
    assert crawl_problem(0, {"finish": "finished", "items": 0, "unchanged": True}) is None


@pytest.mark.parametrize("name", ["hex", "zlib", "undefined", "punycode", "idna", "rot13"])
def test_what_is_no_encoding_of_pages_is_refused(name: str) -> None:
    assert [problem.key for problem in options.problems("rss", {"encoding": name})] == ["source.encoding"]
