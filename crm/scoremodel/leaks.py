"""Does a feature know the outcome before it happened? Looked for feature by feature; pure.

A record that is written when a deal closes makes any model look perfect and worthless. Two marks: a single feature
that ranks later months (nearly) perfectly, or that is empty (nearly) always for one outcome and hardly for the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.metrics import auc

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Codes, Flags, Floats
    from crm.scoring.model.fitting import Levels
    from crm.scoring.model.months import LeadMonths

TOO_GOOD, TOO_EMPTY = 0.95, 0.8
EARLY = 0.75
LEAST_WON = 10
BEGIN = 0.5


@dataclass(frozen=True, slots=True)
class FeatureTest:
    """One feature alone: AUC in the months after the first 75 % of rows, None where too few signed to say.

    ``empty_won`` and ``empty_other`` are the shares of rows in which the fact is absent.
    """

    key: str
    auc: float | None
    empty_won: float
    empty_other: float

    @property
    def leaks(self) -> bool:
        """Whether it knows too much."""
        known = self.auc is not None and self.auc > TOO_GOOD
        return known or abs(self.empty_won - self.empty_other) > TOO_EMPTY


def look(rows: LeadMonths, levels: Levels) -> list[FeatureTest]:
    """Test each feature of lead-month rows against signing in the month; none while fewer than 10 signed."""
    if int(rows.signed.sum()) < LEAST_WON:
        return []
    early = rows.month <= np.quantile(rows.month, EARLY)
    tested = int(rows.signed[~early].sum()) >= LEAST_WON
    return [
        FeatureTest(
            key=key,
            auc=_alone(rows.codes[:, place], size, rows.signed, early) if tested else None,
            empty_won=float(np.mean(rows.codes[rows.signed, place] == 0)),
            empty_other=float(np.mean(rows.codes[~rows.signed, place] == 0)),
        )
        for place, (key, size) in enumerate(zip(levels.keys, levels.sizes, strict=True))
    ]


def _alone(codes: Codes, size: int, signed: Flags, early: Flags) -> float:
    """AUC of later rows, ranked by how often each level signed in earlier ones."""
    seen = np.bincount(codes[early], minlength=size).astype(np.float64)
    won = np.bincount(codes[early], weights=signed[early], minlength=size)
    base = float(signed[early].mean())
    share: Floats = (won + BEGIN * base) / (seen + BEGIN)
    return auc(signed[~early], share[codes[~early]])
