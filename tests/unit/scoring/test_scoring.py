"""The score: reasons that add up, news that fades, and nothing from the future."""

import math
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import Fact
from crm.scoring.levels import levels_of
from crm.scoring.rules import BASE_POINTS, largest_remainder, score
from crm.scoring.table import UNIT
from tests.support.scorefacts import NOW, ago, facts_of, histories, score_of


def signal(kind: str, days: float, row: int = 1, weight: float = 1.0) -> Fact:
    return Fact("signal", kind, row, ago(days), weight=weight)


def visit(days: float, level: int = 1, row: int = 3) -> Fact:
    return Fact("touch", "visit", row, ago(days), level=level)


@given(histories)
def test_fifty_and_the_reasons_are_exactly_the_points(known: list[Fact]) -> None:
    result = score_of(*known)
    assert BASE_POINTS + sum(reason.points for reason in result.reasons) == result.points
    assert BASE_POINTS + result.fit + result.intent == result.points
    assert 1 <= result.points <= 99
    assert all(reason.points and reason.label_zh for reason in result.reasons)


@given(histories)
def test_the_log_odds_are_those_of_the_codes(known: list[Fact]) -> None:
    result = score_of(*known)
    assert result.z == EXPERT_TABLE.z(result.codes)
    assert math.isclose(result.z, UNIT * (EXPERT_TABLE.raw(result.codes) - BASE_POINTS), abs_tol=1e-12)
    if 1 < result.points < 99:
        assert abs(EXPERT_TABLE.raw(result.codes) - result.points) <= 0.5 + 1e-9


@given(histories, st.randoms())
def test_the_order_of_arrival_does_not_matter(known: list[Fact], random: Random) -> None:
    shuffled = sorted(known, key=lambda _: random.random())
    assert score_of(*shuffled) == score_of(*known)


@given(histories)
def test_every_feature_ends_in_one_level(known: list[Fact]) -> None:
    hits = levels_of(facts_of(*known), EXPERT_TABLE)
    assert [hit.feature for hit in hits] == [feature.key for feature in EXPERT_TABLE.features]
    for hit, feature in zip(hits, EXPERT_TABLE.features, strict=True):
        assert feature.levels[hit.code].key == hit.level
        assert (hit.evidence is not None) == (hit.code > 0)


@given(st.lists(st.floats(-50, 50), max_size=30))
def test_rounding_keeps_the_sum_and_moves_no_part_by_one_or_more(values: list[float]) -> None:
    whole = largest_remainder(values)
    assert abs(sum(whole) - sum(values)) <= 0.5 + 1e-9
    assert all(abs(after - before) < 1 + 1e-9 for after, before in zip(whole, values, strict=True))


def test_an_enterprise_of_which_nothing_is_known_has_fifty_points_and_no_reason() -> None:
    result = score_of()
    assert (result.points, result.fit, result.intent, result.reasons, result.z) == (50, 0, 0, (), 0.0)
    assert (result.grade, result.version) == ("C", "expert-2")


def test_a_place_on_a_list_is_a_reason_with_its_rank() -> None:
    result = score_of(Fact("list", "private_500", 4, ago(300), level=37))
    assert [(one.label_zh, one.points, one.evidence) for one in result.reasons] == [
        ("民营企业500强第37位", 8, ("list_edition", 4))
    ]


def test_of_many_lists_only_the_best_place_counts() -> None:
    places = [
        Fact("list", key, row, ago(9), level=200) for row, key in enumerate(("listed", "china_500", "private_500"))
    ]
    assert [reason.label_zh for reason in score_of(*places).reasons] == ["中国500强第200位"]
    best = Fact("list", "fortune_global_500", 9, ago(9), level=3)
    assert score_of(*places, best).fit == 11


def test_a_list_of_the_office_that_the_table_does_not_know_is_silent() -> None:
    assert score_of(Fact("list", "our_favourites", 1, ago(9), level=1)).reasons == ()


def test_a_leading_industry_helps_and_another_hurts_and_an_unknown_one_is_silent() -> None:
    def fit(*keys: str) -> int:
        return score_of(*(Fact("industry", key, 1, ago(99), words="储能") for key in keys)).fit

    assert fit("lead") > fit("auxiliary") > fit() > fit("outside")
    assert fit() == fit("something new") == 0


