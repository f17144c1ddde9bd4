"""Erase a person: all records here, all traces in data; what people wrote is listed for whoever erases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth.rules import SYSTEM, Permission
from crm.core import audit, changes, jobs
from crm.core.changes import Via
from crm.core.errors import DomainError, Problem
from crm.core.tasks import enqueue
from crm.enterprises import contact_privacy
from crm.enterprises.indexing import CONTACT
from crm.register import mentions, traces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Contact
    from crm.register.mentions import Mention

ACTION = "contact.erase"
ERASED = "*erased"
ALREADY = Problem("contact.erased_already", "这位联系人的个人信息已经删除。")
NOT_ALIKE = Problem("contact.also", "只能一并删除同号的登记，请刷新页面后重新勾选。", "also")


@dataclass(frozen=True, slots=True)
class Plan:
    """What erasing would do: records that go, others with the same number, sentences that stay."""

    rows: tuple[Contact, ...]
    others: tuple[Contact, ...]
    mentions: tuple[Mention, ...]


def plan(session: Session, actor: Actor, contact_id: int) -> Plan:
    """Look before erasing; raise NotFoundError, ForbiddenError, or DomainError when it was done before."""
    row = contact_privacy.erasable(session, actor, contact_id)
    if row.erased_at is not None:
        raise DomainError(ALREADY)
    rows = contact_privacy.one_person(session, row.id)
    others = [one for one in contact_privacy.alike(session, rows) if _may(actor, one)]
    found = mentions.find(session, [one.id for one in rows], traces.words_of(session, rows))
    return Plan(tuple(rows), tuple(others), tuple(found))


def erase_contact(
    session: Session, actor: Actor, contact_id: int, *, reason: str, also: Sequence[int] = (), now: datetime
) -> Plan:
    """Erase a person in the running transaction; ``also`` are other records of the same number.

    Returns what was erased and where sentences may still name the person.

    Raises:
        DomainError: no reason, done before, or ``also`` names somebody else.

    """
    if not reason.strip():
        raise DomainError(contact_privacy.ERASE_WHY)
    seen = plan(session, actor, contact_id)
    known = {one.id for one in seen.others}
    if not known.issuperset(also):
        raise DomainError(NOT_ALIKE)
    rows = {row.id: row for row in seen.rows}
    for one in also:
        rows |= {row.id: row for row in contact_privacy.one_person(session, one)}
    people = [row for row in rows.values() if row.erased_at is None]
    ids, words = list(rows), traces.words_of(session, people)
    found = mentions.find(session, ids, words)
    for row in people:
        contact_privacy.forget(session, row, now=now)
    traces.scrub(session, ids, words)
    _write_down(session, actor, people, words.taken_out(reason.strip()), found, now)
    session.flush()
    return Plan(tuple(people), (), tuple(found))


def _write_down(
    session: Session, actor: Actor, people: Sequence[Contact], reason: str, found: Sequence[Mention], now: datetime
) -> None:
    by = actor.user_id or None
    places = [[one.kind, one.ref] for one in found]
    for row in people:
        changes.note(session, (CONTACT, row.id), {ERASED: (None, True)}, by=by, via=Via.FORM, now=now)
        detail = {"enterprise_id": row.enterprise_id, "reason": reason, "mentions": places}
        audit.record(session, by, ACTION, (CONTACT, row.id), now=now, **detail)
    for firm in sorted({row.enterprise_id for row in people}):
        enqueue(session, jobs.RESCORE, {"enterprise_id": firm}, now=now, dedupe_key=f"rescore:{firm}")


def _may(actor: Actor, row: Contact) -> bool:
    return actor is SYSTEM or actor.reaches(Permission.CONTACT_ERASE, row.unit_id)
