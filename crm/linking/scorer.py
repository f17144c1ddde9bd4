"""Weigh what speaks for and against a link: one number between 0 and 1, and the reasons worth telling.

The weights are plain numbers of generic properties (see :mod:`crm.linking.evidence`), trained from a judged sample by
``python -m benchmarks.train_linker``; ``data/weights.json`` says how they were made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from math import exp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.linking.context import Candidate
    from crm.linking.evidence import Evidence
    from crm.linking.names import Claim

# What makes the name part of somebody else's name, however much speaks for it otherwise; and how sure it stays.
OTHERS = (
    "local_branch",
    "member",
    "member_legal",
    "seated_legal",
    "foreign",
    "share_group",
    "share_name",
    "latin_on",
    "member_seat",
)
LEFT_OVER = 0.5


@dataclass(frozen=True)
class Scorer:
    """Weights by property; a property without weight says nothing."""

    bias: float
    weights: Mapping[str, float]
    names: dict[Claim, float] = field(default_factory=dict, repr=False, compare=False)

    def judge(self, one: Candidate) -> float:
        """Give the confidence that the enterprise is meant at a described place."""
        known = self.names.get(one.claim)
        if known is None:
            known = self.names[one.claim] = self._sum(one.claim.evidence)
        return self._confidence(known + self._sum(one.here), one.here, whole="legal_name" in one.claim.evidence)

    def score(self, evidence: Evidence) -> float:
        """Give the confidence that all evidence together makes."""
        return self._confidence(self._sum(evidence), evidence, whole="legal_name" in evidence)

    def _confidence(self, total: float, here: Evidence, *, whole: bool) -> float:
        confidence = 1.0 / (1.0 + exp(-max(-30.0, min(30.0, self.bias + total))))
        others = not whole and any(name in here for name in OTHERS)
        return confidence * LEFT_OVER if others else confidence

    def _sum(self, evidence: Evidence) -> float:
        weights = self.weights
        return sum([weights[name] * value for name, value in evidence.items() if name in weights])


@lru_cache(maxsize=1)
def default_scorer() -> Scorer:
    """Give the weights that come with the product."""
    table = json.loads((files("crm.linking") / "data" / "weights.json").read_text(encoding="utf-8"))
    return Scorer(table["bias"], table["weights"])
