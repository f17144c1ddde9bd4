from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.news.rhythm import next_run
from crm.news.sources import FAILURE_LABELS, SourceDraft, crawl_problem, source_problems
from scrapers.items import Reason

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("exit_status", "summary", "problem"),
    [
        (0, {"finish": "finished", "items": 3}, None),
        (0, {"finish": "limit", "items": 3}, None),
        (0, {"finish": "finished", "items": 0, "skipped_seen": 9}, None),
        (0, {"finish": "finished", "items": 0, "failures": {"http_status": 2, "timeout": 5}}, "timeout"),
        (0, {"finish": "finished", "items": 0, "failures": {}}, "nothing_found"),
        (3, {"finish": "terminated", "items": 3}, "cut_short"),
        (0, {"finish": "aborted", "items": 3}, "cut_short"),
        (3, {"finish": "terminated", "items": 3, "failures": {"slow_selector": 1}}, "slow_selector"),
        (2, None, "bad_spec"),
        (-9, None, "no_feed"),
    ],
)
def test_how_a_crawl_ended_has_one_name(
    exit_status: int, summary: dict[str, object] | None, problem: str | None
) -> None:
    assert crawl_problem(exit_status, summary) == problem


def test_failures_double_the_wait_up_to_a_day_but_never_beyond_the_interval_if_that_is_longer() -> None:
    assert next_run(NOW, 60, 0) == NOW + timedelta(hours=1)
    assert next_run(NOW, 60, 3) == NOW + timedelta(hours=8)
    assert next_run(NOW, 60, 500) == NOW + timedelta(days=1)
    assert next_run(NOW, 3 * 24 * 60, 5) == NOW + timedelta(days=3)


def test_every_reason_of_the_spiders_has_words() -> None:
    assert {reason.value for reason in Reason} <= set(FAILURE_LABELS)


@pytest.mark.parametrize("selector", ["ul.news a", "a::attr(href)", "div > p:first-child"])
def test_usual_selectors_are_accepted(selector: str) -> None:
    draft = SourceDraft("云岭日报", "list", "https://news.example", 60, {"link_css": selector})
    assert source_problems(draft) == []


@pytest.mark.parametrize(
    "url", ["https://user:secret@news.example/", "https://news.example:99999/", "javascript:alert(1)", "file:///etc"]
)
def test_an_address_with_a_password_or_without_a_site_is_refused(url: str) -> None:
    assert [problem.key for problem in source_problems(SourceDraft("云岭", "rss", url))] == ["source.url"]
