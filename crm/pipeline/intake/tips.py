"""Tips (随手报): anybody reports one, the triage answers each, and who reported it sees what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.enterprises.models import Enterprise
from crm.pipeline.intake.models import LeadTip
from crm.pipeline.intake.rules import TipSource, TipState, tip_problems
from crm.pipeline.services import register_lead

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.limits import ProjectDraft
    from crm.pipeline.models import Project

ABSENT = Problem("tip.absent", "没有这条随手报，或者不在您的查看范围内。")
NO_POST = Problem("tip.post", "您还没有编组，请联系系统管理员。")


@dataclass(frozen=True, slots=True)
class TipDraft:
    """What a person typed: one text, and what else is known."""

    text: str
    enterprise_name: str = ""
    enterprise_id: int | None = None
    source: TipSource = TipSource.STAFF


def report(session: Session, actor: Actor, draft: TipDraft, *, client_id: str, now: datetime) -> LeadTip:
    """Keep a tip of any person with a post; the same page sent twice keeps it once."""
    problems = tip_problems(draft.text)
    if problems:
        raise DomainError(*problems)
    if not actor.posts:
        raise ForbiddenError(NO_POST)
    known = session.get(Enterprise, draft.enterprise_id) if draft.enterprise_id else None
    row = {
        "client_id": client_id,
        "text": draft.text.strip(),
        "enterprise_name": known.name if known else draft.enterprise_name.strip() or None,
        "enterprise_id": known.id if known else None,
        "source": draft.source,
        "reported_by": actor.user_id,
        "unit_id": actor.posts[0].unit_id,
        "reported_at": now,
        "state": TipState.NEW,
    }
    is_new = insert_ignore(session, LeadTip, [row], ["client_id"]) == 1
    tip = session.scalars(select(LeadTip).where(LeadTip.client_id == client_id)).one()
    if tip.reported_by != actor.user_id:
        raise DomainError(Problem("tip.client_id", "页面已过期，请刷新后重新提交。"))
    if is_new:
        audit.record(session, actor.user_id, "tip.report", ("lead_tip", tip.id), now=now)
    return tip


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: one's own tips, and those of the units whose triage the person does."""
    own = LeadTip.reported_by == actor.user_id
    return or_(own, within(LeadTip.unit_id, actor, Permission.LEAD_TRIAGE))


def get(session: Session, actor: Actor, tip_id: int, *, lock: bool = False) -> LeadTip:
    """Return a tip the person may see."""
    statement = select(LeadTip).where(LeadTip.id == tip_id, visible_to(actor))
    tip = session.scalar(statement.with_for_update(of=LeadTip) if lock else statement)
    if tip is None:
        raise NotFoundError(ABSENT)
    return tip


def register(
    session: Session, actor: Actor, tip_id: int, enterprise_id: int, draft: ProjectDraft, *, now: datetime
) -> Project:
    """Make a registered lead of a tip; whoever registers it answers for it until somebody accepts it."""
    tip = _open(session, actor, tip_id)
    project = register_lead(session, actor, enterprise_id, draft, now=now)
    tip.enterprise_id = enterprise_id
    _answer(session, actor, tip, TipState.REGISTERED, project.id, None, now)
    return project


def attach(session: Session, actor: Actor, tip_id: int, project: Project, *, now: datetime) -> LeadTip:
    """Answer a tip with the project that exists already: nothing is registered twice."""
    tip = _open(session, actor, tip_id)
    _answer(session, actor, tip, TipState.REGISTERED, project.id, "已有同一项目", now)
    return tip


def send_back(session: Session, actor: Actor, tip_id: int, reason: str, *, now: datetime) -> LeadTip:
    """Answer a tip that becomes no lead, with the reason its reporter reads."""
    tip = _open(session, actor, tip_id)
    if not reason.strip():
        raise DomainError(Problem("tip.reason", "请写明不采用的理由，报送人会看到。", "reason"))
    _answer(session, actor, tip, TipState.RETURNED, None, reason.strip(), now)
    return tip


def _open(session: Session, actor: Actor, tip_id: int) -> LeadTip:
    tip = get(session, actor, tip_id, lock=True)
    if not actor.reaches(Permission.LEAD_TRIAGE, tip.unit_id):
        raise ForbiddenError(Problem("tip.forbidden", "随手报由组长或招商办答复。"))
    if tip.state is not TipState.NEW:
        raise ConflictError(Problem("tip.answered", "这条随手报已经答复过了，请刷新后再看。"))
    return tip


def _answer(
    session: Session,
    actor: Actor,
    tip: LeadTip,
    state: TipState,
    project_id: int | None,
    words: str | None,
    now: datetime,
) -> None:
    tip.state, tip.project_id, tip.answer = state, project_id, words
    tip.answered_by, tip.answered_at = actor.user_id, now
    session.flush()
    audit.record(
        session, actor.user_id, f"tip.{state}", ("lead_tip", tip.id), now=now, project=project_id, reason=words
    )
