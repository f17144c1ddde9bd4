"""What a check says: where the paper departs from the norm, what was found, what is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Weight(StrEnum):
    """How much a departure weighs: the norm asks for it, or usage advises it."""

    MUST = "must"
    SHOULD = "should"


WEIGHT_LABELS: dict[Weight, str] = {Weight.MUST: "应改", Weight.SHOULD: "建议"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One departure; sentences are Chinese with their holes open, so that they can be translated.

    ``clause`` is the place in GB/T 9704-2012; ``paragraphs`` are the first places where it was met, ``times`` how
    often.
    """

    key: str
    weight: Weight
    clause: str
    sentence: str
    params: Mapping[str, str] = field(default_factory=dict)
    paragraphs: tuple[int, ...] = ()
    excerpt: str = ""
    times: int = 1

    @property
    def text(self) -> str:
        """The Chinese sentence."""
        return self.sentence % self.params
