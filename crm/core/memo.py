"""Figures over many rows, remembered until somebody writes: then the page counts anew.

Every business write leaves a row of the audit trail in its own transaction, so the last of these rows
is the version of all figures. Two transactions may commit in another order than they were numbered;
what that could hide is counted anew after :data:`LASTING`, or :data:`WORTH_IT` times what counting took where that
is longer, never after more than :data:`LONGEST`. Small figures are never remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from crm.core.audit import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

    from sqlalchemy import Pool
    from sqlalchemy.orm import Session

Value = TypeVar("Value")
LASTING, LONGEST = timedelta(seconds=10), timedelta(minutes=5)
WORTH_IT = 60
WORTH = 5_000
MOST = 64


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Value]):
    version: int | None
    at: datetime
    value: Value
    lasting: timedelta = LASTING


SHELVES: WeakKeyDictionary[Pool, OrderedDict[Hashable, _Kept[object]]] = WeakKeyDictionary()


def remembered(
    session: Session, key: Hashable, make: Callable[[], Value], *, rows: Callable[[Value], int], now: datetime
) -> Value:
    """Return what ``make`` counts, or what it counted for this key while nobody has written since.

    The key must name everything the figure depends on, whose rows the person may see among it. ``rows``
    tells how many rows a value stands for: below :data:`WORTH` it is counted each time.
    """
    shelf = SHELVES.setdefault(session.get_bind().engine.pool, OrderedDict())
    version = session.scalar(select(func.max(AuditEvent.id)))
    kept = shelf.get(key)
    if kept is not None and kept.version == version and timedelta(0) <= now - kept.at < kept.lasting:
        return kept.value  # type: ignore[return-value]  # the same key was made by the same function
    began = perf_counter()
    value = make()
    lasting = min(max(LASTING, timedelta(seconds=WORTH_IT * (perf_counter() - began))), LONGEST)
    if rows(value) >= WORTH:
        shelf[key] = _Kept(version, now, value, lasting)
        while len(shelf) > MOST:
            shelf.popitem(last=False)
    return value


def unchanging(session: Session, key: Hashable, make: Callable[[], Value], *, now: datetime) -> Value:
    """Return what ``make`` gave for this key once: for rows that are never edited, named by everything they are."""
    shelf = SHELVES.setdefault(session.get_bind().engine.pool, OrderedDict())
    kept = shelf.get(key)
    if kept is None:
        kept = shelf[key] = _Kept(None, now, make())
        while len(shelf) > MOST:
            shelf.popitem(last=False)
    return kept.value  # type: ignore[return-value]  # the same key was made by the same function
