"""Published weeks of the demonstration tell what a recount as of their cut-off finds, whatever the day of loading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.cli import demo
from crm.core.money import digits
from crm.reports.chasing.queries import week_known
from crm.reports.frozen import plain_amount
from crm.reports.kpis import KPIS, Sources
from crm.reports.models import ReportState, WeeklyReport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database

FRIDAY, MONDAY = datetime(2026, 11, 27, 8, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC)


def _recounted(session: Session, report: WeeklyReport) -> dict[str, str]:
    sources = Sources(session, week_known(session, report.iso_year, report.iso_week))
    figures, found = {one.key: one for one in report.figures}, {}
    for kpi in KPIS:
        rows = kpi.select(sources).subquery()
        total = session.scalar(select(func.coalesce(func.sum(rows.c.amount), 0))) or 0
        found[kpi.key] = digits(plain_amount(figures[kpi.key], int(total)))
    return found


@pytest.mark.parametrize(("engine", "now"), [("sqlite", FRIDAY), ("postgres", MONDAY)])
def test_every_frozen_figure_is_what_a_recount_at_its_cutoff_finds(
    request: pytest.FixtureRequest, engine: str, now: datetime
) -> None:
    database: Database = request.getfixturevalue(f"{engine}_database")
    with database.session() as session:
        demo.load(session, now=now, site="http://127.0.0.1:8765")
        frozen = session.scalars(select(WeeklyReport).where(WeeklyReport.state == ReportState.FROZEN)).all()
        told = {(one.iso_week, figure.key): figure.value for one in frozen for figure in one.figures}
        again = {(one.iso_week, key): value for one in frozen for key, value in _recounted(session, one).items()}
        session.rollback()
    assert len(frozen) == 4
    assert {key: (value, again[key]) for key, value in told.items() if value != again[key]} == {}
