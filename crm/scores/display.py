"""Words of the list of the week and of a score, in the person's language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.scoring.display import ShownReason, shown_reasons
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scores.explaining import Ref
    from crm.scores.ranking import Factor, Step
    from crm.scores.weekly import Row

SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list as the page shows it: reasons, the order in words, the step."""

    row: Row
    all: list[ShownReason]
    reasons: list[ShownReason]
    factors: list[tuple[str, str]]
    step: str


def line(row: Row, hrefs: Mapping[Ref, str]) -> Line:
    """Put a row into words; ``hrefs`` lead to what the reader may open."""
    reasons = shown_reasons(row.score.reasons, hrefs)
    best = [one for one in reasons if not one.points.startswith("−")]
    factors = [factor(one) for one in row.ranked.factors]
    return Line(row, reasons, best[:SHOWN_REASONS], factors, step(row.ranked.step))


def factor(one: Factor) -> tuple[str, str]:
    """Give the words of a factor and its value (``×1.2``)."""
    return tr(one.words, **(one.params or {})), f"×{one.value:g}"


def step(one: Step) -> str:
    """Give the words of a suggested step; names of kinds and stages are translated, those of people are not."""
    own = {"kind", "stage"}
    return tr(one.words, **{key: tr(str(value)) if key in own else value for key, value in one.params.items()})


def title(one: Step) -> str:
    """Give the words of a step as a to-do: reminders travel through other houses, so that nobody is named in them."""
    who = {"who": tr("对方联系人")} if one.params.get("who") else {}
    return step(replace(one, params={**one.params, **who}))
