"""Sums that fade: the running one equals the one over all events, whatever came when."""

from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.scoring.decay import DecayedSum, decayed_sum
from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import DATED, Fact, from_raw
from crm.scoring.levels import codes_of, levels_of
from crm.scoring.sums import Change, Sum, moved, told
from tests.support.scorefacts import NOW, ago, histories

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


def past(known: list[Fact]) -> list[Fact]:
    return [fact for fact in known if fact.kind in DATED and fact.at <= NOW]


@given(histories, st.randoms())
def test_sums_are_the_same_in_whatever_order_facts_come(known: list[Fact], random: Random) -> None:
    shuffled = sorted(past(known), key=lambda _: random.random())
    assert_equal_masses(told(shuffled, NOW, EXPERT_TABLE), past(known))


@given(histories, histories)
def test_facts_that_were_taken_back_leave_no_trace(stay: list[Fact], go: list[Fact]) -> None:
    kept = past(stay)
    gone = [
        Fact(one.kind, one.key, one.source_id + 100, one.at, weight=one.weight, level=one.level) for one in past(go)
    ]
    sums = told(kept + gone, NOW, EXPERT_TABLE)
    sums = moved(sums, (Change(fact, added=False) for fact in gone), NOW, EXPERT_TABLE)
    fine = {name: one for name, one in sums.items() if not one.stale}
    assert_equal_masses(fine, kept, within=set(fine))


def assert_equal_masses(sums: dict[str, Sum], known: list[Fact], within: set[str] | None = None) -> None:
    wanted = from_raw(known, NOW, EXPERT_TABLE).masses
    assert sums.keys() == (wanted.keys() if within is None else wanted.keys() & within)
    for name, one in sums.items():
        mass = one.mass(NOW)
        assert mass.value == pytest.approx(wanted[name].value, rel=1e-9, abs=1e-12)
        assert (mass.count, mass.newest_at, mass.newest_id) == (
            wanted[name].count,
            wanted[name].newest_at,
            wanted[name].newest_id,
        )


@given(histories)
def test_running_sums_end_in_the_levels_of_the_raw_facts(known: list[Fact]) -> None:
    raw = from_raw(known, NOW, EXPERT_TABLE)
    masses = {name: one.mass(NOW) for name, one in told(past(known), NOW, EXPERT_TABLE).items()}
    running = type(raw)(NOW, masses, raw.standing)
    assert codes_of(levels_of(running, EXPERT_TABLE)) == codes_of(levels_of(raw, EXPERT_TABLE))


def test_the_newest_fact_that_is_taken_back_is_looked_up_again() -> None:
    old, new = Fact("signal", "CAPX", 1, ago(9)), Fact("signal", "CAPX", 2, ago(1))
    sums = moved(told([old, new], NOW, EXPERT_TABLE), [Change(new, added=False)], NOW, EXPERT_TABLE)
    assert sums["signal_CAPX"].stale
    sums = moved(told([old, new], NOW, EXPERT_TABLE), [Change(old, added=False)], NOW, EXPERT_TABLE)
    assert not sums["signal_CAPX"].stale


def test_an_old_landmark_moves_and_the_value_stays() -> None:
    sums = told([Fact("signal", "CAPX", 1, ago(900))], ago(800), EXPERT_TABLE)
    old = sums["signal_CAPX"]
    assert old.rebased(ago(790)) is old
    new = old.rebased(NOW)
    assert new.decayed.landmark > old.decayed.landmark
    assert new.mass(NOW).value == pytest.approx(old.mass(NOW).value, rel=1e-12)
