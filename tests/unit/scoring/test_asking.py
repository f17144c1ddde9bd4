from __future__ import annotations

import pytest

from crm.register import filters
from crm.scoring import asking


@pytest.mark.parametrize(
    "text",
    ["grade:A", "score:0", "score:100", "fit:-99", "fit:10", "intent:99", "trend:up", "trend:down", "own:has"],
)
def test_every_list_reads_the_same_conditions(text: str) -> None:
    kind, _colon, value = text.partition(":")
    assert asking.readable(kind, value)
    assert asking.read({kind: f" {value} "}) == ((kind, value),)
    assert filters.condition(text) is not None


@pytest.mark.parametrize(
    "text",
    ["grade:E", "grade:a", "score:101", "score:-1", "fit:100", "fit:--5", "fit:１０", "fit:", "intent:1000",
     "trend:sideways", "own:none", "list:china_500", "fit:1e1"],
)  # fmt: skip
def test_what_cannot_be_read_does_not_narrow(text: str) -> None:
    kind, _colon, value = text.partition(":")
    assert not asking.readable(kind, value)
    assert asking.read({kind: value}) == ()


def test_whatever_is_offered_can_be_read_and_said() -> None:
    for one in asking.offered():
        kind, _colon, value = one.partition(":")
        assert asking.readable(kind, value)
        assert asking.template(kind, value) % {"grade": value, "points": value}
