"""The rule table: each rule keeps the promises written beside it, and an office cannot write one that runs away."""

from __future__ import annotations

import pytest

from crm.core.text import fold
from crm.signals import ruletable
from crm.signals.kinds import SignalKind
from crm.signals.literals import required_words
from crm.signals.ruletable import RuleRow, packaged_guards, packaged_rows

ROWS = {row.key: row for row in packaged_rows()}


@pytest.mark.parametrize("key", ROWS)
def test_a_rule_matches_its_examples_and_refuses_the_others(key: str) -> None:
    assert ruletable.failing(ROWS[key]) == ([], [])


@pytest.mark.parametrize("key", ROWS)
def test_a_rule_comes_with_examples_and_a_word_the_quick_search_can_look_for(key: str) -> None:
    row = ROWS[key]
    assert row.match
    assert row.refuse
    words = required_words(row.pattern)
    assert words
    for text in row.match:
        assert any(word in fold(text) for word in words)


def test_keys_are_unique_every_kind_has_a_rule_and_every_guard_exists() -> None:
    assert len(ROWS) == len(packaged_rows())
    assert {SignalKind(row.kind) for row in ROWS.values()} == set(SignalKind)
    assert {name for row in ROWS.values() for name in row.guards} <= set(packaged_guards())
    assert all(0 < row.weight <= 1 for row in ROWS.values())


def office(pattern: str = "增持(?:股份|股票)", **fields: object) -> RuleRow:
    values: dict[str, object] = {"key": "office_1", "kind": "CAPX", "weight": 0.8, "pattern": pattern, **fields}
    return RuleRow(**values)  # type: ignore[arg-type]  # test values


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (office("("), "rule.syntax"),
        (office("x" * 900), "rule.long"),
        (office(".{0,9}"), "rule.open"),
        (office("投?"), "rule.open"),
        (office("投资.*工厂"), "rule.slow"),
        (office("(?:投资){1,200}"), "rule.slow"),
        (office("投资(?:厂{1,9}){1,9}"), "rule.slow"),
        (office("(?:投资建厂|投资.{2}|.{4}){1,12}资$"), "rule.slow"),
        (office("投资.{0,59}新.{0,59}建.{0,59}厂.{0,59}房"), "rule.slow"),
        (office(r"(投资)\1"), "rule.backward"),
        (office(weight=0), "rule.weight"),
        (office(kind="WHAT"), "rule.kind"),
        (office(""), "rule.pattern"),
        (office(match=("天气晴。",)), "rule.yes"),
        (office(refuse=("公司增持股份。",)), "rule.no"),
    ],
)
def test_an_unsound_rule_is_refused_with_a_sentence(row: RuleRow, key: str) -> None:
    found = ruletable.problems(row)
    assert [problem.key for problem in found] == [key]
    assert found[0].message.endswith("。")


def test_a_sound_rule_of_an_office_joins_the_packaged_ones() -> None:
    row = office(match=("公司增持股份。",), refuse=("公司减持股份。",))
    assert ruletable.problems(row) == []
    assert ruletable.table_with((row,)).rules[-1].key == "office_1"


def test_an_unsound_rule_is_left_out_and_the_others_work() -> None:
    assert len(ruletable.table_with((office("("),)).rules) == len(ROWS)


def test_an_office_changes_the_weight_of_a_packaged_rule_or_switches_it_off() -> None:
    lighter = RuleRow("capx_ipo", "CAPX", 0.2, "")
    assert {rule.key: rule.weight for rule in ruletable.table_with((lighter,)).rules}["capx_ipo"] == 0.2
    off = RuleRow("capx_ipo", "CAPX", 0.2, "", enabled=False)
    assert "capx_ipo" not in {rule.key for rule in ruletable.table_with((off,)).rules}


def test_not_pattern_silences_a_rule() -> None:
    (rule,) = (ruletable.compiled(office(not_pattern="传闻")),)
    assert rule.finds("公司增持股份")
    assert rule.finds("传闻公司增持股份") is None


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?:产能|产线).{0,14}(?:迁往|迁至)", {"产能", "产线"}),
        ("投资[约近]?[\\d.]+亿", {"投资"}),
        ("(?:正式)?落户", {"落户"}),
        ("(?:a{1}bc|xyz)d?", {"abc", "xyz"}),
        (".{1,3}", None),
        ("(?:投资|.)", None),
    ],
)
def test_the_words_a_pattern_needs_are_read_from_it(pattern: str, words: set[str] | None) -> None:
    assert required_words(pattern) == words
