from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoremodel.diffs import between, digest, edited
from crm.scoremodel.moves import LABELS, MOST_SHOWN, Tally, step_of
from crm.scoremodel.words import half_life_words, level_words
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.rules import Score
from crm.scoring.tablejson import from_json, to_json

PLACES = [(one.key, code) for one in EXPERT_TABLE.features for code in range(1, len(one.levels))]
EDITS = st.dictionaries(st.sampled_from(PLACES), st.integers(-600, 600).map(lambda tenths: tenths / 10), max_size=5)


@given(EDITS)
def test_a_difference_names_every_edit_and_nothing_else(edits: dict[tuple[str, int], float]) -> None:
    changed = edited(EXPERT_TABLE, edits, {}, {})
    found = {(one.feature, one.level): (one.before, one.after) for one in between(EXPERT_TABLE, changed).points}
    before = {place: EXPERT_TABLE.feature(place[0]).levels[place[1]].points for place in edits}
    assert found == {place: (before[place], after) for place, after in edits.items() if before[place] != after}


@given(EDITS)
def test_tables_that_score_alike_share_a_digest_and_others_do_not(edits: dict[tuple[str, int], float]) -> None:
    changed = edited(EXPERT_TABLE, edits, {}, {})
    kept = from_json(json.loads(json.dumps(to_json(changed))))
    assert digest(kept) == digest(changed)
    assert (digest(changed) == digest(EXPERT_TABLE)) is not bool(between(EXPERT_TABLE, changed))


def test_half_lives_and_grades_are_compared_too() -> None:
    changed = edited(EXPERT_TABLE, {}, {"CAPX": 90.0, "touch": 60.0}, {"A": 80})
    found = between(EXPERT_TABLE, changed)
    assert found.half_lives == (("CAPX", 180.0, 90.0), ("touch", 90.0, 60.0))
    assert found.grades == (("A", 75, 80),)


def test_every_level_and_half_life_has_words() -> None:
    for feature in EXPERT_TABLE.features:
        for code in range(len(feature.levels)):
            words, params = level_words(feature, code)
            assert words % params if params else words, (feature.key, code)
            assert "{" not in words, words
    for kind in (*EXPERT_TABLE.half_lives, "touch"):
        assert half_life_words(EXPERT_TABLE, kind) != kind


def score(points: int) -> Score:
    return Score(points, 0, points - 50, "B" if points > 59 else "C", 0.0, (), (), "x")


@pytest.mark.parametrize(
    ("moved", "label"),
    [(-30, "−11及以下"), (-10, "−10至−6"), (-6, "−10至−6"), (-5, "−5至−3"), (-2, "−2至−1"), (-1, "−2至−1"), (0, "不变"),
     (1, "+1至+2"), (2, "+1至+2"), (3, "+3至+5"), (6, "+6至+10"), (10, "+6至+10"), (11, "+11及以上")],
)  # fmt: skip
def test_the_ladder_of_differences_has_no_gap(moved: int, label: str) -> None:
    assert LABELS[step_of(moved)] == label


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), max_size=120))
def test_a_tally_counts_everybody_and_shows_the_strongest(pairs: list[tuple[int, int]]) -> None:
    tally = Tally()
    for number, (before, after) in enumerate(pairs):
        tally.add(number, score(before), score(after))
    found = tally.as_json()
    assert found["up"] + found["down"] + found["same"] == found["total"] == len(pairs) == sum(found["steps"])
    assert sum(count for _from, _to, count in found["grades"]) == len(pairs)
    rises = sorted((after - before for before, after in pairs if after > before), reverse=True)
    assert [row["after"] - row["before"] for row in found["risers"]] == rises[:MOST_SHOWN]
