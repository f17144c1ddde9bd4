from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crm.fieldwork.receptions.rules import (
    PersonDraft,
    PersonRole,
    ReceptionDraft,
    Side,
    SlotDraft,
    overlaps,
    party,
    person_problems,
    reception_problems,
    slot_problems,
)
from crm.fieldwork.rules import TouchKind

if TYPE_CHECKING:
    from crm.core.errors import Problem

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=8)
HALF = timedelta(minutes=30)
RECEPTION = ReceptionDraft(TouchKind.INSPECTION, "考察产业园", 1, START, END)
SLOT = SlotDraft(START, START + HALF, "看展厅")


def keys(problems: list[Problem]) -> set[str]:
    return {problem.key for problem in problems}


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        (RECEPTION, set()),
        (replace(RECEPTION, enterprise_id=None, title=""), {"reception.enterprise", "reception.title"}),
        (replace(RECEPTION, starts_at=None, ends_at=None), {"reception.starts_at", "reception.ends_at"}),
        (replace(RECEPTION, ends_at=START), {"reception.times"}),
        (replace(RECEPTION, ends_at=START + timedelta(days=16)), {"reception.long"}),
    ],
)
def test_a_reception_says_who_comes_when_and_why(draft: ReceptionDraft, missing: set[str]) -> None:
    assert keys(reception_problems(draft)) == missing


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        (SLOT, set()),
        (replace(SLOT, title=" "), {"slot.title"}),
        (replace(SLOT, ends_at=None), {"slot.times"}),
        (replace(SLOT, ends_at=START), {"slot.order"}),
        (replace(SLOT, starts_at=START - HALF), {"slot.outside"}),
        (replace(SLOT, ends_at=END + HALF), {"slot.outside"}),
        (replace(SLOT, ends_at=START + timedelta(minutes=33)), {"slot.minutes"}),
        (replace(SLOT, ends_at=START + timedelta(minutes=35)), set()),
    ],
)
def test_an_item_of_the_itinerary_lies_within_and_in_whole_steps(draft: SlotDraft, missing: set[str]) -> None:
    assert keys(slot_problems(draft, START, END)) == missing


def test_two_items_may_touch_but_not_overlap() -> None:
    first = (START, START + HALF)
    assert not overlaps(first, (START + HALF, START + 2 * HALF))
    assert overlaps(first, (START + timedelta(minutes=25), START + 2 * HALF))


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        (PersonDraft(Side.VISITOR, PersonRole.TECHNICAL, heads=4), set()),
        (PersonDraft(Side.VISITOR, PersonRole.TECHNICAL, heads=0), {"person.heads"}),
        (PersonDraft(Side.VISITOR, PersonRole.TECHNICAL, name="高工", heads=2), {"person.heads_named"}),
        (PersonDraft(Side.HOST, PersonRole.ESCORT), {"person.who"}),
        (PersonDraft(Side.HOST, PersonRole.ESCORT, user_id=3), set()),
    ],
)
def test_visitors_may_be_a_number_but_hosts_have_names(draft: PersonDraft, missing: set[str]) -> None:
    assert keys(person_problems(draft)) == missing


def test_visitors_are_counted_by_role_in_the_order_of_rank() -> None:
    heads = [(PersonRole.TECHNICAL, 3), (PersonRole.DECIDER, 1), (PersonRole.TECHNICAL, 2)]
    assert party(heads) == [("决策人", 1), ("技术人员", 5)]
