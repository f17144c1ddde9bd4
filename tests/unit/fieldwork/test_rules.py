from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crm.auth.rules import Actor, Post, Role
from crm.fieldwork import rules
from crm.fieldwork.rules import DueState, FollowUpDraft, Intention, TouchCorrection, TouchDraft, TouchKind

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
GOOD = TouchDraft(kind=TouchKind.VISIT, occurred_at=NOW - timedelta(hours=2), summary="谈了用地和用工。")


def keys(draft: TouchDraft) -> list[str]:
    return [problem.key for problem in rules.touch_problems(draft, now=NOW, today=TODAY)]


def person(*posts: tuple[Role, int], user_id: int = 1) -> Actor:
    return Actor(user_id, "测试", tuple(Post(role, unit, frozenset({unit})) for role, unit in posts))


def test_an_honest_visit_has_no_problems() -> None:
    assert keys(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"occurred_at": NOW + timedelta(days=365)}, "touch.future"),
        ({"occurred_at": NOW - timedelta(days=400)}, "touch.too_old"),
        ({"summary": "   "}, "touch.summary"),
        ({"next_step": "寄方案"}, "touch.next_due"),
        ({"next_due": TODAY}, "touch.next_step"),
        ({"next_step": "寄方案", "next_due": TODAY - timedelta(days=1)}, "touch.next_due_past"),
        ({"headcount": 0}, "touch.headcount"),
        ({"headcount": 501}, "touch.headcount"),
        ({"report": "看了三块地"}, "touch.report_kind"),
    ],
)
def test_each_fault_is_named(changes: dict[str, object], key: str) -> None:
    assert keys(replace(GOOD, **changes)) == [key]  # type: ignore[arg-type]  # one field at a time


def test_a_phone_clock_ten_minutes_fast_is_forgiven() -> None:
    assert keys(replace(GOOD, occurred_at=NOW + timedelta(minutes=9))) == []


def test_a_report_belongs_to_an_inspection() -> None:
    assert keys(replace(GOOD, kind=TouchKind.INSPECTION, report="看了三块地")) == []
    wrong = TouchCorrection("谈了用地", None, Intention.WATCHING, "看了三块地")
    assert [problem.key for problem in rules.correction_problems(wrong, TouchKind.CALL)] == ["touch.report_kind"]


def test_lateness_is_counted_in_days() -> None:
    assert rules.due_state(TODAY - timedelta(days=1), TODAY) is DueState.OVERDUE
    assert rules.due_state(TODAY, TODAY) is DueState.TODAY
    assert rules.due_state(TODAY + timedelta(days=1), TODAY) is DueState.PLANNED
    assert rules.due_state(None, TODAY) is DueState.NONE


def test_a_visit_entered_four_days_late_is_marked() -> None:
    assert rules.is_backdated(NOW - timedelta(days=4), NOW)
    assert not rules.is_backdated(NOW - timedelta(days=2), NOW)


def test_thirty_days_after_logging_a_touch_is_closed() -> None:
    assert rules.is_amendable(NOW - timedelta(days=30), NOW)
    assert not rules.is_amendable(NOW - timedelta(days=31), NOW)


def test_only_the_author_the_team_lead_and_the_registrar_may_correct() -> None:
    assert rules.may_correct(person((Role.OFFICER, 5), user_id=1), 1, 5)
    assert not rules.may_correct(person((Role.OFFICER, 5), user_id=2), 1, 5)
    assert rules.may_correct(person((Role.TEAM_LEAD, 5), user_id=2), 1, 5)
    assert not rules.may_correct(person((Role.TEAM_LEAD, 6), user_id=2), 1, 5)
    assert rules.may_correct(person((Role.REGISTRAR, 9), user_id=2), 1, 5)


def test_visits_are_logged_only_for_units_where_one_does_field_work() -> None:
    assert rules.writing_units(person((Role.LEADER, 1), (Role.OFFICER, 5), (Role.TEAM_LEAD, 5))) == (5,)
    assert rules.writing_units(person((Role.LEADER, 1))) == ()


def test_a_follow_up_needs_words_and_a_day_to_come() -> None:
    bad = rules.follow_up_problems(FollowUpDraft(" ", TODAY - timedelta(days=1)), TODAY)
    assert [problem.key for problem in bad] == ["follow_up.title", "follow_up.due_past"]
    assert rules.follow_up_problems(FollowUpDraft("寄方案", None), TODAY) == []
