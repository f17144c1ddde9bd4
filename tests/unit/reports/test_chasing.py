"""Reminders before the cut-off: which one holds when, and what the report says of who is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.reports.chasing.rules import Naming, Setup, Standing, setup_problems, step_due, with_returns, words
from crm.reports.wording import EMPTY_SECTION

CUTOFF = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOURS = (24, 2)
UNITS = [
    Standing(1, "长三角小分队", touches=3),
    Standing(2, "珠三角小分队", silent=True),
    Standing(3, "青石镇"),
    Standing(4, "驻昆山办事处"),
]


@pytest.mark.parametrize(("before", "step"), [(25, None), (24, 24), (2.1, 24), (2, 2), (0.1, 2), (0, None), (-1, None)])
def test_the_last_reminder_whose_hour_has_come_holds_until_the_cut_off(before: float, step: int | None) -> None:
    assert step_due(HOURS, CUTOFF, CUTOFF - timedelta(hours=before)) == step


def test_without_hours_nobody_is_reminded() -> None:
    assert step_due((), CUTOFF, CUTOFF - timedelta(hours=1)) is None


def test_the_report_names_who_is_missing_as_the_office_wishes() -> None:
    start = "本周应报送信息的单位4个，已报送2个（其中1个单位报本周无动态），未报送2个"
    assert words(UNITS, Naming.NAMES) == f"{start}：青石镇、驻昆山办事处。"
    assert words(UNITS, Naming.COUNT) == f"{start}。"
    assert words(UNITS, Naming.NOTHING) == ""
    assert words([], Naming.NAMES) == ""
    assert words(UNITS[:1], Naming.NAMES) == "本周应报送信息的单位1个，已报送1个，全部按时报送。"


def test_who_is_missing_stands_at_the_end_of_the_problems() -> None:
    assert with_returns({"issues": "- 甲"}, "报了。") == {"issues": "- 甲\n# 信息报送\n报了。"}
    assert with_returns({"issues": EMPTY_SECTION}, "报了。") == {"issues": "# 信息报送\n报了。"}
    assert with_returns({"issues": EMPTY_SECTION}, "") == {"issues": EMPTY_SECTION}


def test_settings_are_bounded() -> None:
    assert setup_problems(Setup()) == []
    assert {one.key for one in setup_problems(Setup(hours=(0, 200, 3, 4, 5)))} == {"chase.count", "chase.hours"}
