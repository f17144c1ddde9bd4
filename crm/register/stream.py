"""What happened at an enterprise and in its group: touches, signals and stages of projects, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from crm.auth.models import User
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch
from crm.fieldwork.rules import INTENTION_LABELS, TOUCH_LABELS, Intention, TouchKind
from crm.pipeline import queries as pipeline
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.signals.kinds import KIND_LABELS, SignalKind
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

LENGTH = 40
ENTRIES = 200
IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
ICONS = {
    TouchKind.VISIT: "map-pin",
    TouchKind.RECEPTION: "users",
    TouchKind.INSPECTION: "building-factory-2",
    TouchKind.NEGOTIATION: "message-circle",
    TouchKind.CALL: "phone",
    TouchKind.LETTER: "file-text",
    TouchKind.MAIL: "mail",
    TouchKind.WECHAT: "brand-wechat",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; ``label`` and ``note`` are Chinese msgids or names, ``firm`` names a subsidiary."""

    at: datetime
    icon: str
    who: str
    label: str
    text: str
    href: str
    note: str = ""
    firm: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """The stream with what was read for it."""

    events: tuple[Event, ...]
    projects: tuple[Project, ...]
    last_touch: datetime | None


def read(session: Session, actor: Actor, enterprise_id: int, below: Mapping[int, str]) -> Happened:
    """Read the stream of an enterprise and of those below it (id -> name), each within the actor's view."""
    ids = [enterprise_id, *below]
    touches, entries = _touches(session, actor, ids), _entries(session, actor, ids)
    events = [
        *(_touch_event(touch, below) for touch in touches),
        *_signal_events(session, ids, below),
        *(_stage_event(entry, name, below) for entry, name in entries[:LENGTH]),
    ]
    return Happened(
        events=tuple(sorted(events, key=lambda event: event.at, reverse=True)[:LENGTH]),
        projects=tuple(dict.fromkeys(entry.project for entry, _name in entries)),
        last_touch=touches[0].occurred_at if touches else None,
    )


def last_touches(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, datetime]:
    """When the actor's view last saw each of these enterprises touched; those never seen are left out."""
    statement = (
        select(Touch.enterprise_id, func.max(Touch.occurred_at))
        .where(Touch.enterprise_id.in_(ids), fieldwork.visible_to(actor), fieldwork.counted())
        .group_by(Touch.enterprise_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _touches(session: Session, actor: Actor, ids: Sequence[int]) -> list[Touch]:
    statement = _latest_touches().where(fieldwork.visible_to(actor))
    return list(session.scalars(statement, {"ids": ids}))


@cache
def _latest_touches() -> Select[Touch]:
    return (
        select(Touch)
        .where(Touch.enterprise_id.in_(IDS), fieldwork.counted())
        .options(joinedload(Touch.author), joinedload(Touch.unit))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(LENGTH)
    )


def _touch_event(touch: Touch, below: Mapping[int, str]) -> Event:
    keen = "" if touch.intention is Intention.UNKNOWN else INTENTION_LABELS[touch.intention]
    who = f"{touch.author.name} · {touch.unit.name}"
    label, firm = TOUCH_LABELS[touch.kind], below.get(touch.enterprise_id, "")
    return Event(touch.occurred_at, ICONS[touch.kind], who, label, touch.summary, f"/visits/{touch.id}", keen, firm)


def _signal_events(session: Session, ids: Sequence[int], below: Mapping[int, str]) -> list[Event]:
    return [
        Event(
            at=signal.happened_at,
            icon="news",
            who="动态信息",
            label=KIND_LABELS[SignalKind(signal.kind)],
            text=signal.quote,
            href=f"/signals/{signal.id}",
            note=signal.article.title,
            firm=below.get(signal.enterprise_id, ""),
        )
        for signal in session.scalars(_latest_signals(), {"ids": ids})
    ]


@cache
def _latest_signals() -> Select[Signal]:
    return (
        select(Signal)
        .where(Signal.enterprise_id.in_(IDS), Signal.state != SignalState.REJECTED)
        .options(joinedload(Signal.article))
        .order_by(Signal.happened_at.desc(), Signal.id.desc())
        .limit(LENGTH)
    )


def _entries(session: Session, actor: Actor, ids: Sequence[int]) -> list[tuple[StageEntry, str]]:
    statement = _latest_entries().where(pipeline.visible_to(actor))
    return [(entry, name) for entry, name in session.execute(statement, {"ids": ids})]


@cache
def _latest_entries() -> Select[StageEntry, str]:
    return (
        select(StageEntry, User.name)
        .join(StageEntry.project)
        .join(User, User.id == StageEntry.by)
        .where(Project.enterprise_id.in_(IDS), StageEntry.undone_at.is_(None), StageEntry.undoes.is_(None))
        .options(joinedload(StageEntry.project).joinedload(Project.owner))
        .order_by(StageEntry.at.desc(), StageEntry.id.desc())
        .limit(ENTRIES)
    )


def _stage_event(entry: StageEntry, name: str, below: Mapping[int, str]) -> Event:
    return Event(
        at=entry.at,
        icon="route",
        who=name,
        label=STAGE_LABELS[Stage(entry.to_stage)],
        text=entry.project.name,
        href=f"/projects/{entry.project_id}",
        note=entry.reason or "",
        firm=below.get(entry.project.enterprise_id, ""),
    )
