from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.assessment import queries as figures
from crm.assessment.facts import Window
from crm.assessment.measures import MEASURES
from crm.auth import queries, units
from crm.auth.models import Roster
from crm.auth.rules import Permission
from crm.auth.units import Closing, UnitChange
from crm.core.errors import DomainError
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

BEFORE, RENAMED = date(2026, 6, 30), date(2026, 7, 1)


def wanted(office: Office, **given: object) -> UnitChange:
    usual = {
        "name": "苏沪小分队",
        "parent_id": office.bureau.id,
        "managing_unit_id": None,
        "region": "沪宁线",
        "day": RENAMED,
        "reason": "编委会3号文",
    }
    return UnitChange(**{**usual, **given})  # type: ignore[arg-type]  # the values above


def keys(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_a_renamed_unit_keeps_its_old_name_for_the_time_before(session: Session, office: Office) -> None:
    boss = office.actor(session, office.administrator)
    units.change(session, boss, office.east.id, wanted(office), now=NOW, today=TODAY)
    session.commit()
    assert units.names_on(session, BEFORE)[office.east.id] == "长三角小分队"
    assert units.names_on(session, RENAMED)[office.east.id] == "苏沪小分队"
    assert [(one.name, one.valid_from, one.valid_to) for one in units.versions(session, office.east.id)] == [
        ("长三角小分队", date(2026, 1, 1), BEFORE)
    ]
    units.change(session, boss, office.east.id, wanted(office, name="沪苏小分队"), now=NOW, today=TODAY)
    assert len(units.versions(session, office.east.id)) == 1
    with pytest.raises(DomainError) as early:
        units.change(session, boss, office.east.id, wanted(office, day=BEFORE), now=NOW, today=TODAY)
    assert keys(early) == ["unit.early"]


def test_a_move_makes_no_ring_and_takes_no_taken_name(session: Session, office: Office) -> None:
    boss = office.actor(session, office.administrator)
    ring = wanted(office, name="珠三角小分队", parent_id=office.east.id, reason=" ", day=date(2026, 12, 1))
    with pytest.raises(DomainError) as refused:
        units.change(session, boss, office.east.id, ring, now=NOW, today=TODAY)
    assert keys(refused) == ["unit.taken", "unit.reason", "unit.future", "unit.ring"]


def test_a_closed_unit_hands_over_people_and_sight_but_keeps_its_figures(session: Session, office: Office) -> None:
    boss = office.actor(session, office.administrator)
    firm = builders.enterprise(session)
    builders.touch(session, firm, office.east, office.officer)
    with pytest.raises(DomainError) as staffed:
        units.close(session, boss, office.east.id, Closing(date(2026, 11, 19), "撤并"), now=NOW)
    assert keys(staffed) == ["unit.in_use"]
    closing = Closing(date(2026, 11, 19), "撤并", office.south.id)
    units.close(session, boss, office.east.id, closing, now=NOW)
    session.commit()
    moved = session.scalars(select(Roster).where(Roster.user_id == office.officer.id).order_by(Roster.valid_from)).all()
    assert [(row.unit_id, row.valid_to) for row in moved] == [
        (office.east.id, date(2026, 11, 19)),
        (office.south.id, None),
    ]
    assert office.east.id in (office.actor(session, office.outsider).scope(Permission.TOUCH_READ) or ())
    assert office.east not in queries.units(session, TODAY)
    window = Window(date(2026, 11, 1), date(2026, 11, 30), NOW)
    assert figures.by_unit(session, MEASURES["visit_batches"], window) == {office.east.id: 1}
    assert units.names_on(session, TODAY, [office.east.id]) == {office.east.id: "长三角小分队"}
    units.reopen(session, boss, office.east.id, now=NOW)
    assert office.east in queries.units(session, TODAY)


def test_the_office_is_called_as_it_is_told_or_as_its_bureau(session: Session, office: Office) -> None:
    assert units.office_name(session) == office.bureau.name == "云溪县招商局"
    assert units.office_name(session, "云溪县招商服务中心") == "云溪县招商服务中心"
