"""Forms of rules: every kind goes into a form and comes out as the same rule; faults stand at their field."""

from __future__ import annotations

import ast
import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from crm.assessment.books.examples import EXAMPLES
from crm.assessment.books.rules import KIND_LABELS, PROMOTION, VETO
from crm.assessment.books.samples import SAMPLES
from crm.assessment.engine import schema
from crm.assessment.engine.book import KINDS, Book, BookError, read_book, read_rule
from crm.assessment.engine.formula import Formula
from crm.assessment.engine.reading import Fault, Spec
from crm.assessment.rulemaking import acts, drafting, flat, sayings, shapes, trying
from crm.assessment.rulemaking.drafting import PLACES, RULES, VETOES, Naming, Spot
from tests.unit.assessment.engine import published

FULL = {
    "when": "类型 = “小分队”",
    "factor": "系数",
    "floor": -5,
    "round": 1,
    "missing": "exempt",
    "cap": 40,
    "note": "试",
}
MORE: list[dict[str, Any]] = [
    {"kind": "bands", "key": "甲", "label": "甲", "value": "完成率", "weight": 30, "below": 5,
     "bands": [{"at_least": "100%", "points": 100, "needs": "到资率 ≥ 20%"}, {"at_least": "50%", "points": 50}],
     "less": [{"value": "缺报", "each": 1, "most": 5, "label": "缺月报"}]},
    {"kind": "bands", "key": "乙", "label": "乙", "value": "出勤", "below_each": 0.5, "bands": [
        {"at_least": 20, "points": 10, "needs": "到岗 = “是” 且 迟到 < 3"}]},
    {"kind": "min_max", "key": "丙", "label": "丙", "value": "投诉", "better": "less", "low": 50, "high": 90,
     "when_equal": 80, "weight": 12.5},
    {"kind": "rating", "key": "丁", "label": "丁", "items": "评分", "mark": "分 × 2", "scale": 10, "weight": 5,
     "drop_extremes": True},
    {"kind": "every", "key": "戊", "label": "戊", "value": "总额", "over": "任务", "every": "50%", "each": 2,
     "whole": False},
    {"kind": "items", "key": "己", "label": "己", "items": "项目", "where": "计划 >= 10", "combine": "best", "top": 3,
     "each_cap": 20, "rules": [{"kind": "items", "items": "批次", "rules": [
         {"kind": "place", "value": "额", "points": [3, 2, 2], "missing": "zero", "when": "given(停, 0) != 1"}]}]},
    {"kind": "ladder", "key": "庚", "label": "庚", "full": "100%", "per": "step", "steps": [
        {"value": "三亿", "at_least": "三亿任务", "each": 0.1, "label": "3至10亿元"}], "section": "一"},
]  # fmt: skip
VERDICTS: list[tuple[dict[str, Any], str]] = [
    ({"key": "限", "label": "限高", "when": "造假 > 0", "effect": "limit", "value": 60}, VETO),
    ({"key": "末", "label": "垫底", "when": "score(total) = group_min(score(total))", "effect": "last"}, VETO),
    ({"key": "升", "label": "升两档", "when": "十亿项目 ≥ 2", "steps": 2}, PROMOTION),
]
ALL = [
    *({**rule, "kind": kind} for kind, rule in SAMPLES.items() if kind in KINDS),
    *(rule for book in EXAMPLES.values() for rule in book["rules"]),
    *MORE,
    *({**SAMPLES[kind], "kind": kind, **FULL} for kind in KINDS),
]


def plain(value: Any) -> Any:
    """Give a rule as the reader has it, formulas by their tree."""
    if isinstance(value, Formula):
        return ast.dump(value.tree)
    if dataclasses.is_dataclass(value):
        return [type(value).__name__, *(plain(getattr(value, one.name)) for one in dataclasses.fields(value))]
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def read(rule: dict[str, Any]) -> Any:
    faults: list[str] = []
    found = read_rule(Spec(json.loads(json.dumps(rule), parse_float=Decimal), "", faults))
    assert faults == []
    return plain(found)


