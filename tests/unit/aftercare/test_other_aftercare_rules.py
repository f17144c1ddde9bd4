from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.aftercare.financing import rules as financing
from crm.aftercare.financing.rules import NeedState, NeedStepKind
from crm.aftercare.rounds.rules import RoundDraft, expected, round_problems
from crm.aftercare.surveys import rules as surveys
from crm.aftercare.surveys.rules import SurveyDraft

TODAY = date(2026, 11, 20)
N, S = NeedStepKind, NeedState


@pytest.mark.parametrize(
    ("year", "day", "visits"),
    [(2026, date(2026, 1, 2), 0), (2026, TODAY, 10), (2025, TODAY, 12), (2027, TODAY, 0)],
)
def test_visits_are_expected_evenly_over_the_year(year: int, day: date, visits: int) -> None:
    assert expected(12, year, day) == visits


def test_a_round_is_of_about_this_year_and_at_most_weekly() -> None:
    assert [one.field for one in round_problems(RoundDraft(2029, 1, 1, 1, 53), today=TODAY)] == ["year", "planned"]


@pytest.mark.parametrize(
    ("state", "kind", "granted", "bank", "text", "problem"),
    [
        (S.OPEN, N.MATCH, None, " ", "", "need.bank"),
        (S.OPEN, N.GRANT, Decimal(1), "", "", "need.order"),
        (S.MATCHED, N.GRANT, None, "", "", "need.granted"),
        (S.MATCHED, N.GRANT, Decimal(900), "", "", "need.more"),
        (S.MATCHED, N.GRANT, Decimal(0), "", "", "need.amount"),
        (S.MATCHED, N.FAIL, None, "", " ", "need.text"),
        (S.FAILED, N.MATCH, None, "示例银行", "", None),
        (S.MATCHED, N.GRANT, Decimal(800), "", "", None),
    ],
)
def test_a_need_is_matched_before_it_is_granted(
    state: NeedState, kind: NeedStepKind, granted: Decimal | None, bank: str, text: str, problem: str | None
) -> None:
    found = financing.step_problems(state, kind, wanted=Decimal(800), granted=granted, bank=bank, text=text)
    assert [one.key for one in found] == ([problem] if problem else [])


def test_a_survey_asks_a_few_different_questions_until_a_day_to_come() -> None:
    assert surveys.questions_of(" 政策兑现 \r\n\n办事效率") == ("政策兑现", "办事效率")
    bad = SurveyDraft(" ", ("同一个", "同一个"), date(2026, 11, 19))
    fields = [one.field for one in surveys.draft_problems(bad, today=TODAY)]
    assert fields == ["title", "questions", "closes_on"]


def test_an_answer_is_whole_and_in_time_and_counted_by_question() -> None:
    assert surveys.answer_problems(2, [5, 1], TODAY, TODAY) == []
    assert [one.key for one in surveys.answer_problems(2, [5, None], TODAY, TODAY)] == ["survey.scores"]
    assert [one.key for one in surveys.answer_problems(1, [5], date(2026, 11, 19), TODAY)] == ["survey.closed"]
    first, second = surveys.counted(["甲", "乙"], [[5, 2], [4, 3]])
    assert (first.well, second.well, second.of) == (2, 0, 2)
    assert second.by_score == {5: 0, 4: 0, 3: 1, 2: 1, 1: 0}
