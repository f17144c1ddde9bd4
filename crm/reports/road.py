"""The road of a weekly report: sent in, approved or sent back with a reason, then frozen; every step is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm.attributes import flag_modified

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.scheduling import local_day
from crm.notices.receivers import holders
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.reports import secrecy
from crm.reports.models import ReportState, RoadStep, Standing, WeeklyStep
from crm.reports.period import week_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.reports.models import WeeklyReport

FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
CHANGED = Problem("report.changed", "您打开之后有人改过这期周报。您填的内容还在下面，请核对后再保存。")
EARLY = Problem("report.early", "还没到截稿时间，截稿后才能送审。")
STALE = Problem("report.stale", "这份草稿是截稿前汇总的，请先重新汇总再送审。")
OWN = Problem("report.own", "送审人不能审批自己送审的周报，请由另一位有定稿权限的人审批。")
NO_REASON = Problem("report.reason", "请写明退回的原因。", "reason")
LONG_REASON = Problem("report.reason_long", "退回原因请控制在500字以内。", "reason")
NOT_APPROVED = Problem("report.not_approved", "这期周报还没有批准，批准后才能定稿。")
SENT = Problem("report.sent", "这期周报已经送审，要修改请先撤回送审，或请审批人退回。")
PASSED = Problem("report.passed", "这期周报已经批准，要修改请审批人退回。")
NOT_NOW = Problem("report.not_now", "这期周报的办理情况已经变了，请刷新页面再看。")
LONGEST_REASON = 500
FROM: dict[RoadStep, tuple[Standing, ...]] = {
    RoadStep.SUBMITTED: (Standing.DRAFT,),
    RoadStep.WITHDRAWN: (Standing.SUBMITTED,),
    RoadStep.APPROVED: (Standing.SUBMITTED,),
    RoadStep.RETURNED: (Standing.SUBMITTED, Standing.APPROVED),
    RoadStep.FROZEN: (Standing.APPROVED,),
}
NEEDS: dict[RoadStep, Permission] = {
    RoadStep.SUBMITTED: Permission.REPORT_BUILD,
    RoadStep.WITHDRAWN: Permission.REPORT_BUILD,
    RoadStep.APPROVED: Permission.REPORT_FREEZE,
    RoadStep.RETURNED: Permission.REPORT_FREEZE,
    RoadStep.FROZEN: Permission.REPORT_FREEZE,
}


def frozen(report: WeeklyReport) -> ConflictError:
    """Refuse what comes after freezing."""
    params: dict[str, object] = {"issue": report.issue_no}
    return ConflictError(Problem("report.frozen", "第%(issue)s期已定稿，不能再改；更正请写进下一期。", params=params))


def check_open(report: WeeklyReport) -> None:
    """Refuse to change what is frozen, approved, or lies with who approves."""
    if report.state is ReportState.FROZEN:
        raise frozen(report)
    if report.standing is not Standing.DRAFT:
        raise ConflictError(SENT if report.standing is Standing.SUBMITTED else PASSED)


def submitter(report: WeeklyReport) -> int | None:
    """Who sent the report in last."""
    sent = (step.user_id for step in reversed(report.steps) if step.step is RoadStep.SUBMITTED)
    return next(sent, None)


def check(actor: Actor, report: WeeklyReport, step: RoadStep, version: int) -> None:
    """Refuse a step that is not this person's or not next."""
    if not actor.may(NEEDS[step]):
        raise ForbiddenError(FORBIDDEN)
    if report.state is ReportState.FROZEN:
        raise frozen(report)
    if report.version != version:
        raise ConflictError(CHANGED)
    if report.standing not in FROM[step]:
        raise ConflictError(NOT_APPROVED if step is RoadStep.FROZEN else NOT_NOW)


def keep(session: Session, actor: Actor, report: WeeklyReport, step: RoadStep, now: datetime, reason: str = "") -> None:
    """Put a step on record; the version of the report moves with it."""
    report.steps.append(WeeklyStep(step=step, user_id=actor.user_id, at=now, reason=reason or None))
    flag_modified(report, "edited")
    session.flush()
    if step is not RoadStep.FROZEN:
        audit.record(session, actor.user_id, f"report.{step.value}", ("weekly_report", report.id), now=now)


def submit(session: Session, actor: Actor, report: WeeklyReport, version: int, *, now: datetime) -> None:
    """Send a draft in for approval; who may approve is told."""
    check(actor, report, RoadStep.SUBMITTED, version)
    if now < report.cutoff_at:
        raise DomainError(EARLY)
    if report.built_at < report.cutoff_at:
        raise DomainError(STALE)
    secrecy.refuse(session, report)
    keep(session, actor, report, RoadStep.SUBMITTED, now)
    judges = holders(session, Permission.REPORT_FREEZE, local_day(now)) - {actor.user_id}
    _tell(session, judges, report, "%(week)s 周报已送审，请审批。", now)


def withdraw(session: Session, actor: Actor, report: WeeklyReport, version: int, *, now: datetime) -> None:
    """Take a report back that nobody has decided yet."""
    check(actor, report, RoadStep.WITHDRAWN, version)
    keep(session, actor, report, RoadStep.WITHDRAWN, now)


def approve(session: Session, actor: Actor, report: WeeklyReport, version: int, *, now: datetime) -> None:
    """Approve a report; whoever sent it in does not."""
    check(actor, report, RoadStep.APPROVED, version)
    sender = submitter(report)
    if sender == actor.user_id:
        raise ForbiddenError(OWN)
    secrecy.refuse(session, report)
    keep(session, actor, report, RoadStep.APPROVED, now)
    _tell(session, {sender}, report, "%(week)s 周报已批准，可以定稿编号。", now)


def send_back(
    session: Session, actor: Actor, report: WeeklyReport, version: int, reason: str, *, now: datetime
) -> None:
    """Send a report back to be worked over; the reason is kept and told to who sent it in."""
    check(actor, report, RoadStep.RETURNED, version)
    words = reason.strip()
    if not words:
        raise DomainError(NO_REASON)
    if len(words) > LONGEST_REASON:
        raise DomainError(LONG_REASON)
    keep(session, actor, report, RoadStep.RETURNED, now, words)
    _tell(session, {submitter(report)}, report, "%(week)s 周报被退回，请按退回原因修改。", now)


def send(session: Session, actor: Actor, report: WeeklyReport, *, now: datetime) -> int:
    """Tell all who read reports that an issue is out, with its page; return how many were told."""
    readers = holders(session, Permission.REPORT_READ, local_day(now)) - {actor.user_id}
    places = {"issue": report.issue_no, "total": report.total_no}
    return _tell(session, readers, report, "动态信息周报第%(issue)s期（总第%(total)s期）已印发，请阅。", now, **places)


def _tell(
    session: Session, people: Iterable[int | None], report: WeeklyReport, text: str, now: datetime, **more: object
) -> int:
    name = week_of(report.iso_year, report.iso_week).name
    told = {one for one in people if one is not None}
    subject = ("weekly_report", report.id)
    params = {"week": name, **more}
    return tell(session, told, NoticeKind.OTHER, text, f"/reports/weekly/{name}", subject, now, params=params)
