"""The learned second opinion as plain numbers: pieces of text with weights; scored without a learning library. Pure.

The numbers are a dictionary that lies in the database as JSON: ``terms`` maps a piece of one to three characters to
its idf and weight, ``rules`` and ``kinds`` map keys to weights, then ``bias``, and ``scale`` and ``shift`` of the
calibration.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SIZES = (1, 2, 3)
FAR = 30.0
SPEAKING = 5


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely a claim is right, and the pieces that decided it."""

    chance: float
    speaking: tuple[tuple[str, float], ...] = ()


def pieces(text: str) -> Counter[str]:
    """Count the pieces of one to three characters of a folded text."""
    return Counter(text[at : at + size] for size in SIZES for at in range(len(text) - size + 1))


def weighed(text: str, idf: Mapping[str, float]) -> dict[str, float]:
    """Weigh the known pieces of a text: 1 + log(count), times idf, to length one."""
    raw = {piece: (1 + log(count)) * idf[piece] for piece, count in pieces(text).items() if piece in idf}
    length = sqrt(sum(value * value for value in raw.values())) or 1.0
    return {piece: value / length for piece, value in raw.items()}


def scorer(numbers: Mapping[str, Any]) -> Callable[[str, str, Iterable[str]], Opinion]:
    """Make a function that says how likely a folded sentence is of the kind that rules claim."""
    terms: Mapping[str, tuple[float, float]] = numbers["terms"]
    idf = {piece: pair[0] for piece, pair in terms.items()}

    def score(text: str, kind: str, rules: Iterable[str]) -> Opinion:
        parts = {piece: value * terms[piece][1] for piece, value in weighed(text, idf).items()}
        others = sum(float(numbers["rules"].get(rule, 0.0)) for rule in set(rules))
        total = sum(parts.values()) + others + float(numbers["kinds"].get(kind, 0.0)) + float(numbers["bias"])
        top = sorted(parts.items(), key=lambda part: -abs(part[1]))[:SPEAKING]
        return Opinion(chance(numbers, total), tuple(top))

    return score


def chance(numbers: Mapping[str, Any], total: float) -> float:
    """Turn a sum into a calibrated chance."""
    value = float(numbers["scale"]) * total + float(numbers["shift"])
    return 1 / (1 + exp(-max(-FAR, min(FAR, value))))