def book_with(rule: dict[str, Any], place: str = RULES) -> tuple[Book, int]:
    first = {"key": "首", "label": "首", "kind": "best", "value": "数", "weight": 9}
    body = {"name": "试行", "sections": [{"key": "一"}], "parameters": {"系数": 1}, "rules": [first]}
    body, at = drafting.put(body, Spot(place), rule)
    return read_book(json.loads(json.dumps(body), parse_float=Decimal)), at


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: f"{rule['kind']}-{rule['key']}")
def test_a_rule_comes_out_of_its_form_as_it_went_in(rule: dict[str, Any]) -> None:
    fields = flat.load_rule(rule, rule["kind"])
    reading = flat.Reading(fields)
    back = reading.rule()
    assert reading.faults == []
    assert read(back) == read(rule)
    assert flat.load_rule(back, rule["kind"]) == fields


def test_published_rules_survive_their_forms() -> None:
    books = [one for one in vars(published).values() if isinstance(one, dict) and "rules" in one]
    assert len(books) > 3
    for rule in [rule for book in books for rule in book["rules"]]:
        assert read(flat.Reading(flat.load_rule(rule, rule["kind"])).rule()) == read(rule)


@pytest.mark.parametrize(("rule", "kind"), [*VERDICTS, *((SAMPLES[kind], kind) for kind in (VETO, PROMOTION))])
def test_a_veto_or_a_lift_comes_out_as_it_went_in(rule: dict[str, Any], kind: str) -> None:
    reading = flat.Reading(flat.load_rule(rule, kind))
    assert (reading.rule(), reading.faults) == ({**rule, "kind": kind}, [])


