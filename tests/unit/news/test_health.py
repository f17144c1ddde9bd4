"""A source is judged against its own past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm.news import failing, health
from crm.news.health import Figures
from crm.news.sources import FAILURE_LABELS

NOW = datetime(2026, 11, 20, tzinfo=UTC)
WEEK = timedelta(days=7)


def runs(*changes: dict[str, Any], **usual: Any) -> list[Figures]:
    base = {"listed": 20, "stored": 3, "read": 3, **usual}
    return [Figures(run=number, at=NOW.isoformat(), **{**base, **change}) for number, change in enumerate(changes)]


def judged(recent: list[Figures], *, failures: int = 0, silent: timedelta = timedelta()) -> str | None:
    return health.verdict(recent, failures_in_row=failures, last_new_at=NOW - silent, allowed_silence=WEEK, now=NOW)


def test_a_source_that_goes_on_as_ever_is_well() -> None:
    assert judged(runs(*[{}] * 10)) is None
    assert judged([]) is None


def test_three_failures_in_a_row_are_told_and_two_are_not() -> None:
    assert judged([], failures=3) == health.FAILING
    assert judged([], failures=2) is None


def test_a_listing_that_names_far_fewer_than_before_twice_has_changed() -> None:
    assert judged(runs(*[{}] * 6, {"listed": 2}, {"listed": 3})) == health.YIELD_FELL
    assert judged(runs(*[{}] * 6, {"listed": 2}, {"listed": 19})) is None
    assert judged(runs(*[{}] * 3, {"listed": 2}, {"listed": 2})) is None


def test_a_small_source_does_not_alarm_when_it_names_nothing() -> None:
    assert judged(runs(*[{"listed": 3}] * 8, {"listed": 0}, {"listed": 0}, read=0, stored=0)) is None


def test_a_listing_that_did_not_change_since_is_no_fall() -> None:
    unchanged = {"listed": 0, "stored": 0, "read": 0, "problem": "unchanged"}
    assert judged(runs(*[{}] * 6, unchanged, unchanged)) is None


def test_most_bodies_empty_where_they_used_to_be_read_is_a_broken_layout() -> None:
    assert judged(runs(*[{}] * 6, {"read": 5, "empty": 4})) == health.BODIES_EMPTY
    assert judged(runs(*[{"empty": 2}] * 6, {"read": 5, "empty": 4})) is None
    assert judged(runs({"read": 6, "empty": 6})) == health.BODIES_EMPTY
    assert judged(runs({"read": 2, "empty": 2})) is None


def test_missing_times_alarm_only_where_times_used_to_be_found() -> None:
    assert judged(runs(*[{}] * 6, {"read": 5, "untimed": 5})) == health.TIMES_MISSING
    assert judged(runs({"read": 6, "untimed": 6})) is None
    assert judged(runs(*[{}] * 6, {"read": 5, "untitled": 5})) == health.TITLES_MISSING


def test_silence_longer_than_allowed_is_told() -> None:
    assert judged(runs({}), silent=timedelta(days=8)) == health.SILENT
    assert judged(runs({}), silent=timedelta(days=6)) is None


def test_allowed_silence_is_what_is_expected_or_learned() -> None:
    assert health.allowed_silence(180, 99999) == timedelta(hours=3)
    assert health.allowed_silence(None, 60) == timedelta(days=2)
    assert health.allowed_silence(None, 3 * 1440) == timedelta(days=9)
    assert health.allowed_silence(None, 90 * 1440) == timedelta(days=45)
    assert health.next_gap(1000, timedelta(minutes=100)) == 900
    assert health.next_gap(None, timedelta(minutes=100)) == 100


def test_figures_of_a_run_taken_in_again_replace_its_earlier_ones() -> None:
    recent = health.with_run(runs({}, {}), Figures(run=1, at=NOW.isoformat(), stored=9))
    assert [one.stored for one in recent] == [3, 9]
    assert len(health.with_run(runs(*[{}] * 60), Figures(run=99, at=""))) == health.KEEP_RUNS


def test_figures_survive_their_json_form() -> None:
    one = runs({"failures": {"dns": 2}})[0]
    assert Figures.load({**one.dump(), "of_a_later_version": 1}) == one


def test_bars_are_scaled_to_the_best_run() -> None:
    assert [height for _, height in health.spark(runs({"stored": 0}, {"stored": 1}, {"stored": 20}))] == [0, 1, 10]
    assert health.share(1, 3) == "33%"
    assert health.share(0, 0) == "—"


@pytest.mark.parametrize("reason", FAILURE_LABELS)
def test_every_reason_says_what_to_do(reason: str) -> None:
    assert failing.advice(reason) != failing.OTHER


def test_every_alert_has_its_words() -> None:
    assert set(health.ALERT_LABELS) == set(health.ALERT_ADVICE) == set(health.ALERT_NOTICES)
