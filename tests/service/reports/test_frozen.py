from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import func, select, text

from crm.pipeline.rules import Stage
from crm.reports import frozen, services
from crm.reports.models import ReportRows, WeeklyReport
from tests.service.reports.test_weekly import WEEK, YEAR, built, busy_week
from tests.service.test_migrations import config_for
from tests.support import facts
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.reports.models import ReportFigure
    from tests.support.builders import Office


@pytest.fixture
def visits(session: Session, office: Office, monkeypatch: pytest.MonkeyPatch) -> ReportFigure:
    """Freeze eleven visits, six of the east and five of the south in turn, three rows to a piece."""
    monkeypatch.setattr(frozen, "PIECE", 3)
    for number, firm in enumerate(facts.firms(session, 11)):
        unit, person = ((office.east, office.officer), (office.south, office.outsider))[number % 2]
        facts.touches(session, unit, person, [firm], occurred_at=facts.MONDAY + timedelta(hours=number))
    return next(one for one in built(session, office).figures if one.key == "visits")


def test_pages_of_a_figure_follow_one_another_in_the_order_of_its_rows(session: Session, visits: ReportFigure) -> None:
    whole = [row.id for row in frozen.rows_of(visits.report, "visits")]
    assert len(whole) == 11
    pages = [frozen.page(session, visits, None, None, start, 4) for start in (0, 4, 8, 12)]
    assert [row.id for one in pages for row in one.rows] == whole
    assert {(one.size, one.total, one.shown) for one in pages} == {(11, Decimal(11), 11)}
    assert [row.id for row in frozen.first(session, visits, 2)] == whole[:2]


def test_a_page_of_a_unit_holds_its_rows_and_their_sum(session: Session, office: Office, visits: ReportFigure) -> None:
    south = [row.id for row in frozen.rows_of(visits.report, "visits") if row.unit_id == office.south.id]
    page = frozen.page(session, visits, office.south.id, None, 2, 10)
    assert [row.id for row in page.rows] == south[2:]
    assert (page.size, page.total) == (5, Decimal(5))
    assert page.rows[0].cells[1] == "珠三角小分队"


def test_rows_of_units_out_of_reach_are_only_counted(session: Session, office: Office, visits: ReportFigure) -> None:
    page = frozen.page(session, visits, None, {office.east.id}, 0, 10)
    assert {row.unit_id for row in page.rows} == {office.east.id}
    assert (page.size, page.shown, len(page.rows)) == (11, 6, 6)


def test_a_page_beyond_the_last_is_empty(session: Session, visits: ReportFigure) -> None:
    page = frozen.page(session, visits, None, None, 10**12, 10)
    assert (page.rows, page.size) == ((), 11)


def test_a_draft_built_again_leaves_no_rows_behind(session: Session, office: Office) -> None:
    busy_week(session, office)
    built(session, office)
    before = session.scalar(select(func.sum(ReportRows.size)))
    built(session, office)
    assert session.scalar(select(func.sum(ReportRows.size))) == before


def test_what_stands_still_is_told_with_its_days_and_its_stage(session: Session, office: Office) -> None:
    firms = facts.firms(session, 3)
    late = NOW - timedelta(days=31)
    facts.projects(session, office.east, office.officer, firms[:1], Stage.VISITING, at=late)
    facts.projects(session, office.east, office.officer, firms[1:2], Stage.VISITING, at=late + timedelta(days=1))
    report = services.build_weekly(session, office.actor(session, office.registrar), YEAR, WEEK, now=NOW, cutoff=NOW)
    (row,) = frozen.rows_of(report, "stalled")
    assert row.cells == (date(2026, 10, 20), "长三角小分队", row.cells[2], row.cells[3], "走访对接", 31)
    assert len(frozen.rows_of(report, "in_talk")) == 2


def test_rows_survive_the_way_down_and_up(session: Session, office: Office, database: Database) -> None:
    busy_week(session, office)
    report = built(session, office)
    report_id, before = report.id, frozen.annex_of(report)
    session.commit()
    session.expunge_all()
    with database.engine.begin() as connection:
        command.downgrade(config_for(connection), "0039")
        ids = connection.execute(text("SELECT row_ids FROM report_figure WHERE key = 'visits'")).scalar_one()
        assert str(ids).count(",") == 6
        command.upgrade(config_for(connection), "head")
    again = session.get(WeeklyReport, report_id)
    assert again is not None
    assert frozen.annex_of(again) == before
    south = frozen.page(
        session, next(one for one in report.figures if one.key == "visits"), office.south.id, None, 0, 9
    )
    assert (south.size, south.rows[0].cells[1]) == (2, "珠三角小分队")
