"""Everything the page of one contact shows, in a fixed number of reads, each within the actor's view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.auth import queries as people
from crm.auth.models import User
from crm.auth.rules import Permission
from crm.core.audit import AuditEvent
from crm.enterprises import contact_queries
from crm.enterprises import queries as enterprises
from crm.enterprises.indexing import CONTACT
from crm.fieldwork import overlap
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import Touch, TouchContact
from crm.register import erasure
from crm.register.mentions import Mention

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact, ContactKnower, ContactPost

TOUCHES = 20


@dataclass(frozen=True, slots=True)
class Erased:
    """Who erased a person, when and why, and where sentences may still name the person."""

    at: datetime
    by: str | None
    reason: str
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class ContactPage:
    """The page of a contact; ``other_units`` is in how many days past another unit touched this person."""

    contact: Contact
    unit: str
    posts: tuple[ContactPost, ...]
    running_id: int | None
    knowers: tuple[tuple[ContactKnower, str], ...]
    colleagues: tuple[tuple[int, str], ...]
    touches: tuple[Touch, ...]
    looks: tuple[tuple[AuditEvent, str | None], ...]
    other_units: int | None
    erased: Erased | None


def read(session: Session, actor: Actor, contact_id: int, *, now: datetime, today: date) -> ContactPage:
    """Return the page of a contact the actor may see; raise NotFoundError."""
    row = enterprises.contact(session, actor, contact_id)
    writes = actor.reaches(Permission.CONTACT_WRITE, row.unit_id) and row.erased_at is None
    reveals = actor.reaches(Permission.CONTACT_REVEAL, row.unit_id) or actor.may(Permission.AUDIT_READ)
    posts = contact_queries.posts(session, row.id)
    held = [post.id for post in posts if post.until is None and post.enterprise_id == row.enterprise_id]
    mates = people.colleagues(session, frozenset(actor.unit_ids), today) if writes else []
    return ContactPage(
        contact=row,
        unit=people.unit_names(session, [row.unit_id]).get(row.unit_id, ""),
        posts=tuple(posts),
        running_id=max(held, default=None),
        knowers=tuple(contact_queries.knowers(session, row.id)),
        colleagues=tuple((user.id, user.name) for user in mates),
        touches=tuple(_touches(session, actor, row.id)),
        looks=tuple(contact_queries.looks(session, row.id)) if reveals else (),
        erased=_erased(session, row.id) if row.erased_at is not None else None,
        other_units=overlap.days_since_other_unit(session, row, now=now),
    )


def _erased(session: Session, contact_id: int) -> Erased | None:
    mine = (AuditEvent.subject_type == CONTACT, AuditEvent.subject_id == contact_id)
    statement = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(*mine, AuditEvent.action == erasure.ACTION)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        return None
    event, name = found
    places = tuple(Mention(kind, ref) for kind, ref in event.detail.get("mentions", ()))
    return Erased(event.at, name, str(event.detail.get("reason", "")), places)


def _touches(session: Session, actor: Actor, contact_id: int) -> list[Touch]:
    statement = (
        select(Touch)
        .join(TouchContact, TouchContact.touch_id == Touch.id)
        .where(TouchContact.contact_id == contact_id, fieldwork.visible_to(actor), fieldwork.counted())
        .options(joinedload(Touch.author), joinedload(Touch.unit), joinedload(Touch.enterprise))
        .order_by(Touch.occurred_at.desc(), Touch.id.desc())
        .limit(TOUCHES)
    )
    return list(session.scalars(statement))
