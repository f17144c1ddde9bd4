"""Writes: build, edit and freeze a weekly report."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.auth.rules import SYSTEM, Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.jobs import WEEKLY_DRAFT
from crm.core.tasks import enqueue
from crm.reports import drafting, queries, wording
from crm.reports.gathering import Gathered, gather
from crm.reports.kpis import KPIS, value_of
from crm.reports.models import ReportFigure, ReportState, WeeklyReport
from crm.reports.period import week_of
from crm.reports.stored import EDITABLE, MOST_COPIES, Draft, StoredRow, pack, plain
from crm.reports.tables import tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.reports.period import Week

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
FUTURE = Problem("report.future", "这一周还没有开始，不能生成周报。", "week")
CHANGED = Problem("report.changed", "您打开之后有人改过这期周报。您填的内容还在下面，请核对后再保存。")
EARLY = Problem("report.early", "还没到截稿时间，截稿后才能定稿。")
COPIES = Problem("report.copies", "印数请填 0 到 9999 的整数。", "text")
CUTOFF = Problem("report.cutoff", "截稿时间要在这一周开始之后。", "cutoff")
LONGEST_TEXT = 20_000
TOO_LONG = Problem("report.too_long", "这一节太长，请控制在两万字以内。", "text")


def _frozen(report: WeeklyReport) -> ConflictError:
    params: dict[str, object] = {"issue": report.issue_no}
    return ConflictError(Problem("report.frozen", "第%(issue)s期已定稿，不能再改；更正请写进下一期。", params=params))


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
    if report is not None and report.state is ReportState.FROZEN:
        raise _frozen(report)
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
    issuer = queries.issuer(session)
    gathered = gather(session, week, issuer)
    if report is None:
        report = WeeklyReport(iso_year=iso_year, iso_week=iso_week, state=ReportState.DRAFT, edited={})
        session.add(report)
    else:
        report.figures.clear()
    report.cutoff_at, report.issuer, report.built_at = week.cutoff, issuer, now
    report.built_by = user_id or actor.user_id or None
    report.texts = _texts(gathered)
    session.flush()
    report.figures.extend(_figures(gathered))
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


def _texts(gathered: Gathered) -> dict[str, object]:
    material = gathered.material
    week = material.week
    draft = Draft(
        title=f"{material.region}招商引资工作本周情况",
        period=(week.start, week.end),
        issued_on=week.day,
        text=drafting.texts(material),
        tables=tables(material),
        before={key: plain(value) for key, value in material.before.items()},
    )
    rows = {
        kpi.key: (
            kpi.columns,
            [StoredRow(row.id, row.unit_id, row.amount, row.href, row.cells) for row in gathered.rows[kpi.key]],
        )
        for kpi in KPIS
    }
    return pack(draft, rows)


def _figures(gathered: Gathered) -> list[ReportFigure]:
    return [
        ReportFigure(
            key=kpi.key,
            label=kpi.label,
            unit=kpi.unit,
            basis=kpi.basis,
            value=plain(value_of(gathered.rows[kpi.key])),
            row_kind=kpi.row_kind,
            row_ids=[row.id for row in gathered.rows[kpi.key]],
        )
        for kpi in KPIS
    ]


def edit_section(
    session: Session, actor: Actor, report: WeeklyReport, key: str, text: str | None, version: int, *, now: datetime
) -> None:
    """Put a person's words in place of the generated ones; None goes back to the generated text."""
    _demand(actor, Permission.REPORT_BUILD)
    if report.state is ReportState.FROZEN:
        raise _frozen(report)
    if report.version != version:
        raise ConflictError(CHANGED)
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
    """Give a report its numbers and close it: 第N期 within the year, 总第M期 over all years."""
    _demand(actor, Permission.REPORT_FREEZE)
    if report.state is ReportState.FROZEN:
        raise _frozen(report)
    if report.version != version:
        raise ConflictError(CHANGED)
    if now < report.cutoff_at:
        raise DomainError(EARLY)
    issue, total = queries.last_numbers(session, report.iso_year)
    report.issue_no, report.total_no = issue + 1, total + 1
    report.state, report.frozen_at, report.frozen_by = ReportState.FROZEN, now, actor.user_id
    session.flush()
    audit.record(
        session, actor.user_id, "report.freeze", ("weekly_report", report.id), now=now,
        issue_no=report.issue_no, total_no=report.total_no,
    )  # fmt: skip


def changes(report: WeeklyReport) -> dict[str, str]:
    """较上周增加3条, for every figure of the week."""
    before = report.texts["before"]
    return {
        figure.key: wording.difference(Decimal(figure.value), Decimal(before[figure.key]), figure.unit)
        for figure in report.figures
        if figure.key in before
    }