def test_what_stands_beside_the_rules_comes_out_as_it_went_in() -> None:
    more = {"sections": [{"key": "一", "scale": "30%"}], "parameters": {"基数": 3}, "rank": {"within": "all"}}
    for body in EXAMPLES.values():
        full = {**body, **more, "indicators": [{"key": "率", "formula": "到位 ÷ 协议"}]}
        again, reading = drafting.settled(full, drafting.settings_of(full), Naming({}, (), lambda _kind, key: key))
        assert (again, reading.faults) == (full, [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_asks_for_every_field_of_the_schema(kind: str) -> None:
    defs = schema.rules_schema()["$defs"]
    for inside, name in ((False, "rule"), (True, "inner_rule")):
        fields = next(one for one in defs[name]["oneOf"] if one["properties"]["kind"] == {"const": kind})["properties"]
        asked = {one.key: one for one in shapes.of_rule(kind, inside=inside)}
        assert asked.keys() == fields.keys() - {"kind"}
        for key, shape in asked.items():
            ref = fields[key].get("items", {}).get("$ref", "").rpartition("/")[2]
            if shape.sort is shapes.Sort.ROWS:
                assert {one.key for one in shape.rows} == defs[ref]["properties"].keys()
            choices = {word for word, _label in shape.choices}
            assert choices == set(fields[key].get("enum", choices))


BAD = [
    ("ratio", {"weight": "二十"}, "weight", "要填数字"),
    ("ratio", {"done": "=", "done.own": "签约 +"}, "done", "看不懂公式"),
    ("ratio", {"done.own": "3"}, "done", "请清空右边"),
    ("ratio", {"done": "="}, "done", "要填公式"),
    ("ratio", {"cap": "=", "cap.own": ""}, "cap", "最多多少分"),
    ("ratio", {"cap": "", "cap.own": "5"}, "cap", "没有选"),
    ("ratio", {"label": ""}, "label", "要填文字"),
    ("ratio", {"key": "首"}, "key", "用了两次"),
    ("ratio", {"section": "二"}, "section", "没有“二”这个部分"),
    ("every", {"missing": "full"}, "missing", ""),
    ("composite", {"parts-1-share": "一半"}, "parts-1-share", "要填数字"),
    ("composite", {"parts-0-done": "=", "parts-0-target": "=", "parts-0-share": "", "parts-1-share": "x"},
     "parts-1-share", "要填数字"),
    ("sum", {"base": "", "less-0-each": "x"}, "less-0-each", "要填数字"),
    ("choices", {"choices-1-word": "产业"}, "choices-1-word", "写了两次"),
    ("choices", {"choices-1-points": ""}, "choices", "要填数字"),
    ("condition", {"condition.than": ""}, "condition", "请写和什么比"),
    ("condition", {"condition": "="}, "condition", "还没有选指标"),
    ("rating", {"items": "3票"}, "items", "不能做名称"),
    ("items", {"rules-1-weight": ""}, "rules-1-weight", "要填数字"),
    ("items", {"rules-0-choices-0-points": "五"}, "rules-0-choices", "要填数字"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "name", "words"), BAD)
def test_a_fault_stands_at_its_field(kind: str, typed: dict[str, str], name: str, words: str) -> None:
    fields = {**flat.load_rule(SAMPLES[kind], kind), **typed}
    if kind == "every":
        fields |= {"cap": "", "cap.own": ""}
    reading = flat.Reading(fields)
    rule = reading.rule()
    told = {one.field: one.message for one in reading.faults}
    try:
        book_with(rule)
    except BookError as error:
        for fault in error.faults:
            assert isinstance(fault, Fault)
            place = fault.place.removeprefix("rules[1].")
            while place not in reading.places:
                place = place.rpartition(".")[0]
                assert place, fault
            told.setdefault(reading.places[place], fault.what)
    assert list(told) == [name]
    assert words in told[name]
    assert reading.labels[name]


def test_a_field_is_called_as_on_the_page_with_its_row() -> None:
    reading = flat.Reading(acts.changed(flat.load_rule(SAMPLES["items"], "items"), "drop:rules-0"))
    reading.rule()
    assert reading.labels["rules-2-points"] == (("每一项怎么得分", 2), ("符合得", 0))
    assert reading.labels["cap"] == (("封顶", 0),)


def test_rows_are_added_and_taken_away_and_nothing_else_is_touched() -> None:
    fields = flat.load_rule(SAMPLES["composite"], "composite")
    more = acts.changed(fields, "add:parts")
    assert flat.rows_of(more, "parts") == ["0", "1", "2"]
    assert more.items() >= fields.items()
    assert flat.Reading(more).rule() == flat.Reading(fields).rule()  # a blank row says nothing
    less = acts.changed(more, "drop:parts-0")
    assert flat.Reading(less).rule()["parts"] == SAMPLES["composite"]["parts"][1:]
    inner = acts.changed({**flat.load_rule(SAMPLES["items"], "items"), "rules.kind": "every"}, "add:rules")
    assert flat.Reading(inner).rule()["rules"][3] == {"kind": "every"}
    for act in ("", "add:", "drop:", "add", "别的:parts"):
        assert acts.changed(fields, act) == fields


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: f"{rule['kind']}-{rule['key']}")
def test_a_rule_is_tried_on_values_with_which_it_applies_and_gives_points(rule: dict[str, Any]) -> None:
    book, at = book_with({**rule, "key": "试"})
    if rule["kind"] == "items" and rule["key"] == "己":
        return  # lists within lists come from files only
    found = trying.tried(trying.alone(book, "", at), {})
    assert found.tables
    for answer in found.answers:
        assert (answer.problem, "不适用" in answer.working) == ("", False)
    assert any(answer.points != "0" for answer in found.answers)
    blank = {cell.field: "" for table in found.tables for _label, cells in table.rows for cell in cells}
    assert len(trying.tried(trying.alone(book, "", at), blank).answers) == len(found.answers)


@pytest.mark.parametrize(("rule", "kind"), [*VERDICTS, *((SAMPLES[kind], kind) for kind in (VETO, PROMOTION))])
def test_a_veto_is_tried_too(rule: dict[str, Any], kind: str) -> None:
    book, at = book_with(rule, next(place for place, one in PLACES.items() if one == kind))
    (own, *_others) = trying.tried(trying.alone(book, kind, at), {}).answers
    assert (own.met, own.problem) == ("group_min" not in rule["when"], "")


def test_typed_values_take_the_place_of_guessed_ones() -> None:
    book, at = book_with({**SAMPLES["min_max"], "kind": "min_max"})
    typed = {"try-本单位-到位资金": "1200", "try-同组甲-到位资金": "9e99", "try-同组乙-到位资金": "400"}
    first, second, third = trying.tried(trying.alone(book, "", at), typed).answers
    assert (first.points, third.points) == ("30", "18")
    assert "没有填" in second.problem or second.problem


def said(rule: dict[str, Any], kind: str = "") -> str:
    def told(one: Any) -> str:
        message, params = one
        filled = {key: told(value) if isinstance(value, tuple) else value for key, value in params.items()}
        return str(message % filled if filled else message)

    return "；".join(map(told, sayings.said(rule, kind)))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({**SAMPLES["ratio"], "kind": "ratio"}, "“完成数”除以“任务数”，乘20分；完成率最多按120%计"),
        ({"kind": "ratio", "done": "报送率", "weight": 40, "cap": 30, "missing": "zero"},
         "“报送率”乘40分；最多30分；没有数的计0分"),
        ({**MORE[0], "bands": MORE[0]["bands"][:1]},
         ("看“完成率”在哪一档；满100%且符合（到资率 ≥ 20%）得100分；都不到得5分；“缺报”每1扣1分，最多扣5分；"
          "以上按百分制，折合满分30分")),
        (MORE[3], "“评分”里的分 × 2（0到10）取平均，折成5分；满3份的去掉一个最高分和一个最低分"),
        (MORE[4], "“总额”超过“任务”的部分，每50%计2分；不足一份按比例计"),
        ({"kind": "items", "items": "项目", "where": "计划 >= 10 and 状态 = “a or b”", "rules": [
            {"kind": "condition", "condition": "投产 = 1", "points": 20}]},
         "“项目”里符合（计划 >= 10 且 状态 = “a or b”）的每一项；①符合（投产 = 1）得20分，否则得0分；各项合计"),
    ],
)  # fmt: skip
def test_a_rule_is_said_back_in_one_sentence(rule: dict[str, Any], words: str) -> None:
    assert said(rule) == words


