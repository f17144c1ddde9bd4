from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.pipeline.admission.closing import CaseFacts, DecisionDraft, Tally, decision_problems
from crm.pipeline.admission.rules import DIMENSIONS, LETS_PASS, STATUTORY, Outcome, Terms, Verdict, may_be_deemed
from crm.pipeline.admission.scorecard import WEIGHTS, floor_problems, highs, per_mu, points_problems, priority, total

if TYPE_CHECKING:
    from crm.core.errors import Problem

TODAY = date(2026, 11, 20)
QUORUM = Fraction(2, 3)
FULL = {key: Decimal(weight) for key, weight in WEIGHTS.items()}


def keys(problems: list[Problem]) -> list[str]:
    return [problem.key for problem in problems]


def facts(**changes: object) -> CaseFacts:
    given: dict[str, object] = {
        "verdicts": dict.fromkeys(DIMENSIONS, Verdict.CLEAR),
        "points": FULL,
        "tally": Tally(eligible=3, agree=2),
        "weights": WEIGHTS,
        "quorum": QUORUM,
    }
    return CaseFacts(**{**given, **changes})  # type: ignore[arg-type]  # the rows name fields


def decide(case: CaseFacts, outcome: Outcome = Outcome.ADMIT, **fields: object) -> list[str]:
    draft = DecisionDraft(**{"outcome": outcome, "minutes_no": "纪要1号", "minutes_on": TODAY, **fields})  # type: ignore[arg-type]  # named values
    return keys(decision_problems(case, draft, today=TODAY))


verdicts = st.dictionaries(st.sampled_from(list(DIMENSIONS)), st.sampled_from(list(Verdict)))
tallies = st.builds(
    Tally, eligible=st.integers(0, 9), agree=st.integers(0, 9), disagree=st.integers(0, 9), abstain=st.integers(0, 9)
)


@given(
    said=verdicts,
    tally=tallies,
    quorum=st.sampled_from([Fraction(1, 2), QUORUM, Fraction(1)]),
    veto=st.booleans(),
    scored=st.booleans(),
)
def test_nothing_passes_without_six_passes_or_lawful_silences_a_quorum_and_a_majority(
    said: dict[str, Verdict],
    tally: Tally,
    quorum: Fraction,
    *,
    veto: bool,
    scored: bool,
) -> None:
    case = facts(verdicts=said, tally=tally, quorum=quorum, veto=veto, points=FULL if scored else {})
    if decide(case):
        return
    assert set(said) == set(DIMENSIONS)
    assert set(said.values()) <= LETS_PASS
    assert all(said[key] is not Verdict.DEEMED for key in STATUTORY)
    assert tally.present >= quorum * tally.eligible
    assert tally.agree * 2 > tally.present
    assert scored


def test_a_complete_case_with_six_passes_passes() -> None:
    assert decide(facts()) == []


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        (Tally(3, 2), []),
        (Tally(3, 1), ["case.quorum"]),
        (Tally(3, 1, 1), ["case.majority"]),
        (Tally(4, 2, 0, 1), []),
        (Tally(4, 2, 1, 1), ["case.majority"]),
        (Tally(0), ["case.quorum"]),
    ],
)
def test_two_thirds_must_vote_and_more_than_half_of_them_agree(tally: Tally, expected: list[str]) -> None:
    assert decide(facts(tally=tally)) == expected


def test_minutes_have_a_number_and_a_day_that_has_come() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert decide(facts(), minutes_no=" ", minutes_on=tomorrow) == ["review.minutes", "review.minutes_on"]


def test_a_case_that_carried_is_not_recorded_as_failed() -> None:
    assert decide(facts(), Outcome.FAIL) == ["case.contradiction"]
    assert decide(facts(tally=Tally(3, 0, 3)), Outcome.FAIL) == []


def test_without_the_veto_a_failed_opinion_may_wait_for_its_correction() -> None:
    said = {**dict.fromkeys(DIMENSIONS, Verdict.CLEAR), "law": Verdict.FAIL}
    later = TODAY + timedelta(days=9)
    assert decide(facts(verdicts=said), Outcome.DEFER, due_on=later) == ["case.veto"]
    assert decide(facts(verdicts=said, veto=False), Outcome.DEFER, due_on=later) == []
    assert decide(facts(verdicts=said, veto=False)) == ["case.failed_opinion"]


@pytest.mark.parametrize("key", sorted(STATUTORY))
def test_a_statutory_opinion_is_never_deemed_even_if_the_terms_say_so(key: str) -> None:
    assert not may_be_deemed(key, Terms(deemed=True, internal=frozenset(DIMENSIONS)))
    said = {**dict.fromkeys(DIMENSIONS, Verdict.CLEAR), key: Verdict.DEEMED}
    assert decide(facts(verdicts=said)) == ["deemed.statutory"]


def test_the_weights_are_a_hundred_and_every_line_stays_within_its_own() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert points_problems(FULL, WEIGHTS) == []
    assert keys(points_problems({"tax": Decimal("16.1"), "jobs": Decimal(-1)}, WEIGHTS)) == ["score.range"] * 2
    assert keys(points_problems({"tax": Decimal("3.125"), "jobs": Decimal("1.25")}, WEIGHTS)) == ["score.fine"]


@pytest.mark.parametrize(("score", "expected"), [("80", "A"), ("79.9", "B"), ("60", "B"), ("59.9", "C")])
def test_the_score_decides_the_class(score: str, expected: str) -> None:
    assert priority(Decimal(score)) == expected


def test_the_four_highs_are_read_from_their_lines() -> None:
    half = {key: Decimal(weight) / 2 for key, weight in WEIGHTS.items()}
    assert highs(half, WEIGHTS) == {"intensity": 50, "output": 50, "technology": 50, "linkage": 50}
    assert highs({}, WEIGHTS)["output"] is None
    assert total(half) == 50


def test_a_figure_under_its_floor_or_unknown_is_named() -> None:
    terms = Terms(intensity_floor=Decimal(180), tax_floor=Decimal(10))
    assert per_mu(Decimal(9000), 60) == 150
    assert keys(floor_problems(Decimal(180), Decimal(10), terms)) == []
    assert keys(floor_problems(Decimal("179.9"), None, terms)) == ["floor.intensity", "floor.tax"]
    assert floor_problems(None, None, Terms()) == []
    assert decide(facts(under_floor=("floor.tax",))) == ["case.override"]
    assert decide(facts(under_floor=("floor.tax",)), override="补链项目") == []
