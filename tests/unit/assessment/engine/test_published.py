"""Published rules come out as published, entered as data."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from crm.assessment.engine.book import read_book
from crm.assessment.engine.facts import read_facts
from crm.assessment.engine.run import run
from tests.unit.assessment.engine import published

if TYPE_CHECKING:
    from crm.assessment.engine.run import Result
    from tests.unit.assessment.engine.published import Json


def results(rules: Json, facts: Json) -> dict[str, Result]:
    """Reckon a book for its units."""
    return {one.unit.key: one for one in run(read_book(rules), read_facts(facts))}


def test_a_citys_two_units_score_2_78_and_2_95() -> None:
    found = results(published.CITY, published.CITY_UNITS)
    assert [float(line.points) for line in found["A"].lines] == [0.48, 0.6, 0.5, 0.5, 0.3, 0.4]
    assert float(found["A"].total) == 2.78
    assert [float(line.points) for line in found["B"].lines] == [0.45, 0.6, 0.5, 0.5, 0.5, 0.4]
    assert (float(found["B"].total), found["B"].rank, found["A"].rank) == (2.95, 1, 2)


def test_the_composite_tells_its_raw_value_and_its_cap() -> None:
    line = results(published.CITY, published.CITY_UNITS)["A"].lines[2]
    assert line.working == "（28÷27×50%＋177.7÷54×50%）×0.5＝1.0819，封顶0.5＝0.5"


def test_a_key_project_of_three_yi_at_eighty_percent_scores_94() -> None:
    found = results(published.KEY_PROJECTS, published.KEY_PROJECT_UNITS)["管委会"]
    assert found.total == 94
    assert "云岭轴承 5＋6＋15＋48＋20＋0＋0＝94" in found.lines[0].working


def test_a_month_of_a_stationed_person_scores_43_5() -> None:
    found = results(published.MONTH, published.MONTH_PEOPLE)["甲"]
    assert [float(line.points) for line in found.lines] == [9, 6, 6, 10, 7.5, 5, 10, -10]
    assert found.total == Fraction(87, 2)


def test_the_efficacy_method_spreads_a_group_between_60_and_100() -> None:
    found = results(published.EFFICACY, published.EFFICACY_UNITS)
    assert [int(found[key].total) for key in "甲乙丙"] == [30, 24, 18]
    assert found["乙"].lines[0].working == "（（800－400）÷（1200－400）×40＋60）×30%＝24"
