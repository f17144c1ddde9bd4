"""How the stored reasons of a score are shown: the objects the score badge wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.scoring import asking
from crm.scoring.table import NOTHING
from crm.web.filters import day
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATHS = {"signal": "/signals/{}"}
"""What every reader of scores may open; visits, people and projects are linked by ``hrefs`` alone."""


@dataclass(frozen=True, slots=True)
class ShownReason:
    """One line of “why”: signed points, words, and the page that proves it."""

    points: str
    text: str
    href: str | None


def shown_reasons(
    reasons: Sequence[Mapping[str, Any]], hrefs: Mapping[tuple[str, int], str] | None = None
) -> list[ShownReason]:
    """Turn the ``reasons`` column of a score into lines for ``ui.score``, in the person's language.

    ``hrefs`` are the pages of the rows the person may open; without them only news is linked.
    """
    return [
        ShownReason(f"{row['points']:+d}".replace("-", "−"), _words(row), _href(row.get("ref"), hrefs))
        for row in reasons
    ]


def asked(kind: str, value: str) -> str:
    """Say what a list is narrowed to, in the person's language."""
    return tr(asking.template(kind, value), grade=value, points=value)


def boxes(*kinds: str, chosen: Mapping[str, str] = NOTHING) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Boxes over a list: parameter, name, and (value, words) to choose from; what is chosen is among them."""
    found = []
    for kind in kinds:
        values = dict.fromkeys((*asking.OFFERED[kind], *([chosen[kind]] if kind in chosen else ())))
        found.append((kind, tr(asking.NAMES[kind]), [(value, asked(kind, value)) for value in values]))
    return found


def _words(row: Mapping[str, Any]) -> str:
    """Translate the template of a reason, then fill it; a row without one shows its label."""
    if "template" not in row:
        return str(row["label"])
    return tr(row["template"]).format(**{name: _value(name, value) for name, value in row["params"].items()})


def _value(name: str, value: str) -> str:
    """Write a parameter: days as people say them, names of kinds translated."""
    written = day_or_none(value) if name == "day" else None
    return day(written) if written else value and tr(value)


def _href(ref: Mapping[str, Any] | None, hrefs: Mapping[tuple[str, int], str] | None) -> str | None:
    if not ref:
        return None
    if hrefs is not None:
        return hrefs.get((ref["type"], int(ref["id"])))
    return PATHS[ref["type"]].format(ref["id"]) if ref["type"] in PATHS else None
