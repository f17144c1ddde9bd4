"""Reads of one project's page: its facts, its stream and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, literal, null, select, union_all
from sqlalchemy.orm import aliased, joinedload

from crm.auth.models import User
from crm.core.audit import AuditEvent
from crm.core.errors import NotFoundError
from crm.core.files import Attachment
from crm.enterprises.queries import contacts_of
from crm.fieldwork.models import FollowUp, Touch
from crm.fieldwork.queries import counted, follow_ups_visible_to
from crm.pipeline import queries
from crm.pipeline.decisions import SUBJECT
from crm.pipeline.facts import columns, facts_from
from crm.pipeline.models import Agreement, Project, ProjectNote, Review, StageEntry
from crm.pipeline.repeats.queries import held_from, why
from crm.pipeline.services import KIND
from crm.scoring.badge import Own, own_at
from crm.scoring.models import EnterpriseScore, ScoreOverride

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact
    from crm.pipeline.repeats.queries import Held
    from crm.pipeline.rules import ProjectFacts

AUDITED = ("project.leave", "project.restore", "project.assign", "project.update")
STREAM = 40


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the stream: what kind of thing happened, when, by whom, and its row."""

    kind: str
    at: datetime
    who: str
    row: Any


@dataclass(frozen=True, slots=True)
class Filed:
    """An agreement with its scans and the names of who reported and recognised it."""

    agreement: Agreement
    reporter: str
    recognizer: str | None
    scans: list[Attachment]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything a project page shows."""

    project: Project
    score: EnterpriseScore | None
    facts: ProjectFacts
    stream: list[Event]
    hidden: int
    follow_ups: list[FollowUp]
    contacts: list[Contact]
    agreements: list[Filed]
    reviews: list[tuple[Review, str]]
    unreported: Touch | None
    held: Held | None = None
    own: Own | None = None


def load(
    session: Session, actor: Actor, project_id: int, *, whole: bool = False, now: datetime | None = None
) -> Record:
    """Read a visible project's page in eight queries; the stream is cut unless ``whole``.

    Exceptions count as of ``now``; without it none is in force.
    """
    project, score, facts, held, own = _project(session, actor, project_id, now)
    touches = _touches(session, project.id)
    agreements = _agreements(session, project.id)
    reviews = _reviews(session, project.id)
    events = [
        *_history(session, project.id),
        *_audited(session, project.id),
        *(Event("touch", touch.occurred_at, touch.author.name, touch) for touch in touches),
        *(Event("review", review.decided_at, who, review) for review, who in reviews),
        *_filings(agreements),
    ]
    events.sort(key=lambda event: event.at, reverse=True)
    shown = events if whole else events[:STREAM]
    unreported = [touch for touch in touches if touch.kind == "inspection" and not (touch.report or "").strip()]
    return Record(
        project=project,
        score=score,
        facts=facts,
        stream=shown,
        hidden=len(events) - len(shown),
        follow_ups=open_steps(session, actor, project.id),
        contacts=contacts_of(session, actor, project.enterprise_id),
        agreements=agreements,
        reviews=reviews,
        unreported=unreported[0] if unreported else None,
        held=held,
        own=own,
    )


def all_filed(session: Session, project_id: int) -> list[Filed]:
    """Return every agreement of a project already found to be visible, newest first."""
    return _agreements(session, project_id)


def filed(session: Session, project_id: int, agreement_id: int) -> Filed:
    """Return one agreement of a project already found to be visible."""
    found = _agreements(session, project_id, agreement_id)
    if not found:
        raise NotFoundError(queries.AGREEMENT_ABSENT)
    return found[0]


def scan(session: Session, agreement_id: int, attachment_id: int) -> Attachment | None:
    """Return a scan of an agreement."""
    statement = select(Attachment).where(
        Attachment.id == attachment_id, Attachment.subject_type == SUBJECT, Attachment.subject_id == agreement_id
    )
    return session.scalar(statement)


def _project(
    session: Session, actor: Actor, project_id: int, now: datetime | None
) -> tuple[Project, EnterpriseScore | None, ProjectFacts, Held | None, Own | None]:
    statement = (
        select(Project, EnterpriseScore, ScoreOverride, *columns(Project.id, now=now), *why(Project.id))
        .outerjoin(EnterpriseScore, EnterpriseScore.enterprise_id == Project.enterprise_id)
        .outerjoin(
            ScoreOverride, (ScoreOverride.enterprise_id == Project.enterprise_id) & ScoreOverride.ended_at.is_(None)
        )
        .where(Project.id == project_id, queries.visible_to(actor))
        .options(joinedload(Project.enterprise), joinedload(Project.unit), joinedload(Project.owner))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(queries.ABSENT)
    own = own_at(row.ScoreOverride, now) if now is not None else None
    return row[0], row[1], facts_from(row[0], row), held_from(row), own


def _touches(session: Session, project_id: int) -> list[Touch]:
    statement = select(Touch).where(Touch.project_id == project_id, counted()).options(joinedload(Touch.author))
    return list(session.scalars(statement.order_by(Touch.occurred_at.desc(), Touch.id.desc())))


def _reviews(session: Session, project_id: int) -> list[tuple[Review, str]]:
    statement = select(Review, User.name).join(User, User.id == Review.decided_by)
    rows = session.execute(statement.where(Review.project_id == project_id).order_by(Review.id.desc()))
    return [(review, name) for review, name in rows]


def _agreements(session: Session, project_id: int, agreement_id: int | None = None) -> list[Filed]:
    """Read agreements with people and scans in one query; an agreement with two scans is two rows."""
    reporter, recognizer = aliased(User), aliased(User)
    statement = (
        select(Agreement, reporter.name, recognizer.name, Attachment)
        .join(reporter, reporter.id == Agreement.reported_by)
        .outerjoin(recognizer, recognizer.id == Agreement.recognized_by)
        .outerjoin(Attachment, and_(Attachment.subject_type == SUBJECT, Attachment.subject_id == Agreement.id))
        .where(Agreement.project_id == project_id)
        .order_by(Agreement.signed_on.desc(), Agreement.id.desc(), Attachment.id)
    )
    if agreement_id is not None:
        statement = statement.where(Agreement.id == agreement_id)
    found: dict[int, Filed] = {}
    for agreement, reported_by, recognized_by, paper in session.execute(statement):
        entry = found.setdefault(agreement.id, Filed(agreement, reported_by, recognized_by, []))
        if paper is not None:
            entry.scans.append(paper)
    return list(found.values())


def _filings(agreements: Iterable[Filed]) -> list[Event]:
    events = []
    for entry in agreements:
        agreement = entry.agreement
        events.append(Event("agreement", agreement.reported_at, entry.reporter, agreement))
        if agreement.recognized_at is not None:
            events.append(Event("recognized", agreement.recognized_at, entry.recognizer or "", agreement))
    return events


def _history(session: Session, project_id: int) -> list[Event]:
    moves = (
        select(
            literal("stage").label("kind"),
            StageEntry.at.label("at"),
            User.name.label("who"),
            StageEntry.from_stage.label("from_stage"),
            StageEntry.to_stage.label("to_stage"),
            StageEntry.reason.label("body"),
            StageEntry.takes_over,
            StageEntry.promised,
            StageEntry.undoes,
            StageEntry.undone_at,
        )
        .join(User, User.id == StageEntry.by)
        .where(StageEntry.project_id == project_id)
    )
    notes = (
        select(
            literal("note"), ProjectNote.at, User.name, null(), null(), ProjectNote.body, null(), null(), null(), null()
        )
        .join(User, User.id == ProjectNote.by)
        .where(ProjectNote.project_id == project_id)
    )
    both = union_all(moves, notes).subquery()
    return [Event(row.kind, row.at, row.who, row) for row in session.execute(select(both)).all()]


def _audited(session: Session, project_id: int) -> list[Event]:
    statement = (
        select(AuditEvent, User.name)
        .join(User, User.id == AuditEvent.actor_id)
        .where(AuditEvent.subject_type == KIND, AuditEvent.subject_id == project_id, AuditEvent.action.in_(AUDITED))
    )
    return [Event(event.action, event.at, who, event) for event, who in session.execute(statement)]


def open_steps(session: Session, actor: Actor, project_id: int) -> list[FollowUp]:
    """Return what is still to be done for a project, the most urgent first."""
    statement = (
        select(FollowUp)
        .where(FollowUp.project_id == project_id, FollowUp.done_at.is_(None), follow_ups_visible_to(actor))
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.due_on.is_(None), FollowUp.due_on, FollowUp.id)
        .limit(10)
    )
    return list(session.scalars(statement))
