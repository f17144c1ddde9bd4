"""The score: reasons that add up, news that fades, and nothing from the future."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.decay import DecayedSum, decayed_sum
from crm.scoring.rules import (
    BASE_POINTS,
    EXPERT_TABLE,
    ListPlace,
    ScoreFacts,
    SignalFact,
    TouchFact,
    largest_remainder,
    score,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


moments = st.floats(-30, 2000).map(ago)
signal_facts = st.builds(
    SignalFact,
    kind=st.sampled_from(["RELO", "CAPX", "SUPP", "NEG", "COOP"]),
    at=moments,
    weight=st.floats(0.1, 1),
    id=st.integers(1, 99),
)
touch_facts = st.builds(
    TouchFact, kind=st.just("visit"), at=moments, leader_level=st.integers(1, 4), id=st.integers(1, 99)
)
places = st.builds(
    ListPlace,
    key=st.sampled_from([worth.key for worth in EXPERT_TABLE.lists] + ["unknown"]),
    rank=st.none() | st.integers(1, 500),
)
facts = st.builds(
    ScoreFacts,
    as_of=st.just(NOW),
    lists=st.lists(places, max_size=5).map(tuple),
    industry=st.sampled_from([None, "储能", "纺织"]),
    leading_industries=st.sampled_from([(), ("储能", "汽车")]),
    signals=st.lists(signal_facts, max_size=40).map(tuple),
    touches=st.lists(touch_facts, max_size=12).map(tuple),
    contacts_known=st.integers(0, 9),
    relations_known=st.integers(0, 9),
)


@given(facts)
def test_fifty_and_the_reasons_are_exactly_the_points(known: ScoreFacts) -> None:
    result = score(known)
    assert BASE_POINTS + sum(reason.points for reason in result.reasons) == result.points
    assert BASE_POINTS + result.fit + result.intent == result.points
    assert 1 <= result.points <= 99
    assert all(reason.points for reason in result.reasons)


@given(st.lists(st.floats(-50, 50), max_size=30))
def test_rounding_keeps_the_sum_and_moves_no_part_by_one_or_more(values: list[float]) -> None:
    whole = largest_remainder(values)
    assert abs(sum(whole) - sum(values)) <= 0.5 + 1e-9
    assert all(abs(after - before) < 1 + 1e-9 for after, before in zip(whole, values, strict=True))


def test_an_enterprise_of_which_nothing_is_known_has_fifty_points_and_no_reason() -> None:
    result = score(ScoreFacts(as_of=NOW))
    assert (result.points, result.fit, result.intent, result.reasons) == (50, 0, 0, ())
    assert (result.grade, result.label_zh) == ("C", "专家权重，未校准")


def test_a_place_on_a_list_is_a_reason_with_its_rank() -> None:
    result = score(ScoreFacts(as_of=NOW, lists=(ListPlace("private_500", 37),)))
    assert [(reason.label_zh, reason.points) for reason in result.reasons] == [("民营企业500强第37位", 8)]


def test_many_lists_do_not_pile_up_beyond_the_cap() -> None:
    everywhere = tuple(ListPlace(worth.key, 1) for worth in EXPERT_TABLE.lists)
    assert score(ScoreFacts(as_of=NOW, lists=everywhere)).fit == EXPERT_TABLE.list_cap


def test_a_leading_industry_helps_and_another_hurts_and_an_unknown_one_is_silent() -> None:
    def fit(industry: str | None) -> int:
        return score(ScoreFacts(as_of=NOW, industry=industry, leading_industries=("储能",))).fit

    assert fit("储能") > fit(None) > fit("纺织")
    assert fit(None) == 0


def test_a_signal_is_a_reason_with_the_newest_row_as_evidence() -> None:
    known = (SignalFact("CAPX", ago(30), 1.0, 7), SignalFact("CAPX", ago(2), 0.8, 9))
    (reason,) = score(ScoreFacts(as_of=NOW, signals=known)).reasons
    assert reason.evidence == ("signal", 9)
    assert reason.label_zh == "资本扩张信号2条，最近2026-11-18"


def test_a_signal_fades() -> None:
    def intent(days: float) -> int:
        return score(ScoreFacts(as_of=NOW, signals=(SignalFact("RELO", ago(days), 1.0, 1),))).intent

    assert intent(0) == 12
    assert intent(0) > intent(180) > intent(720) >= 0


def test_bad_news_lowers_the_score_and_fades_more_slowly() -> None:
    result = score(ScoreFacts(as_of=NOW, signals=(SignalFact("NEG", ago(365), 1.0, 1),)))
    assert result.points == 43


@given(st.integers(1, 200))
def test_no_flood_of_news_exceeds_the_cap_of_its_kind(count: int) -> None:
    flood = tuple(SignalFact("CAPX", ago(1), 1.0, number) for number in range(count))
    assert score(ScoreFacts(as_of=NOW, signals=flood)).intent <= 15


def test_what_is_dated_after_the_moment_is_not_known() -> None:
    later = NOW + timedelta(days=1)
    known = ScoreFacts(
        as_of=NOW,
        signals=(SignalFact("CAPX", later, 1.0, 1),),
        touches=(TouchFact("visit", later, 4, 1),),
    )
    assert score(known).points == 50


def test_a_recent_visit_by_a_city_leader_counts_three_times() -> None:
    result = score(ScoreFacts(as_of=NOW, touches=(TouchFact("visit", ago(5), 4, 3),)))
    assert {reason.key: reason.points for reason in result.reasons} == {"leader": 6, "touches": 3, "silence": 2}


def test_long_silence_costs_points_and_says_how_long() -> None:
    result = score(ScoreFacts(as_of=NOW, touches=(TouchFact("visit", ago(200), 1, 3),)))
    assert [(reason.label_zh, reason.points) for reason in result.reasons] == [("已200天没有接触", -6)]


@pytest.mark.parametrize(("points", "grade"), [(75, "A"), (74, "B"), (60, "B"), (59, "C"), (45, "C"), (44, "D")])
def test_grades_have_fixed_borders(points: int, grade: str) -> None:
    assert next(name for least, name in EXPERT_TABLE.grades if points >= least) == grade


events = st.lists(st.tuples(st.floats(0, 1000).map(ago), st.floats(0.1, 5)), max_size=20)


@given(events, st.randoms())
def test_the_running_sum_equals_the_sum_over_all_events_in_any_order(
    known: list[tuple[datetime, float]], random: Random
) -> None:
    shuffled = sorted(known, key=lambda _: random.random())
    running = DecayedSum(ago(500), 180)
    for at, weight in shuffled:
        running = running.add(at, weight)
    assert running.value(NOW) == pytest.approx(decayed_sum(known, NOW, 180), rel=1e-9, abs=1e-9)
    assert running.rebased(ago(100)).value(NOW) == pytest.approx(running.value(NOW), rel=1e-9)
    assert running.count == len(known)


def test_a_withdrawn_event_leaves_no_trace() -> None:
    running = DecayedSum(ago(500), 90).add(ago(40), 2.0)
    again = running.add(ago(3), 1.5).remove(ago(3), 1.5)
    assert again.value(NOW) == pytest.approx(running.value(NOW), abs=1e-9)
    assert again.count == 1


def test_half_is_left_after_a_half_life() -> None:
    assert decayed_sum([(ago(90), 4.0)], NOW, 90) == pytest.approx(2.0)
