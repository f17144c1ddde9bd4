from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.signals import dismissal, filters, relevance
from crm.signals.areas import provinces_in
from crm.signals.dismissal import Why
from crm.signals.filters import SignalFilter
from crm.signals.relevance import Facts

TODAY = date(2026, 11, 20)


def facts(**changes: object) -> Facts:
    values: dict[str, object] = {"kind": "CAPX", "confidence": 0.8, "amount": None, "happened_on": TODAY}
    return Facts(**{**values, **changes})  # type: ignore[arg-type]  # the fields of Facts


def test_the_points_are_the_sum_of_the_reasons_shown() -> None:
    one = facts(followed=True, listed=True, amount=Decimal(20_000))
    parts = {part.key: part.points for part in relevance.reasons(one, TODAY)}
    assert parts == {"followed": 30, "listed": 20, "kind": 18, "amount": 8, "confidence": 6, "fresh": 20}
    assert relevance.points(one, TODAY) == sum(parts.values())


def test_a_followed_firm_comes_before_a_larger_sum_of_a_stranger() -> None:
    stranger = facts(amount=Decimal(500_000), confidence=1.0)
    assert relevance.points(facts(followed=True), TODAY) > relevance.points(stranger, TODAY)


@pytest.mark.parametrize(("days", "worth"), [(0, 20), (1, 20), (2, 15), (7, 10), (30, 5), (31, 0)])
def test_what_is_older_is_worth_less(days: int, worth: int) -> None:
    parts = relevance.reasons(facts(happened_on=TODAY - timedelta(days=days)), TODAY)
    assert sum(part.points for part in parts if part.key == "fresh") == worth


def test_the_region_of_a_unit_names_provinces() -> None:
    assert provinces_in("长三角") == ["上海", "江苏", "浙江", "安徽"]
    assert provinces_in("广东、福建") == ["福建", "广东"]
    assert provinces_in("海外") == []


def test_a_filter_survives_the_address_and_the_watch() -> None:
    typed = {"list": "private_500", "place": "江苏", "amount": "1,000", "since": "2026-11-01", "followed": "1"}
    chosen, dropped = filters.read(["RELO", "CAPX", "RELO"], typed)
    assert dropped == ()
    assert chosen.kinds == ("RELO", "CAPX")
    assert chosen.amount == Decimal(1000)
    again, _none = filters.read([value for key, value in chosen.pairs if key == "kind"], dict(chosen.pairs))
    assert again == chosen
    assert filters.from_plain(chosen.plain) == chosen


def test_what_cannot_be_read_is_named_and_left_out() -> None:
    typed = {
        "amount": "很多",
        "since": "2026-13-01",
        "days": "0",
        "enterprise": "x",
        "confidence": "42",
        "place": "x" * 99,
    }
    chosen, dropped = filters.read(["NOPE"], typed)
    assert chosen == SignalFilter()
    assert set(dropped) == {"kind", *typed}


def test_the_later_of_two_first_days_counts() -> None:
    chosen = SignalFilter(days=7, since=date(2026, 11, 1))
    assert chosen.first_day(TODAY) == date(2026, 11, 13)
    assert chosen.without("days").first_day(TODAY) == date(2026, 11, 1)


def test_another_reason_wants_words_and_no_reason_is_none() -> None:
    assert [problem.key for problem in dismissal.problems("", "")] == ["signal.why"]
    assert [problem.key for problem in dismissal.problems(Why.OTHER, " ")] == ["signal.words"]
    assert [problem.key for problem in dismissal.problems(Why.OLD, "长" * 201)] == ["signal.words_long"]
    assert dismissal.problems(Why.WRONG_KIND, "")
    assert dismissal.problems(Why.OLD, "") == []
