"""How the stored reasons of a score are shown: the objects the score badge wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATHS = {"signal": "/signals/{}", "touch": "/visits/{}"}


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One line of “why”: signed points, words, and the page that proves it."""

    points: str
    text: str
    href: str | None


def shown_reasons(reasons: Sequence[Mapping[str, Any]]) -> list[ShownReason]:
    """Turn the ``reasons`` column of a score into lines for ``ui.score``."""
    return [
        ShownReason(f"{row['points']:+d}".replace("-", "−"), row["label"], _href(row.get("ref"))) for row in reasons
    ]


def _href(ref: Mapping[str, Any] | None) -> str | None:
    return PATHS[ref["type"]].format(ref["id"]) if ref and ref.get("type") in PATHS else None
