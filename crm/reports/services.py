"""Writes: build, edit and freeze a weekly report."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.auth.rules import SYSTEM, Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.jobs import WEEKLY_DRAFT
from crm.core.money import digits
from crm.core.tasks import enqueue
from crm.pipeline.confidential import drafts
from crm.reports import drafting, queries, road, secrecy, wording
from crm.reports.chasing import queries as chasing
from crm.reports.chasing.rules import with_returns
from crm.reports.gathering import count, gather
from crm.reports.kpis import KPIS
from crm.reports.models import ReportFigure, ReportState, RoadStep, WeeklyReport
from crm.reports.period import week_of
from crm.reports.printing import print_docx, template_in_use
from crm.reports.stored import EDITABLE, MOST_COPIES, Draft, pack
from crm.reports.tables import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.reports.drafting import Material
    from crm.reports.kpis import Kpi
    from crm.reports.period import Week

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
FUTURE = Problem("report.future", "这一周还没有开始，不能生成周报。", "week")
COPIES = Problem("report.copies", "印数请填 0 到 9999 的整数。", "text")
CUTOFF = Problem("report.cutoff", "截稿时间要在这一周开始之后。", "cutoff")
LONGEST_TEXT = 20_000
TOO_LONG = Problem("report.too_long", "这一节太长，请控制在两万字以内。", "text")


def _demand(actor: Actor, permission: Permission) -> None:
    if actor is not SYSTEM and not actor.may(permission):
        raise ForbiddenError(FORBIDDEN)


def request_draft(session: Session, actor: Actor, week: Week, *, now: datetime) -> bool:
    """Ask for a week's report to be built in the background; False if it is already asked for."""
    _demand(actor, Permission.REPORT_BUILD)
    _check_week(session, week, now)
    payload = {"week": week.name, "cutoff": week.cutoff.isoformat(), "user_id": actor.user_id}
    added = enqueue(session, WEEKLY_DRAFT, payload, now=now, dedupe_key=f"weekly:{week.name}")
    audit.record(session, actor.user_id, "report.request", ("weekly_report", None), now=now, week=week.name)
    return added


def _check_week(session: Session, week: Week, now: datetime) -> WeeklyReport | None:
    if week.window.instants[0] > now:
        raise DomainError(FUTURE)
    if week.cutoff <= week.window.instants[0]:
        raise DomainError(CUTOFF)
    report = queries.report_by_week(session, week.iso_year, week.iso_week)
    if report is not None:
        road.check_open(report)
    return report


def build_weekly(
    session: Session,
    actor: Actor,
    iso_year: int,
    iso_week: int,
    *,
    now: datetime,
    cutoff: datetime | None = None,
    user_id: int | None = None,
) -> WeeklyReport:
    """Build or rebuild the draft of a week as of its cut-off; what a person edited stays.

    ``user_id`` names who asked when the system builds on somebody's behalf.
    """
    _demand(actor, Permission.REPORT_BUILD)
    known = queries.report_by_week(session, iso_year, iso_week)
    wanted = cutoff or (known.cutoff_at if known is not None else None)
    week = week_of(iso_year, iso_week, cutoff=wanted, before=_cutoff_before(session, iso_year, iso_week))
    report = _check_week(session, week, now)
    left_out = drafts.known(session)
    issuer = queries.issuer(session)
    returned = chasing.words(session, week)
    if report is None:
        report = WeeklyReport(iso_year=iso_year, iso_week=iso_week, state=ReportState.DRAFT, edited={}, texts={})
    else:
        report.figures.clear()
    report.cutoff_at, report.issuer, report.built_at = week.cutoff, issuer, now
    report.built_by = user_id or actor.user_id or None
    session.add(report)
    session.flush()
    report.figures.extend(_figure(kpi) for kpi in KPIS)
    session.flush()
    totals = count(session, week, report.figures)
    for figure in report.figures:
        total = totals[figure.key]
        figure.value, figure.row_count = digits(total.value), total.rows
    texts = _texts(gather(session, week, issuer, report.figures, totals), returned)
    report.texts = texts | drafts.mark(session, left_out)
    session.flush()
    audit.record(
        session, report.built_by, "report.build", ("weekly_report", report.id), now=now, week=week.name,
        cutoff=week.cutoff.isoformat(),
    )  # fmt: skip
    return report


