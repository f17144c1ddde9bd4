"""What is free of a carrier on a day, and what may be held of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.resources.carriers.rules import (
    Availability,
    CarrierDraft,
    CarrierKind,
    Held,
    PriceBasis,
    availability,
    carrier_problems,
    free_on,
    hold_problems,
)
from crm.resources.carriers.sums import LandSums, problems_of

D = Decimal
DAY = date(2026, 11, 20)
PLOT = CarrierDraft(CarrierKind.PLOT, "东区1号地块", "DQ-D01", 1, D(100))


def keys(draft: CarrierDraft, parent: CarrierKind | None = None) -> list[str]:
    return [problem.key for problem in carrier_problems(draft, parent)]


def test_a_plain_plot_is_right() -> None:
    assert keys(PLOT) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": ""}, "carrier.name"),
        ({"code": ""}, "carrier.code"),
        ({"area": D(0)}, "carrier.number"),
        ({"area": D("NaN")}, "carrier.number"),
        ({"area": D("1.1234567")}, "carrier.fine"),
        ({"price": D(9)}, "carrier.price"),
        ({"price": D(9), "basis": PriceBasis.RENT_SQM}, "carrier.basis"),
        ({"longitude": D(119)}, "carrier.place"),
        ({"longitude": D(199), "latitude": D(33)}, "carrier.place"),
        ({"ceiling": D(-1)}, "carrier.number"),
        ({"parent_id": 3}, "carrier.parent"),
    ],
)
def test_what_is_wrong_with_a_carrier_is_named(change: dict[str, object], key: str) -> None:
    assert keys(replace(PLOT, **change)) == [key]  # type: ignore[arg-type]  # one field a case


def test_a_plot_lies_in_a_park_and_a_park_in_nothing() -> None:
    assert keys(replace(PLOT, parent_id=3), CarrierKind.PARK) == []
    assert "carrier.park" in keys(replace(PLOT, kind=CarrierKind.PARK, parent_id=3), CarrierKind.PARK)


def test_the_last_day_of_a_hold_still_counts() -> None:
    held = [Held(D(40), DAY, DAY + timedelta(days=9))]
    assert [free_on(D(100), held, DAY + timedelta(days=days)) for days in (-1, 0, 9, 10)] == [100, 60, 60, 100]


def test_a_carrier_is_free_partly_free_full_or_withdrawn() -> None:
    states = [availability(D(9), D(free), withdrawn=False) for free in (9, 4, 0)]
    assert states == [Availability.FREE, Availability.PARTLY, Availability.FULL]
    assert availability(D(9), D(9), withdrawn=True) is Availability.WITHDRAWN


def test_a_hold_is_refused_for_the_fullest_day_it_covers_also_a_later_one() -> None:
    later = Held(D(70), DAY + timedelta(days=30))
    problems = hold_problems(Held(D(40), DAY), D(100), [later])
    assert [problem.params for problem in problems] == [{"free": "30", "day": "2026-12-20"}]
    assert hold_problems(Held(D(40), DAY, DAY + timedelta(days=29)), D(100), [later]) == []


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 40), st.none() | st.integers(0, 40)), max_size=12),
)
def test_whatever_is_asked_nothing_is_given_out_twice(asked: list[tuple[int, int, int | None]]) -> None:
    held: list[Held] = []
    for area, start, length in asked:
        first = DAY + timedelta(days=start)
        new = Held(D(area), first, None if length is None else first + timedelta(days=length))
        if not hold_problems(new, D(100), held):
            held.append(new)
    for days in range(90):
        day = DAY + timedelta(days=days)
        assert sum(one.area for one in held if one.on(day)) <= 100


def test_land_subsidy_and_payback_follow_their_formulas() -> None:
    sums = LandSums(area=D(100), cost=D(15), price=D("1.2"), tax=D(10), kept=D(50))
    assert (sums.per_mu, sums.subsidy, sums.income, sums.years) == (D("13.8"), D(1380), D(500), D("2.76"))


def test_land_that_brings_no_tax_never_pays_back_and_dear_land_needs_nothing_back() -> None:
    assert LandSums(D(100), D(15), D(1), D(0), D(50)).years is None
    assert LandSums(D(100), D(15), D(20), D(0), D(50)).years == 0


def test_more_than_all_of_a_tax_cannot_be_kept() -> None:
    assert [problem.field for problem in problems_of(LandSums(D(1), D(1), D(1), D(1), D(101)))] == ["kept"]
