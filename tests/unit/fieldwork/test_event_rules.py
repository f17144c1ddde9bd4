from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crm.fieldwork.events.rules import (
    Delegate,
    EventDraft,
    EventKind,
    Guest,
    GuestState,
    delegate_problems,
    event_problems,
    guest_problems,
    per,
    state_problems,
    typed_lines,
)

DAY = date(2026, 11, 20)
S = GuestState


def event(**fields: object) -> list[str]:
    values: dict[str, object] = {
        "kind": EventKind.PROMOTION, "name": "深圳电子信息推介会", "start_on": DAY, "end_on": DAY, **fields
    }  # fmt: skip
    return [problem.key for problem in event_problems(EventDraft(**values))]  # type: ignore[arg-type]  # fields by name


def test_an_event_needs_a_name_days_in_order_and_sums_that_can_be() -> None:
    assert event() == []
    assert event(name=" ") == ["event.name"]
    assert event(end_on=date(2026, 11, 19)) == ["event.dates"]
    assert event(end_on=date(2027, 11, 19)) == ["event.long"]
    assert event(budget=Decimal(-1)) == ["event.money"]
    assert event(cost=Decimal("NaN")) == ["event.money"]
    assert event(cost=Decimal(100_001)) == ["event.money_large"]
    assert event(cost=Decimal("0.0000001")) == ["event.money_fine"]
    assert event(cost=Decimal(0)) == []


@pytest.mark.parametrize(
    ("before", "after", "today", "cancelled", "found"),
    [
        (S.INVITED, S.ACCEPTED, DAY, False, []),
        (S.ACCEPTED, S.ATTENDED, DAY, False, []),
        (S.ABSENT, S.ATTENDED, DAY, False, []),
        (S.INVITED, S.ATTENDED, date(2026, 11, 19), False, ["guest.early"]),
        (S.INVITED, S.DECLINED, date(2026, 11, 19), False, []),
        (S.WALK_IN, S.ABSENT, DAY, False, ["guest.walk_in"]),
        (S.INVITED, S.WALK_IN, DAY, False, ["guest.walk_in"]),
        (S.INVITED, S.ATTENDED, DAY, True, ["event.cancelled"]),
    ],
)
def test_an_invitation_goes_only_where_it_can(
    before: GuestState, after: GuestState, today: date, *, cancelled: bool, found: list[str]
) -> None:
    problems = state_problems(before, after, start_on=DAY, today=today, cancelled=cancelled)
    assert [problem.key for problem in problems] == found


def test_the_cost_of_one_is_half_up_and_never_divides_by_nothing() -> None:
    assert per(Decimal(10), 3) == Decimal("3.33")
    assert per(Decimal("0.01"), 2) == Decimal("0.01")
    assert per(Decimal(10), 0) is None
    assert per(None, 3) is None
    assert per(Decimal(0), 3) == Decimal("0.00")


def test_a_typed_list_is_read_line_by_line_without_numbers_and_repeats() -> None:
    text = "1. 云岭电子有限公司，赵总\n云岭电子有限公司,赵总\n\n 3M中国有限公司\n2、南屏新材料\t钱工\n，孙女士"
    assert typed_lines(text) == [
        ("云岭电子有限公司", "赵总"), ("3M中国有限公司", ""), ("南屏新材料", "钱工"), ("", "孙女士")
    ]  # fmt: skip


def test_nobody_without_a_name_is_invited_or_sent() -> None:
    assert [problem.key for problem in guest_problems(Guest())] == ["guest.name"]
    assert guest_problems(Guest(person="孙女士")) == []
    assert [problem.key for problem in delegate_problems(Delegate(" "))] == ["delegate.name"]
    assert delegate_problems(Delegate("", user_id=3)) == []
