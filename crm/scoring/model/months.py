"""Lead-month rows: what a hazard is fitted to and what a rolling backtest walks along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crm.scoring.model.arrays import Codes, Flags


@dataclass(frozen=True)
class LeadMonths:
    """One row for each lead and each whole month in which it was open at the start.

    lead: id of the lead [n]. month: number of the calendar month (year · 12 + month − 1) [n].
    age: whole months since the lead began, 0 in its first row [n].
    codes: level codes as of the start of the month [n, f].
    signed: a contract was signed in the month [n]. dropped: the lead was given up in it [n].
    known: first month at whose start the outcome of the row was recorded [n]; None means the month after.
    Only fully observed months belong here, for leads that signed in them and for those that did not.
    """

    lead: Codes
    month: Codes
    age: Codes
    codes: Codes
    signed: Flags
    dropped: Flags
    known: Codes | None = None

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.lead)

    def take(self, rows: Flags | Codes) -> LeadMonths:
        """Give some of the rows."""
        return LeadMonths(
            self.lead[rows],
            self.month[rows],
            self.age[rows],
            self.codes[rows],
            self.signed[rows],
            self.dropped[rows],
            None if self.known is None else self.known[rows],
        )

    def known_at(self, month: int) -> LeadMonths:
        """Give the rows whose outcome was recorded before a month began."""
        known = self.month + 1 if self.known is None else np.maximum(self.known, self.month + 1)
        return self.take(known <= month)

    def starting(self, month: int) -> LeadMonths:
        """Give the leads open at the start of a month."""
        return self.take(self.month == month)

    def signed_within(self, horizon: int) -> Flags:
        """For each row: the lead signs in its month or the months after, `horizon` in all."""
        ids, place = np.unique(self.lead, return_inverse=True)
        signing = np.full(len(ids), -1, dtype=np.int64)
        signing[place[self.signed]] = self.month[self.signed]
        ahead = signing[place] - self.month
        return (signing[place] >= 0) & (ahead >= 0) & (ahead < horizon)

    def observed(self, horizon: int) -> Codes:
        """For each row: months of its lead that were observed among the `horizon` months from its own on."""
        ids, place = np.unique(self.lead, return_inverse=True)
        last = np.full(len(ids), -1, dtype=np.int64)
        np.maximum.at(last, place, self.month)
        months: Codes = np.minimum(last[place] - self.month + 1, horizon)
        return months
