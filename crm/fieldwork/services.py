"""Logging, correcting and voiding touches."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import load_only
from sqlalchemy.orm.attributes import set_committed_value

from crm.core import audit, jobs
from crm.core.db import insert_once
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.core.types import UtcDateTime
from crm.enterprises import queries as register
from crm.enterprises.models import Enterprise
from crm.fieldwork import queries, rules
from crm.fieldwork.chains import course
from crm.fieldwork.models import FollowUp, Touch, TouchContact

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Select, Update
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.rules import TouchCorrection, TouchDraft, TouchTarget

NOT_YOURS = Problem("touch.not_yours", "只有记录人、本组组长和招商办可以更正这条记录。")
TOO_LATE = Problem("touch.too_late", "记录已超过30天，不能再改；请另记一次走访补充说明。")
NO_ENTERPRISE = Problem("touch.enterprise", "请选择企业；库里没有的，可以直接新建。", "enterprise_id")
VOIDED = Problem("touch.voided", "这条记录已作废，请先恢复再改。")


def log_touch(
    session: Session, actor: Actor, draft: TouchDraft, target: TouchTarget, *, now: datetime, today: date
) -> Touch:
    """Log a dated contact; the same ``client_id`` again returns the first touch.

    Raises DomainError when the rules refuse.
    """
    unit_id = _unit(actor, target.unit_id)
    firm, chains = _firm(session, target.enterprise_id)
    problems = rules.touch_problems(draft, now=now, today=today)
    problems += [NO_ENTERPRISE] if firm is None else _contact_problems(session, actor, draft, firm.id)
    if firm is None or problems:
        raise DomainError(*problems)
    row = {
        "client_id": target.client_id,
        "kind": draft.kind,
        "enterprise_id": target.enterprise_id,
        "project_id": target.project_id,
        "unit_id": unit_id,
        "created_by": actor.user_id,
        "occurred_at": draft.occurred_at,
        "recorded_at": now,
        "place": draft.place,
        "people": draft.people,
        "leader_level": draft.leader_level,
        "headcount": draft.headcount,
        "summary": draft.summary.strip(),
        "report": draft.report,
        "intention": draft.intention,
    }
    touch = insert_once(session, Touch, row, ["client_id"])
    if touch is not None:
        set_committed_value(touch, "enterprise", firm)
        _complete(session, actor, touch, draft, now=now)
        if chains:
            course.begin_after_touch(session, touch, now=now)
        return touch
    touch = session.scalars(select(Touch).where(Touch.client_id == target.client_id)).one()
    if touch.created_by != actor.user_id:
        raise DomainError(Problem("touch.client_id", "页面已过期，请刷新后重新提交。"))
    return touch


def amend_touch(session: Session, actor: Actor, touch_id: int, correction: TouchCorrection, *, now: datetime) -> Touch:
    """Correct summary, people, intention or report within 30 days; old values go to the audit trail."""
    touch = _correctable(session, actor, touch_id)
    if not rules.is_amendable(touch.recorded_at, now):
        raise DomainError(TOO_LATE)
    problems = rules.correction_problems(correction, touch.kind)
    if problems:
        raise DomainError(*problems)
    before = {}
    for name in ("summary", "people", "intention", "report"):
        old, new = getattr(touch, name), getattr(correction, name)
        if old != new:
            before[name] = old
            setattr(touch, name, new)
    audit.record(session, actor.user_id, "touch.amend", ("touch", touch.id), now=now, before=before)
    return touch


def write_report(session: Session, actor: Actor, touch_id: int, report: str, *, now: datetime) -> Touch:
    """Write the report of an inspection (考察报告): the first one at any time, changes within 30 days."""
    touch = _correctable(session, actor, touch_id)
    if touch.kind is not rules.TouchKind.INSPECTION:
        raise DomainError(Problem("touch.report_kind", "只有来区考察才写考察报告。", "report"))
    if not report.strip():
        raise DomainError(Problem("touch.report", "请写考察报告，至少写明来访人员、看了什么、对方反馈。", "report"))
    if touch.report and not rules.is_amendable(touch.recorded_at, now):
        raise DomainError(TOO_LATE)
    before, touch.report = touch.report, report.strip()
    audit.record(session, actor.user_id, "touch.report", ("touch", touch.id), now=now, before=before)
    return touch


def void_touch(session: Session, actor: Actor, touch_id: int, reason: str, *, now: datetime) -> Touch:
    """Void a touch with a reason: it stays readable and stops counting."""
    touch = _correctable(session, actor, touch_id)
    if not reason.strip():
        raise DomainError(Problem("touch.void_reason", "请写明作废原因，例如“重复登记”。", "reason"))
    touch.voided_at, touch.void_reason = now, reason.strip()
    _recount(session, touch.enterprise_id)
    audit.record(session, actor.user_id, "touch.void", ("touch", touch.id), now=now, reason=touch.void_reason)
    _rescore(session, touch.enterprise_id, now=now)
    return touch


def restore_touch(session: Session, actor: Actor, touch_id: int, *, now: datetime) -> Touch:
    """Take back a voiding: the touch counts again."""
    touch = queries.touch(session, actor, touch_id)
    if not rules.may_correct(actor, touch.created_by, touch.unit_id):
        raise ForbiddenError(NOT_YOURS)
    if touch.voided_at is None:
        return touch
    before, touch.voided_at, touch.void_reason = touch.void_reason, None, None
    _recount(session, touch.enterprise_id)
    audit.record(session, actor.user_id, "touch.restore", ("touch", touch.id), now=now, before=before)
    _rescore(session, touch.enterprise_id, now=now)
    return touch


def _unit(actor: Actor, wanted: int | None) -> int:
    units = rules.writing_units(actor)
    if not units:
        raise ForbiddenError(Problem("touch.no_unit", "您没有可记走访的单位，请联系系统管理员调整编组。"))
    if wanted is not None and wanted not in units:
        raise DomainError(Problem("touch.unit", "只能以自己所在的单位记走访。", "unit_id"))
    return wanted or units[0]


def _firm(session: Session, enterprise_id: int) -> tuple[Enterprise | None, bool]:
    """Return the enterprise, and whether the office has chains that touches start; most offices have none."""
    row = session.execute(_firm_and_chains(), {"id": enterprise_id}).one_or_none()
    return (row[0], bool(row[1])) if row is not None else (None, False)


@cache
def _firm_and_chains() -> Select[Enterprise, bool]:
    asked = select(Enterprise, course.awaiting_touches()).where(Enterprise.id == bindparam("id"))
    return asked.options(load_only(Enterprise.name))


def _contact_problems(session: Session, actor: Actor, draft: TouchDraft, enterprise_id: int) -> list[Problem]:
    if not draft.contact_ids:
        return []
    known = {contact.id for contact in register.acquaintances(session, actor, enterprise_id)}
    if set(draft.contact_ids) - known:
        return [Problem("touch.contacts", "所选联系人不属于这家企业，请重新勾选。", "contact_ids")]
    return []


def _complete(session: Session, actor: Actor, touch: Touch, draft: TouchDraft, *, now: datetime) -> None:
    if draft.contact_ids:
        session.add_all(TouchContact(touch_id=touch.id, contact_id=contact_id) for contact_id in set(draft.contact_ids))
    else:
        set_committed_value(touch, "contacts", [])
    if draft.next_step.strip():
        session.add(
            FollowUp(
                title=draft.next_step.strip(),
                enterprise_id=touch.enterprise_id,
                project_id=touch.project_id,
                touch_id=touch.id,
                unit_id=touch.unit_id,
                owner_id=actor.user_id,
                due_on=draft.next_due,
                created_by=actor.user_id,
                created_at=now,
            )
        )
    _remember(session, touch)
    kind = str(touch.kind)
    audit.record(
        session, actor.user_id, "touch.log", ("touch", touch.id), now=now, kind=kind, enterprise=touch.enterprise_id
    )
    _rescore(session, touch.enterprise_id, now=now)
    session.flush()


def _correctable(session: Session, actor: Actor, touch_id: int) -> Touch:
    touch = queries.touch(session, actor, touch_id)
    if not rules.may_correct(actor, touch.created_by, touch.unit_id):
        raise ForbiddenError(NOT_YOURS)
    if touch.voided_at is not None:
        raise DomainError(VOIDED)
    return touch


def _remember(session: Session, touch: Touch) -> None:
    """Keep the latest touch on the enterprise itself, so that lists need not count; two at once both hold."""
    session.flush()
    session.execute(_later(), {"firm": touch.enterprise_id, "moment": touch.occurred_at})
    _forget_last(session, touch.enterprise_id)


@cache
def _later() -> Update:
    moment = bindparam("moment", type_=UtcDateTime())
    earlier = or_(Enterprise.last_touch_at.is_(None), Enterprise.last_touch_at < moment)
    statement = update(Enterprise).where(Enterprise.id == bindparam("firm"), earlier).values(last_touch_at=moment)
    return statement.execution_options(synchronize_session=False)


def _recount(session: Session, enterprise_id: int) -> None:
    """Find the latest touch anew, after one stopped or began to count."""
    latest = select(func.max(Touch.occurred_at)).where(Touch.enterprise_id == enterprise_id, queries.counted())
    session.flush()
    statement = update(Enterprise).where(Enterprise.id == enterprise_id).values(last_touch_at=latest.scalar_subquery())
    session.execute(statement.execution_options(synchronize_session=False))
    _forget_last(session, enterprise_id)


def _forget_last(session: Session, enterprise_id: int) -> None:
    firm = session.get(Enterprise, enterprise_id)
    if firm is not None:
        session.expire(firm, ["last_touch_at"])


def _rescore(session: Session, enterprise_id: int, *, now: datetime) -> None:
    payload = {"enterprise_id": enterprise_id}
    enqueue(session, jobs.RESCORE, payload, now=now, dedupe_key=f"rescore:{enterprise_id}")
