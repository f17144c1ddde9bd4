from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from crm.fieldwork.rules import Intention
from crm.scores.ranking import (
    Candidate,
    Capacity,
    FreshNews,
    OpenProject,
    Person,
    StepKind,
    back_on,
    deferral_problems,
    next_step,
    plan_day,
    rank,
    ranked,
    week,
    whom,
)
from crm.scores.turns import dealt_to

MONDAY = date(2026, 11, 23)
BOSS = Person(7, "沈立", "副总裁")
NEWS = FreshNews(3, "资本扩张", date(2026, 11, 20))


def test_the_order_is_the_product_of_the_score_and_its_factors() -> None:
    found = rank(Candidate(1, 80, person=BOSS, news=NEWS), MONDAY)
    assert [factor.value for factor in found.factors] == [1.2, 1.25]
    assert found.worth == pytest.approx(80 * 1.2 * 1.25)


def test_somebody_to_call_outweighs_a_few_points() -> None:
    reachable, distant = Candidate(1, 70, person=BOSS), Candidate(2, 80)
    assert [row.candidate.enterprise_id for row in ranked([distant, reachable], MONDAY)] == [1, 2]


def test_equal_candidates_keep_their_order_so_that_pages_stay_put() -> None:
    order = [row.candidate.enterprise_id for row in ranked([Candidate(9, 60), Candidate(4, 60)], MONDAY)]
    assert order == [4, 9]


def test_who_declined_waits_until_there_is_news() -> None:
    declined = Candidate(1, 80, intention=Intention.NONE, last_touch=date(2026, 8, 1))
    assert 0.5 in {factor.value for factor in rank(declined, MONDAY).factors}
    again = Candidate(1, 80, intention=Intention.NONE, last_touch=date(2026, 8, 1), news=NEWS)
    assert 0.5 not in {factor.value for factor in rank(again, MONDAY).factors}


def test_what_is_another_squads_turn_comes_later_but_ties_count_more_than_turns() -> None:
    theirs = rank(Candidate(1, 80, turn=False), MONDAY)
    tied = rank(Candidate(1, 80, turn=False, ours=True), MONDAY)
    assert theirs.worth == pytest.approx(tied.worth * 0.6)


@pytest.mark.parametrize(
    ("candidate", "kind"),
    [
        (Candidate(1, 60, project=OpenProject(2, "示例项目", "考察"), news=NEWS), StepKind.PROJECT),
        (Candidate(1, 60, person=BOSS, news=NEWS), StepKind.NEWS),
        (Candidate(1, 60, last_touch=date(2026, 9, 1), intention=Intention.STRONG), StepKind.KEEN),
        (Candidate(1, 60, last_touch=date(2026, 2, 1)), StepKind.REVIVE),
        (Candidate(1, 60, person=BOSS), StepKind.FIRST),
        (Candidate(1, 60, relations=2), StepKind.RELATION),
        (Candidate(1, 60, known_elsewhere=True), StepKind.COLLEAGUE),
        (Candidate(1, 60), StepKind.FIND),
    ],
)
def test_the_next_step_follows_the_strongest_occasion(candidate: Candidate, kind: StepKind) -> None:
    step = next_step(candidate, MONDAY)
    assert step.kind is kind
    words = step.words % step.params
    assert "None" not in words
    assert "%" not in words


def test_the_step_names_whom_to_call_and_why() -> None:
    step = next_step(Candidate(1, 60, person=BOSS, news=NEWS), MONDAY)
    assert step.words % step.params == "借“资本扩张”的动态打电话给沈立（副总裁），约上门"


def test_what_another_unit_looked_after_half_a_year_ago_comes_later() -> None:
    def worth(day: date | None) -> float:
        return rank(Candidate(1, 80, others_last=day), MONDAY).worth

    assert worth(date(2026, 9, 1)) == pytest.approx(worth(None) * 0.8)
    assert worth(date(2026, 3, 1)) == pytest.approx(worth(None))


def test_who_is_known_elsewhere_is_asked_for_an_introduction_when_there_is_news() -> None:
    step = next_step(Candidate(1, 60, news=NEWS, known_elsewhere=True), MONDAY)
    assert "请招商办牵线" in step.words
    assert "总机" in next_step(Candidate(1, 60, news=NEWS), MONDAY).words


def test_nobody_is_suggested_whom_another_unit_has_just_called() -> None:
    other = Person(8, "何川")
    assert whom([BOSS, other], frozenset({7})) == other
    assert whom([BOSS], frozenset({7})) is None


def test_turns_are_spread_evenly_over_the_squads() -> None:
    shares = Counter(dealt_to(number, [11, 12, 13]) for number in range(1, 3001))
    assert set(shares) == {11, 12, 13}
    assert all(850 <= count <= 1150 for count in shares.values())


def test_a_further_squad_takes_only_its_own_share() -> None:
    moved = [n for n in range(1, 2001) if dealt_to(n, [11, 12, 13]) != dealt_to(n, [11, 12, 13, 14])]
    assert all(dealt_to(number, [11, 12, 13, 14]) == 14 for number in moved)
    assert 400 <= len(moved) <= 600


def test_nobody_has_a_turn_where_there_is_no_squad() -> None:
    assert dealt_to(5, []) is None


def test_the_capacity_never_falls_below_none() -> None:
    assert Capacity(3, 4).left == 11
    assert Capacity(1, 9).left == 0


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (MONDAY, date(2026, 11, 27)),
        (date(2026, 11, 26), date(2026, 11, 27)),
        (date(2026, 11, 27), date(2026, 12, 1)),
        (date(2026, 11, 29), date(2026, 12, 1)),
        (date(2026, 9, 30), date(2026, 10, 9)),
    ],
)
def test_a_planned_call_is_due_on_the_last_working_day_of_the_week(today: date, due: date) -> None:
    assert plan_day(today) == due


def test_a_deferral_ends_on_a_monday() -> None:
    assert week(date(2026, 11, 29)) == (MONDAY, date(2026, 11, 29))
    for day in range(7):
        assert back_on(MONDAY + timedelta(days=day), 1) == MONDAY + timedelta(days=7)


@pytest.mark.parametrize(("reason", "weeks", "code"), [(" ", 1, "deferral.reason"), ("忙", 9, "deferral.weeks")])
def test_a_deferral_wants_a_reason_and_an_end_within_reach(reason: str, weeks: int, code: str) -> None:
    assert [problem.key for problem in deferral_problems(reason, weeks)] == [code]
    assert deferral_problems("对方在忙", 1) == []
