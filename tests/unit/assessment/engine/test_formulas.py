"""Formulas: what they reckon, and that they can do nothing else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from crm.assessment.engine.book import read_book
from crm.assessment.engine.evaluate import MissingError, filled, number
from crm.assessment.engine.facts import Frame, read_facts
from crm.assessment.engine.formula import FormulaError, parse
from crm.assessment.engine.numbers import half_up, read, shown

BOOK = {"name": "空", "rules": [{"key": "无", "label": "无", "kind": "formula", "formula": "0"}]}
UNIT = {
    "key": "东区",
    "group": "城区",
    "values": {"签约": 12, "任务": 8, "比例": "47.8%", "空的": None, "类别": "工业"},
    "items": {"项目": [{"额": 3, "类": "工业"}, {"额": 5, "类": "农业"}, {"额": 2, "类": "工业"}]},
}
OTHERS = [
    {"key": "西区", "group": "城区", "values": {"签约": 6}},
    {"key": "南县", "group": "县", "values": {"签约": 90}},
]


def reckoned(text: str) -> Fraction:
    units = read_facts({"units": [UNIT, *OTHERS]})
    return number(parse(text), Frame(read_book(BOOK), units).scope(units[0]))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("签约 / 任务", "1.5"), ("签约÷任务×50%", "0.75"), ("（签约－任务）×2", "8"), ("min(签约, 10)", "10"),
        ("round(10 / 3, 2)", "3.33"), ("clip(签约, 0, 5)", "5"), ("10 if 签约 ≥ 任务 else 5", "10"), ("比例", "0.478"),
        ("1 if 签约 ≥ 任务 且 比例 > 50% else 2", "2"), ("1 if 签约 < 任务 或者 类别 = “工业” else 2", "1"),
        ("1 if 类别 = “工业 或 农业=50%” else 2", "2"),
        ("count(项目)", "3"), ("sum(项目, 额)", "10"), ("sum(项目, 额, 类 == '工业')", "5"),
        ("average(项目, 额)", "10/3"),
        ("largest(项目, 额)", "5"), ("smallest(项目, 额)", "2"), ("group_max(签约)", "12"), ("group_rank(签约)", "1"),
        ("group_average(签约)", "9"), ("group_count()", "2"), ("known(空的)", "0"), ("given(空的, 7)", "7"),
        ("类别 == '工业' and 签约 > 1", "1"), ("not 空的", "1"), ("-签约 + 1", "-11"),
        ("abs(-2) + floor(2.5) + ceil(2.1)", "7"),
    ],
)  # fmt: skip
def test_a_formula_reckons_exactly(text: str, value: str) -> None:
    assert reckoned(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "签约.real", "签约[0]", "[x for x in 项目]", "lambda: 1", "2 ** 9999", "签约 if",
        "f'{签约}'",
        "open('x')", "min()", "sum(项目)", "count(1)", "b'x'", "签约 := 1", "1 % 2", "签约 @ 2",
        "+".join(["1"] * 400), "min(*项目)", "round(**甲)", "1j",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_in_words(text: str) -> None:
    with pytest.raises(FormulaError, match=r"公式"):
        parse(text)


@pytest.mark.parametrize("text", ["空的 + 1", "没有的", "类别 × 2", "签约 / (任务 - 8)", "score(无此规则)"])
def test_what_cannot_be_reckoned_says_why(text: str) -> None:
    with pytest.raises(MissingError):
        reckoned(text)


def test_a_formula_reads_with_its_numbers_filled_in() -> None:
    units = read_facts({"units": [UNIT]})
    scope = Frame(read_book(BOOK), units).scope(units[0])
    assert filled(parse("(签约 + 任务) * 50% - 签约 / 任务"), scope) == "（12＋8）×50%－12÷8"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("96%", "0.96"), ("1,234.5", "1234.5"), ("１２％", "0.12"), (0.1, "0.1"), (7, "7"), ("-3", "-3"), ("5‰", "0.005")],
)
def test_numbers_are_read_without_losing_a_digit(raw: Any, value: str) -> None:
    assert read(raw) == Fraction(value)


def test_halves_are_rounded_away_from_zero() -> None:
    assert [half_up(Fraction(one), 1) for one in ("0.25", "-0.25", "0.35")] == [
        Fraction("0.3"),
        Fraction("-0.3"),
        Fraction("0.4"),
    ]
    assert [shown(one) for one in (Fraction(1, 3), Fraction(94), Fraction("2.780"), None, True)] == [
        "0.3333", "94", "2.78", "空", "是",
    ]  # fmt: skip
