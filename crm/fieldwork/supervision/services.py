"""Writes on inspections: record one, add findings, tell that one is mended, look again. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.models import OrgUnit, Roster, User
from crm.auth.queries import valid_on
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.db import insert_once
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.fieldwork.models import FollowUp
from crm.fieldwork.secrecy import INSIDER, PROJECT
from crm.fieldwork.supervision import queries, rules
from crm.fieldwork.supervision.models import SiteFinding, SiteInspection, SiteInspector, SiteRecheck

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.supervision.rules import FindingDraft, InspectionDraft, RecheckDraft

LINE = 200
NO_RIGHT = Problem("inspection.right", "您的角色不能登记现场督查，请联系督查或招商办。")
NO_UNIT = Problem("inspection.unit", "请选择被督查的单位。", "unit_id")
NO_PEOPLE = Problem("inspection.people", "督查人员里有人已不在册，请重新勾选。", "inspector_ids")
STALE = Problem("inspection.client_id", "页面已过期，请刷新后重新提交。")
NOBODY = Problem("finding.responsible", "请选择整改责任人。", "responsible_id")
NOT_PRIVY = Problem("finding.privy", "这个项目保密，责任人须是项目负责人或知情人员。", "responsible_id")
MANY = Problem("finding.many", "一次督查最多记 30 个问题，请另记一次督查。", "body")
VOID = Problem("inspection.void", "这次督查已作废。")
VOID_REASON = Problem("inspection.void_reason", "请写明作废原因，例如“重复登记”。", "reason")
NOT_YOURS = Problem("finding.not_yours", "只有整改责任人可以报整改完成。")
CLOSED = Problem("finding.closed", "这个问题已经销号。")
MENDED = Problem("finding.mended", "已经报过整改完成，等待复查。")
MEND_NOTE = Problem("finding.mend_note", "请写明怎么整改的。", "note")
OWN = Problem("recheck.own", "整改责任人不能复查自己的问题，请由督查人员复查。")


def record(
    session: Session, actor: Actor, draft: InspectionDraft, found: Sequence[FindingDraft], *, now: datetime, today: date
) -> SiteInspection:
    """Record an inspection with what was found; the same ``client_id`` again returns the first one."""
    _demand(actor)
    problems = rules.inspection_problems(draft, now=now)
    if session.get(OrgUnit, draft.unit_id) is None:
        problems.append(NO_UNIT)
    people = set(draft.inspector_ids)
    if people - set(session.scalars(select(User.id).where(User.id.in_(people)))):
        problems.append(NO_PEOPLE)
    if problems:
        raise DomainError(*problems)
    values = {
        "client_id": draft.client_id,
        "enterprise_id": draft.enterprise_id,
        "project_id": draft.project_id,
        "place": draft.place,
        "unit_id": draft.unit_id,
        "inspected_at": draft.inspected_at,
        "outside_people": draft.outside_people,
        "summary": draft.summary.strip(),
        "created_by": actor.user_id,
        "recorded_at": now,
    }
    row = insert_once(session, SiteInspection, values, ["client_id"])
    if row is None:
        first = session.scalars(select(SiteInspection).where(SiteInspection.client_id == draft.client_id)).one()
        if first.created_by != actor.user_id:
            raise ConflictError(STALE)
        return first
    session.add_all(SiteInspector(inspection_id=row.id, user_id=user_id) for user_id in sorted(people))
    session.flush()
    for one in found:
        add_finding(session, actor, row.id, one, now=now, today=today)
    subject = ("site_inspection", row.id)
    audit.record(session, actor.user_id, "inspection.record", subject, now=now, findings=len(found))
    return row


def add_finding(
    session: Session, actor: Actor, inspection_id: int, draft: FindingDraft, *, now: datetime, today: date
) -> SiteFinding:
    """Put down a finding; its responsible person gets a follow-up with the same deadline."""
    _demand(actor)
    row = _standing(queries.inspection(session, actor, inspection_id))
    problems = rules.finding_problems(draft, today=today)
    if draft.responsible_id and not problems:
        problems = _responsible_problems(session, row.project_id, draft.responsible_id)
    if len(row.findings) >= rules.MOST_FINDINGS:
        problems.append(MANY)
    if problems or draft.due_on is None:
        raise DomainError(*problems)
    made = SiteFinding(
        inspection_id=row.id,
        body=draft.body.strip(),
        responsible_id=draft.responsible_id,
        due_on=draft.due_on,
    )
    made.follow_up = _follow_up(session, actor, row, made, now=now, today=today)
    session.add(made)
    session.flush()
    session.expire(row, ["findings"])
    detail = {"finding": made.id, "responsible": made.responsible_id, "due": draft.due_on.isoformat()}
    audit.record(session, actor.user_id, "inspection.finding", ("site_inspection", row.id), now=now, **detail)
    return made


def mended(session: Session, actor: Actor, finding_id: int, note: str, *, now: datetime) -> SiteFinding:
    """Tell that a finding is mended: its follow-up is done, a second look is waited for."""
    row = _locked(session, actor, finding_id)
    if row.responsible_id != actor.user_id:
        raise ForbiddenError(NOT_YOURS)
    if row.closed_at is not None:
        raise DomainError(CLOSED)
    if row.follow_up.done_at is not None:
        raise DomainError(MENDED)
    if not note.strip():
        raise DomainError(MEND_NOTE)
    _done(row.follow_up, actor, note, now)
    subject = ("site_inspection", row.inspection_id)
    audit.record(session, actor.user_id, "inspection.mended", subject, now=now, finding=row.id)
    return row


def recheck(
    session: Session, actor: Actor, finding_id: int, draft: RecheckDraft, *, now: datetime, today: date
) -> SiteFinding:
    """Look again: a finding that passed is closed, one that did not gets a new deadline and a new follow-up."""
    _demand(actor)
    row = _locked(session, actor, finding_id)
    if row.responsible_id == actor.user_id:
        raise ForbiddenError(OWN)
    problems = [CLOSED] if row.closed_at is not None else rules.recheck_problems(draft, today=today)
    if problems:
        raise DomainError(*problems)
    new_due = None if draft.passed else draft.new_due_on
    look = {"at": now, "by": actor.user_id, "passed": draft.passed, "note": draft.note.strip()[:LINE]}
    session.add(SiteRecheck(finding_id=row.id, new_due_on=new_due, **look))
    _done(row.follow_up, actor, draft.note, now)
    if new_due is None:
        row.closed_at, row.closed_by = now, actor.user_id
    else:
        row.due_on = new_due
        row.follow_up = _follow_up(session, actor, row.inspection, row, now=now, today=today)
    session.flush()
    subject = ("site_inspection", row.inspection_id)
    audit.record(session, actor.user_id, "inspection.recheck", subject, now=now, finding=row.id, passed=draft.passed)
    return row


def void(session: Session, actor: Actor, inspection_id: int, reason: str, *, now: datetime) -> SiteInspection:
    """Void an inspection recorded by mistake: it stays readable, its findings ask nobody any more."""
    _demand(actor)
    row = _standing(queries.inspection(session, actor, inspection_id))
    if not reason.strip():
        raise DomainError(VOID_REASON)
    row.voided_at, row.void_reason = now, reason.strip()[:LINE]
    for one in row.findings:
        _done(one.follow_up, actor, row.void_reason, now)
    subject = ("site_inspection", row.id)
    audit.record(session, actor.user_id, "inspection.void", subject, now=now, reason=row.void_reason)
    return row


def _locked(session: Session, actor: Actor, finding_id: int) -> SiteFinding:
    """Return a finding; of two people who judge it at once the second waits, and sees what the first said."""
    session.execute(select(SiteFinding.id).where(SiteFinding.id == finding_id).with_for_update())
    return queries.finding(session, actor, finding_id)


def _demand(actor: Actor) -> None:
    if not actor.may(Permission.SITE_INSPECT):
        raise ForbiddenError(NO_RIGHT)


def _standing(row: SiteInspection) -> SiteInspection:
    if row.voided_at is not None:
        raise DomainError(VOID)
    return row


def _done(task: FollowUp, actor: Actor, note: str, now: datetime) -> None:
    if task.done_at is None:
        task.done_at, task.done_by, task.done_note = now, actor.user_id, note.strip()[:LINE]


def _responsible_problems(session: Session, project_id: int | None, user_id: int) -> list[Problem]:
    person = session.get(User, user_id)
    if person is None or not person.active:
        return [NOBODY]
    if project_id is None:
        return []
    secret = session.execute(
        select(PROJECT.c.owner_id).where(PROJECT.c.id == project_id, PROJECT.c.confidential)
    ).one_or_none()
    if secret is None or secret.owner_id == user_id:
        return []
    named = select(INSIDER.c.user_id).where(INSIDER.c.project_id == project_id, INSIDER.c.user_id == user_id)
    return [] if session.scalar(named) else [NOT_PRIVY]


def _follow_up(
    session: Session, actor: Actor, row: SiteInspection, found: SiteFinding, *, now: datetime, today: date
) -> FollowUp:
    """Return the responsible person's task, in the person's own unit where there is one."""
    held = (Roster.user_id == found.responsible_id, valid_on(Roster, today))
    home = session.scalar(select(Roster.unit_id).where(*held).order_by(Roster.id).limit(1))
    return FollowUp(
        title=f"整改：{' '.join(found.body.split())}"[:LINE],
        kind=rules.FOLLOW_UP_KIND,
        enterprise_id=row.enterprise_id,
        project_id=row.project_id,
        unit_id=home or row.unit_id,
        owner_id=found.responsible_id,
        due_on=found.due_on,
        created_by=actor.user_id,
        created_at=now,
    )
