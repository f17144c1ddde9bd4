"""Books and values that somebody got wrong, or made to do harm: told in words, and soon."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from crm.assessment.engine.book import BookError, loads, read_book
from crm.assessment.engine.facts import FactsError, read_facts
from crm.assessment.engine.run import Result, run
from crm.assessment.engine.telling import told
from crm.assessment.rulemaking import guesses


def rule(**fields: Any) -> dict[str, Any]:
    return {"key": "甲", "label": "甲", "kind": "formula", **fields}


def unit(key: str = "东区", **values: Any) -> dict[str, Any]:
    return {"key": key, "values": values}


def reckon(rules: list[dict[str, Any]], *units: dict[str, Any], **more: Any) -> list[Result]:
    return run(read_book({"name": "办法", "rules": rules, **more}), read_facts({"units": list(units)}))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"formula": "1", "round": -1}, "小数位"), ({"formula": "1", "round": 10**9}, "小数位"),
        ({"formula": "1", "key": "total"}, "总分"), ({"formula": "1", "key": "if"}, "不能做名称"),
        ({"formula": "1", "label": "东\u202e区"}, "控制字符"), ({"formula": "1", "label": "东\ud800"}, "控制字符"),
        ({"formula": "1", "label": "东\x00"}, "控制字符"), ({"formula": "1", "missing": "exempt"}, "cap"),
        ({"formula": "1", "cap": 10**400}, "要填数字"), ({"formula": "1", "cap": "9,999" * 2000}, "要填数字"),
        ({"kind": "rating", "items": "评分", "mark": "分", "weight": 5, "scale": 0}, "大于 0"),
        ({"kind": "choices", "value": "类", "choices": {"产业": "1e99"}}, "要填数字"),
        ({"kind": "place", "value": "额", "points": [3, "二"]}, "要填数字"),
    ],
)  # fmt: skip
def test_a_fault_of_a_rule_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BookError, match=words):
        reckon([rule(**fields)], unit())


@pytest.mark.parametrize(
    ("one", "place"),
    [
        (1, r"rules\[0\]\.kind"), ({"label": "甲", "key": "甲"}, r"rules\[0\]\.kind"),
        (rule(kind="items", items="项目", rules=[{"formula": "1"}]), r"rules\[0\]\.rules\[0\]\.kind"),
    ],
)  # fmt: skip
def test_a_rule_without_a_kind_is_a_fault_at_its_place(one: Any, place: str) -> None:
    with pytest.raises(BookError, match=place):
        read_book({"name": "办法", "rules": [one]})


@pytest.mark.parametrize(
    "fields",
    [
        {"formula": "1", "when": "额 > 1e99"}, {"formula": f"额 + {'9' * 41}"}, {"formula": "1e-99"},
        {"formula": f"额 > {'9' * 400}%"}, {"kind": "every", "value": "额", "over": "1e99", "every": 1, "each": 1},
    ],
)  # fmt: skip
def test_a_number_out_of_reason_is_refused_when_written_and_kept_books_stay_readable(fields: dict[str, Any]) -> None:
    book = {"name": "办法", "rules": [rule(**fields)]}
    with pytest.raises(BookError, match=r"rules\[0\]\.\w+：公式里的数“.+”太大或太小"):
        read_book(book, fresh=True)
    (kept,) = read_book(book).rules
    assert guesses.of_rule(kept).keys() <= {"额"}


@pytest.mark.parametrize(
    "fields",
    [
        {"formula": "group_average(n10)"}, {"formula": "sum(项目, 1 ÷ 数)"}, {"formula": "average(项目, 1 ÷ 数)"},
        {"kind": "items", "items": "项目", "rules": [{"kind": "formula", "formula": "1 ÷ 数"}]},
    ],
)  # fmt: skip
def test_a_sum_whose_divisor_grows_without_end_is_stopped(fields: dict[str, Any]) -> None:
    chain = [{"key": "n0", "formula": "1 ÷ 额"}]
    chain += [{"key": f"n{at}", "formula": f"n{at - 1} × n{at - 1}"} for at in range(1, 11)]
    rows = {"项目": [{"数": 10**29 + at * at + 1} for at in range(300)]}
    units = [{**unit(f"区{at}", 额=700_001 + at), "items": rows} for at in range(3)]
    (found, *_) = reckon([rule(**fields)], *units, indicators=chain)
    assert "加起来除得太细" in found.problems[0]
    (best, *_) = reckon([rule(formula="group_max(n10) ÷ n10")], *units, indicators=chain)
    assert best.total == 1


def test_rules_inside_rules_inside_rules_come_to_an_end() -> None:
    inner: dict[str, Any] = {"kind": "formula", "formula": "1"}
    for _ in range(200):
        inner = {"kind": "items", "items": "项目", "rules": [inner]}
    with pytest.raises(BookError, match="太深"):
        reckon([rule(**inner)], unit())


def test_a_control_character_in_the_values_is_named() -> None:
    with pytest.raises(FactsError, match=r"units\[0\].values.备注"):
        read_facts({"units": [unit(备注="东\u202e区")]})


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("round(1, 999999999)", "小数位"), ("1e400", "太大"), ("1e30 × 1e30", "太大"),
        ("group_max(score(甲))", "还没有得分"),
        ("环", "绕回"), ("sum(项目, sum(项目, count(项目)))", "次数太多"),
        ("count(项日)", "没有名为"), ("2e9", "得分太大"),
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_is_told_and_takes_the_place_away(formula: str, words: str) -> None:
    many = {**unit(), "items": {"项目": [{} for _ in range(100)]}}
    loop = [{"key": "环", "formula": "group_max(环)"}]
    (found, *_) = reckon([rule(formula=formula)], many, *(unit(f"区{at}") for at in range(20)), indicators=loop)
    assert words in found.problems[0]
    assert found.rank is None


def test_a_loop_is_a_problem_even_where_missing_counts_nothing() -> None:
    (found,) = reckon([rule(formula="环", missing="zero")], unit(), indicators=[{"key": "环", "formula": "环 + 1"}])
    assert "绕回" in found.problems[0]


def test_indicators_made_of_indicators_are_reckoned_once() -> None:
    chain = [
        {"key": "n0", "formula": "1"},
        *({"key": f"n{at}", "formula": f"n{at - 1} + n{at - 1}"} for at in range(1, 28)),
    ]
    (found,) = reckon([rule(formula="n27 ÷ n26")], unit(), indicators=chain)
    assert found.total == 2


def test_a_long_chain_of_indicators_is_reckoned_or_told() -> None:
    chain = [{"key": f"n{at}", "formula": f"n{at + 1} + 1"} for at in range(499)] + [{"key": "n499", "formula": "1"}]
    (found,) = reckon([rule(formula="n0")], unit(), indicators=chain)
    assert found.total == 500 or "太深" in found.problems[0]


def test_squaring_a_third_again_and_again_is_stopped() -> None:
    chain = [{"key": "n0", "formula": "1 ÷ 3"}]
    chain += [{"key": f"n{at}", "formula": f"n{at - 1} × n{at - 1}"} for at in range(1, 40)]
    (found,) = reckon([rule(formula="n39")], unit(), indicators=chain)
    assert "太细" in found.problems[0]


def test_a_rule_inside_says_itself_what_a_missing_value_means() -> None:
    inner = [{"kind": "formula", "formula": "额"}, {"kind": "formula", "formula": "补", "missing": "zero"}]
    rows = {**unit(), "items": {"项目": [{"额": 3}, {"额": 4, "补": 1}]}}
    (found,) = reckon([rule(kind="items", items="项目", rules=inner)], rows)
    assert found.total == 8
    assert not found.problems


def test_a_mark_of_nobody_and_a_mark_beyond_the_scale_are_told() -> None:
    voices = [{"group": "园区（一）", "share": 1}]
    rating = rule(kind="rating", items="评分", mark="分", weight=10, groups=voices)
    marks = ([{"group": "园区（一）", "分": 90}], [{"group": "镇街", "分": 90}], [{"group": "园区（一）", "分": 900}])
    found = [reckon([rating], {**unit(), "items": {"评分": one}})[0] for one in marks]
    assert [one.total for one in found] == [9, 0, 0]
    assert [len(one.problems) for one in found] == [0, 1, 1]
    assert "不是这条规则的评分组" in found[1].problems[0]


def test_a_comparison_may_be_written_the_way_people_write_it() -> None:
    (found,) = reckon([rule(formula="10 if 类别 = “产业” and 额 ≠ 0 and 额 ≥ 3 else 1")], unit(类别="产业", 额=3))
    assert found.total == 10


def test_equals_get_the_same_grade_and_stand_at_the_bottom_together() -> None:
    grades = [{"grade": "优秀", "at_least": 0, "share": "34%"}, {"grade": "合格", "at_least": 0}]
    units = [unit(key, 分=points) for key, points in (("甲", 9), ("乙", 9), ("丙", 5), ("丁", 5))]
    found = reckon([rule(formula="分")], *units, grades=grades, consequences={"bottom": 1})
    assert [(one.grade, one.bottom) for one in found] == [
        ("优秀", False),
        ("优秀", False),
        ("合格", True),
        ("合格", True),
    ]


def test_nobody_stands_on_the_red_roll_and_at_the_bottom() -> None:
    units = [unit(key, 分=points) for key, points in (("甲", 9), ("乙", 7), ("丙", 5))]
    found = reckon([rule(formula="分")], *units, consequences={"honours": 3, "bottom": 1})
    assert [(one.honour, one.bottom) for one in found] == [(True, False), (True, False), (False, True)]


def test_nobody_is_at_the_bottom_where_all_are_equal() -> None:
    found = reckon([rule(formula="5")], unit("甲"), unit("乙"), consequences={"bottom": 1})
    assert [one.bottom for one in found] == [False, False]


def test_who_is_voted_out_of_honours_gets_none_of_the_highest_grade() -> None:
    grades = [{"grade": "优秀", "at_least": 90}, {"grade": "良好", "at_least": 80}, {"grade": "合格", "at_least": 0}]
    veto = [{"key": "否", "label": "一票否决", "when": "造假 > 0", "effect": "no_honour"}]
    units = [unit("甲", 分=95, 造假=1), unit("乙", 分=95, 造假=0)]
    found = reckon([rule(formula="分")], *units, grades=grades, vetoes=veto)
    assert [one.grade for one in found] == ["良好", "优秀"]


def test_a_verdict_sees_the_totals_of_the_whole_group() -> None:
    veto = [
        {
            "key": "限",
            "label": "最高者限分",
            "when": "score(total) = group_max(score(total))",
            "effect": "limit",
            "value": 1,
        }
    ]
    found = reckon([rule(formula="分")], unit("甲", 分=3), unit("乙", 分=9), vetoes=veto)
    assert [one.total for one in found] == [3, 1]


def test_scores_of_a_group_are_seen_once_the_rule_is_done_for_all() -> None:
    second = rule(key="乙", label="乙", formula="score(甲) ÷ group_max(score(甲)) × 10")
    found = reckon([rule(formula="分"), second], unit("东", 分=5), unit("西", 分=10))
    assert [one.total for one in found] == [10, 20]


def test_weight_left_out_is_shared_among_what_applies() -> None:
    rules = [
        rule(key="外资", label="外资", formula="外资", cap=20, when="沿边 = '是'"),
        rule(key="内资", label="内资", formula="内资", cap=30, missing="exempt"),
        rule(key="开工", label="开工", formula="开工", cap=50),
    ]
    (found,) = reckon(rules, unit(沿边="否", 开工=40))
    assert found.total == 64  # 40 of 50 becomes 64 of 80
    assert sum((line.points for line in found.lines), Fraction(0)) == 64


def test_who_is_exempt_from_everything_has_no_place() -> None:
    (found,) = reckon([rule(formula="内资", cap=30, missing="exempt")], unit())
    assert (found.rank, len(found.problems)) == (None, 1)


def test_results_of_huge_numbers_are_still_json() -> None:
    book = read_book(
        loads('{"name": "办法", "rules": [{"key": "甲", "label": "甲", "kind": "formula", "formula": "额"}]}')
    )
    results = run(book, read_facts({"units": [unit(额="999999999")]}))
    assert told(book, results)["units"][0]["total"] == 999999999
