"""How the stored reasons of a score are shown: the objects the score badge wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.web.i18n import tr

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
    """Turn the ``reasons`` column of a score into lines for ``ui.score``, in the person's language."""
    return [ShownReason(f"{row['points']:+d}".replace("-", "−"), _words(row), _href(row.get("ref"))) for row in reasons]


def _words(row: Mapping[str, Any]) -> str:
    """Translate the template of a reason, then fill it; a row without one shows its label."""
    if "template" not in row:
        return str(row["label"])
    return tr(row["template"]).format(**{name: value and tr(value) for name, value in row["params"].items()})


def _href(ref: Mapping[str, Any] | None) -> str | None:
    return PATHS[ref["type"]].format(ref["id"]) if ref and ref.get("type") in PATHS else None
