from __future__ import annotations

from decimal import Decimal

import pytest

from crm.pipeline.intake.dimensions import (
    Dimensions,
    Industry,
    IndustryRole,
    band_of,
    industry_of,
    tier_of,
)
from crm.pipeline.intake.setup import size_problems

PLAN = Dimensions(
    industries=(
        Industry("新能源", IndustryRole.LEAD, ("锂电", "电解液"), unit_id=7),
        Industry("现代物流", IndustryRole.AUXILIARY),
    )
)


@pytest.mark.parametrize(
    ("amount", "label"), [("99999.99", "重大"), ("100000", "特大"), ("10000", "重大"), ("9999", "一般")]
)
def test_the_amount_decides_the_tier(amount: str, label: str) -> None:
    tier = tier_of(Decimal(amount), Dimensions())
    assert tier is not None
    assert tier.label == label


def test_an_unknown_amount_has_neither_tier_nor_band() -> None:
    assert tier_of(None, Dimensions()) is None
    assert band_of(None, Dimensions()) is None


@pytest.mark.parametrize(
    ("amount", "band"),
    [("4999", (None, 5000)), ("5000", (5000, 10000)), ("49999", (10000, 50000)), ("900000", (500000, None))],
)
def test_the_amount_falls_in_one_band_and_its_lower_border_belongs_to_it(
    amount: str, band: tuple[int | None, int | None]
) -> None:
    assert band_of(Decimal(amount), Dimensions()) == band


def test_a_word_of_an_industry_places_the_project_in_traditional_writing_too() -> None:
    found = industry_of((None, "年產5萬噸電解液項目"), PLAN)
    assert found is not None
    assert (found.name, found.unit_id) == ("新能源", 7)
    assert industry_of(("纺织",), PLAN) is None


def test_settings_that_contradict_themselves_are_refused() -> None:
    twice = Dimensions(industries=(PLAN.industries[0], PLAN.industries[0]))
    falling = Dimensions(bands=(Decimal(10), Decimal(5)))
    rising = Dimensions(tiers=tuple(reversed(Dimensions().tiers)))
    assert [problem.key for problem in size_problems(twice)] == ["industries.twice"]
    assert [problem.key for problem in size_problems(falling)] == ["bands.order"]
    assert [problem.key for problem in size_problems(rising)] == ["tiers.order"]
    assert size_problems(PLAN) == []
