"""What a closed period came to later is told in the next weekly report, dated, and its own figures stay."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import docx

from crm.reports import amending, services
from crm.reports.docx import render_docx
from crm.reports.period import week_of
from crm.reports.stored import document_of
from tests.service.assessment.test_periods import FIRST, SECOND, closed, value, visit
from tests.support.builders import NOW

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.orm import Session

    from crm.word.blocks import Table
    from tests.support.builders import Office

TITLE = "账期更正表"


def amended(session: Session, office: Office, week: int = 47) -> list[Table]:
    report = services.build_weekly(session, office.actor(session, office.registrar), 2026, week, now=NOW)
    return [one for one in document_of(report).tables if one.title == TITLE]


def test_the_next_issue_lists_corrections_and_the_closed_figure_stays(session: Session, office: Office) -> None:
    visit(session, office, date(2026, 11, 3))
    first = closed(session, office, FIRST, now=NOW - timedelta(days=9))
    visit(session, office, date(2026, 11, 5), recorded_at=NOW - timedelta(days=3))
    closed(session, office, SECOND, now=NOW - timedelta(days=2))
    assert value(session, first) == 1
    (table,) = amended(session, office)
    lines = [row[1:] for row in table.rows]
    assert (first.name, "外出走访企业（家）", "长三角小分队", "+1", "2026-11-18") in lines
    assert not [row for row in lines if "到达" in row[1]]
    report = services.build_weekly(session, office.actor(session, office.registrar), 2026, 47, now=NOW)
    told = docx.Document(BytesIO(render_docx(document_of(report))))
    assert [cell.text for one in told.tables for row in one.rows for cell in row.cells].count("+1") == len(lines)


def test_a_correction_is_in_one_issue_only(session: Session, office: Office) -> None:
    closed(session, office, FIRST, now=NOW - timedelta(days=12))
    visit(session, office, date(2026, 11, 5), recorded_at=NOW - timedelta(days=11))
    closed(session, office, SECOND, now=NOW - timedelta(days=8))  # noted before the cut-off of last week
    assert amended(session, office) == []
    assert amending.noted(session, week_of(2026, 46))[1] > 0


def test_a_long_list_says_what_it_leaves_out(session: Session, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(session, office, date(2026, 11, 3))
    closed(session, office, FIRST, now=NOW - timedelta(days=9))
    visit(session, office, date(2026, 11, 5), recorded_at=NOW - timedelta(days=3))
    closed(session, office, SECOND, now=NOW - timedelta(days=2))
    monkeypatch.setattr(amending, "MOST", 1)
    (table,) = amended(session, office)
    assert len(table.rows) == 1
    assert "只列前1条，共2条" in table.note
