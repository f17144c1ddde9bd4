from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crm.core.scheduling import SHANGHAI
from crm.fieldwork.chains import ladder, rules
from crm.fieldwork.chains.ladder import Ladder, Rung, Told
from crm.fieldwork.chains.rules import Action, Answer, ChainDraft, Step, Trigger
from crm.fieldwork.rules import Intention, TouchKind

FRIDAY = date(2026, 11, 20)
OUTREACH = (
    Step("发邮件", Action.MAIL, 0, stops=rules.USUAL_STOPS),
    Step("打电话", Action.CALL, 3, workdays=True, stops=rules.USUAL_STOPS),
    Step("登门", Action.VISIT, 5, stops=rules.USUAL_STOPS),
)


def test_work_days_skip_the_weekend_and_calendar_days_do_not() -> None:
    assert rules.due(Step("打电话", days=3, workdays=True), FRIDAY) == date(2026, 11, 25)
    assert rules.due(Step("打电话", days=3), FRIDAY) == date(2026, 11, 23)


def test_steps_that_do_not_wait_begin_at_once_and_others_after_the_one_before() -> None:
    steps = [Step("甲"), Step("乙"), Step("丙", after_previous=False), Step("丁")]
    assert rules.first_steps(steps) == [0, 2]
    assert [rules.next_step(steps, place) for place in range(4)] == [1, None, 3, None]


@pytest.mark.parametrize(
    ("kind", "intention", "wanted"),
    [
        (None, None, True),
        (TouchKind.VISIT, None, True),
        (TouchKind.CALL, None, False),
        (TouchKind.VISIT, Intention.STRONG, False),
        (None, Intention.WATCHING, True),
    ],
)
def test_a_touch_starts_what_matches_its_kind_and_intention(
    kind: TouchKind | None, intention: Intention | None, *, wanted: bool
) -> None:
    assert rules.matches(kind, intention, (TouchKind.VISIT, Intention.WATCHING)) is wanted


def test_a_step_survives_being_stored() -> None:
    assert [rules.unpacked(step.packed()) for step in OUTREACH] == list(OUTREACH)


def test_a_visit_can_end_as_visited_and_a_letter_cannot() -> None:
    assert Answer.VISITED in rules.answers(Action.VISIT)
    assert Answer.VISITED not in rules.answers(Action.CALL)
    assert rules.answers(Action.MATERIAL) == (Answer.DONE, Answer.REFUSED)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"name": " "}, "chain.name"),
        ({"steps": ()}, "chain.steps"),
        ({"steps": OUTREACH * 3}, "chain.many"),
        ({"steps": (Step("晚", days=400),)}, "chain.days"),
        ({"steps": (Step(" "),)}, "chain.title"),
    ],
)
def test_a_chain_that_cannot_run_is_refused(changes: dict[str, object], key: str) -> None:
    draft = ChainDraft("三步触达", Trigger.MANUAL, OUTREACH)
    assert rules.chain_problems(draft) == []
    assert key in [problem.key for problem in rules.chain_problems(replace(draft, **changes))]  # type: ignore[arg-type]  # one field at a time


def test_an_overdue_promise_climbs_by_work_days() -> None:
    reached = {day: len(Ladder().due_rungs(FRIDAY, day)) for day in (FRIDAY + timedelta(days=n) for n in range(-1, 12))}
    assert list(reached.values()) == [0, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4]


@pytest.mark.parametrize("workdays", [True, False])
def test_the_day_a_rung_looks_back_to_is_the_day_it_is_reached(*, workdays: bool) -> None:
    steps = Ladder(workdays=workdays)
    for shift in range(30):
        today = date(2026, 9, 20) + timedelta(days=shift)
        for days in (0, 1, 3, 7):
            since = steps.since(days, today)
            assert steps.days_late(since, today) >= days
            assert steps.days_late(since + timedelta(days=1), today) < days


@pytest.mark.parametrize(
    ("month", "day", "hour", "minute", "wanted"),
    [
        (11, 20, 8, 29, False),
        (11, 20, 8, 30, True),
        (11, 20, 18, 0, False),
        (11, 21, 10, 0, False),
        (10, 1, 10, 0, False),
    ],
)
def test_nobody_is_reminded_outside_of_the_hours_of_the_office(
    month: int, day: int, hour: int, minute: int, *, wanted: bool
) -> None:
    local = datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)
    assert Ladder().is_open(local.astimezone(UTC), SHANGHAI) is wanted


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"rungs": ()}, "ladder.rungs"),
        ({"rungs": (Rung(3, frozenset({Told.OWNER})), Rung(1, frozenset({Told.OWNER})))}, "ladder.days"),
        ({"rungs": (Rung(3, frozenset()),)}, "ladder.told"),
        ({"opens": 1100}, "ladder.hours"),
        ({"stalled_days": 0}, "ladder.stalled"),
    ],
)
def test_a_ladder_nobody_can_climb_is_refused(changes: dict[str, object], key: str) -> None:
    wanted = replace(Ladder(), **changes)  # type: ignore[arg-type]  # one field at a time
    assert key in [problem.key for problem in ladder.ladder_problems(wanted)]
    assert ladder.ladder_problems(Ladder()) == []


def test_a_ladder_survives_being_stored() -> None:
    assert ladder.unpacked(Ladder().packed()) == Ladder()
    assert ladder.unpacked(None) == Ladder()
