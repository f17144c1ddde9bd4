"""The road out of a contract: order of letters, deadlines, what still is late."""

from __future__ import annotations

from datetime import date

import pytest

from crm.delivery.exits.rules import NEXT, Standing, StepDraft, StepKind, step_problems
from crm.delivery.letters.rules import number_of

S = StepKind
TODAY = date(2026, 11, 20)
OVER, RUNNING = date(2026, 11, 19), date(2026, 11, 20)


def keys(case: Standing, kind: StepKind, days: int | None = 10, detail: str = "多次催促未果") -> list[str]:
    return [problem.key for problem in step_problems(case, StepDraft(kind, detail, days), today=TODAY)]


@pytest.mark.parametrize(
    ("case", "kind", "expected"),
    [
        (Standing(None), S.REMIND, []),
        (Standing(None), S.RECTIFY, ["exit_case.order"]),
        (Standing(S.REMIND, OVER), S.RECTIFY, []),
        (Standing(S.REMIND, RUNNING), S.RECTIFY, ["exit_case.early"]),
        (Standing(S.REMIND, OVER), S.TERMINATE, ["exit_case.order"]),
        (Standing(S.RECTIFY, RUNNING), S.PROPOSE, ["exit_case.early"]),
        (Standing(S.RECTIFY, OVER), S.PROPOSE, []),
        (Standing(S.RECTIFY, OVER), S.TERMINATE, ["exit_case.order"]),
        (Standing(S.PROPOSE, OVER), S.TERMINATE, []),
        (Standing(S.PROPOSE, OVER, late=False), S.TERMINATE, ["exit_case.nothing_late"]),
        (Standing(S.PROPOSE, OVER), S.RETURN, []),
        (Standing(S.RETURN, OVER), S.PROPOSE, []),
        (Standing(S.REMIND, RUNNING, late=False), S.RESOLVE, []),
        (Standing(S.REMIND, RUNNING), S.RESOLVE, ["exit_case.still_late"]),
        (Standing(None, late=False), S.REMIND, ["exit_case.nothing_late"]),
    ],
)
def test_each_step_has_its_turn(case: Standing, kind: StepKind, expected: list[str]) -> None:
    assert keys(case, kind) == expected


@pytest.mark.parametrize(
    ("kind", "days", "expected"),
    [(S.REMIND, 5, []), *((S.REMIND, days, ["exit_case.days"]) for days in (4, None, 121))],
)
def test_a_letter_leaves_time_to_answer(kind: StepKind, days: int | None, expected: list[str]) -> None:
    assert keys(Standing(None), kind, days) == expected


def test_the_end_is_reached_only_through_every_letter() -> None:
    before = {kind: {one for one, follows in NEXT.items() if kind in follows} for kind in S}
    assert before[S.TERMINATE] == {S.PROPOSE}
    assert before[S.PROPOSE] == {S.RECTIFY, S.RETURN}
    assert before[S.RECTIFY] == {S.REMIND}
    assert NEXT[S.TERMINATE] == ()


def test_letters_are_numbered_by_year() -> None:
    assert number_of("招商函", 2026, 12) == "招商函〔2026〕12号"
