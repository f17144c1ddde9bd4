from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from crm.meetings import rules
from crm.meetings.rules import (
    Calendar,
    DecisionDraft,
    DecisionState,
    MeetingDraft,
    MeetingKind,
    Rhythm,
    SeriesDraft,
    Sitting,
)

if TYPE_CHECKING:
    from crm.core.errors import Problem

MONDAY, FRIDAY = 0, 4
D = DecisionState


def held(plan: Calendar, since: date, until: date) -> list[str]:
    return [one.held_on.isoformat()[5:] for one in rules.sittings(plan, since, until)]


def test_a_weekly_meeting_falls_on_its_day_and_moves_off_a_holiday() -> None:
    plan = Calendar(Rhythm.WEEKLY, date(2026, 9, 1), MONDAY)
    assert held(plan, date(2026, 9, 1), date(2026, 9, 30)) == ["09-07", "09-14", "09-21", "09-28"]
    found = rules.sittings(plan, date(2026, 10, 5), date(2026, 10, 5))
    assert found == [Sitting(date(2026, 10, 5), date(2026, 10, 8))]


def test_a_meeting_that_would_move_onto_the_next_one_is_left_out() -> None:
    plan = Calendar(Rhythm.WEEKLY, date(2026, 9, 1), 3)
    nominal = [one.nominal_on for one in rules.sittings(plan, date(2026, 9, 24), date(2026, 10, 16))]
    assert date(2026, 10, 1) not in nominal
    assert date(2026, 10, 8) in nominal


def test_a_fortnightly_meeting_keeps_its_step_whatever_day_is_asked_from() -> None:
    plan = Calendar(Rhythm.FORTNIGHTLY, date(2026, 11, 2), FRIDAY)
    assert held(plan, date(2026, 11, 1), date(2026, 12, 5)) == ["11-06", "11-20", "12-04"]
    assert held(plan, date(2026, 11, 10), date(2026, 12, 5)) == ["11-20", "12-04"]


def test_a_monthly_meeting_on_the_31st_is_held_on_the_last_day_of_short_months() -> None:
    plan = Calendar(Rhythm.MONTHLY, date(2026, 10, 15), 31)
    nominal = [one.nominal_on for one in rules.sittings(plan, date(2026, 10, 1), date(2027, 3, 31))]
    assert [day.day for day in nominal] == [31, 30, 31, 31, 28, 31]


def test_a_meeting_on_a_made_up_saturday_stays_there() -> None:
    plan = Calendar(Rhythm.MONTHLY, date(2026, 10, 1), 10)
    assert held(plan, date(2026, 10, 1), date(2026, 10, 31)) == ["10-10"]


def keys(problems: list[Problem]) -> list[str]:
    return [problem.key for problem in problems]


@pytest.mark.parametrize(("clock", "found"), [("09:00", []), ("24:00", ["meeting.clock"]), ("九点", ["meeting.clock"])])
def test_a_meeting_begins_at_a_time_of_the_day(clock: str, found: list[str]) -> None:
    draft = MeetingDraft("周例会", MeetingKind.REGULAR, date(2026, 11, 20), starts_at=clock)
    assert keys(rules.meeting_problems(draft)) == found


def test_a_series_needs_a_day_that_fits_its_rhythm() -> None:
    weekly = SeriesDraft("周例会", MeetingKind.REGULAR, Rhythm.WEEKLY, 7, date(2026, 11, 20))
    monthly = SeriesDraft(" ", MeetingKind.DISPATCH, Rhythm.MONTHLY, 0, date(2026, 11, 20))
    assert keys(rules.series_problems(weekly)) == ["series.weekday"]
    assert keys(rules.series_problems(monthly)) == ["series.name", "series.day"]


def test_a_decision_needs_words_and_a_day_not_before_its_meeting() -> None:
    draft = DecisionDraft(" ", 1, 2, date(2026, 11, 19))
    assert keys(rules.decision_problems(draft, held_on=date(2026, 11, 20))) == ["decision.text", "decision.due"]


def test_a_decision_is_done_only_with_a_result_and_dropped_only_by_a_dated_decision() -> None:
    held_on, today = date(2026, 11, 6), date(2026, 11, 20)
    assert keys(rules.done_problems(D.OPEN, " ")) == ["decision.note"]
    assert keys(rules.done_problems(D.DONE, "办完")) == ["decision.closed"]
    assert keys(rules.drop_problems(D.OPEN, "", "", None, held_on=held_on, today=today)) == [
        "drop.number", "drop.date", "drop.reason"
    ]  # fmt: skip
    late = date(2026, 11, 21)
    assert keys(rules.drop_problems(D.OPEN, "不投了", "5号", late, held_on=held_on, today=today)) == ["drop.day"]
    assert rules.drop_problems(D.OPEN, "不投了", "5号", today, held_on=held_on, today=today) == []


def test_lateness_counts_days_after_the_date_only() -> None:
    assert rules.days_late(date(2026, 11, 18), date(2026, 11, 20)) == 2
    assert rules.days_late(date(2026, 11, 20), date(2026, 11, 20)) == 0