def test_every_kind_says_its_numbers() -> None:
    for kind in KIND_LABELS:
        told = said({**SAMPLES[kind], "kind": kind, **FULL})
        for part in ("最多40分", "只适用于符合（类型 = “小分队”）的", "再乘系数“系数”", "保留1位小数"):
            assert part in told
    assert said(VERDICTS[0][0], VETO) == "符合（造假 > 0）的，总分最多60分"


def test_an_indicator_from_a_source_is_named_once_and_its_source_comes_along() -> None:
    naming = Naming({}, {"走访企业"}, lambda _kind, key: {"visits": "走访企业", "signed": "签约额（亿元）"}[key])
    assert [naming("s:measure:visits"), naming("s:measure:signed"), naming("s:measure:visits")] == [
        "走访企业1", "签约额亿元", "走访企业1",
    ]  # fmt: skip
    assert {name: feed.key for name, feed in naming.added.items()} == {"走访企业1": "visits", "签约额亿元": "signed"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("签约项目（省外）", "签约项目省外"),
        ("2026年任务", "项2026年任务"),
        ("", "规则"),
        ("if", "项if"),
        ("总 分", "总分1"),
    ],
)
def test_names_are_made_of_labels(label: str, name: str) -> None:
    assert drafting.named(label, {"总分"}) == name


def test_a_rule_that_others_moved_is_found_by_its_key() -> None:
    body = {"vetoes": [{"key": "甲"}, {"key": "乙"}]}
    assert drafting.found(body, Spot(VETOES, 0), "甲") == Spot(VETOES, 0)
    assert drafting.found(body, Spot(VETOES, 0), "乙") == Spot(VETOES, 1)
    assert drafting.found(body, Spot(VETOES, 0), "丙") == Spot(VETOES)
