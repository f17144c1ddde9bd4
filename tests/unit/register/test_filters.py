from __future__ import annotations

import pytest

from crm.register import filters
from crm.register.filters import Condition, condition, parse, written

GOOD = (
    "list:private_500",
    "list:private_500/2025",
    "industry:电子",
    "industry:C39",
    "region:330100",
    "grade:A",
    "score:60",
    "signal:any",
    "signal:CAPX/90",
    "touched:30",
    "touched:never",
    "touched:mine",
    "touched:mine/90",
    "project:open",
    "project:signed",
    "contacts:none",
    "source:chamber",
    "uscc:has",
    "created:7",
    "group:parent",
)
BAD = (
    "",
    "list",
    "list:",
    "list:' OR 1",
    "list:a/20",
    "grade:E",
    "score:101",
    "score:-1",
    "score:²",
    "signal:XXX",
    "signal:any/0",
    "touched:soon",
    "touched:99999",
    "project:dead",
    "source:x",
    "owner:1",
    "industry:" + "长" * 61,
    "created:0",
)


@pytest.mark.parametrize("text", GOOD)
def test_every_kind_of_condition_is_read_and_written_back_alike(text: str) -> None:
    for shown in (text, f"!{text}"):
        found = condition(shown)
        assert found is not None
        assert found.text == shown


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_read_is_dropped_and_named(text: str) -> None:
    parsed = parse([f"{text}~grade:A"])
    assert parsed.groups == ((Condition("grade", "A"),),)
    assert bool(parsed.dropped) is bool(text)


def test_groups_are_joined_by_and_conditions_by_or() -> None:
    parsed = parse(["list:a~list:b", "touched:30", "!project:open"])
    assert [len(group) for group in parsed.groups] == [2, 1, 1]
    assert parsed.groups[2][0].negated
    assert written(parsed.groups) == ["list:a~list:b", "touched:30", "!project:open"]


def test_the_same_condition_counts_once_and_the_number_is_bounded() -> None:
    assert parse(["grade:A~grade:A", "grade:A"]).groups == ((Condition("grade", "A"),),)
    many = parse([f"score:{number}" for number in range(50)])
    assert len(many.groups) == filters.MOST_GROUPS
    assert len(many.dropped) == 50 - filters.MOST_GROUPS
    assert len(parse(["~".join(f"score:{number}" for number in range(50))]).groups[0]) == filters.MOST_CONDITIONS


def test_a_second_choice_of_a_kind_joins_the_first_and_another_kind_stands_beside() -> None:
    groups = filters.picked((), Condition("list", "a"))
    groups = filters.picked(groups, Condition("list", "b"))
    groups = filters.picked(groups, Condition("touched", "30"))
    groups = filters.picked(groups, Condition("touched", "never"))
    assert written(groups) == ["list:a~list:b", "touched:never"]


def test_a_condition_is_added_to_a_group_and_taken_out_again() -> None:
    groups = filters.added((), Condition("grade", "A"))
    groups = filters.added(groups, Condition("uscc", "none"), 0)
    groups = filters.added(groups, Condition("uscc", "has"), 9)
    assert written(groups) == ["grade:A~uscc:none", "uscc:has"]
    assert written(filters.without(groups, 0, 0)) == ["uscc:none", "uscc:has"]
    assert written(filters.without(groups, 1, 0)) == ["grade:A~uscc:none"]
    assert filters.turned(Condition("grade", "A")).text == "!grade:A"
