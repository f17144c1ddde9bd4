"""What a list of carriers is narrowed to, as clauses: one reading for the list, its sums and the map."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from crm.core.text import fold
from crm.core.types import Wan
from crm.resources.carriers.models import Carrier, CarrierHold, CarrierReoffer
from crm.resources.carriers.rules import Availability, CarrierKind

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import ColumnElement

SIGNS = re.compile(r"""[\[\]{}",\\]""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of carriers is narrowed to; ``least`` is the free area at least, ``again``: offered again."""

    text: str = ""
    kind: CarrierKind | None = None
    unit_id: int | None = None
    parent_id: int | None = None
    availability: Availability | None = None
    industry: str = ""
    least: Decimal | None = None
    again: bool = False


def held_on(day: date) -> ColumnElement[Any]:
    """Sum of what is held of a carrier on a day, 0 without holds."""
    inner = aliased(CarrierHold)
    statement = select(func.coalesce(func.sum(inner.area), 0)).where(
        inner.carrier_id == Carrier.id, inner.from_on <= day, or_(inner.until_on.is_(None), inner.until_on >= day)
    )
    return statement.correlate(Carrier).scalar_subquery()


def offered_again(day: date) -> ColumnElement[Any]:
    """The day since which a part of a carrier is offered again (二次招商); NULL where none is."""
    inner = CarrierReoffer
    statement = select(func.max(inner.on)).where(
        inner.carrier_id == Carrier.id, inner.on <= day, or_(inner.taken_on.is_(None), inner.taken_on > day)
    )
    return statement.correlate(Carrier).scalar_subquery()


def conditions(wanted: Wanted, held: ColumnElement[Any], day: date) -> list[ColumnElement[bool]]:
    """What a carrier must be to be listed on a day; one reading for list, sums and map."""
    found: list[ColumnElement[bool]] = []
    if wanted.text:
        found.append(
            or_(
                Carrier.folded_name.contains(fold(wanted.text), autoescape=True),
                Carrier.code.contains(wanted.text, autoescape=True),
            )
        )
    for column, value in (
        (Carrier.kind, wanted.kind),
        (Carrier.unit_id, wanted.unit_id),
        (Carrier.parent_id, wanted.parent_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.least is not None:
        found.append(Carrier.area - held >= literal(wanted.least, Wan()))
    if wanted.industry:
        found += _taking(wanted.industry)
    if wanted.again:
        found.append(offered_again(day).is_not(None))
    return found + _by_availability(wanted.availability, held, day)


def _by_availability(state: Availability | None, held: ColumnElement[Any], day: date) -> list[ColumnElement[bool]]:
    gone = and_(Carrier.withdrawn_on.is_not(None), Carrier.withdrawn_on <= day)
    listed = Carrier.listed_from <= day
    match state:
        case None:
            return [listed]
        case Availability.WITHDRAWN:
            return [gone]
        case Availability.FREE:
            return [listed, ~gone, held == 0]
        case Availability.PARTLY:
            return [listed, ~gone, held > 0, held < Carrier.area]
        case Availability.FULL:
            return [listed, ~gone, held >= Carrier.area]


def _taking(word: str) -> list[ColumnElement[bool]]:
    """Carriers that take an industry: named among theirs or any at all, and not barred."""
    taken, barred = cast(Carrier.industries, Text), cast(Carrier.barred, Text)
    return [or_(taken == "[]", _names(taken, word)), ~_names(barred, word, whole=True)]


def _names(column: ColumnElement[str], word: str, *, whole: bool = False) -> ColumnElement[bool]:
    """PostgreSQL keeps the signs of a JSON list, SQLite their escapes: a word is sought in both spellings.

    ``whole``: it is one of the list, not a part of one.
    """
    plain = SIGNS.sub("", word)
    spellings = dict.fromkeys((plain, json.dumps(plain)[1:-1]))
    sought = (f'"{one}"' if whole else one for one in spellings)
    return or_(*(column.icontains(one, autoescape=True) for one in sought))
