"""What is offered on a day, as plain rows of whole numbers: read at once for everything that matching ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, Text, and_, cast, func, or_, select, type_coerce

from crm.resources.carriers.models import Carrier, CarrierHold, CarrierReoffer
from crm.resources.carriers.rules import CarrierKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Select, Subquery
    from sqlalchemy.orm import InstrumentedAttribute, Session


FIGURES = ("price", "ceiling", "load", "power", "energy", "height_limit", "min_intensity", "min_tax")
PART = 500


def offers(session: Session, day: date, carrier_id: int | None = None) -> Iterator[Sequence[Any]]:
    """Give everything that has something free on a day, or one carrier if it has; parks count by what lies in them.

    A row: id, kind, code, name, free, industries and barred as JSON text, the day since which it is offered again,
    then :data:`FIGURES`; figures in 10⁻⁶ of their unit. Rows are handed on in parts, so that few are alive at once.
    """
    held, again = _held(day), _again(day)
    free = whole(Carrier.area) - func.coalesce(held.c.held, 0)
    gone = and_(Carrier.withdrawn_on.is_not(None), Carrier.withdrawn_on <= day)
    only = [] if carrier_id is None else [Carrier.id == carrier_id]
    statement = (
        select(
            Carrier.id,
            type_coerce(Carrier.kind, String),
            Carrier.code,
            Carrier.name,
            free,
            cast(Carrier.industries, Text),
            cast(Carrier.barred, Text),
            again.c.again,
            *(whole(getattr(Carrier, name)) for name in FIGURES),
        )
        .outerjoin(held, held.c.carrier_id == Carrier.id)
        .outerjoin(again, again.c.carrier_id == Carrier.id)
        .where(Carrier.kind != CarrierKind.PARK, Carrier.listed_from <= day, ~gone, free > 0, *only)
    )
    return parts(session, statement)


def parts(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
    """Read rows of a statement part by part, as plain rows."""
    for some in session.connection().execute(statement).partitions(PART):
        yield from some


def whole(column: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Read a figure as it is kept: a whole number of 10⁻⁶."""
    return type_coerce(column, BigInteger)


def _held(day: date) -> Subquery:
    row = CarrierHold
    return (
        select(row.carrier_id, cast(func.sum(whole(row.area)), BigInteger).label("held"))
        .where(row.from_on <= day, or_(row.until_on.is_(None), row.until_on >= day))
        .group_by(row.carrier_id)
        .subquery()
    )


def _again(day: date) -> Subquery:
    row = CarrierReoffer
    return (
        select(row.carrier_id, func.max(row.on).label("again"))
        .where(row.on <= day, or_(row.taken_on.is_(None), row.taken_on > day))
        .group_by(row.carrier_id)
        .subquery()
    )
