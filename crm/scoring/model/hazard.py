"""The probability of signing within N months: a discrete-time hazard over lead-months.

h(signed in a month) comes from the same card as the score, with the age of the lead as one more feature.
P(N) = 1 − Π (1 − h). Leads that are given up leave the risk set; with `drop` they also lower P(N), because
what is given up cannot sign. Never shown beyond the oldest age that was observed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crm.scoring.model import fitting
from crm.scoring.model.card import Card, Trait
from crm.scoring.model.fitting import Choice, Levels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scoring.model.arrays import Codes, Flags, Floats
    from crm.scoring.model.months import LeadMonths

AGE = "age_months"
AGE_FROM = (0, 1, 2, 3, 4, 6, 9, 12, 18, 24, 36)
_NO_AGE = Trait(AGE, tuple(f"{low}" for low in AGE_FROM), (0.0,) * len(AGE_FROM))
ENOUGH_AT_AGE = 20
"""Lead-months an age needs before P(N) may reach into it."""


@dataclass(frozen=True)
class Hazard:
    """`sign` and `drop` are cards over the features and, as the last one, the age; `oldest` in months.

    `horizon`: months ahead over which the hazards were averaged with the facts held as they were at the start.
    """

    sign: Card
    drop: Card | None
    oldest: int
    horizon: int = 1

    @property
    def score(self) -> Card:
        """The card of the score: without the age, so that waiting alone moves no points."""
        return replace(self.sign, traits=self.sign.traits[:-1])

    def monthly(self, codes: Codes, ages: Codes) -> Floats:
        """Hazard of signing in the month that begins at `ages` [n], given level codes [n, f]."""
        return self.sign.probability(_with_age(codes, ages))

    def longest(self, ages: Codes) -> Codes:
        """Months ahead that may be shown for leads of these ages [n]; 0 means none."""
        return np.maximum(self.oldest + 1 - ages, 0)

    def within(self, codes: Codes, ages: Codes, months: int) -> Floats:
        """P(signed within `months`) [n]; NaN where that reaches beyond the oldest observed age."""
        staying, signing = np.ones(len(codes)), np.zeros(len(codes))
        for ahead in range(months):
            seen = _with_age(codes, ages + (ahead if self.horizon == 1 else 0))
            signs = self.sign.probability(seen)
            drops = self.drop.probability(seen) if self.drop else 0.0
            signing += staying * signs
            staying = staying * np.clip(1.0 - signs - drops, 0.0, 1.0)
        return np.where(self.longest(ages) >= months, signing, np.nan)

    def as_json(self) -> dict[str, Any]:
        """Give the artefact."""
        return {
            "sign": self.sign.as_json(),
            "drop": self.drop.as_json() if self.drop else None,
            "oldest": self.oldest,
            "horizon": self.horizon,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Hazard:
        """Read the artefact."""
        drop = data.get("drop")
        return cls(
            Card.from_json(data["sign"]),
            Card.from_json(drop) if drop else None,
            int(data["oldest"]),
            int(data.get("horizon", 1)),
        )


def fit(
    rows: LeadMonths, levels: Levels, *, horizon: int = 1, choice: Choice | None = None, with_drops: bool = True
) -> Hazard:
    """Fit a hazard to lead-month rows whose codes mean `levels` (the experts' points per level are its prior).

    Rows must be fully observed months of leads of both outcomes; see `LeadMonths`. The expert points are read
    as ratios of the odds per month, which is what they are while the chance of a month is small. With a `horizon`
    the facts of each month answer for as many months ahead as were observed, each a share of one row: what fades
    within the horizon (a reply) then counts for less than what lasts (a plan to move).
    """
    chosen = choice or Choice()
    sign = _answering(rows, rows.signed, _aged(levels), horizon, chosen)
    drop = None
    if with_drops and rows.dropped.any():
        plain = _aged(replace(levels, expert=None))
        drop = _answering(rows, rows.dropped, plain, horizon, replace(chosen, base_rate=None))
    return Hazard(sign, drop, _oldest(rows), horizon)


def _answering(rows: LeadMonths, events: Flags, levels: Levels, horizon: int, choice: Choice) -> Card:
    """Fit one card: each row counts the months it answers for, once with and once without the event."""
    codes = _with_age(rows.codes, rows.age)
    if horizon == 1:
        return fitting.fit(codes, levels, events, choice=choice)
    happens = replace(rows, signed=events).signed_within(horizon)
    quiet = (rows.observed(horizon) - happens) / horizon
    some, many = np.flatnonzero(happens), np.flatnonzero(quiet)
    weights = np.concatenate((np.full(len(some), 1.0 / horizon), quiet[many]))
    outcome = np.arange(len(weights)) < len(some)
    return fitting.fit(codes[np.concatenate((some, many))], levels, outcome, weights=weights, choice=choice)


def expert(rows: LeadMonths, levels: Levels) -> Hazard:
    """Give the experts' table as a hazard: its points as they stand, only the base rate taken from the rows."""
    plain = fitting.shifted(rows.codes, levels, rows.signed)
    sign = replace(plain, traits=(*plain.traits, _NO_AGE))
    return Hazard(sign, _even_drop(rows, levels), _oldest(rows))


def base(rows: LeadMonths) -> Hazard:
    """Give the hazard that knows nothing: the same chance each month."""
    none = Levels((), (), None)
    return expert(replace(rows, codes=rows.codes[:, :0]), none)


def _even_drop(rows: LeadMonths, levels: Levels) -> Card:
    blank = fitting.shifted(rows.codes, replace(levels, expert=None), rows.dropped)
    return replace(blank, traits=(*blank.traits, _NO_AGE))


def _oldest(rows: LeadMonths) -> int:
    counts = np.bincount(rows.age) if len(rows) else np.zeros(1, dtype=np.int64)
    enough = np.flatnonzero(counts >= ENOUGH_AT_AGE)
    return int(enough.max()) if len(enough) else -1


def _aged(levels: Levels) -> Levels:
    names = tuple(f"{low}" for low in AGE_FROM)
    expert = None if levels.expert is None else (*levels.expert, (0.0,) * len(names))
    return Levels((*levels.keys, AGE), (*levels.levels, names), expert)


def _with_age(codes: Codes, ages: Codes) -> Codes:
    place = np.searchsorted(np.array(AGE_FROM), ages, side="right") - 1
    return np.column_stack((codes, place.astype(codes.dtype)))