def _cutoff_before(session: Session, iso_year: int, iso_week: int) -> datetime | None:
    """The cut-off that the last issue really had, so that nothing falls between two issues."""
    last = week_of(iso_year, iso_week).previous
    report = queries.report_by_week(session, last.iso_year, last.iso_week)
    return report.cutoff_at if report is not None else None


def _texts(material: Material, returned: str) -> dict[str, object]:
    week = material.week
    draft = Draft(
        title=f"{material.region}招商引资工作本周情况",
        period=(week.start, week.end),
        issued_on=week.day,
        text=with_returns(drafting.texts(material), returned),
        tables=tables(material),
        before={key: digits(value) for key, value in material.before.items()},
        units=material.units,
    )
    return pack(draft)


def _figure(kpi: Kpi) -> ReportFigure:
    columns = [[name, kind.value] for name, kind in kpi.columns]
    return ReportFigure(
        key=kpi.key, label=kpi.label, unit=kpi.unit, basis=kpi.basis, value="0", row_kind=kpi.row_kind,
        columns=columns, row_count=0,
    )  # fmt: skip


def edit_section(
    session: Session, actor: Actor, report: WeeklyReport, key: str, text: str | None, version: int, *, now: datetime
) -> None:
    """Put a person's words in place of the generated ones; None goes back to the generated text."""
    _demand(actor, Permission.REPORT_BUILD)
    road.check_open(report)
    if report.version != version:
        raise ConflictError(road.CHANGED)
    if key not in EDITABLE:
        raise DomainError(Problem("report.section", "没有这一节。"))
    if text is not None and len(text) > LONGEST_TEXT:
        raise DomainError(TOO_LONG)
    if key == "copies" and text and not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_COPIES))):
        raise DomainError(COPIES)
    edited = dict(report.edited)
    if text is None:
        edited.pop(key, None)
    else:
        edited[key] = text.replace("\r\n", "\n").strip()
    report.edited = edited
    session.flush()
    audit.record(
        session, actor.user_id, "report.edit", ("weekly_report", report.id), now=now, section=key, reset=text is None
    )


def freeze(session: Session, actor: Actor, report: WeeklyReport, version: int, *, now: datetime) -> None:
    """Give an approved report its numbers and close it: 第N期 within the year, 总第M期 over all years.

    All who read reports are told.
    """
    road.check(actor, report, RoadStep.FROZEN, version)
    secrecy.refuse(session, report)
    issue, total = queries.last_numbers(session, report.iso_year)
    report.issue_no, report.total_no = issue + 1, total + 1
    report.state, report.frozen_at, report.frozen_by = ReportState.FROZEN, now, actor.user_id
    report.template_id = template_in_use(session)
    print_docx(session, report)  # an issue that could not be printed is not frozen
    road.keep(session, actor, report, RoadStep.FROZEN, now)
    told = road.send(session, actor, report, now=now)
    audit.record(
        session, actor.user_id, "report.freeze", ("weekly_report", report.id), now=now,
        issue_no=report.issue_no, total_no=report.total_no, told=told,
    )  # fmt: skip


def changes(report: WeeklyReport) -> dict[str, wording.Change]:
    """Every figure of the week beside last week's, as it was told or counted when the report was built."""
    before = report.texts["before"]
    return {
        figure.key: wording.Change(figure.label, figure.unit, Decimal(figure.value), Decimal(before[figure.key]))
        for figure in report.figures
        if figure.key in before
    }
