"""The rules that the page about assessments shows: each is read, and gives what its words say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from crm.assessment.engine.book import read_book
from crm.assessment.engine.facts import read_facts
from crm.assessment.engine.needs import indicators, lists
from crm.assessment.engine.run import run

PAGE = Path(__file__).parents[4] / "docs" / "assessment.md"
BLOCKS = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)]
RULES = {rule["key"]: rule for block in BLOCKS if isinstance(block, list) for rule in block}
PROJECT = {"name": "云岭轴承", "到位": 30, "协议": 100, "状态": "新开工", "年度计划": 3, "完成": 2.4, "投产": 1}
MARKS = [{"group": "园区", "分": 90}, {"group": "乡镇", "分": 60}]


@pytest.mark.parametrize(
    ("key", "unit", "points"),
    [
        ("履约", {"values": {"完成率": "105%", "到资率": "30%", "缺月报": 2}}, 98),
        ("履约", {"values": {"完成率": "105%", "到资率": "10%", "缺月报": 0}}, 75),
        ("到位率", {"items": {"项目": [PROJECT]}}, 10.5), ("重点", {"items": {"项目": [PROJECT]}}, 73),
        ("外资", {"values": {"外资": 3}}, 30),
        ("互评", {"values": {"类型": "小分队"}, "items": {"评分": MARKS}}, 12.15),
        ("互评", {"values": {"类型": "园区"}, "items": {"评分": MARKS}}, 0),
    ],
)  # fmt: skip
def test_a_documented_rule_gives_what_its_words_say(key: str, unit: dict[str, Any], points: float) -> None:
    book = read_book({"name": "办法", "rules": [RULES[key]]})
    (found,) = run(book, read_facts({"units": [{"key": "东区", **unit}]}))
    assert (float(found.total), found.problems) == (points, [])


def test_a_band_reached_without_its_condition_says_so() -> None:
    book = read_book({"name": "办法", "rules": [RULES["履约"]]})
    values = {"完成率": "105%", "到资率": "10%", "缺月报": 0}
    (found,) = run(book, read_facts({"units": [{"key": "东区", "values": values}]}))
    assert "满1但不符合到资率" in found.lines[0].working


def test_whole_documented_books_and_values_are_read() -> None:
    whole = [block for block in BLOCKS if isinstance(block, dict)]
    assert [bool(read_facts(one)) for one in whole if "units" in one] == [True]
    assert [read_book(one).name for one in whole if "rules" in one] == ["某市年度招商引资考核"]


def test_what_a_book_needs_is_named() -> None:
    veto = {"key": "否", "label": "否决", "when": "造假 > 0", "effect": "zero"}
    book = read_book({"name": "办法", "rules": list(RULES.values()), "vetoes": [veto]})
    assert indicators(book) == ["完成率", "到资率", "缺月报", "外资", "类型", "造假"]
    assert lists(book) == ["评分", "项目"]
