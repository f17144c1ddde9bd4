from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crm.assessment.goals import (
    MONTHS,
    QUARTERS,
    Milestone,
    Scope,
    SplitBy,
    milestone_problems,
    part,
    parts_of,
    period_days,
    split_problems,
    splits_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE = Scope("signings", 2026)
D = Decimal


def keys(problems: Sequence[object]) -> list[str]:
    return [getattr(problem, "key", "") for problem in problems]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("year", date(2024, 1, 1), date(2024, 12, 31)),
        ("h1", date(2024, 1, 1), date(2024, 6, 30)),
        ("q3", date(2024, 7, 1), date(2024, 9, 30)),
        ("m02", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_a_period_knows_its_days(period: str, first: date, last: date) -> None:
    assert period_days(2024, period) == (first, last)


@pytest.mark.parametrize("period", ["year", "h1", "h2", "q1", "q4"])
def test_each_way_to_cut_a_period_covers_it_without_gap_or_overlap(period: str) -> None:
    start, end = period_days(2026, period)
    for cut in parts_of(period):
        days = [period_days(2026, one) for one in cut]
        assert (days[0][0], days[-1][1]) == (start, end)
        assert all((after[0] - before[1]).days == 1 for before, after in pairwise(days))


def test_a_year_is_cut_into_quarters_halves_or_months_and_a_month_into_nothing() -> None:
    assert parts_of("year") == (QUARTERS, ("h1", "h2"), MONTHS)
    assert parts_of("m05") == ()


def test_parts_that_do_not_sum_to_the_target_are_refused_with_the_difference() -> None:
    found = split_problems(D(100), WHOLE, SplitBy.UNIT, {"1": D(60), "2": D(39)})
    assert keys(found) == ["split.sum"]
    assert found[0].params["gap"] == "1"
    assert split_problems(D(100), WHOLE, SplitBy.UNIT, {"1": D(60), "2": D(40)}) == []


def test_quarters_must_all_be_there() -> None:
    three = {"q1": D(30), "q2": D(30), "q3": D(40)}
    assert keys(split_problems(D(100), WHOLE, SplitBy.PERIOD, three)) == ["split.periods"]
    four = {**three, "q3": D(20), "q4": D(20)}
    assert split_problems(D(100), WHOLE, SplitBy.PERIOD, four) == []


def test_bands_must_meet_without_gap_from_the_lowest_to_the_highest() -> None:
    good = {"-5000": D(10), "5000-10000": D(5), "10000-": D(1)}
    assert split_problems(D(16), WHOLE, SplitBy.BAND, good) == []
    gap = {"-5000": D(10), "6000-": D(6)}
    assert keys(split_problems(D(16), WHOLE, SplitBy.BAND, gap)) == ["split.bands"]
    open_end = {"-5000": D(10), "5000-10000": D(6)}
    assert keys(split_problems(D(16), WHOLE, SplitBy.BAND, open_end)) == ["split.bands"]


def test_a_person_is_not_split_further_by_unit_and_an_office_not_by_person() -> None:
    assert SplitBy.PERSON not in splits_of(WHOLE)
    person = part(part(WHOLE, SplitBy.UNIT, "3"), SplitBy.PERSON, "7")
    assert not {SplitBy.UNIT, SplitBy.PERSON} & set(splits_of(person))


def test_two_scopes_have_one_slot_only_if_they_are_the_same() -> None:
    scopes = [
        WHOLE,
        part(WHOLE, SplitBy.UNIT, "1"),
        part(WHOLE, SplitBy.PERIOD, "q1"),
        part(WHOLE, SplitBy.BAND, "5000-"),
        part(WHOLE, SplitBy.SITE, "东区产业园"),
    ]
    assert len({scope.slot for scope in scopes}) == len(scopes)
    assert part(WHOLE, SplitBy.BAND, "5000.00-").slot == part(WHOLE, SplitBy.BAND, "5000-").slot


def test_milestones_lie_in_the_period_rise_and_stand_once_a_day() -> None:
    good = [Milestone(date(2026, 6, 30), D(50)), Milestone(date(2026, 9, 30), D(80))]
    assert milestone_problems(WHOLE, good) == []
    assert keys(milestone_problems(WHOLE, [Milestone(date(2027, 1, 1), D(50))])) == ["milestone.day"]
    falling = [Milestone(date(2026, 6, 30), D(50)), Milestone(date(2026, 9, 30), D(40))]
    assert keys(milestone_problems(WHOLE, falling)) == ["milestone.order"]
    assert "milestone.percent" in keys(milestone_problems(WHOLE, [Milestone(date(2026, 6, 30), D(101))]))
    assert "milestone.twice" in keys(milestone_problems(WHOLE, [good[0], good[0]]))
