"""Invented history with known truth: signals, visits and signings of many leads over 36 months."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.card import expit
from crm.scoring.model.fitting import Levels
from crm.scoring.model.months import LeadMonths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.scoring.model.arrays import Codes, Flags, Floats

MONTH_DAYS = 30.0
MASS_FROM = (0.05, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Thresholds of the decayed mass of a kind; level 0 is (nearly) nothing."""


@dataclass(frozen=True)
class Kind:
    """A kind of event: its half-life (days), events a month, log-odds a month per log1p of the mass."""

    half_life: float
    rate: float
    effect: float


@dataclass(frozen=True)
class Truth:
    """What is true of the invented office. `fit` gives the log-odds of each level of each fit feature."""

    kinds: Mapping[str, Kind] = field(
        default_factory=lambda: {
            "CAPX": Kind(180.0, 0.10, 1.1),
            "RELO": Kind(365.0, 0.05, 1.2),
            "visit": Kind(90.0, 0.25, 0.8),
            "reply": Kind(30.0, 0.35, 0.7),
        }
    )
    fit: tuple[tuple[float, ...], ...] = ((-0.6, 0.0, 0.7), (0.0, 0.5), (-0.4, 0.0, 0.2, 0.4))
    base: float = -5.0
    age: float = -0.02
    drop: float = 0.02


@dataclass(frozen=True)
class History:
    """Leads of an office; months count from 0, days from 0, 30 days a month.

    begin: month in which a lead began [leads]. fit: its level codes [leads, f]. signed, dropped: month, or -1.
    events: for each kind the lead and the day of each event, in order of the day.
    hazard: the true chance of signing in each lead-month; at_risk: their (lead, month), in the order of `rows`.
    """

    truth: Truth
    months: int
    begin: Codes
    fit: Codes
    signed: Codes
    dropped: Codes
    events: Mapping[str, tuple[Codes, Floats]]
    hazard: Floats
    at_risk: tuple[Codes, Codes]

    @property
    def levels(self) -> Levels:
        """What the codes of `rows` mean."""
        kinds = tuple(self.truth.kinds)
        masses = tuple(f"{low}" for low in (0.0, *MASS_FROM))
        fits = tuple(tuple(str(k) for k in range(len(worth))) for worth in self.truth.fit)
        return Levels((*(f"fit{k}" for k in range(len(fits))), *kinds), (*fits, *((masses,) * len(kinds))))

    def rows(self, half_lives: Mapping[str, float]) -> LeadMonths:
        """Give lead-month rows whose signal levels are cut from masses with these half-lives (days)."""
        lead, month = self.at_risk
        columns = [self.fit[lead]]
        for kind in self.truth.kinds:
            mass = self.mass(kind, half_lives[kind])[lead, month]
            columns.append(np.searchsorted(np.array(MASS_FROM), mass, side="right")[:, None])
        return LeadMonths(
            lead=lead,
            month=month,
            age=month - self.begin[lead],
            codes=np.hstack(columns).astype(np.int32),
            signed=self.signed[lead] == month,
            dropped=self.dropped[lead] == month,
        )

    def mass(self, kind: str, half_life: float) -> Floats:
        """Decayed mass of a kind at the start of each month, [leads, months]."""
        return _mass(self.events[kind], len(self.begin), self.months, half_life)


def history(leads: int = 3_000, months: int = 36, seed: int = 1, truth: Truth | None = None) -> History:
    """Invent a history of `leads` leads that begin evenly over `months` months."""
    truth, chance = truth or Truth(), np.random.default_rng(seed)
    begin = np.sort(chance.integers(0, months, leads))
    fit = np.column_stack([chance.integers(0, len(worth), leads) for worth in truth.fit])
    events = {kind: _events(chance, leads, months, about.rate) for kind, about in truth.kinds.items()}
    z = truth.base + sum(np.array(worth)[fit[:, k]] for k, worth in enumerate(truth.fit))
    level = np.repeat(np.asarray(z)[:, None], months, axis=1)
    for kind, about in truth.kinds.items():
        level = level + about.effect * np.log1p(_mass(events[kind], leads, months, about.half_life))
    age = np.arange(months)[None, :] - begin[:, None]
    hazard = expit(level + truth.age * age)
    signed = _first((chance.random((leads, months)) < hazard) & (age >= 0))
    dropped = _first((chance.random((leads, months)) < truth.drop) & (age >= 0))
    won = (signed >= 0) & ((dropped < 0) | (signed <= dropped))
    lost = (dropped >= 0) & ~won
    signed, dropped = np.where(won, signed, -1), np.where(lost, dropped, -1)
    end = np.where(won, signed, np.where(lost, dropped, months - 1))
    open_at = (age >= 0) & (np.arange(months)[None, :] <= end[:, None])
    lead, month = np.nonzero(open_at)
    return History(truth, months, begin, fit, signed, dropped, events, hazard[lead, month], (lead, month))


def _events(chance: np.random.Generator, leads: int, months: int, rate: float) -> tuple[Codes, Floats]:
    """Draw events of one kind over all months, at one rate."""
    lead = np.repeat(np.arange(leads), chance.poisson(rate * months, leads))
    return lead, chance.random(len(lead)) * months * MONTH_DAYS


def _mass(events: tuple[Codes, Floats], leads: int, months: int, half_life: float) -> Floats:
    lead, day = events
    step = 0.5 ** (MONTH_DAYS / half_life)
    month = (day // MONTH_DAYS).astype(np.int64) + 1
    worth = 0.5 ** ((month * MONTH_DAYS - day) / half_life)
    arrived = np.bincount(lead * (months + 1) + month, weights=worth, minlength=leads * (months + 1))
    mass = np.asarray(arrived, dtype=np.float64).reshape(leads, months + 1)[:, :months]
    for number in range(1, months):
        mass[:, number] += step * mass[:, number - 1]
    return mass


def _first(happens: Flags) -> Codes:
    """First month in which something happens, -1 where it never does."""
    return np.where(happens.any(axis=1), happens.argmax(axis=1), -1)
