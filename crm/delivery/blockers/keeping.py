"""What every write on a blocker shares: its history, the task of whoever is responsible, whom it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth import queries as people
from crm.auth.rules import Permission
from crm.core.audit import AuditEvent
from crm.core.errors import ForbiddenError, Problem
from crm.delivery.blockers import queries, rules
from crm.delivery.blockers.models import BlockerStep
from crm.delivery.blockers.rules import Charge, StepKind
from crm.fieldwork.models import FollowUp
from crm.fieldwork.secrecy import INSIDER
from crm.notices.rules import NoticeKind, without_contact_data
from crm.notices.services import tell

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.blockers.models import Blocker
    from crm.pipeline.models import Project

SUBJECT = "blocker"
LINE = rules.LINE
NOT_THERE = Problem("blocker.seat", "这位同事今天不在所选单位，请重新选择。", "to")
SECRET = Problem("blocker.secret", "这个项目保密，责任人须是项目负责人或知情人员。", "to")
NOT_YOURS = Problem("blocker.not_yours", "只有项目单位、登记人和招商办可以这样做。")
TOLD = "有问题请您办理：%(title)s（%(subject)s），时限%(due)s"


def addressed(actor: Actor, row: Blocker) -> bool:
    """Whether the person is to clear it: as the responsible one, as who took the task over, or by the unit."""
    return actor.user_id in {row.responsible_id, row.follow_up.owner_id} or row.unit_id in actor.unit_ids


def manages(actor: Actor, row: Blocker) -> bool:
    """Whether the person stands on the project's side: its unit, who raised it, or the office that inspects."""
    side = actor.reaches(Permission.TOUCH_WRITE, row.owner_unit_id) or actor.may(Permission.SITE_INSPECT)
    return side or actor.user_id == row.raised_by


def ever_charged(session: Session, row: Blocker) -> set[int]:
    """People who were ever to clear it, or reported it as solved: none of them writes down the firm's word."""
    told = select(AuditEvent.detail).where(
        AuditEvent.subject_type == SUBJECT,
        AuditEvent.subject_id == row.id,
        AuditEvent.action.in_(("blocker.raise", "blocker.assign")),
    )
    reported = select(BlockerStep.by).where(BlockerStep.blocker_id == row.id, BlockerStep.kind == StepKind.REPORTED)
    found = {detail.get("responsible") for detail in session.scalars(told)} | set(session.scalars(reported))
    return {one for one in found if one is not None}


def managed(session: Session, actor: Actor, blocker_id: int) -> Blocker:
    """Return a blocker for its project's side to act on, locked; who only has to clear it is told why not."""
    row = queries.get(session, actor, blocker_id, lock=True)
    if not manages(actor, row):
        raise ForbiddenError(rules.SELF if addressed(actor, row) else NOT_YOURS)
    return row


def note(
    session: Session,
    row: Blocker,
    told: tuple[StepKind, str | None],
    *,
    by: int | None,
    now: datetime,
    day: date | None = None,
    link: str | None = None,
) -> None:
    """Add a line to the history of a blocker: what happened, in which words."""
    kind, body = told[0], (told[1] or "").strip() or None
    session.add(BlockerStep(blocker_id=row.id, kind=kind, body=body, day=day, link=link, by=by, at=now))
    session.flush()


def task_for(
    session: Session, actor: Actor, about: tuple[str, Charge, int | None, int | None], now: datetime
) -> FollowUp:
    """Make the task of the responsible person; ``about`` is title, charge, project and enterprise."""
    title, charge, project_id, enterprise_id = about
    task = FollowUp(
        title=f"解决问题：{' '.join(title.split())}"[:LINE],
        kind=rules.FOLLOW_UP_KIND,
        enterprise_id=enterprise_id,
        project_id=project_id,
        unit_id=charge.unit_id,
        owner_id=charge.responsible_id,
        due_on=charge.due_on,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(task)
    session.flush()
    return task


def finish(task: FollowUp, actor: Actor, text: str, now: datetime) -> None:
    """End a task that is not ended yet."""
    if task.done_at is None:
        task.done_at, task.done_by, task.done_note = now, actor.user_id, text.strip()[:LINE]


def renew(session: Session, row: Blocker, actor: Actor, now: datetime) -> None:
    """Give the blocker a new task for whoever is responsible now; the old one ends."""
    finish(row.follow_up, actor, rules.STEP_LABELS[StepKind.ASSIGNED], now)
    charge = Charge(row.unit_id, row.responsible_id, row.due_on)
    row.follow_up = task_for(session, actor, (row.title, charge, row.project_id, row.enterprise_id), now)
    session.flush()
    session.refresh(row, ["unit", "responsible"])


def seat_problems(session: Session, charge: Charge, project: Project | None, today: date) -> list[Problem]:
    """Reasons why this person cannot be charged: not in the unit today, or not privy to the project."""
    here = {user_id for _unit, user_id, _label in people.seats(session, frozenset({charge.unit_id}), today)}
    if charge.responsible_id not in here:
        return [NOT_THERE]
    if project is None or not project.confidential or project.owner_id == charge.responsible_id:
        return []
    named = select(INSIDER.c.user_id).where(
        INSIDER.c.project_id == project.id, INSIDER.c.user_id == charge.responsible_id
    )
    return [] if session.scalar(named) else [SECRET]


def inform(
    session: Session,
    row: Blocker,
    people_ids: set[int],
    words: str,
    now: datetime,
    *,
    kind: NoticeKind = NoticeKind.INSTRUCTION,
) -> None:
    """Tell people of a blocker."""
    params = {
        "title": without_contact_data(row.title)[:60],
        "subject": queries.subject(row),
        "due": row.due_on.isoformat(),
    }
    tell(
        session, people_ids, kind, words, f"/blockers/{row.id}", (SUBJECT, row.id), now,
        params=params, project_id=row.project_id,
    )  # fmt: skip
