"""Running a book: missing values, caps, vetoes, places, grades, and lines that add up."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.assessment.engine.book import BookError, loads, read_book
from crm.assessment.engine.facts import FactsError, read_facts
from crm.assessment.engine.run import Result, run
from crm.assessment.engine.telling import told

SIGNING = {
    "key": "签约",
    "label": "签约",
    "kind": "ratio",
    "done": "签约数",
    "target": "任务",
    "weight": 60,
    "cap": "weight",
}
FUNDS = {
    "key": "到资",
    "label": "到位资金",
    "kind": "ratio",
    "done": "到资额",
    "target": "到资任务",
    "weight": 40,
    "cap": 40,
}


def book(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "试行办法", "rules": list(rules), **more}


def unit(key: str, group: str = "", **values: Any) -> dict[str, Any]:
    return {"key": key, "group": group, "values": values}


def reckon(rules: dict[str, Any], *units: dict[str, Any]) -> list[Result]:
    return run(read_book(rules), read_facts({"units": list(units)}))


def test_a_missing_value_is_told_and_takes_the_place_away() -> None:
    full, lacking = reckon(book(SIGNING), unit("甲", 签约数=5, 任务=10), unit("乙", 任务=10))
    assert (float(full.total), full.rank, full.problems) == (30, 1, [])
    assert (lacking.rank, lacking.problems) == (None, ["签约：“签约数”没有填"])


@pytest.mark.parametrize(("missing", "total"), [("zero", 30), ("full", 70), ("exempt", 50)])
def test_what_a_missing_value_means_is_said_by_the_rule(missing: str, total: int) -> None:
    (found,) = reckon(book(SIGNING, {**FUNDS, "missing": missing}), unit("甲", 签约数=5, 任务=10, 到资任务=8))
    assert found.total == total
    assert sum(line.points for line in found.lines) == total


def test_over_fulfilment_counts_as_far_as_the_rule_says() -> None:
    rules = [
        {**SIGNING, "key": key, **more}
        for key, more in (("甲", {}), ("乙", {"cap": None}), ("丙", {"cap": None, "most": 1.2}))
    ]
    (found,) = reckon(book(*rules), unit("东区", 签约数=20, 任务=10))
    assert [line.points for line in found.lines] == [60, 120, 72]


def test_no_target_gives_no_points_and_says_so() -> None:
    (found,) = reckon(book(SIGNING), unit("甲", 签约数=5, 任务=0))
    assert "没有目标" in found.lines[0].working
    assert found.total == 0


def test_sections_have_a_scale_and_a_cap() -> None:
    rules = book({**SIGNING, "section": "指标"}, sections=[{"key": "指标", "label": "指标", "scale": "20%", "cap": 10}])
    (found,) = reckon(rules, unit("甲", 签约数=10, 任务=10))
    assert (float(found.total), found.lines[-1].working) == (10, "60×0.2，封顶10")


def test_a_veto_clears_the_score_and_bars_from_honours() -> None:
    veto = {"key": "否决", "label": "弄虚作假，一票否决", "when": "造假 > 0", "effect": "zero"}
    rules = book(SIGNING, vetoes=[veto], consequences={"honours": 1, "bottom": 1})
    good, bad = reckon(rules, unit("甲", 签约数=5, 任务=10, 造假=0), unit("乙", 签约数=9, 任务=10, 造假=1))
    assert (float(bad.total), bad.rank, bad.bottom, bad.verdicts) == (0, 2, True, ["弄虚作假，一票否决"])
    assert good.honour


def test_a_lift_raises_the_grade_by_a_step() -> None:
    grades = [{"grade": "优秀", "at_least": 90}, {"grade": "良好", "at_least": 80}, {"grade": "合格", "at_least": 0}]
    lift = {"key": "晋档", "label": "超额完成晋一档", "when": "score(签约) >= 50", "steps": 1}
    (found,) = reckon(book(SIGNING, grades=grades, promotions=[lift]), unit("甲", 签约数=9, 任务=10))
    assert found.grade == "良好"


def test_a_grade_for_a_share_of_the_units_is_full_when_the_share_is_reached() -> None:
    grades = [{"grade": "优秀", "at_least": 10, "share": "50%"}, {"grade": "合格", "at_least": 0}]
    found = reckon(book(SIGNING, grades=grades), *(unit(key, 签约数=n, 任务=10) for key, n in (("甲", 5), ("乙", 9))))
    assert [one.grade for one in found] == ["合格", "优秀"]


def test_equal_scores_share_a_place_in_their_group() -> None:
    units = [
        unit("甲", "县", 签约数=5, 任务=10),
        unit("乙", "县", 签约数=5, 任务=10),
        unit("丙", "县", 签约数=1, 任务=10),
    ]
    found = reckon(book(SIGNING), *units, unit("丁", "区", 签约数=1, 任务=10))
    assert [(one.rank, one.of) for one in found] == [(1, 3), (1, 3), (3, 3), (1, 1)]


def test_the_bottom_counts_how_often_in_a_row() -> None:
    rules = book(SIGNING, consequences={"bottom": 1, "runs": 2})
    weak = {**unit("乙", 签约数=1, 任务=10), "bottom_before": 1}
    found = reckon(rules, unit("甲", 签约数=5, 任务=10), weak)
    assert [row["warned"] for row in told(read_book(rules), found)["units"]] == [False, True]


def test_an_adjustment_is_a_signed_line_of_its_own() -> None:
    row = {
        **unit("甲", 签约数=5, 任务=10),
        "adjustments": [{"points": -3, "reason": "迟报月报", "signed_by": "周明远"}],
    }
    (found,) = reckon(book(SIGNING), row)
    assert (float(found.total), found.lines[-1].label, found.lines[-1].working) == (27, "调整：迟报月报", "周明远 签批")


def test_a_mutual_rating_weighs_the_means_of_its_groups() -> None:
    rule = {
        "key": "互评", "label": "互评", "kind": "rating", "items": "评分", "mark": "分", "weight": 15,
        "groups": [{"group": "园区", "share": "70%"}, {"group": "镇街", "share": "30%"}],
    }  # fmt: skip
    marks = [{"group": "园区", "分": 90}, {"group": "园区", "分": 80}, {"group": "镇街", "分": 60}]
    (found,) = reckon(book(rule), {"key": "专班", "items": {"评分": marks}})
    assert float(found.total) == 11.63  # (85 x 70 % + 60 x 30 %) / 100 x 15 = 11.625


@pytest.mark.parametrize(
    ("marks", "working"),
    [
        ((90, 70), "（80×1）÷100×20＝16"),  # of two none is between the others
        ((90, 0, 70), "（70（去掉最高最低）×1）÷100×20＝14"),
        ((90, 90, 90), "（90（去掉最高最低）×1）÷100×20＝18"),
        ((100, 90, 80, 70, 0), "（80（去掉最高最低）×1）÷100×20＝16"),
    ],
)
def test_one_highest_and_one_lowest_mark_go_from_three_marks_on(marks: tuple[int, ...], working: str) -> None:
    rule = {"key": "互评", "label": "互评", "kind": "rating", "items": "评分", "mark": "分", "weight": 20,
            "drop_extremes": True}  # fmt: skip
    (found,) = reckon(book(rule), {"key": "专班", "items": {"评分": [{"分": one} for one in marks]}})
    assert found.lines[0].working == working


@pytest.mark.parametrize(
    ("rule", "values", "points"),
    [
        ({"kind": "bands", "value": "完成率", "weight": 10, "less": [{"value": "缺报", "each": 1}], "bands": [
            {"at_least": 1, "points": 100, "needs": "到资率 >= 20%"}, {"at_least": "80%", "points": 75},
            {"at_least": "50%", "points": 50}]}, {"完成率": 1.1, "到资率": "10%", "缺报": 2}, "7.3"),
        ({"kind": "every", "value": "总额", "over": 10, "every": 1, "each": 2, "cap": 5}, {"总额": "12.9"}, "4"),
        ({"kind": "every", "value": "总额", "over": 10, "every": 1, "each": 2, "whole": False}, {"总额": "12.9"},
         "5.8"),
        ({"kind": "ladder", "full": 5, "per": "step", "steps": [{"value": "甲", "at_least": 3, "each": 1}]}, {"甲": 0},
         "4"),
        ({"kind": "choices", "value": "类别", "choices": {"工业": 5}, "other": 1}, {"类别": "农业"}, "1"),
        ({"kind": "formula", "formula": "甲", "factor": "0.5", "floor": 2}, {"甲": 3}, "2"),
        ({"kind": "formula", "formula": "甲", "when": "甲 > 5"}, {"甲": 3}, "0"),
    ],
)  # fmt: skip
def test_a_rule_gives_what_its_text_says(rule: dict[str, Any], values: dict[str, Any], points: str) -> None:
    (found,) = reckon(
        book({"key": "规则", "label": "规则", **rule}, total={"round": 4}), {"key": "甲", "values": values}
    )
    assert found.total == Fraction(points)


def test_places_of_a_group_give_points() -> None:
    rule = {"key": "排名", "label": "排名", "kind": "place", "value": "到资", "points": [10, 8], "step": 3}
    found = reckon(book(rule), *(unit(key, 到资=value) for key, value in zip("甲乙丙丁", (9, 7, 7, 1), strict=True)))
    assert [one.total for one in found] == [10, 8, 8, 2]


def test_only_the_best_projects_count_where_the_rule_says_so() -> None:
    rule = {"key": "项目", "label": "项目", "kind": "items", "items": "项目", "where": "额 >= 1", "top": 2,
            "each_cap": 6, "rules": [{"kind": "formula", "formula": "额 × 2"}]}  # fmt: skip
    (found,) = reckon(book(rule), {"key": "甲", "items": {"项目": [{"额": 1}, {"额": 5}, {"额": 2}, {"额": "0.5"}]}})
    assert found.total == 10
    (none,) = reckon(book(rule), {"key": "乙"})
    assert none.total == 0


def test_indicators_may_be_made_of_others_but_not_of_themselves() -> None:
    made = [{"key": "率", "formula": "签约数 / 任务"}, {"key": "圈", "formula": "圈 + 1"}]
    rules = [
        {"key": key, "label": key, "kind": "formula", "formula": of}
        for key, of in (("甲规则", "率 × 10"), ("乙规则", "圈"))
    ]
    (found,) = reckon(book(*rules, indicators=made), unit("甲", 签约数=5, 任务=10))
    assert found.lines[0].points == 5
    assert "绕回" in found.problems[0]


def test_faults_of_a_book_are_told_all_at_once_with_their_places() -> None:
    broken = {"name": "", "rules": [
        {"key": "甲", "label": "甲", "kind": "ratio", "done": "a +", "weight": "很多", "capp": 3},
        {"key": "甲", "label": "乙", "kind": "bands", "value": "x", "bands": [], "section": "无"}]}  # fmt: skip
    with pytest.raises(BookError) as caught:
        read_book(broken)
    told_faults = "\n".join(caught.value.faults)
    for place in (
        "name：",
        "rules[0].done：",
        "rules[0].weight：",
        "rules[0].capp：",
        "rules[1].bands：",
        "rules[1].section：",
        "用了两次",
    ):
        assert place in told_faults


@pytest.mark.parametrize(
    "raw", [None, [], "x", {"units": []}, {"units": [{"key": "甲", "values": {"a": [1]}}]}, {"units": [1]}]
)
def test_faults_of_values_are_told(raw: Any) -> None:
    with pytest.raises(FactsError):
        read_facts(raw)


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 50), st.decimals(0, 99, places=3)), min_size=1, max_size=8)
)
def test_the_lines_of_a_score_always_add_up_to_it(rows: list[tuple[int, int, Any]]) -> None:
    rules = book(
        SIGNING, FUNDS, {"key": "系数", "label": "系数", "kind": "min_max", "value": "签约数", "weight": 30},
        total={"cap": 90, "round": 2},
        vetoes=[{"key": "线", "label": "线", "when": "签约数 > 400", "effect": "limit", "value": 50}],
    )  # fmt: skip
    units = [unit(str(at), 签约数=a, 任务=b, 到资额=c, 到资任务=10) for at, (a, b, c) in enumerate(rows)]
    for found in reckon(rules, *units):
        assert sum(line.points for line in found.lines) == found.total


def test_json_keeps_every_digit() -> None:
    assert read_facts(loads('{"units": [{"key": "甲", "values": {"a": 0.1}}]}'))[0].values["a"] == Fraction(1, 10)
