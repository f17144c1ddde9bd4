"""A figure beside what it was: percentages only where there is a base, and when a signing is expected."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.insight.buckets import BEYOND, LATER, SLIPPED, UNDATED, is_month, months, shown_part
from crm.insight.changes import Change, Trend, change, points
from crm.insight.words import change_words
from crm.web.grids import Cell, Column, Figure, Kind, Sheaf, workbook


@pytest.mark.parametrize(
    ("now", "base", "found"),
    [
        (120, 100, Change(Trend.UP, Decimal("20.0"))),
        (2, 3, Change(Trend.DOWN, Decimal("33.3"))),
        (5, 5, Change(Trend.SAME)),
        (0, 0, Change(Trend.SAME)),
        (5, 0, Change(Trend.NO_BASE)),
        (5, None, Change(Trend.NO_BASE)),
        (None, 5, Change(Trend.NO_FIGURE)),
        (30, 2, Change(Trend.MANIFOLD, Decimal("15.0"))),
        (0, 7, Change(Trend.DOWN, Decimal("100.0"))),
    ],
)
def test_a_change_is_a_percentage_only_of_a_base(now: int | None, base: int | None, found: Change) -> None:
    assert change(*(None if one is None else Decimal(one) for one in (now, base))) == found


def test_rates_differ_by_points_not_by_percent() -> None:
    assert points(Decimal("43.9"), Decimal("40.0")) == Change(Trend.UP, Decimal("3.9"))
    assert points(Decimal("40.0"), Decimal("40.0")).trend is Trend.SAME
    assert points(Decimal("40.0"), None).trend is Trend.NO_BASE
    assert points(None, Decimal("40.0")).trend is Trend.NO_FIGURE


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_no_words_of_a_change_speak_of_infinity(now: int, base: int) -> None:
    words = change_words(change(Decimal(now), Decimal(base)))
    assert words
    assert not any(sign in words for sign in ("∞", "inf", "NaN", "None"))


def test_months_begin_with_this_one_and_run_over_the_turn_of_the_year() -> None:
    found = months(date(2026, 11, 30), 3)
    assert [one.key for one in found] == ["2026-11", "2026-12", "2027-01"]
    assert found[1].last == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("2026-11", "2026-11"),
        ("2027-01", "2027-01"),
        ("2027-02", LATER),
        (BEYOND, LATER),
        (SLIPPED, SLIPPED),
        (UNDATED, UNDATED),
    ],
)
def test_a_part_of_the_calendar_has_one_column(key: str, shown: str) -> None:
    assert shown_part(key, date(2026, 11, 20)) == shown


@pytest.mark.parametrize(("text", "known"), [("2026-11", True), ("2026-13", False), ("2026-1", False), ("x", False)])
def test_only_months_are_months(text: str, known: bool) -> None:  # noqa: FBT001 (a column of the table)
    assert is_month(text) is known


def test_sheets_of_a_workbook_have_names_excel_takes() -> None:
    def figure(title: str) -> Figure:
        return Figure("x", title, [Column("a", Kind.TEXT), Column("b")], [[Cell("=1+1"), Cell(3)]])

    long = "很长的标题" * 10
    made = workbook(Sheaf("x", [figure("a/b:c"), figure("A b c"), figure(long), figure(long)], ""), "mark")
    assert made.startswith(b"PK")
