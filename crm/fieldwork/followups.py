"""Follow-ups: added, done, followed by the next, put off, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.fieldwork import queries, rules
from crm.fieldwork.chains import course
from crm.fieldwork.chains.rules import Answer
from crm.fieldwork.models import FollowUp
from crm.fieldwork.rules import FollowUpDraft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

FIRST_CALL = "first_call"
TITLE = 200
NOT_YOURS = Problem("follow_up.not_yours", "只有负责人、本组组长和招商办可以处理这条待办。")
BLOCKER = "blocker"  # the task of whoever clears one: reported, moved and ended on the page of the blocker alone
ON_ITS_PAGE = Problem("follow_up.blocker", "这是项目问题的办理任务，请到“问题台账”里这个问题的页面报进展、报已解决。")
ALREADY_DONE = Problem("follow_up.done", "这条待办已经完成。")


def add_follow_up(
    session: Session, actor: Actor, draft: FollowUpDraft, *, now: datetime, today: date, unit_id: int | None = None
) -> FollowUp:
    """Add something to do, owned by the person; a blank date means no deadline."""
    problems = rules.follow_up_problems(draft, today)
    if problems:
        raise DomainError(*problems)
    units = rules.writing_units(actor)
    if not units:
        raise ForbiddenError(Problem("follow_up.no_unit", "您没有可记待办的单位，请联系系统管理员调整编组。"))
    row = FollowUp(
        title=draft.title.strip(),
        enterprise_id=draft.enterprise_id,
        project_id=draft.project_id,
        touch_id=draft.touch_id,
        unit_id=unit_id if unit_id in units else units[0],
        owner_id=actor.user_id,
        due_on=draft.due_on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "follow_up.add", ("follow_up", row.id), now=now, title=row.title)
    return row


def assign_first_calls(
    session: Session,
    actor: Actor,
    firms: Sequence[tuple[int, str]],
    owner: tuple[int, int],
    due_on: date,
    *,
    now: datetime,
    today: date,
) -> int:
    """Give a colleague (user id, unit id) one task for each (enterprise id, name) nobody has met; return how many.

    Raises:
        ForbiddenError: the actor may not write in that unit.
        DomainError: the deadline is past, or the colleague is not in that unit today.

    """
    owner_id, unit_id = owner
    if not actor.reaches(Permission.TOUCH_WRITE, unit_id):
        raise ForbiddenError(Problem("follow_up.unit", "您不能给这个单位派任务。"))
    if due_on < today:
        raise DomainError(Problem("follow_up.due_past", "期限不能早于今天。", "due_on"))
    if owner_id not in {one.id for one in people.colleagues(session, frozenset({unit_id}), today)}:
        raise DomainError(Problem("follow_up.owner", "这位同事今天不在这个单位，请重新选择。", "owner"))
    rows = [
        {
            "title": f"首次联系{name}"[:TITLE],
            "kind": FIRST_CALL,
            "enterprise_id": firm_id,
            "unit_id": unit_id,
            "owner_id": owner_id,
            "due_on": due_on,
            "created_by": actor.user_id,
            "created_at": now,
        }
        for firm_id, name in firms
    ]
    if rows:
        session.execute(insert(FollowUp), rows)
        subject = ("follow_up", None)
        audit.record(session, actor.user_id, "follow_up.assign", subject, now=now, owner=owner_id, count=len(rows))
    return len(rows)


def assign_follow_up(
    session: Session, actor: Actor, draft: FollowUpDraft, owner: tuple[int, int], *, now: datetime, today: date
) -> FollowUp:
    """Give a colleague (user id, unit id) something to do; raise what :func:`assign_first_calls` raises."""
    owner_id, unit_id = owner
    if owner_id == actor.user_id:
        return add_follow_up(session, actor, draft, now=now, today=today, unit_id=unit_id)
    problems = rules.follow_up_problems(draft, today)
    if problems:
        raise DomainError(*problems)
    if not actor.reaches(Permission.TOUCH_WRITE, unit_id):
        raise ForbiddenError(Problem("follow_up.unit", "您不能给这个单位派任务。"))
    if owner_id not in {one.id for one in people.colleagues(session, frozenset({unit_id}), today)}:
        raise DomainError(Problem("follow_up.owner", "这位同事今天不在这个单位，请重新选择。", "owner"))
    row = FollowUp(
        title=draft.title.strip(), enterprise_id=draft.enterprise_id, project_id=draft.project_id, unit_id=unit_id,
        owner_id=owner_id, due_on=draft.due_on, created_by=actor.user_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    detail = {"title": row.title, "owner": owner_id}
    audit.record(session, actor.user_id, "follow_up.add", ("follow_up", row.id), now=now, **detail)
    return row


def complete_follow_up(
    session: Session,
    actor: Actor,
    follow_up_id: int,
    *,
    now: datetime,
    note: str | None = None,
    answer: Answer = Answer.DONE,
) -> FollowUp:
    """Tick off a follow-up; ticking twice is the same as once. A step of a chain ends with an answer."""
    row = _own(session, actor, follow_up_id)
    if row.done_at is None:
        row.done_at, row.done_by, row.done_note = now, actor.user_id, note
        audit.record(session, actor.user_id, "follow_up.done", ("follow_up", row.id), now=now)
        if course.is_step(row):
            course.step_ended(session, row, actor.user_id, answer, note, now=now)
    return row


def complete_and_next(
    session: Session, actor: Actor, follow_up_id: int, draft: FollowUpDraft, *, now: datetime, today: date
) -> FollowUp:
    """Tick off a follow-up and add the next one about the same matter; return the new one."""
    row = _own(session, actor, follow_up_id)
    if row.done_at is not None:
        raise DomainError(ALREADY_DONE)
    following = FollowUpDraft(draft.title, draft.due_on, row.enterprise_id, row.project_id, row.touch_id)
    added = add_follow_up(session, actor, following, now=now, today=today, unit_id=row.unit_id)
    complete_follow_up(session, actor, follow_up_id, now=now)
    return added


def reopen_follow_up(session: Session, actor: Actor, follow_up_id: int, *, now: datetime) -> FollowUp:
    """Take back a tick."""
    row = _own(session, actor, follow_up_id)
    if row.done_at is not None:
        row.done_at = row.done_by = row.done_note = None
        if course.is_step(row):
            course.step_reopened(session, row)
        audit.record(session, actor.user_id, "follow_up.reopen", ("follow_up", row.id), now=now)
    return row


def postpone_follow_up(
    session: Session, actor: Actor, follow_up_id: int, due_on: date, *, now: datetime, today: date
) -> FollowUp:
    """Set a new deadline, not before today; the old one goes to the audit trail."""
    row = _own(session, actor, follow_up_id)
    if row.done_at is not None:
        raise DomainError(ALREADY_DONE)
    if due_on < today:
        raise DomainError(Problem("follow_up.due_past", "期限不能早于今天。", "due_on"))
    before = row.due_on.isoformat() if row.due_on else None
    row.due_on = due_on
    audit.record(session, actor.user_id, "follow_up.postpone", ("follow_up", row.id), now=now, before=before)
    return row


def _own(session: Session, actor: Actor, follow_up_id: int) -> FollowUp:
    row = queries.follow_up(session, actor, follow_up_id)
    if not rules.may_correct(actor, row.owner_id, row.unit_id):
        raise ForbiddenError(NOT_YOURS)
    if row.kind == BLOCKER:
        raise DomainError(ON_ITS_PAGE)
    return row
