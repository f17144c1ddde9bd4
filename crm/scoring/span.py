"""Which enterprises a statement is about: a few by their ids, or all of a stretch, which costs no list of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

FEW = 100


class Span(list[int]):
    """Ids of all enterprises between the first and the last of them, in order."""


def within(column: ColumnElement[Any] | InstrumentedAttribute[Any], ids: Collection[int]) -> ColumnElement[bool]:
    """Condition: the row belongs to one of the enterprises."""
    return column.between(ids[0], ids[-1]) if isinstance(ids, Span) and ids else column.in_(ids)


def scope(whole: Collection[int], ids: Collection[int]) -> Collection[int]:
    """Ask for a whole stretch rather than for many of it; the caller passes over those it did not ask for."""
    return whole if isinstance(whole, Span) and len(ids) > FEW else ids
