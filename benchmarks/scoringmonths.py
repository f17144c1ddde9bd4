"""The hazard on Olist: decided on a day with what was known then, beside an oracle that knows the future.

Asked: won within 90 days, for the leads of the 30 days after the day of decision. Rows are leads x 15 days; a row
counts, won or not, only when its 15 days were over by then. The naive way calls what is not yet won lost; the oracle
trains on the true 90 days of every earlier lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.scoringdata import OLIST_DAYS, Dated, olist_dated
from crm.scoring.model import fitting, hazard
from crm.scoring.model.binning import cut
from crm.scoring.model.metrics import log_loss
from crm.scoring.model.months import LeadMonths

if TYPE_CHECKING:
    from pathlib import Path

    from crm.scoring.model.arrays import Codes

STEP, ASKED = 15, 30
DECISIONS = (date(2018, 3, 10), date(2018, 3, 25), date(2018, 4, 10), date(2018, 4, 30))


@dataclass(frozen=True)
class Months:
    """Mean log loss over the days of decision, and predicted signings per actual one by the hazard."""

    naive: float
    hazard: float
    oracle: float
    ratio: float


def months(folder: Path) -> Months:
    """Compare the three ways over all days of decision."""
    leads = olist_dated(folder)
    found = [_decided(leads, float(day.toordinal())) for day in DECISIONS]
    naive, fitted, oracle, ratio = np.mean(found, axis=0).tolist()
    return Months(naive, fitted, oracle, ratio)


def _decided(leads: Dated, day: float) -> tuple[float, float, float, float]:
    past = np.flatnonzero(leads.begun < day)
    asked = np.flatnonzero((leads.begun >= day) & (leads.begun < day + ASKED))
    cuts = cut(leads.frame.take(past))
    codes, now = cuts.codes(leads.frame.take(past)), cuts.codes(leads.frame.take(asked))
    begun, closed = leads.begun[past], leads.closed[past]
    truth = (leads.closed - leads.begun)[asked] <= OLIST_DAYS
    naive = fitting.fit(codes, cuts.levels, closed < day)
    oracle = fitting.fit(codes, cuts.levels, closed - begun <= OLIST_DAYS)
    found = hazard.fit(_rows(begun, closed, codes, day), cuts.levels)
    chance = found.within(now, np.zeros(len(now), dtype=np.int64), OLIST_DAYS // STEP)
    known = [log_loss(truth, one) for one in (naive.probability(now), chance, oracle.probability(now))]
    return known[0], known[1], known[2], float(chance.sum() / truth.sum())


def _rows(begun: np.ndarray, closed: np.ndarray, codes: Codes, day: float) -> LeadMonths:
    """One row for each 15 days of each lead that were over by the day, up to the one it was won in."""
    ages = np.arange(int((day - begun.min()) // STEP))
    ends = begun[:, None] + STEP * (ages + 1)
    lead, age = np.nonzero((ends <= day) & (closed[:, None] >= begun[:, None] + STEP * ages))
    won = closed[lead] < begun[lead] + STEP * (age + 1)
    return LeadMonths(lead, age, age, codes[lead], won, np.zeros(len(lead), dtype=bool))
