"""Keyset paging: page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Date, Integer, String, TypeDecorator, and_, or_
from sqlalchemy.engine.default import DefaultDialect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session
    from sqlalchemy.types import TypeEngine

Row = TypeVar("Row")
PAGE_SIZE = 30
LARGEST = 2**63 - 1
REFUSED = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows with the cursors of its neighbours, None at the ends."""

    rows: tuple[Row, ...]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """One sort column; the last key of an order must be unique. Columns may not be NULL."""

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    descending: bool = False


def fetch_page(
    session: Session,
    statement: Select[Any],
    order: Sequence[Key],
    values: Callable[[Any], Sequence[object]],
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Run ``statement`` from ``cursor`` on; ``values(row)`` gives the sort values of a row.

    A cursor that cannot be read starts from the beginning: links outlive sort orders.
    """
    backward, after = _decode(cursor, order)
    if after is not None:
        statement = statement.where(_beyond(order, after, backward=backward))
    columns = [key.column.desc() if key.descending is not backward else key.column.asc() for key in order]
    rows = list(session.execute(statement.order_by(*columns).limit(size + 1)).unique().all())
    rows = [row[0] if len(row) == 1 else row for row in rows]
    more = len(rows) > size
    rows = rows[:size]
    if backward:
        rows.reverse()
    has_next = more if not backward else True
    has_previous = more if backward else after is not None
    return Page(
        rows=tuple(rows),
        next=_encode(values(rows[-1]), backward=False) if rows and has_next else None,
        previous=_encode(values(rows[0]), backward=True) if rows and has_previous else None,
    )


def _beyond(order: Sequence[Key], after: Sequence[Any], *, backward: bool) -> ColumnElement[bool]:
    first = order[0]
    down = first.descending is not backward
    bound = first.column <= after[0] if down else first.column >= after[0]  # lets an index begin where we stand
    branches = []
    for index, key in enumerate(order):
        equal = [order[before].column == after[before] for before in range(index)]
        down = key.descending is not backward
        branches.append(and_(*equal, key.column < after[index] if down else key.column > after[index]))
    return and_(bound, or_(*branches))


def _encode(values: Sequence[object], *, backward: bool) -> str:
    plain = [_plain(value) for value in values]
    raw = json.dumps({"b": backward, "v": plain}, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _moment(item: Any) -> Any:  # noqa: ANN401 (what JSON holds)
    if not isinstance(item, dict):
        return item
    return date.fromisoformat(item["d"]) if "d" in item else datetime.fromisoformat(item["t"])


def _decode(cursor: str | None, order: Sequence[Key]) -> tuple[bool, list[Any] | None]:
    if not cursor:
        return False, None
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_moment(item) for item in data["v"]]
        backward = bool(data["b"])
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return False, None
    ok = len(values) == len(order) and all(map(_fits, order, values))
    return (backward, values) if ok else (False, None)


def _fits(key: Key, value: object) -> bool:
    """Whether a value out of a cursor can be compared with its column: anybody may have written the cursor."""
    kind: TypeEngine[Any] = key.column.type
    if isinstance(kind, TypeDecorator):
        try:
            value = kind.process_bind_param(value, DefaultDialect())
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            return False
        kind = kind.impl_instance
    if isinstance(kind, Integer):
        return type(value) is int and abs(value) <= LARGEST
    if isinstance(kind, String):
        return isinstance(value, str) and not REFUSED.search(value)
    if isinstance(kind, Date):
        return type(value) is date
    return isinstance(value, datetime)
