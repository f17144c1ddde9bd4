"""A touch of another unit is told on every page of an enterprise, its day on none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser

TABS = ("", "/profile", "/relations")
OTHERS, NEVER, DAY = "其他单位接触过，请先与招商办协调", "还没有接触过，先约一次走访", "11月18日"


@pytest.fixture
def firm(session: Session, office: builders.Office) -> int:
    """Return a group of which another unit met the group and its one subsidiary."""
    one = builders.enterprise(session, "云岭集团有限公司")
    child = builders.enterprise(session, "云岭电子有限公司", parent_id=one.id)
    for met in (one, child):
        builders.touch(session, met, office.south, office.outsider)
    session.commit()
    return one.id


@pytest.mark.parametrize("tab", TABS)
def test_a_touch_of_another_unit_is_told_without_its_day(as_officer: Browser, firm: int, tab: str) -> None:
    page = as_officer.get(f"/enterprises/{firm}{tab}").text
    assert OTHERS in page
    assert NEVER not in page
    assert DAY not in page


@pytest.mark.parametrize("tab", TABS)
def test_who_sees_everything_reads_the_day_on_every_page(as_registrar: Browser, firm: int, tab: str) -> None:
    page = as_registrar.get(f"/enterprises/{firm}{tab}").text
    assert DAY in page
    assert "其他单位接触过" not in page


@pytest.mark.parametrize("tab", TABS)
def test_an_enterprise_nobody_met_says_so(
    as_officer: Browser, session: Session, office: builders.Office, tab: str
) -> None:
    assert office.officer.id
    one = builders.enterprise(session, "云山机械有限公司")
    session.commit()
    assert NEVER in as_officer.get(f"/enterprises/{one.id}{tab}").text
