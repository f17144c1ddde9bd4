from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scores.rules import Hand, by_axis, moves, outcomes
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import Fact, from_raw
from crm.scoring.render import stored_reasons
from crm.scoring.rules import score

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def fact(kind: str, key: str = "", row: int = 1, days: float = 10, **fields: object) -> Fact:
    return Fact(kind, key, row, NOW - timedelta(days=days), **fields)  # type: ignore[arg-type]  # fields as keywords


BARE: list[Fact] = []
RICH = [
    fact("list", "china_500", 1, level=88),
    fact("contact", "", 2),
    fact("signal", "CAPX", 3),
    fact("touch", "visit", 4, days=40, level=1),
    fact("intention", "interested", 4, days=40),
]
FACTS = st.builds(
    fact,
    st.sampled_from(["contact", "relation", "touch", "signal", "reply", "refusal", "block"]),
    st.sampled_from(["visit", "CAPX", "NEG", "inspection"]),
    st.integers(1, 10_000),
    st.floats(0, 700),
    level=st.integers(1, 3),
)


@pytest.mark.parametrize("known", [BARE, RICH], ids=["bare", "rich"])
def test_every_outcome_is_what_scoring_itself_would_say(known: list[Fact]) -> None:
    found = outcomes(known, NOW, EXPERT_TABLE)
    assert found
    for row in found:
        later = NOW + timedelta(days=row.supposed.days)
        facts = from_raw([*known, *row.supposed.facts], later, EXPERT_TABLE)
        assert row.after == score(facts, EXPERT_TABLE).points
        assert sum(points for _label, points in row.parts) == row.gain != 0


def test_a_leader_in_the_visit_is_worth_more_than_a_visit_alone() -> None:
    gains = {row.supposed.words: row.gain for row in outcomes(RICH, NOW, EXPERT_TABLE)}
    assert 0 < gains["上门走访一次"] < gains["由区县领导带队走访一次"]


def test_people_are_supposed_up_to_the_next_level_only() -> None:
    found = {row.supposed.words: row.supposed.params for row in outcomes(RICH, NOW, EXPERT_TABLE)}
    assert found["再登记%(n)s名能联系上的联系人"] == {"n": 2}
    full = [*RICH, fact("contact", "", 8), fact("contact", "", 9)]
    assert "再登记%(n)s名能联系上的联系人" not in {row.supposed.words for row in outcomes(full, NOW, EXPERT_TABLE)}


def test_doing_nothing_costs_points_where_there_was_something() -> None:
    waiting = [row for row in outcomes(RICH, NOW, EXPERT_TABLE) if row.supposed.hand is Hand.TIME]
    assert waiting
    assert all(row.gain < 0 for row in waiting)
    assert not [row for row in outcomes(BARE, NOW, EXPERT_TABLE) if row.supposed.hand is Hand.TIME]


def test_what_we_can_do_comes_before_what_others_do() -> None:
    hands = [row.supposed.hand for row in outcomes(RICH, NOW, EXPERT_TABLE)]
    assert hands == sorted(hands, key=list(Hand).index)


@given(st.lists(FACTS, max_size=12), st.lists(FACTS, max_size=12))
def test_the_moves_between_two_rows_add_up_to_the_difference(before: list[Fact], after: list[Fact]) -> None:
    one = score(from_raw(before, NOW, EXPERT_TABLE), EXPERT_TABLE)
    two = score(from_raw(after, NOW, EXPERT_TABLE), EXPERT_TABLE)
    found = moves(stored_reasons(one.reasons), stored_reasons(two.reasons))
    assert sum(move.points for move in found) == two.points - one.points
    assert all(move.points for move in found)


def test_a_move_shows_what_was_and_what_is() -> None:
    one = score(from_raw(BARE, NOW, EXPERT_TABLE), EXPERT_TABLE)
    two = score(from_raw(RICH, NOW, EXPERT_TABLE), EXPERT_TABLE)
    found = {move.key: move for move in moves(stored_reasons(one.reasons), stored_reasons(two.reasons))}
    assert found["lists"].before is None
    assert found["lists"].after is not None
    assert found["lists"].after["points"] == found["lists"].points


def test_reasons_are_parted_by_axis_and_lose_nothing() -> None:
    found = score(from_raw(RICH, NOW, EXPERT_TABLE), EXPERT_TABLE)
    parted = by_axis(stored_reasons(found.reasons))
    assert sum(row["points"] for row in parted["fit"]) == found.fit
    assert sum(row["points"] for row in parted["intent"]) == found.intent
