"""What no officer means is told at its field, and what is meant is taken."""

from __future__ import annotations

import pytest

from crm.assessment.books.samples import SAMPLES
from crm.assessment.engine.formula import FormulaError, parse
from crm.assessment.rulemaking.comparing import quoted
from crm.assessment.rulemaking.flat import load_rule
from crm.assessment.rulemaking.sayings import said
from crm.assessment.rulemaking.sense import of_fields, of_rule_form
from crm.assessment.rulemaking.shapes import SETTINGS


def faults(kind: str, **typed: str) -> list[str | None]:
    """Fields at which a ready rule is wrong once something is typed into it."""
    fields = {**load_rule(SAMPLES[kind], kind), **typed}
    return [one.field for one in of_rule_form(fields, kind)]


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_ready_rule_makes_sense(kind: str) -> None:
    assert faults(kind) == []


@pytest.mark.parametrize(
    ("kind", "field", "typed"),
    [
        ("ratio", "weight", "-20"), ("ratio", "weight", "－５"), ("ratio", "weight", "40%"), ("ratio", "most", "120"),
        ("ratio", "most", "0%"), ("composite", "parts-0-share", "50"), ("rating", "groups-0-share", "70"),
        ("rating", "groups-0-group", "乡镇"), ("sum", "less-0-each", "-2"), ("sum", "less-0-most", "-3"),
        ("ladder", "steps-0-each", "-1"), ("bands", "bands-1-at_least", "20"), ("bands", "below_each", "-1"),
        ("choices", "choices-0-points", ""), ("place", "points-1-points", " "), ("place", "step", "-2"),
        ("items", "top", "-1"), ("items", "each_cap", "-5"), ("items", "rules-1-weight", "-60"),
        ("min_max", "low", "120"), ("min_max", "weight", "130"), ("veto", "value", "30"),
        ("promotion", "steps", "1.5"), ("promotion", "steps", "-1"), ("ladder", "floor", "5%"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_at_its_field(kind: str, field: str, typed: str) -> None:
    told = faults(kind, **{field: typed})
    assert told
    assert {field, field.replace("0-group", "1-group")} & set(told)


def test_shares_of_groups_make_the_whole_and_the_least_is_below_the_cap() -> None:
    assert faults("rating", **{"groups-1-share": "20%"}) == ["groups"]
    assert faults("ratio", **{"cap": "=", "cap.own": "5", "floor": "10"}) == ["floor"]
    grades = {"grades-0-grade": "优秀", "grades-0-share": "30", "grades-1-grade": "优秀", "consequences.bottom": "1.5"}
    assert [one.field for one in of_fields(SETTINGS, grades)] == [
        "consequences.bottom", "grades-0-share", "grades-1-grade"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("类型＝小分队", "类型＝“小分队”"),
        ("类型=小分队 或 类型=园区", "类型=“小分队” 或 类型=“园区”"),
        ("个数 = 任务数", "个数 = 任务数"),
        ("甲 >= 乙", "甲 >= 乙"),
        ("类型 = “小分队”", "类型 = “小分队”"),
        ("甲 = 乙 + 1", "甲 = 乙 + 1"),
    ],
)
def test_a_word_that_is_no_indicator_is_compared_as_a_word(typed: str, taken: str) -> None:
    assert quoted(typed, frozenset({"类型", "个数", "任务数"})) == taken


def test_a_step_typed_in_percent_is_said_in_percent() -> None:
    assert said({**SAMPLES["every"], "kind": "every", "every": "10%"})[0][1]["every"] == "10%"


@pytest.mark.parametrize("text", ["到位资金（万元）", "3月到位资金", "外出批次 乘 2", "如果(甲>1,2,3)", "外出批次^2"])
def test_a_formula_that_cannot_be_read_is_told_in_chinese(text: str) -> None:
    with pytest.raises(FormulaError) as refused:
        parse(text)
    assert not {"group_rank", "and/or/not"} & set(str(refused.value).replace("、", " ").split())
