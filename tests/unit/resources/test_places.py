"""Which carrier fits: hard limits first, then reasons that add up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.resources.matching.rules import (
    LIMITS,
    Need,
    Place,
    Unit,
    judge_place,
    limits,
    meets,
    merits,
    sought,
    words_of,
)

D = Decimal
WORDS = words_of(["高端装备", "轴承"])
NEED = Need(land=D(50), words=WORDS, fixed=D(20_000), tax=D(1200), building=D(24), energy=D(900), price=D(10))
PLOT = Place(Unit.MU, D(60), price=D("9.6"), industries=words_of(["高端装备"]), height_limit=D(36), energy=D(1000))


def test_a_fitting_plot_tells_its_reasons_and_they_add_up() -> None:
    verdict = judge_place(NEED, PLOT)
    assert verdict.fits
    assert [reason.points for reason in verdict.reasons] == [50, 20, 15, 5, 5]
    assert verdict.points == 95


@pytest.mark.parametrize(
    ("need", "place", "limit"),
    [
        ({"land": D(61)}, {}, "area"),
        ({"land": None, "floor": D(3000)}, {}, "kind"),
        ({}, {"barred": words_of(["装备"])}, "barred"),
        ({}, {"industries": words_of(["电子信息"])}, "industry"),
        ({"ceiling": D(9)}, {"ceiling": D("7.8")}, "ceiling"),
        ({"load": D(3)}, {"load": D("1.5")}, "load"),
        ({"power": D(4000)}, {"power": D(2500)}, "power"),
        ({"energy": D(1001)}, {}, "energy"),
        ({"building": D(40)}, {}, "height"),
        ({}, {"min_intensity": D(401)}, "intensity"),
        ({}, {"min_tax": D(25)}, "tax"),
    ],
)
def test_each_hard_limit_is_enough_to_be_left_out(
    need: dict[str, object], place: dict[str, object], limit: str
) -> None:
    verdict = judge_place(replace(NEED, **need), replace(PLOT, **place))  # type: ignore[arg-type]  # one field a case
    assert [reason.limit for reason in verdict.against] == [limit]
    assert limit in LIMITS
    assert verdict.reasons == ()


def test_what_nobody_typed_neither_limits_nor_earns() -> None:
    verdict = judge_place(Need(), Place(Unit.SQM, D(500), ceiling=D(3), min_intensity=D(300)))
    assert verdict.points == 50


def test_a_price_above_the_budget_costs_points_but_does_not_exclude() -> None:
    dear = judge_place(NEED, replace(PLOT, price=D(12)))
    assert dear.fits
    assert dear.points == judge_place(NEED, PLOT).points - 15


def test_words_meet_when_one_lies_in_the_other() -> None:
    assert meets(words_of(["新能源汽车零部件"]), words_of(["汽车零部件"])) == "新能源汽车零部件"
    assert meets(words_of(["轴承"]), words_of(["纺织"])) is None


@given(st.decimals(0, 200, places=2), st.decimals(1, 200, places=2))
def test_no_carrier_smaller_than_the_need_ever_fits(free: Decimal, asked: Decimal) -> None:
    verdict = judge_place(Need(land=asked), Place(Unit.MU, free))
    assert verdict.fits == (asked <= free)


FIGURE = st.none() | st.decimals(1, 500, places=4)
LISTS = st.frozensets(st.sampled_from(["高端装备", "新能源汽车", "汽车", "化工", "纺织"]), max_size=3)


@given(st.data())
def test_whole_numbers_rank_as_the_figures_are_told(data: st.DataObject) -> None:
    scale = 10**6
    drawn: list[Any] = [data.draw(FIGURE) for _name in range(10)]
    drawn.insert(2, data.draw(LISTS))
    need = Need(*drawn)
    free, unit = data.draw(st.decimals(1, 500, places=4)), data.draw(st.sampled_from(Unit))
    offered: list[Any] = [data.draw(FIGURE) for _name in range(8)]
    lists = (data.draw(LISTS), data.draw(LISTS))
    whole: list[Any] = [None if one is None else int(one * scale) for one in offered]
    told = judge_place(need, Place(unit, free, offered[0], *lists, *offered[1:]))
    asked, place = sought(need, scale), Place(unit, int(free * scale), whole[0], *lists, *whole[1:])
    broken = limits(asked, place)
    assert [one[2] for one in broken] == [reason.limit for reason in told.against]
    assert told.against or [one[1] for one in merits(asked, place)] == [one.points for one in told.reasons]
