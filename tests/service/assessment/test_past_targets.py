"""Targets as they stood on a day, for papers made late."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment import queries, services, targets
from crm.assessment.goals import Scope, SplitBy
from crm.assessment.past import targets_on
from crm.assessment.rules import Metric, TargetLevel
from crm.assessment.targets import TargetDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from tests.support.builders import Office

LEVEL, VISITS, LEADS = TargetLevel.ENSURE, Metric.VISITS, Metric.LEADS


def test_a_paper_of_a_past_day_takes_the_targets_of_that_day(session: Session, office: Office) -> None:
    registrar, east, south = office.actor(session, office.registrar), office.east.id, office.south.id

    def put(goals: dict[tuple[int, Metric], int], days: int) -> datetime:
        at = NOW + timedelta(days=days)
        services.set_targets(session, registrar, 2026, LEVEL, goals, now=at)
        return at

    def on(days: int) -> dict[tuple[int, Metric], int]:
        day: date = TODAY + timedelta(days=days)
        return targets_on(session, 2026, LEVEL, day)

    put({(east, VISITS): 10, (east, LEADS): 5}, 0)
    put({(east, VISITS): 20, (east, LEADS): 5}, 4)
    put({(east, VISITS): 20, (south, VISITS): 7}, 8)
    first = {(east, VISITS): 10, (east, LEADS): 5}
    early = {(east, VISITS): 10, (south, VISITS): 7}
    assert on(-30) == early, "a first value holds from the beginning of the year, one taken back since it was put down"
    assert on(3) == {**first, (south, VISITS): 7}
    assert on(4) == {(east, VISITS): 20, (east, LEADS): 5, (south, VISITS): 7}
    assert on(8) == {(east, VISITS): 20, (south, VISITS): 7}
    (row,) = (one for one in queries.grid_targets(session, 2026, LEVEL) if one.unit_id == south)
    targets.change(session, registrar, row.id, Decimal(9), "", version=row.version, now=NOW + timedelta(days=12))
    assert (on(11)[south, VISITS], on(12)[south, VISITS]) == (7, 9)


def test_a_target_taken_back_asks_for_nothing_until_it_is_put_down_again(session: Session, office: Office) -> None:
    registrar, east = office.actor(session, office.registrar), office.east.id
    for days, visits in ((0, 10), (4, 0), (8, 20), (12, 25)):
        goals = {(east, LEADS): 5, **({(east, VISITS): visits} if visits else {})}
        services.set_targets(session, registrar, 2026, LEVEL, goals, now=NOW + timedelta(days=days))
    told = [targets_on(session, 2026, LEVEL, TODAY + timedelta(days=days)) for days in (-30, 3, 5, 9, 13)]
    assert [one.get((east, VISITS)) for one in told] == [10, 10, None, 20, 25]
    assert {one[east, LEADS] for one in told} == {5}


def test_a_target_that_became_a_part_keeps_what_it_was(session: Session, office: Office) -> None:
    registrar, east, south = office.actor(session, office.registrar), office.east.id, office.south.id
    whole = targets.create(session, registrar, TargetDraft(Scope("visits", 2026), Decimal(10)), now=NOW)
    own = Scope("visits", 2026, unit_id=east)
    targets.create(session, registrar, TargetDraft(own, Decimal(5)), now=NOW)
    parts = {str(east): Decimal(6), str(south): Decimal(4)}
    targets.decompose(session, registrar, whole.id, SplitBy.UNIT, parts, now=NOW + timedelta(days=4))
    told = [targets_on(session, 2026, LEVEL, TODAY + timedelta(days=days))[east, VISITS] for days in (3, 4)]
    assert told == [5, 6]
