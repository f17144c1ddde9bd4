from __future__ import annotations

from datetime import date
from decimal import Decimal

from crm.assessment.ratios import Ratio, plain
from crm.assessment.rules import Elapsed, Progress, elapsed
from crm.core.money import half_up
from crm.core.workdays import workdays_between

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
MAY_DAY = date(2026, 5, 1)


def test_the_pace_rests_on_holidays_and_goes_on_with_working_days() -> None:
    before, after = elapsed(*YEAR, date(2026, 4, 30)), elapsed(*YEAR, MAY_DAY)
    assert after.days == before.days + 1
    assert after.share == before.share


def test_the_pace_is_nothing_before_the_period_and_all_after_it() -> None:
    assert elapsed(*YEAR, date(2025, 12, 1)).share == 0
    assert elapsed(*YEAR, date(2027, 3, 1)).share == 1


def test_half_is_due_on_the_day_of_the_milestone_and_less_before() -> None:
    marks = [(date(2026, 6, 30), Decimal(50))]
    assert elapsed(*YEAR, date(2026, 6, 30), marks).share == Decimal("0.5")
    early = elapsed(*YEAR, date(2026, 3, 31), marks).share
    worked = workdays_between(date(2025, 12, 31), date(2026, 3, 31))
    span = workdays_between(date(2025, 12, 31), date(2026, 6, 30))
    assert half_up(early, 9) == half_up(Decimal(worked) / span / 2, 9)
    assert elapsed(*YEAR, date(2026, 12, 31), marks).share == 1


def test_a_lotus_festival_that_asks_for_the_whole_year_leaves_nothing_due_after_it() -> None:
    marks = [(date(2026, 5, 31), Decimal(50)), (date(2026, 9, 30), Decimal(100))]
    assert elapsed(*YEAR, date(2026, 11, 1), marks).share == 1


def test_a_forecast_goes_on_at_the_mean_pace_and_says_what_each_working_day_must_bring() -> None:
    spent = Elapsed(50, 100, worked=40, workable=80)
    half = Progress(30, 90, spent)
    assert half.forecast == 60
    assert half.needed == Decimal("1.50")
    assert Progress(Decimal("1.25"), Decimal(9), spent).forecast == Decimal("2.50")
    assert Progress(90, 90, spent).needed is None
    assert Progress(3, 90, Elapsed(0, 100, 0, 80)).forecast is None


def test_a_ratio_keeps_its_pair_and_rounds_half_up_once() -> None:
    assert Ratio(Decimal("5.3"), Decimal("12.6")).percent == Decimal("42.1")
    assert Ratio(Decimal(1599), Decimal(2000)).rounded(2) == Decimal("79.95")
    assert Ratio(Decimal(1599), Decimal(2000)).percent == Decimal("80.0")
    assert Ratio(Decimal(3), Decimal(0)).percent is None
    assert Ratio(Decimal(3), Decimal(5)).rest == 2


def test_whole_numbers_are_kept_as_whole_ones() -> None:
    assert repr(plain(Decimal("3.000000"))) == "3"
    assert repr(plain(Decimal("3.5"))) == "Decimal('3.5')"
