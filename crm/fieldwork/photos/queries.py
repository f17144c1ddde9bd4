"""Reads of photos: whoever may see the touch may see its photos."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from crm.core.errors import NotFoundError, Problem
from crm.fieldwork.models import Touch
from crm.fieldwork.photos.models import TouchPhoto
from crm.fieldwork.queries import visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("photo.absent", "没有这张照片，或者不在您的查看范围内。")


def photos_of(session: Session, touch_id: int) -> list[TouchPhoto]:
    """Return the photos of a touch the caller has read, in the order they came."""
    return list(session.scalars(_photos(), {"touch": touch_id}))


@cache
def _photos() -> Select[TouchPhoto]:
    return select(TouchPhoto).where(TouchPhoto.touch_id == bindparam("touch")).order_by(TouchPhoto.id)


def photo(session: Session, actor: Actor, touch_id: int, photo_id: int) -> TouchPhoto:
    """Return one photo of a touch the person may see; not found otherwise."""
    statement = (
        select(TouchPhoto)
        .join(Touch, Touch.id == TouchPhoto.touch_id)
        .where(TouchPhoto.id == photo_id, TouchPhoto.touch_id == touch_id, visible_to(actor))
        .options(joinedload(TouchPhoto.picture), joinedload(TouchPhoto.thumbnail))
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def counts(session: Session, touch_ids: Sequence[int]) -> dict[int, int]:
    """Return how many photos each of some touches has, in one query."""
    if not touch_ids:
        return {}
    statement = (
        select(TouchPhoto.touch_id, func.count().label("many"))
        .where(TouchPhoto.touch_id.in_(touch_ids))
        .group_by(TouchPhoto.touch_id)
    )
    return {row.touch_id: row.many for row in session.execute(statement)}
