"""Two people change one record: what each changed, and which fields both did. Plain values, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed to different values: mine, the stored one, and what both started from."""

    field: str
    mine: str | None
    stored: str | None
    original: str | None


def compare(
    original: Mapping[str, str | None], mine: Mapping[str, str | None], stored: Mapping[str, str | None]
) -> tuple[dict[str, str | None], tuple[Clash, ...]]:
    """Return what I changed that nobody else did, and the fields that clash.

    A field that both changed to the same value is neither.
    """
    changes: dict[str, str | None] = {}
    clashes = []
    for field, value in mine.items():
        before, now = original.get(field), stored.get(field)
        if value in (before, now):
            continue
        if now == before:
            changes[field] = value
        else:
            clashes.append(Clash(field, value, now, before))
    return changes, tuple(clashes)
