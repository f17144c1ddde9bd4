"""What one rule reads: numbers behind a line of a score."""

from __future__ import annotations

from crm.assessment.engine.book import read_book
from crm.assessment.engine.needs import of_rule


def test_a_rule_names_what_it_reads_traced_to_what_is_given() -> None:
    book = read_book({
        "name": "试行", "parameters": {"基数": 2},
        "indicators": [
            {"key": "率", "formula": "到位 ÷ 协议"}, {"key": "差", "formula": "率 - 上年率 + sum(项目, 额)"}],
        "rules": [
            {"key": "甲", "label": "甲", "kind": "ratio", "done": "差", "target": "任务 × 基数", "weight": 9,
             "when": "类型 = “县区”"},
            {"key": "乙", "label": "乙", "kind": "items", "items": "批次", "rules": [
                {"kind": "every", "value": "额", "every": 1, "each": 1}]},
            {"key": "丙", "label": "丙", "kind": "formula", "formula": "score(甲) + 1"},
        ],
    })  # fmt: skip
    assert [of_rule(book, rule) for rule in book.rules] == [
        (["任务", "类型", "上年率", "到位", "协议"], ["项目"]),
        ([], ["批次"]), ([], []),
    ]  # fmt: skip