def test_a_signal_is_a_reason_with_the_newest_row_as_evidence() -> None:
    (reason,) = score_of(signal("CAPX", 30, 7), signal("CAPX", 2, 9, 0.8)).reasons
    assert reason.evidence == ("signal", 9)
    assert reason.label_zh == "“资本扩张”动态2条，最近一条2026-11-18"


def test_a_signal_fades_level_by_level() -> None:
    worth = [score_of(signal("RELO", days)).intent for days in (0, 60, 150, 300, 500, 900)]
    assert worth == sorted(worth, reverse=True)
    assert (worth[0], worth[-1]) == (12, 0)


def test_bad_news_lowers_the_score_and_fades_more_slowly() -> None:
    assert score_of(signal("NEG", 365)).points < score_of(signal("NEG", 900)).points < 50


@given(st.integers(1, 200))
def test_no_flood_of_news_exceeds_the_cap_of_its_kind(count: int) -> None:
    assert score_of(*(signal("CAPX", 1, row) for row in range(count))).intent <= 15


def test_what_is_dated_after_the_moment_is_not_known() -> None:
    later = NOW + timedelta(days=1)
    known = (Fact("signal", "CAPX", 1, later), Fact("touch", "visit", 1, later, level=4), Fact("contact", "", 1, later))
    assert score_of(*known).points == 50


def test_a_relation_that_ended_no_longer_counts() -> None:
    assert score_of(Fact("relation", "partner", 1, ago(99), until=ago(1))).points == 50
    assert score_of(Fact("relation", "partner", 1, ago(99), until=NOW + timedelta(days=1))).points == 54


def test_a_recent_visit_by_a_city_leader_counts_three_times() -> None:
    result = score_of(visit(5, level=4))
    assert {reason.key: reason.points for reason in result.reasons} == {"leader": 6, "touches": 3, "silence": 2}


def test_a_leader_of_long_ago_does_not_count() -> None:
    assert "leader" not in {reason.key for reason in score_of(visit(200, level=4), visit(1, row=4)).reasons}


def test_long_silence_costs_points_and_says_since_when() -> None:
    assert [(one.label_zh, one.points) for one in score_of(visit(200)).reasons] == [
        ("超过半年没有接触（上次2026-05-04）", -6)
    ]


def test_the_last_word_about_investing_counts() -> None:
    keen, cool = Fact("intention", "strong", 1, ago(20)), Fact("intention", "unwilling", 2, ago(3))
    assert score_of(keen).points == 60
    assert score_of(keen, cool).points == 42
    assert score_of(Fact("intention", "strong", 1, ago(200))).points == 50


def test_people_who_refuse_and_projects_that_failed_cost_points() -> None:
    for fact in (Fact("block", "", 1, ago(9)), Fact("dropped", "", 1, ago(9)), Fact("refusal", "", 1, ago(9))):
        (reason,) = score_of(fact).reasons
        assert reason.points < 0


def test_points_beyond_the_scale_are_cut_by_a_reason_that_says_so() -> None:
    kinds = ("RELO", "CAPX", "SUPP", "LAND", "COOP")
    known = [signal(kind, 1, row) for kind in kinds for row in range(3)]
    result = score_of(*known, Fact("list", "fortune_global_500", 1, ago(9), level=1))
    assert result.points == 99
    assert {reason.key: reason.points for reason in result.reasons}["limit"] < 0


@pytest.mark.parametrize(("points", "grade"), [(75, "A"), (74, "B"), (60, "B"), (59, "C"), (45, "C"), (44, "D")])
def test_grades_have_fixed_borders(points: int, grade: str) -> None:
    assert EXPERT_TABLE.grade(points) == grade


def test_a_fitted_table_may_give_points_to_what_is_missing() -> None:
    table = EXPERT_TABLE.with_points({"contacts": {"none": -2.4}, "lists": {"none": -3.2}}, version="fitted-1", a=-1.0)
    result = score(facts_of(), table)
    assert (result.points, result.fit) == (44, -6)
    assert [reason.label_zh for reason in result.reasons] == ["没有：榜单", "没有：联系人"]
    assert result.z == pytest.approx(-1.0 - 5.6 * UNIT)
