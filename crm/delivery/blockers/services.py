"""Writes on blockers: raise, tell progress, report as solved, close on the firm's word. Nothing here commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core import audit, options
from crm.core.db import insert_once
from crm.core.errors import ConflictError, DomainError, ForbiddenError, Problem
from crm.delivery.blockers import book, queries, rules
from crm.delivery.blockers.keeping import (
    LINE,
    SUBJECT,
    TOLD,
    addressed,
    ever_charged,
    finish,
    inform,
    managed,
    manages,
    note,
    seat_problems,
    task_for,
)
from crm.delivery.blockers.models import Blocker
from crm.delivery.blockers.origins import origin_problems
from crm.delivery.blockers.rules import Charge, StepKind
from crm.enterprises.queries import enterprise
from crm.pipeline import queries as projects

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.blockers.book import Book
    from crm.delivery.blockers.rules import BlockerDraft, Confirmation

NO_RIGHT = Problem("blocker.right", "您的角色不能登记项目问题，请告诉项目单位或招商办。")
NO_SETTING = Problem("blocker_rules.right", "只有招商办可以改问题台账的规则。")
STALE = Problem("blocker.client_id", "页面已过期，请刷新后重新提交。")
NOTE = Problem("blocker.note", "请写明办理情况。", "text")
TOLD_SOLVED = "已报解决，请听取企业意见后销号：%(title)s（%(subject)s）"


def may_raise(actor: Actor) -> bool:
    """Whether the person may raise blockers at all."""
    return any(actor.may(one) for one in (Permission.TOUCH_WRITE, Permission.SITE_INSPECT, Permission.INSTRUCTION_GIVE))


def may_close(session: Session, actor: Actor, row: Blocker) -> bool:
    """Whether the person may write down the firm's word: the project's side, never those who were to clear it."""
    return manages(actor, row) and not _cleared(session, actor, row)


def _cleared(session: Session, actor: Actor, row: Blocker) -> bool:
    return addressed(actor, row) or actor.user_id in ever_charged(session, row)


def raise_one(session: Session, actor: Actor, draft: BlockerDraft, *, now: datetime, today: date) -> Blocker:
    """Raise a blocker; the same ``client_id`` again returns the first one."""
    if not may_raise(actor):
        raise ForbiddenError(NO_RIGHT)
    project = projects.get(session, actor, draft.project_id) if draft.project_id else None
    firm_id = project.enterprise_id if project else draft.enterprise_id
    if project is None and firm_id is not None:
        enterprise(session, firm_id)
    known = {key for key, _name in queries.rules_of(session).chosen()}
    problems = rules.raising_problems(draft, categories=known, today=today)
    problems += origin_problems(session, actor, draft.source, draft.ref_id)
    charge = Charge(draft.unit_id, draft.responsible_id, draft.due_on)
    problems = problems or seat_problems(session, charge, project, today)
    if problems or draft.due_on is None:
        raise DomainError(*problems)
    first = session.scalar(select(Blocker).where(Blocker.client_id == draft.client_id))
    if first is not None:
        return _first(first, actor)
    owner_unit = project.unit_id if project else _home(actor, draft.unit_id)
    task = task_for(session, actor, (draft.title, charge, project.id if project else None, firm_id), now)
    values = {
        "client_id": draft.client_id,
        "project_id": project.id if project else None,
        "enterprise_id": firm_id,
        "title": draft.title.strip()[:LINE],
        "detail": draft.detail.strip() or None,
        "category": draft.category,
        "source": draft.source,
        "ref_id": draft.ref_id,
        "owner_unit_id": owner_unit,
        "unit_id": draft.unit_id,
        "responsible_id": draft.responsible_id,
        "due_on": draft.due_on,
        "first_due_on": draft.due_on,
        "follow_up_id": task.id,
        "raised_by": actor.user_id,
        "raised_at": now,
        "raised_on": today,
    }
    row = insert_once(session, Blocker, values, ["client_id"])
    if row is None:
        session.delete(task)
        return _first(session.scalars(select(Blocker).where(Blocker.client_id == draft.client_id)).one(), actor)
    note(session, row, (StepKind.RAISED, row.detail), by=actor.user_id, now=now, day=row.due_on)
    detail = {"category": row.category, "unit": row.unit_id, "responsible": row.responsible_id}
    audit.record(session, actor.user_id, "blocker.raise", (SUBJECT, row.id), now=now, **detail)
    inform(session, row, {row.responsible_id} - {actor.user_id}, TOLD, now)
    return row


def progress(session: Session, actor: Actor, blocker_id: int, text: str, *, solved: bool, now: datetime) -> Blocker:
    """Tell how far it is, or that it is solved: the task is done then, and the firm is asked."""
    row = queries.get(session, actor, blocker_id, lock=True)
    if not addressed(actor, row):
        raise ForbiddenError(rules.NOT_ADDRESSED)
    if row.closed_at is not None:
        raise DomainError(rules.CLOSED)
    if solved and row.follow_up.done_at is not None:
        raise DomainError(rules.REPORTED_ALREADY)
    if not text.strip():
        raise DomainError(NOTE)
    kind = StepKind.REPORTED if solved else StepKind.PROGRESS
    note(session, row, (kind, text), by=actor.user_id, now=now)
    if solved:
        finish(row.follow_up, actor, text, now)
        owner = {row.project.owner_id} if row.project is not None and row.project.owner_id else set()
        inform(session, row, ({row.raised_by} | owner) - {actor.user_id}, TOLD_SOLVED, now)
    audit.record(session, actor.user_id, f"blocker.{kind.value}", (SUBJECT, row.id), now=now)
    return row


def close(
    session: Session, actor: Actor, blocker_id: int, word: Confirmation, *, now: datetime, today: date
) -> Blocker:
    """Close a blocker on the firm's word: who of the firm said so, when and how. Never by who was to clear it."""
    row = managed(session, actor, blocker_id)
    if _cleared(session, actor, row):
        raise ForbiddenError(rules.SELF)
    problems = [rules.CLOSED] if row.closed_at else rules.confirming_problems(
        word, raised_on=row.raised_on, again_on=queries.again_on(session, row.id), today=today
    )  # fmt: skip
    if problems or word.way is None:
        raise DomainError(*problems)
    row.closed_at, row.closed_by, row.coordinate_at = now, actor.user_id, None
    row.confirmed_by, row.confirmed_on, row.confirmed_way = word.person.strip(), word.confirmed_on, word.way
    finish(row.follow_up, actor, word.note or word.person, now)
    said = f"{row.confirmed_by}（{rules.WAY_LABELS[word.way]}，{word.confirmed_on}）"
    note(
        session,
        row,
        (StepKind.CONFIRMED, f"{said}{word.note.strip()}"),
        by=actor.user_id,
        now=now,
        day=word.confirmed_on,
    )
    audit.record(session, actor.user_id, "blocker.close", (SUBJECT, row.id), now=now, way=word.way.value)
    return row


def save_rules(session: Session, actor: Actor, wanted: Book, *, now: datetime) -> None:
    """Set the categories with their terms, and the ladder of the late ones."""
    if not actor.may(Permission.PIPELINE_CONFIGURE):
        raise ForbiddenError(NO_SETTING)
    problems = book.book_problems(wanted)
    if problems:
        raise DomainError(*problems)
    options.write(session, actor.user_id, book.KEY, wanted.packed(), now=now)


def _first(row: Blocker, actor: Actor) -> Blocker:
    if row.raised_by != actor.user_id:
        raise ConflictError(STALE)
    return row


def _home(actor: Actor, otherwise: int) -> int:
    """Return the unit of the person who raises a blocker of an enterprise without a project."""
    return next(iter(sorted(actor.unit_ids)), otherwise)
