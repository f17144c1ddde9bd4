"""What hangs on a touch, asked in one query: most touches have none of it, and then nothing more is read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, Date, bindparam, exists, select

from crm.core.options import OfficeOption
from crm.fieldwork.photos.models import TouchPhoto
from crm.fieldwork.photos.services import OPTION
from crm.fieldwork.receptions.models import Reception
from crm.fieldwork.trips.models import Trip, TripTouch

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


class Hanging(NamedTuple):
    """Whether there are photos, a trip, trips on the road that day, a reception; and the office's say on places."""

    pictured: bool
    on_trip: bool
    trips_then: bool
    received: bool
    places: dict[str, object] | None


def hanging(session: Session, touch_id: int, day: date) -> Hanging:
    """Ask what hangs on a touch of a day; rights are asked where it is read."""
    return Hanging(*session.execute(_hanging(), {"touch": touch_id, "day": day}).one())


@cache
def _hanging() -> Select[bool, bool, bool, bool, dict[str, object] | None]:
    touch, day = bindparam("touch", type_=BigInteger()), bindparam("day", type_=Date())
    return select(
        exists().where(TouchPhoto.touch_id == touch),
        exists().where(TripTouch.touch_id == touch, TripTouch.trip_id.is_not(None)),
        exists().where(Trip.starts_on <= day, Trip.ends_on >= day),
        exists().where(Reception.touch_id == touch),
        select(OfficeOption.value).where(OfficeOption.key == OPTION).scalar_subquery(),
    )
