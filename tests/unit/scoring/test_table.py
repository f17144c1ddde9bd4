"""Tables of points as data."""

import json
from dataclasses import replace

import pytest

from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.table import PointsTable
from crm.scoring.tablejson import from_json, problems, to_json


def test_a_table_comes_back_from_json_as_it_was() -> None:
    assert from_json(json.loads(json.dumps(to_json(EXPERT_TABLE)))) == EXPERT_TABLE


def test_the_table_of_the_experts_has_no_fault_and_is_small() -> None:
    assert problems(EXPERT_TABLE) == []
    assert len(json.dumps(to_json(EXPERT_TABLE))) < 100_000


def first_with(table: PointsTable, **changes: object) -> PointsTable:
    return replace(table, features=(replace(table.features[0], **changes), *table.features[1:]))  # type: ignore[arg-type]  # fields of a feature


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        (replace(EXPERT_TABLE, features=()), "table.features"),
        (replace(EXPERT_TABLE, half_lives={"CAPX": 0.0}), "table.half_life"),
        (replace(EXPERT_TABLE, grades=((45, "C"), (75, "A"))), "table.grades"),
        (replace(EXPERT_TABLE, mode="oracle"), "table.mode"),
        (first_with(EXPERT_TABLE, levels=EXPERT_TABLE.features[0].levels[1:]), "table.levels"),
        (EXPERT_TABLE.with_points({"lists": {"listed": float("nan")}}), "table.points"),
        (EXPERT_TABLE.with_points({"lists": {"listed": 61.0}}), "table.points"),
    ],
)
def test_a_broken_table_is_told_why(broken: PointsTable, key: str) -> None:
    assert key in {problem.key for problem in problems(broken)}


def test_borders_of_levels_must_rise() -> None:
    feature = EXPERT_TABLE.feature("contacts")
    levels = (feature.levels[0], feature.levels[2], feature.levels[1])
    table = replace(EXPERT_TABLE, features=(replace(feature, levels=levels),))
    assert [problem.key for problem in problems(table)] == ["table.borders"]


def test_an_expert_table_shows_no_probability_and_a_fitted_one_does() -> None:
    assert EXPERT_TABLE.probability(0.3) is None
    fitted = replace(EXPERT_TABLE, mode="probability", calibration=(1.0, 0.0))
    assert fitted.probability(0.0) == pytest.approx(0.5)
    low, high = replace(fitted, mode="band", band=1.0).band_of(0.0)
    assert low < 0.5 < high
