from __future__ import annotations

from datetime import date

import pytest

from crm.pipeline.outlook.rules import DEFAULTS, UNSIGNED, Outlook, expected, outlook_problems, probabilities
from crm.pipeline.rules import Stage

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12-24", date(2026, 12, 24), date(2026, 12, 24)),
    ],
)
def test_a_month_or_a_day_is_a_span(text: str, first: date, last: date) -> None:
    found = expected(text)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "20261201", "soon", "2026-W01-1"])
def test_what_is_neither_month_nor_day_narrows_nothing(text: str) -> None:
    assert expected(text) is None


def test_every_stage_before_signing_has_a_probability_that_does_not_fall() -> None:
    assert list(DEFAULTS) == list(UNSIGNED)
    assert list(DEFAULTS.values()) == sorted(DEFAULTS.values())


def test_the_office_sets_some_and_the_rest_stay_as_proposed() -> None:
    chances = probabilities({"lead": 8})
    assert chances.of(Stage.LEAD) == 8
    assert chances.of(Stage.REVIEWING) == DEFAULTS[Stage.REVIEWING]
    assert chances.of(Stage.SIGNED) == 100


@pytest.mark.parametrize(
    ("outlook", "keys"),
    [
        (Outlook(date(2026, 12, 1), 60, "用地已落实"), []),
        (Outlook(None, None, ""), []),
        (Outlook(None, 60, " "), ["outlook.reason"]),
        (Outlook(None, None, "用地已落实"), ["outlook.no_probability"]),
        (Outlook(None, 101, "用地已落实"), ["outlook.percent"]),
        (Outlook(date(2026, 11, 19), None, ""), ["outlook.past"]),
    ],
)
def test_an_own_probability_has_a_reason_and_a_day_lies_ahead(outlook: Outlook, keys: list[str]) -> None:
    assert [problem.key for problem in outlook_problems(outlook, TODAY, before=None)] == keys


def test_a_day_that_has_passed_may_stay_when_something_else_is_changed() -> None:
    assert outlook_problems(Outlook(date(2026, 11, 1)), TODAY, before=date(2026, 11, 1)) == []
