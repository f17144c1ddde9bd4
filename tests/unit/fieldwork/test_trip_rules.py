from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from crm.fieldwork.rules import LeaderLevel
from crm.fieldwork.trips.rules import (
    Approval,
    CostDraft,
    CostKind,
    MemberDraft,
    StopDraft,
    TripDraft,
    TripFacts,
    TripState,
    approval_problems,
    cost_problems,
    highest,
    lines,
    member_problems,
    move_problems,
    moves_from,
    stop_problems,
    total,
    trip_problems,
)

if TYPE_CHECKING:
    from crm.core.errors import Problem

START, END = date(2026, 11, 23), date(2026, 11, 26)
TRIP = TripDraft("赴昆州拜访", START, END)
STOP = StopDraft(START, enterprise_id=1)
READY = TripFacts(TripState.PLANNED, led=True, stops=2, approved=True, minutes=False)


def keys(problems: list[Problem]) -> set[str]:
    return {problem.key for problem in problems}


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        (TRIP, set()),
        (replace(TRIP, title="  "), {"trip.title"}),
        (replace(TRIP, starts_on=None, ends_on=None), {"trip.starts_on", "trip.ends_on"}),
        (replace(TRIP, ends_on=START - timedelta(days=1)), {"trip.dates"}),
        (replace(TRIP, ends_on=START + timedelta(days=61)), {"trip.long"}),
        (replace(TRIP, ends_on=START + timedelta(days=60)), set()),
    ],
)
def test_a_trip_has_a_name_and_days_in_order(draft: TripDraft, missing: set[str]) -> None:
    assert keys(trip_problems(draft)) == missing


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        (STOP, set()),
        (StopDraft(END, title="昆州商会"), set()),
        (StopDraft(START, title=" "), {"stop.whom"}),
        (replace(STOP, on_day=None), {"stop.day"}),
        (replace(STOP, on_day=END + timedelta(days=1)), {"stop.day_outside"}),
    ],
)
def test_a_stop_names_whom_and_a_day_of_the_trip(draft: StopDraft, missing: set[str]) -> None:
    assert keys(stop_problems(draft, START, END)) == missing


@pytest.mark.parametrize(
    ("facts", "target", "missing"),
    [
        (READY, TripState.UNDER_WAY, set()),
        (replace(READY, led=False), TripState.UNDER_WAY, {"trip.leader"}),
        (replace(READY, stops=0), TripState.UNDER_WAY, {"trip.stops"}),
        (replace(READY, approved=False), TripState.UNDER_WAY, {"trip.approval"}),
        (READY, TripState.CLOSED, {"trip.move"}),
        (READY, TripState.CANCELLED, set()),
        (replace(READY, state=TripState.UNDER_WAY, approved=False), TripState.BACK, set()),
        (replace(READY, state=TripState.BACK), TripState.CLOSED, {"trip.minutes"}),
        (replace(READY, state=TripState.BACK, minutes=True), TripState.CLOSED, set()),
        (
            replace(READY, state=TripState.BACK, minutes=True, unvisited=("云岭电子",)),
            TripState.CLOSED,
            {"trip.unvisited"},
        ),
        (replace(READY, state=TripState.CLOSED), TripState.BACK, set()),
    ],
)
def test_a_move_says_everything_that_is_missing(facts: TripFacts, target: TripState, missing: set[str]) -> None:
    assert keys(move_problems(facts, target)) == missing


def test_the_way_forward_is_offered_first() -> None:
    assert moves_from(TripState.PLANNED) == (TripState.UNDER_WAY, TripState.CANCELLED)
    assert moves_from(TripState.BACK) == (TripState.CLOSED, TripState.UNDER_WAY)


def test_a_member_is_a_colleague_or_has_a_name() -> None:
    assert keys(member_problems(MemberDraft(None, " "))) == {"member.who"}
    assert member_problems(MemberDraft(None, "王书记")) == []
    assert member_problems(MemberDraft(7)) == []


def test_an_approval_names_who_and_a_day_not_in_the_future() -> None:
    assert approval_problems(Approval("分管副县长", START), START) == []
    assert keys(approval_problems(Approval("", None), START)) == {"approval.by", "approval.on"}
    assert keys(approval_problems(Approval("分管副县长", END), START)) == {"approval.future"}


def test_money_is_not_negative_and_adds_up_what_is_known() -> None:
    assert keys(cost_problems([CostDraft(CostKind.MEALS, Decimal(-1), None)])) == {"cost.negative"}
    assert cost_problems([CostDraft(CostKind.MEALS, Decimal("0.5"), None)]) == []
    assert total([None, Decimal("1.2"), Decimal("0.3")]) == Decimal("1.5")
    assert total([None, None]) is None


def test_the_level_of_a_delegation_is_its_highest() -> None:
    assert highest([LeaderLevel.TEAM, LeaderLevel.COUNTY, LeaderLevel.STAFF]) is LeaderLevel.COUNTY
    assert highest([]) is LeaderLevel.STAFF


def test_rows_of_a_text_are_its_lines_without_blank_ones() -> None:
    assert lines("东区厂房\n\n 西区地块 \n") == ("东区厂房", "西区地块")
    assert lines(None) == ()
