"""Weekly reports that are numbered at the same moment get one number each, without a gap."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.reports import road, services
from crm.reports.models import WeeklyReport
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.support.builders import Office

WEEKS = (44, 45, 46, 47)


def test_those_who_number_at_once_get_one_number_each(database: Database, session: Session, office: Office) -> None:
    registrar, leader = office.actor(session, office.registrar), office.actor(session, office.leader)
    for week in WEEKS:
        report = services.build_weekly(session, registrar, 2026, week, now=NOW)
        road.submit(session, registrar, report, report.version, now=NOW)
        road.approve(session, leader, report, report.version, now=NOW)
    session.commit()
    gate = threading.Barrier(len(WEEKS))

    def number(week: int) -> tuple[int | None, int | None]:
        gate.wait(10)
        with database.transaction() as own:
            report = own.scalars(select(WeeklyReport).where(WeeklyReport.iso_week == week)).one()
            services.freeze(own, leader, report, report.version, now=NOW)
            return report.issue_no, report.total_no

    with ThreadPoolExecutor(len(WEEKS)) as all_at_once:
        given = sorted(all_at_once.map(number, WEEKS), key=str)
    assert given == [(1, 1), (2, 2), (3, 3), (4, 4)]
