"""Leads out of an event: one tap makes a lead of an attendance; other projects are credited by hand with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.fieldwork.events import queries
from crm.fieldwork.events.models import EventCredit, EventGuest
from crm.fieldwork.events.rules import CAME
from crm.fieldwork.events.services import SUBJECT, may_manage
from crm.pipeline import queries as projects
from crm.pipeline.intake import tips
from crm.pipeline.intake.rules import TipSource
from crm.pipeline.intake.tips import TipDraft
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Project
from crm.pipeline.rules import Channel
from crm.pipeline.services import register_lead

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.events.models import Event
    from crm.fieldwork.events.queries import GuestLine
    from crm.pipeline.intake.models import LeadTip

NAME_LENGTH, NAME_ROOM = 200, 90
MOST_CHOICES = 200
NOT_CAME = Problem("event.not_came", "先登记到场，再转线索。")
LED = Problem("event.led", "这位来宾已转过线索。")
FORBIDDEN = Problem("event.credit_right", "计入成果由活动负责人、项目所在单位或招商办办理。")
NO_REASON = Problem("event.credit_reason", "请写明为什么计入这次活动，例如在会上首次接触。", "reason")
NO_PROJECT = Problem("event.credit_project", "请选择项目。", "project_id")
SECRET = Problem("event.credit_secret", "保密项目不计入活动成果。", "project_id")
ABSENT = Problem("event.credit_absent", "没有这条成果，可能已被移除；请刷新后再看。")


def make_lead(session: Session, actor: Actor, event_id: int, guest_id: int, *, now: datetime) -> Project | LeadTip:
    """Make a lead of somebody who came: a project where the person may register one, else a tip for the triage."""
    event = queries.get(session, actor, event_id, lock=True)
    line = queries.guest(session, actor, event.id, guest_id)
    guest = line.guest
    if guest.state not in CAME:
        raise DomainError(NOT_CAME)
    done = session.scalar(select(EventCredit.id).where(EventCredit.guest_id == guest.id).limit(1))
    if done is not None or guest.tip_id is not None:
        raise DomainError(LED)
    if guest.enterprise_id is None or not actor.may(Permission.PROJECT_WRITE):
        return _tip(session, actor, event, line, now=now)
    project = register_lead(session, actor, guest.enterprise_id, _draft(event, line), now=now)
    session.add(EventCredit(event_id=event.id, project_id=project.id, guest_id=guest.id, by=actor.user_id, at=now))
    session.flush()
    audit.record(session, actor.user_id, "event.lead", (SUBJECT, event.id), now=now, project=project.id)
    return project


def credit(session: Session, actor: Actor, event_id: int, project_id: int, reason: str, *, now: datetime) -> None:
    """Credit a project to an event by hand; the same project twice counts once."""
    event = queries.get(session, actor, event_id)
    if not project_id:
        raise DomainError(NO_PROJECT)
    project = projects.get(session, actor, project_id)
    if not (may_manage(actor, event) or actor.reaches(Permission.PROJECT_WRITE, project.unit_id)):
        raise ForbiddenError(FORBIDDEN)
    if project.confidential:
        raise DomainError(SECRET)
    if not reason.strip():
        raise DomainError(NO_REASON)
    row = {
        "event_id": event.id, "project_id": project.id, "reason": reason.strip(), "by": actor.user_id, "at": now,
    }  # fmt: skip
    if insert_ignore(session, EventCredit, [row], ["event_id", "project_id"]):
        detail = {"project": project.id, "reason": reason.strip()}
        audit.record(session, actor.user_id, "event.credit", (SUBJECT, event.id), now=now, **detail)


def uncredit(session: Session, actor: Actor, event_id: int, credit_id: int, *, now: datetime) -> None:
    """Take a credit away; the project itself stays."""
    event = queries.get(session, actor, event_id)
    mine = (EventCredit.id == credit_id, EventCredit.event_id == event.id, projects.privy(actor))
    row = session.scalar(select(EventCredit).join(Project, Project.id == EventCredit.project_id).where(*mine))
    if row is None:
        raise NotFoundError(ABSENT)
    if not (may_manage(actor, event) or row.by == actor.user_id):
        raise ForbiddenError(FORBIDDEN)
    detail = {"project": row.project_id, "guest": row.guest_id, "reason": row.reason}
    audit.record(session, actor.user_id, "event.uncredit", (SUBJECT, event.id), now=now, **detail)
    session.delete(row)
    session.flush()


def choices(session: Session, actor: Actor, event_id: int) -> list[tuple[int, str]]:
    """Projects that may be credited: those of the guests' enterprises first, then the newest others."""
    here = select(EventGuest.enterprise_id).where(
        EventGuest.event_id == event_id, EventGuest.enterprise_id.is_not(None)
    )
    known = select(EventCredit.project_id).where(EventCredit.event_id == event_id)
    of_guest = Project.enterprise_id.in_(here)
    statement = (
        select(Project.id, Project.name)
        .where(projects.visible_to(actor), Project.confidential.is_(False), Project.id.not_in(known))
        .where(or_(of_guest, Project.exit_kind.is_(None)))
        .order_by(of_guest.desc(), Project.id.desc())
        .limit(MOST_CHOICES)
    )
    return [(project_id, name) for project_id, name in session.execute(statement)]


def _draft(event: Event, line: GuestLine) -> ProjectDraft:
    firm = (line.firm or "")[:NAME_ROOM]
    where = f"，{event.place}" if event.place else ""
    enterprise = line.guest.enterprise
    return ProjectDraft(
        name=f"{firm}投资项目（{event.name[:NAME_ROOM]}）"[:NAME_LENGTH],
        content=f"在“{event.name}”（{event.start_on.isoformat()}{where}）上接触。",
        channel=Channel(event.channel) if event.channel in set(Channel) else Channel.OTHER,
        industry=enterprise.industry if enterprise else None,
    )


def _tip(session: Session, actor: Actor, event: Event, line: GuestLine, *, now: datetime) -> LeadTip:
    guest = line.guest
    who = line.firm or line.person or ""
    draft = TipDraft(
        text=f"{who}到场“{event.name}”（{event.start_on.isoformat()}），请研判是否有投资意向。",
        enterprise_name=guest.firm or "",
        enterprise_id=guest.enterprise_id,
        source=TipSource.EVENT,
    )
    tip = tips.report(session, actor, draft, client_id=f"event-guest-{guest.id}", now=now)
    guest.tip_id = tip.id
    session.flush()
    audit.record(session, actor.user_id, "event.tip", (SUBJECT, event.id), now=now, guest=guest.id)
    return tip
