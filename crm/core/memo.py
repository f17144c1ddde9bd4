"""Figures over many rows, remembered until somebody writes: then the page counts anew.

Every business write leaves a row of the audit trail in its own transaction, so the last of these rows
is the version of all figures. Two transactions may commit in another order than they were numbered;
what that could hide is counted anew after :data:`LASTING`. Small figures are never remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
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
LASTING = timedelta(seconds=10)
WORTH = 5_000
MOST = 64


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Value]):
    version: int | None
    at: datetime
    value: Value


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
    if kept is not None and kept.version == version and timedelta(0) <= now - kept.at < LASTING:
        return kept.value  # type: ignore[return-value]  # the same key was made by the same function
    value = make()
    if rows(value) >= WORTH:
        shelf[key] = _Kept(version, now, value)
        while len(shelf) > MOST:
            shelf.popitem(last=False)
    return value
