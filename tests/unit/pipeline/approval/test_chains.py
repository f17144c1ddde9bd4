from __future__ import annotations

from datetime import date

import pytest

from crm.pipeline.approval.rules import (
    CHAINS,
    MEETINGS,
    PREPARATION,
    Category,
    Finding,
    PaperFacts,
    Routes,
    Station,
    StepDraft,
    StepResult,
    following,
    payout_locked,
    starting_problems,
    step_problems,
)
from crm.pipeline.rules import ReviewResult, Stage

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("category", list(Category))
def test_every_chain_is_prepared_first_and_ends_in_meetings(category: Category) -> None:
    chain = Routes().chain(category)
    assert chain[:2] == PREPARATION[:2]
    assert set(CHAINS[category]) <= MEETINGS
    assert following(chain, chain[-1]) is None


def test_a_framework_is_checked_by_the_city_and_no_review_is_asked_for() -> None:
    assert CHAINS[Category.FRAMEWORK] == (Station.CITY, Station.STANDING, Station.COMMITTEE)
    assert starting_problems(Stage.VISITING, Category.FRAMEWORK, None, left=False, running=False) == []
    problems = starting_problems(Stage.VISITING, Category.FULL, ReviewResult.FAILED, left=False, running=False)
    assert [problem.key for problem in problems] == ["approval.review"]


@pytest.mark.parametrize(
    ("findings", "reviewed", "locked"),
    [
        ([], False, True),
        ([], True, False),
        ([Finding.OK, Finding.STRUCK], True, False),
        ([Finding.OK, None], True, True),
        ([Finding.NEEDS_CHANGE], True, True),
        ([Finding.NOT_ALLOWED], True, True),
    ],
)
def test_incentives_are_locked_until_every_clause_is_settled(
    findings: list[Finding | None],
    *,
    reviewed: bool,
    locked: bool,
) -> None:
    assert payout_locked(findings, reviewed=reviewed) is locked


def test_a_paper_cannot_be_returned_to_a_station_ahead() -> None:
    chain = Routes().chain(Category.FULL)
    facts = PaperFacts(chain=chain, station=Station.FAIR, earliest=TODAY)
    draft = StepDraft(Station.FAIR, StepResult.RETURNED, TODAY, text="理由", back_to=Station.STANDING)
    assert [problem.key for problem in step_problems(facts, draft, today=TODAY)] == ["approval.back_to"]
