"""观摩拉练: criteria, sheets within bounds, extremes dropped, places."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm.assessment.tours.rules import (
    STANDARD,
    Criterion,
    criteria_problems,
    mark_problems,
    places,
    points_of,
    read_criteria,
    stop_points,
    typed_criteria,
    write_criteria,
)

D = Decimal
TWO = (Criterion("c1", "进度", D(10), D(60)), Criterion("c2", "讲解", D(5), D(40)))


def test_the_standard_criteria_make_a_sheet_and_are_kept_as_data() -> None:
    assert criteria_problems(STANDARD) == []
    assert read_criteria(write_criteria(STANDARD)) == STANDARD


def test_criteria_are_typed_as_lines_with_full_mark_and_weight() -> None:
    found, problems = typed_criteria("项目 质量 10 60\n\n现场讲解，5，40%")
    assert problems == []
    assert [(one.label, one.full, one.weight) for one in found] == [
        ("项目 质量", D(10), D(60)),
        ("现场讲解", D(5), D(40)),
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "tour.no_criteria"),
        ("建设进度", "tour.line"),
        ("建设进度 十 30", "tour.line"),
        ("进度 10 60\n讲解 10 30", "tour.weights"),
        ("进度 10 50\n进度 10 50", "tour.same_criteria"),
        ("进度 0 100", "tour.full"),
        ("\n".join(f"第{n}项 10 1" for n in range(13)), "tour.many_criteria"),
    ],
)
def test_faults_of_criteria_are_told(text: str, key: str) -> None:
    assert key in [problem.key for problem in typed_criteria(text)[1]]


def test_points_are_marks_over_full_times_weight() -> None:
    assert points_of(TWO, {"c1": "7.5", "c2": "4"}) == D(77)


@pytest.mark.parametrize(
    ("mark", "key"), [("", "sheet.blank"), ("-1", "sheet.mark"), ("1e1", "sheet.mark"), ("5.01", "sheet.full")]
)
def test_a_mark_out_of_bounds_is_told_at_its_criterion(mark: str, key: str) -> None:
    (problem,) = mark_problems(TWO, {"c1": "10", "c2": mark})
    assert (problem.key, problem.field) == (key, "c2")


@pytest.mark.parametrize(
    ("sheets", "trimmed", "plain"),
    [
        ([60, 90, 93], "90.00", "81.00"),
        ([60, 90], "75.00", "75.00"),
        ([80, 80, 81, 83], "80.50", "81.00"),
        ([80, 80, 81], "80.00", "80.33"),
        ([60, 60, 90, 90], "75.00", "75.00"),
    ],
)
def test_extremes_are_dropped_from_three_sheets_on(sheets: list[int], trimmed: str, plain: str) -> None:
    points = [D(one) for one in sheets]
    assert (stop_points(points, trim=True), stop_points(points, trim=False)) == (D(trimmed), D(plain))


def test_a_stop_nobody_judged_has_no_points() -> None:
    assert stop_points([], trim=True) is None


def test_a_unit_has_the_mean_of_its_stops_and_equals_share_a_place() -> None:
    found = places([(1, D(90)), (1, D(80)), (2, D(85)), (3, D("84.99"))])
    assert [(one.unit_id, one.points, one.rank, one.stops) for one in found] == [
        (1, D(85), 1, 2),
        (2, D(85), 1, 1),
        (3, D("84.99"), 3, 1),
    ]
