"""Views over many projects are counted once for all who see the same, with the cut-off of then."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from crm.assessment.facts import READ
from crm.auth.identity import current_actor
from crm.core.memo import remembered
from crm.web import db, timing

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from decimal import Decimal

    from crm.assessment.window import Window
    from crm.insight.rules import Dimension

Value = TypeVar("Value")


def kept(
    name: str,
    window: Window,
    count: Callable[[Window], Value],
    rows: Callable[[Value], int],
    by: tuple[Dimension, Sequence[Decimal]] | None = None,
) -> tuple[Window, Value]:
    """Count a view as of now, or take what was counted, with the window it was counted in.

    ``rows`` tells how many rows stand behind it. What the person sees of each kind of rows is part of the key.
    """
    actor = current_actor()
    scopes: list[Hashable] = [actor.scope(permission) for permission in READ.values()]
    grouped = None if by is None else (by[0], tuple(by[1]))
    key = (f"insight.{name}", window.start, window.end, window.units, grouped, tuple(scopes))

    def make() -> tuple[Window, Value]:
        return window, count(window)

    return remembered(db.session(), key, make, rows=lambda found: rows(found[1]), now=timing.now())
