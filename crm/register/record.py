"""Everything the page of one enterprise shows, in eight reads, each within the actor's view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.core.errors import NotFoundError
from crm.enterprises import queries as enterprises
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.rules import INTENTION_LABELS, TOUCH_LABELS, Intention, TouchKind
from crm.news.models import Article
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.scoring.models import EnterpriseScore
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Mention, Signal, SignalState

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

STREAM = 40
ENTRIES = 200
NEWS = 8
FOLLOW_UPS = 10
ICONS = {
    TouchKind.VISIT: "map-pin",
    TouchKind.RECEPTION: "users",
    TouchKind.INSPECTION: "building-factory-2",
    TouchKind.NEGOTIATION: "message-circle",
    TouchKind.CALL: "phone",
    TouchKind.MESSAGE: "mail",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; ``label`` and ``note`` are Chinese msgids or names."""

    at: datetime
    icon: str
    who: str
    label: str
    text: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """The page of an enterprise."""

    enterprise: Enterprise
    score: EnterpriseScore | None
    places: tuple[enterprises.Place, ...]
    contacts: tuple[Contact, ...]
    projects: tuple[Project, ...]
    follow_ups: tuple[FollowUp, ...]
    news: tuple[Article, ...]
    stream: tuple[Event, ...]
    last_touch: datetime | None


def read(session: Session, actor: Actor, enterprise_id: int) -> Record:
    """Gather the page; raise NotFoundError when there is no such enterprise."""
    statement = (
        select(Enterprise, EnterpriseScore)
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Enterprise.id)
        .where(Enterprise.id == enterprise_id)
        .options(joinedload(Enterprise.aliases))
    )
    found = session.execute(statement).unique().one_or_none()
    if found is None:
        raise NotFoundError(enterprises.MISSING_ENTERPRISE)
    touches = _touches(session, actor, enterprise_id)
    entries = _entries(session, actor, enterprise_id)
    events = [*map(_touch_event, touches), *_signal_events(session, enterprise_id), *_stage_events(entries)]
    return Record(
        enterprise=found[0],
        score=found[1],
        places=enterprises.places(session, [enterprise_id]).get(enterprise_id, ()),
        contacts=tuple(enterprises.contacts_of(session, actor, enterprise_id)),
        projects=tuple(dict.fromkeys(entry.project for entry, _name in entries)),
        follow_ups=_follow_ups(session, actor, enterprise_id),
        news=_news(session, enterprise_id),
        stream=tuple(sorted(events, key=lambda event: event.at, reverse=True)[:STREAM]),
        last_touch=touches[0].occurred_at if touches else None,
    )


def _touches(session: Session, actor: Actor, enterprise_id: int) -> list[Touch]:
    statement = (
        select(Touch)
        .where(Touch.enterprise_id == enterprise_id, fieldwork.visible_to(actor), fieldwork.counted())
        .options(joinedload(Touch.author), joinedload(Touch.unit))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(STREAM)
    )
    return list(session.scalars(statement))


def _touch_event(touch: Touch) -> Event:
    keen = "" if touch.intention is Intention.UNKNOWN else INTENTION_LABELS[touch.intention]
    who = f"{touch.author.name} · {touch.unit.name}"
    label = TOUCH_LABELS[touch.kind]
    return Event(touch.occurred_at, ICONS[touch.kind], who, label, touch.summary, f"/visits/{touch.id}", keen)


def _signal_events(session: Session, enterprise_id: int) -> list[Event]:
    statement = (
        select(Signal)
        .where(Signal.enterprise_id == enterprise_id, Signal.state != SignalState.REJECTED)
        .options(joinedload(Signal.article))
        .order_by(Signal.happened_at.desc(), Signal.id.desc())
        .limit(STREAM)
    )
    return [
        Event(
            at=signal.happened_at,
            icon="news",
            who="动态信息",
            label=KIND_LABELS[SignalKind(signal.kind)],
            text=signal.quote,
            href=f"/signals/{signal.id}",
            note=signal.article.title,
        )
        for signal in session.scalars(statement)
    ]


def _entries(session: Session, actor: Actor, enterprise_id: int) -> list[tuple[StageEntry, str]]:
    statement = (
        select(StageEntry, User.name)
        .join(StageEntry.project)
        .join(User, User.id == StageEntry.by)
        .where(Project.enterprise_id == enterprise_id, pipeline.visible_to(actor))
        .options(joinedload(StageEntry.project).joinedload(Project.owner))
        .order_by(StageEntry.at.desc(), StageEntry.id.desc())
        .limit(ENTRIES)
    )
    return [(entry, name) for entry, name in session.execute(statement)]


def _stage_events(entries: list[tuple[StageEntry, str]]) -> list[Event]:
    return [
        Event(
            at=entry.at,
            icon="route",
            who=name,
            label=STAGE_LABELS[Stage(entry.to_stage)],
            text=entry.project.name,
            href=f"/projects/{entry.project_id}",
            note=entry.reason or "",
        )
        for entry, name in entries[:STREAM]
    ]


def _follow_ups(session: Session, actor: Actor, enterprise_id: int) -> tuple[FollowUp, ...]:
    statement = (
        select(FollowUp)
        .where(
            FollowUp.enterprise_id == enterprise_id,
            FollowUp.done_at.is_(None),
            fieldwork.follow_ups_visible_to(actor),
        )
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id)
        .limit(FOLLOW_UPS)
    )
    return tuple(session.scalars(statement))


def _news(session: Session, enterprise_id: int) -> tuple[Article, ...]:
    named = select(Mention.article_id).where(Mention.enterprise_id == enterprise_id)
    newest = select(Article).where(Article.id.in_(named)).order_by(Article.recorded_at.desc(), Article.id.desc())
    return tuple(session.scalars(newest.limit(NEWS)))
