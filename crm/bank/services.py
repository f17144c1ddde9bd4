"""Writes of the project bank: keep a planned project, move it on, set the yearly target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crm.bank import queries
from crm.bank.models import BankProject, BankProjectCarrier, BankStep
from crm.bank.rules import (
    LINE,
    LONGEST,
    NUMBERS,
    BankDraft,
    BankState,
    draft_problems,
    goal_problems,
    mobile_problems,
    step_problems,
)
from crm.core import audit, options
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.core.text import fold
from crm.enterprises import queries as register
from crm.pipeline import queries as pipeline
from crm.resources.carriers.models import Carrier
from crm.resources.chains import queries as chains

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = queries.SUBJECT
FORBIDDEN = Problem("bank.forbidden", "只有项目所属单位的负责人和招商办可以维护策划项目。")
GOVERN = Problem("bank.govern", "目标、目录和公开链接由招商办办理，请联系招商办。")
STALE = Problem("bank.stale", "这个策划项目刚刚被别人改过，请刷新后再改。")
CLOSED = Problem("bank.closed", "评审以后不能直接改，请先退回修改。")
TAKEN = Problem("bank.taken", "项目库里已有同名项目，请换个名称，或者去改那一个。", "name")
NO_CARRIER = Problem("bank.carrier", "选的载体已经没有了，请重新选。", "carriers")
CONTACT = Problem("bank.office_contact", "请填写对外联系方式，最多4000个字，只写单位和值班电话。", "contact")


@dataclass(frozen=True, slots=True)
class Ending:
    """What a step brings: a reason, or with whom the project was matched; ``seen`` is the version looked at."""

    reason: str = ""
    enterprise_id: int | None = None
    project_id: int | None = None
    seen: int | None = None


def add(session: Session, actor: Actor, draft: BankDraft, *, now: datetime) -> BankProject:
    """Begin a planned project as a draft."""
    if not queries.may_manage(actor, draft.unit_id):
        raise ForbiddenError(FORBIDDEN)
    _refuse(session, draft, None)
    row = BankProject(created_by=actor.user_id, created_at=now, state=BankState.DRAFT)
    _take(row, actor, draft, now)
    session.add(row)
    session.flush()
    _place(session, row, draft.carriers)
    _step(session, actor, row, None, "", now)
    audit.record(session, actor.user_id, "bank.add", (SUBJECT, row.id), now=now, name=row.name)
    return row


def change(
    session: Session, actor: Actor, project_id: int, draft: BankDraft, *, seen: int | None, now: datetime
) -> BankProject:
    """Change a draft; ``seen`` is the version the person looked at."""
    row = _held(session, actor, project_id)
    if not queries.may_manage(actor, draft.unit_id):
        raise ForbiddenError(FORBIDDEN)
    if seen is not None and seen != row.version:
        raise ConflictError(STALE)
    if row.state is not BankState.DRAFT:
        raise DomainError(CLOSED)
    _refuse(session, draft, row.id)
    before = {name: str(getattr(row, name)) for name in ("name", *NUMBERS)}
    _take(row, actor, draft, now)
    _place(session, row, draft.carriers)
    session.flush()
    after = {name: str(getattr(row, name)) for name in before}
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    audit.record(session, actor.user_id, "bank.change", (SUBJECT, row.id), now=now, name=row.name, changed=changed)
    return row


def move(
    session: Session, actor: Actor, project_id: int, to: BankState, ending: Ending, *, now: datetime, today: date
) -> BankProject:
    """Take a project to another state; who entered it or changed it since its last review does not review it."""
    row = _held(session, actor, project_id)
    if ending.seen is not None and ending.seen != row.version:
        raise ConflictError(STALE)
    own = actor.user_id in queries.authors(session, row)
    partner = ending.enterprise_id is not None or ending.project_id is not None
    problems = step_problems(row.state, to, ending.reason, own=own, partner=partner)
    if problems:
        raise DomainError(*problems)
    if row.state is BankState.WITHDRAWN and _same(session, row.folded_name, row.id):
        raise DomainError(TAKEN)
    before, match = row.state, _partner(session, actor, ending) if to is BankState.MATCHED else (None, None)
    row.state, row.updated_at = to, now
    row.matched_enterprise_id, row.matched_project_id = match
    if to is BankState.REVIEWED:
        row.reviewed_on = row.reviewed_on or today
    if to is BankState.PUBLISHED:
        row.published_on = today
    session.flush()
    _step(session, actor, row, before, ending.reason, now)
    detail = {"name": row.name, "from": str(before), "to": str(to), "reason": ending.reason.strip()}
    audit.record(session, actor.user_id, "bank.move", (SUBJECT, row.id), now=now, **detail)
    return row


def _partner(session: Session, actor: Actor, ending: Ending) -> tuple[int | None, int | None]:
    """Give the enterprise or the project it was matched with; a project stands for its enterprise."""
    if ending.project_id is not None:
        return None, pipeline.get(session, actor, ending.project_id).id
    assert ending.enterprise_id is not None  # noqa: S101 (the rules demand one of them)
    return register.enterprise(session, ending.enterprise_id).id, None


def set_goal(
    session: Session, actor: Actor, count: int | None, amount: Decimal | None, contact: str, *, now: datetime
) -> None:
    """Set the yearly target (``amount`` in 万元) and whom outsiders may call."""
    if not queries.may_govern(actor):
        raise ForbiddenError(GOVERN)
    problems = goal_problems(count, amount)
    if not 0 < len(contact.strip()) <= LONGEST:
        problems.append(CONTACT)
    problems += mobile_problems(contact=contact)
    if problems:
        raise DomainError(*problems)
    value = {"count": count, "amount": str(amount), "contact": contact.strip()}
    options.write(session, actor.user_id, queries.SETTINGS, value, now=now)


def _held(session: Session, actor: Actor, project_id: int) -> BankProject:
    row = queries.get(session, actor, project_id, lock=True)
    if not queries.may_manage(actor, row.unit_id):
        raise ForbiddenError(FORBIDDEN)
    return row


def _refuse(session: Session, draft: BankDraft, project_id: int | None) -> None:
    problems = draft_problems(draft)
    if not problems and _same(session, fold(draft.name)[:LINE], project_id):
        problems.append(TAKEN)
    wanted = set(draft.carriers)
    if wanted and len(set(session.scalars(select(Carrier.id).where(Carrier.id.in_(wanted))))) != len(wanted):
        problems.append(NO_CARRIER)
    if draft.node_id is not None:
        chains.node(session, draft.node_id)
    if problems:
        raise DomainError(*problems)


def _same(session: Session, folded: str, project_id: int | None) -> bool:
    statement = select(BankProject.id).where(
        BankProject.folded_name == folded, BankProject.state != BankState.WITHDRAWN, BankProject.id != (project_id or 0)
    )
    return session.scalar(statement.limit(1)) is not None


def _take(row: BankProject, actor: Actor, draft: BankDraft, now: datetime) -> None:
    row.name, row.folded_name = draft.name.strip(), fold(draft.name)[:LINE]
    row.unit_id, row.node_id, row.industry = draft.unit_id, draft.node_id, draft.industry.strip() or None
    row.content, row.contact_post = draft.content.strip(), draft.contact_post.strip()
    row.conditions, row.benefit = draft.conditions.strip() or None, draft.benefit.strip() or None
    for name in NUMBERS:
        setattr(row, name, getattr(draft, name))
    row.updated_by, row.updated_at = actor.user_id, now


def _place(session: Session, row: BankProject, carriers: tuple[int, ...]) -> None:
    session.execute(delete(BankProjectCarrier).where(BankProjectCarrier.bank_project_id == row.id))
    session.add_all(BankProjectCarrier(bank_project_id=row.id, carrier_id=key) for key in dict.fromkeys(carriers))


def _step(
    session: Session, actor: Actor, row: BankProject, before: BankState | None, reason: str, now: datetime
) -> None:
    step = BankStep(bank_project_id=row.id, from_state=before, to_state=row.state, by=actor.user_id, at=now)
    step.reason = reason.strip() or None
    session.add(step)
    session.flush()
