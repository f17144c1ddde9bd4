from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoremodel.rules import (
    WEIGHTS,
    Candidate,
    Mode,
    Verdict,
    mode_of,
    points_of,
    publish_problems,
    weighed,
    word_of,
)

NOTE = "来区考察应当多给分"
PASSED = Verdict(share=0.97, needed=0.95, signal=True)


@pytest.mark.parametrize(
    ("won", "lost", "mode"),
    [
        (0, 0, Mode.EXPERT), (9, 500, Mode.EXPERT), (10, 0, Mode.BAND), (40, 39, Mode.BAND), (39, 400, Mode.BAND),
        (40, 40, Mode.PROBABILITY),
    ],
)  # fmt: skip
def test_a_probability_is_earned_by_forty_of_each(won: int, lost: int, mode: Mode) -> None:
    assert mode_of(won, lost) is mode


@given(st.floats(-60, 60))
def test_every_weight_has_a_word_and_a_word_says_the_nearest_weight(points: float) -> None:
    said = points_of(word_of(points))
    assert said is not None
    assert all(abs(said - points) <= abs(other - points) for _word, other in WEIGHTS)


def test_a_typed_number_counts_more_than_a_word() -> None:
    assert weighed(3.0, "很看重", 5.0) == 5.0
    assert weighed(3.0, "很看重", 3.0) == 12.0
    assert weighed(3.0, word_of(3.0), None) == 3.0
    assert weighed(3.0, "没有这个词", None) == 3.0


@pytest.mark.parametrize(
    ("candidate", "note", "keys"),
    [
        (Candidate(previewed=True), NOTE, []),
        (Candidate(), NOTE, ["publish.preview"]),
        (Candidate(previewed=True), "好", ["publish.note"]),
        (Candidate(previewed=True), "字" * 201, ["publish.note"]),
        (Candidate(live=True), NOTE, ["publish.live"]),
        (Candidate(once_live=True, fitted=True), NOTE, []),
        (Candidate(fitted=True, previewed=True), NOTE, ["publish.test"]),
        (Candidate(fitted=True, previewed=True, verdict=PASSED), NOTE, []),
        (Candidate(fitted=True, previewed=True, verdict=Verdict(0.94, 0.95, signal=True)), NOTE, ["publish.gate"]),
        (Candidate(fitted=True, previewed=True, verdict=Verdict(0.99, 0.95, signal=False)), NOTE, ["publish.signal"]),
        (
            Candidate(fitted=True, previewed=True, verdict=Verdict(0.99, 0.95, signal=True, leaks=("领导",))),
            NOTE,
            ["publish.leak"],
        ),
    ],
)
def test_what_stands_against_publishing_is_said(candidate: Candidate, note: str, keys: list[str]) -> None:
    assert [problem.key for problem in publish_problems(candidate, note)] == keys
