"""Photos of an inspection: checked, written anew and kept twice, as a picture and as a thumbnail of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit, filestore
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.core.files import Attachment
from crm.core.filestore import Upload
from crm.fieldwork.photos.picture import prepare
from crm.fieldwork.photos.services import keeps_place
from crm.fieldwork.supervision import queries
from crm.fieldwork.supervision.queries import PHOTO, SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.fieldwork.supervision.models import SiteInspection

MOST = 20
VOID = Problem("inspection.void", "这次督查已作废。")
TOO_MANY = Problem("inspection.photos", "一次督查最多 20 张照片，请先移除几张。", "photos")
NOT_YOURS = Problem("inspection.not_yours", "只有登记人和督查人员可以增删照片。")


def may_change(actor: Actor, row: SiteInspection) -> bool:
    """Whether the person recorded the inspection or was there."""
    return actor.user_id == row.created_by or actor.user_id in {one.id for one in row.inspectors}


def add(
    session: Session, actor: Actor, row: SiteInspection, photos: Sequence[bytes], *, folder: Path, now: datetime
) -> int:
    """Add photos; the same bytes twice are one photo. Raises DomainError with what is wrong with one of them."""
    if row.voided_at is not None:
        raise DomainError(VOID)
    if not may_change(actor, row):
        raise ForbiddenError(NOT_YOURS)
    known = queries.photos(session, row.id)
    digests = {one.sha256 for one in known}
    added, place = 0, keeps_place(session)
    if len(photos) > MOST:
        raise DomainError(TOO_MANY)
    for data in photos:
        made = prepare(data, keep_place=place)
        name = f"{row.inspected_at:%Y%m%d}-{(known[-1].id if known else 0) + added + 1}.jpg"
        stored = filestore.store(
            session, folder, (PHOTO, row.id), Upload(name, made.picture), by=actor.user_id, now=now
        )
        if stored.sha256 in digests:
            session.delete(stored)
            continue
        digests.add(stored.sha256)
        filestore.store(session, folder, (SMALL, row.id), Upload(name, made.thumbnail), by=actor.user_id, now=now)
        added += 1
    if len(known) + added > MOST:
        raise DomainError(TOO_MANY)
    if added:
        audit.record(session, actor.user_id, "inspection.photo", ("site_inspection", row.id), now=now, photos=added)
    return added


def remove(session: Session, actor: Actor, row: SiteInspection, name: str, *, folder: Path, now: datetime) -> None:
    """Take a photo away for good, its bytes as well."""
    if not may_change(actor, row):
        raise ForbiddenError(NOT_YOURS)
    queries.photo(session, actor, row.id, name, PHOTO)
    both = select(Attachment).where(
        Attachment.subject_type.in_((PHOTO, SMALL)), Attachment.subject_id == row.id, Attachment.name == name
    )
    for file in session.scalars(both).all():
        filestore.forget(session, folder, file)
    audit.record(session, actor.user_id, "inspection.photo_removed", ("site_inspection", row.id), now=now, photo=name)
