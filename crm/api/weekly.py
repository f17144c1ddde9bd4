"""Weekly reports for programs: published issues with their sentences and figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from crm.api.fields import Answer, Listed, Paged
from crm.api.operations import Door, group, operation
from crm.api.scopes import Scope
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError
from crm.core.paging import Key, fetch_page
from crm.reports.models import WeeklyReport
from crm.reports.period import week_of
from crm.reports.queries import MISSING, report_by_week, visible_reports
from crm.reports.stored import HEADINGS, text_of
from crm.reports.weeks import parse_week
from crm.web import db

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Select

bp = group("reports", "figures")
READ = Door(Scope.REPORTS_READ, Permission.REPORT_READ)


class Issue(Answer):
    """A published weekly report."""

    week: str
    title: str
    issuer: str
    issue_no: int
    total_no: int
    start: date
    end: date
    as_of: datetime
    published_at: datetime


class Issues(Listed):
    """A page of issues, newest first."""

    items: list[Issue]


class IssueFigure(Answer):
    """A figure as that issue told it; its rows stand in the report."""

    key: str
    label: str
    unit: str
    basis: str
    row_kind: str
    value: Decimal
    row_count: int


class IssueSection(Answer):
    """A section of an issue as it was printed, without its tables."""

    key: str
    heading: str
    text: str


class WholeIssue(Issue):
    """An issue with its sections and figures; words of the report are Chinese in any language."""

    sections: list[IssueSection]
    figures: list[IssueFigure]


@operation(bp, "GET", "/reports/weekly", READ, Issues, query=Paged)
def index(query: Paged) -> Issues:
    """List the published weekly reports."""
    statement = cast("Select[Any]", select(WeeklyReport).where(visible_reports(drafts=False)))
    order = [Key(WeeklyReport.iso_year, descending=True), Key(WeeklyReport.iso_week, descending=True)]
    page = fetch_page(
        db.session(), statement, order, lambda row: [row.iso_year, row.iso_week], cursor=query.cursor, size=query.limit
    )
    return Issues(items=[Issue(**_head(row)) for row in page.rows], next_cursor=page.next)


@operation(bp, "GET", "/reports/weekly/<week>", READ, WholeIssue)
def show(week: str) -> WholeIssue:
    """Read a published weekly report, for example 2026-W46."""
    try:
        wanted = parse_week(week)
    except ValueError as error:
        raise NotFoundError(MISSING) from error
    session = db.session()
    row = report_by_week(session, *wanted)
    if row is None or row.frozen_at is None:
        raise NotFoundError(MISSING)
    sections = [IssueSection(key=key, heading=heading, text=text_of(row, key)) for key, heading in HEADINGS.items()]
    figures = [IssueFigure.model_validate(one) for one in row.figures]
    return WholeIssue(**_head(row), sections=sections, figures=figures)


def _head(row: WeeklyReport) -> dict[str, Any]:
    span = week_of(row.iso_year, row.iso_week)
    return {
        "week": span.name,
        "title": text_of(row, "title"),
        "issuer": row.issuer,
        "issue_no": row.issue_no,
        "total_no": row.total_no,
        "start": span.start,
        "end": span.end,
        "as_of": row.cutoff_at,
        "published_at": row.frozen_at,
    }
