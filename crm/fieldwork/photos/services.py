"""Adding photos to a touch and taking them away again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit, filestore, options
from crm.core.errors import DomainError, ForbiddenError, Problem
from crm.core.filestore import Upload
from crm.fieldwork import queries as touches
from crm.fieldwork import rules
from crm.fieldwork.models import Touch
from crm.fieldwork.photos import queries
from crm.fieldwork.photos.models import TouchPhoto
from crm.fieldwork.photos.picture import prepare

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 9
OPTION = "touch_photos"
PICTURE, THUMBNAIL = "touch", "touch_thumbnail"
NOT_YOURS = Problem("photo.not_yours", "只有记录人、本组组长和招商办可以增删照片。")
TOO_LATE = Problem("photo.too_late", "记录已超过30天，不能再加照片；请另记一次走访补充。", "photos")
VOIDED = Problem("photo.voided", "这条记录已作废，请先恢复再传照片。", "photos")
TOO_MANY = Problem("photo.many", "一次走访最多 9 张照片，请先移除几张。", "photos")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it arrived; ``client_id`` is what the sender calls it."""

    client_id: str
    data: bytes


def keeps_place(session: Session) -> bool:
    """Whether the office asks to keep where photos were taken."""
    return bool(options.read(session, OPTION).get(OPTION, {}).get("keep_place"))


def keep_place(session: Session, actor: Actor, *, wanted: bool, now: datetime) -> None:
    """Set whether photos keep where they were taken; the view has checked the right."""
    options.write(session, actor.user_id, OPTION, {"keep_place": wanted}, now=now)


def add_photo(
    session: Session, actor: Actor, touch_id: int, photo: Photo, *, folder: Path, now: datetime
) -> TouchPhoto:
    """Add a photo; one that was sent before under the same ``client_id`` is returned as it is.

    Raises:
        ForbiddenError: the touch is somebody else's.
        DomainError: what is wrong with the photo, or there are nine already.

    """
    touch = _open(session, actor, touch_id)
    if not rules.is_amendable(touch.recorded_at, now):
        raise DomainError(TOO_LATE)
    own = queries.photos_of(session, touch.id)
    known = next((row for row in own if row.client_id == photo.client_id), None)
    if known is not None:
        return known
    if len(own) >= MOST:
        raise DomainError(TOO_MANY)
    made = prepare(photo.data, keep_place=keeps_place(session))
    name = f"{touch.occurred_at:%Y%m%d}-{len(own) + 1}.jpg"
    ids = [
        filestore.store(session, folder, (kind, touch.id), Upload(name, data), by=actor.user_id, now=now).id
        for kind, data in ((PICTURE, made.picture), (THUMBNAIL, made.thumbnail))
    ]
    row = TouchPhoto(touch_id=touch.id, client_id=photo.client_id, picture_id=ids[0], thumbnail_id=ids[1])
    row.width, row.height, row.located = made.width, made.height, made.located
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "touch.photo", (PICTURE, touch.id), now=now, photo=row.id)
    return row


def remove_photo(session: Session, actor: Actor, touch_id: int, photo_id: int, *, folder: Path, now: datetime) -> None:
    """Take a photo away for good, its bytes as well: a wrong photo may show what must not be kept."""
    touch = _open(session, actor, touch_id)
    row = queries.photo(session, actor, touch.id, photo_id)
    files = (row.picture, row.thumbnail)
    session.delete(row)
    session.flush()
    for file in files:
        filestore.forget(session, folder, file)
    audit.record(session, actor.user_id, "touch.photo_removed", (PICTURE, touch.id), now=now, photo=photo_id)


def _open(session: Session, actor: Actor, touch_id: int) -> Touch:
    """Return a touch whose photos the person may change, locked so that two senders count alike."""
    touch = touches.touch(session, actor, touch_id)
    session.execute(select(Touch.id).where(Touch.id == touch_id).with_for_update())
    if not rules.may_correct(actor, touch.created_by, touch.unit_id):
        raise ForbiddenError(NOT_YOURS)
    if touch.voided_at is not None:
        raise DomainError(VOIDED)
    return touch
