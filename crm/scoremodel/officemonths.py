"""Lead-months of the office as arrays, seen as they were known on the first of any month; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crm.core.scheduling import local_day
from crm.scoremodel.spells import month_of
from crm.scoring.model.fitting import Levels
from crm.scoring.model.months import LeadMonths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crm.scoremodel.spells import LeadMonth, Month
    from crm.scoring.model.arrays import Codes
    from crm.scoring.table import PointsTable

NEVER = 1_000_000
YEAR = 12


@dataclass(frozen=True)
class OfficeMonths(LeadMonths):
    """Rows of leads as they truly went, and ``late`` ones: signed already, though nobody had written it down.

    ``known`` of a signed row, and of a late one, is the first month at whose start the signing was on paper.
    """

    late: LeadMonths | None = None

    def known_at(self, month: int) -> LeadMonths:
        """Give the months over by the start of ``month`` as they looked then.

        A signing that is not on paper yet is an open lead, in its own month and in those after it.
        """
        over = self.take(self.month + 1 <= month)
        seen = replace(over, signed=over.signed & (_known(over) <= month), known=None)
        if self.late is None or not len(self.late):
            return seen
        unaware = self.late.take((self.late.month + 1 <= month) & (_known(self.late) > month))
        return _joined(seen, replace(unaware, known=None))


def build(
    rows: Sequence[LeadMonth], calendar: Sequence[Month], codes: Codes | Sequence[Sequence[int]], features: int
) -> OfficeMonths:
    """Turn rows with their level codes into arrays; months are numbered year · 12 + month − 1."""
    late = np.array([row.late for row in rows], dtype=bool)
    every = LeadMonths(
        lead=np.array([row.enterprise_id for row in rows], dtype=np.int64),
        month=np.array([number_of(calendar[row.month].start) for row in rows], dtype=np.int64),
        age=np.array([row.age for row in rows], dtype=np.int64),
        codes=np.array(codes, dtype=np.int32).reshape(len(rows), features),
        signed=np.array([row.signed for row in rows], dtype=bool),
        dropped=np.array([row.lost for row in rows], dtype=bool),
        known=np.array([_first_of(row.known_at) for row in rows], dtype=np.int64),
    )
    true = every.take(~late)
    return OfficeMonths(
        true.lead, true.month, true.age, true.codes, true.signed, true.dropped, true.known, late=every.take(late)
    )


def levels_of(table: PointsTable) -> Levels:
    """Say what the codes of a table mean, with its points as the experts' prior."""
    return Levels(
        keys=tuple(feature.key for feature in table.features),
        levels=tuple(tuple(level.key for level in feature.levels) for feature in table.features),
        expert=tuple(tuple(level.points for level in feature.levels) for feature in table.features),
    )


def month_key(number: int) -> str:
    """Name a numbered month, as in 2026-11."""
    return f"{number // YEAR}-{number % YEAR + 1:02d}"


def quarter_key(number: int) -> str:
    """Name the quarter of a numbered month, as in 2026Q4."""
    return f"{number // YEAR}Q{number % YEAR // 3 + 1}"


def number_of(at: datetime) -> int:
    """Number the month of a moment: year · 12 + month − 1."""
    day = local_day(at)
    return day.year * YEAR + day.month - 1


def _first_of(known_at: datetime | None) -> int:
    """The first month at whose start something was known."""
    if known_at is None:
        return NEVER
    month = month_of(known_at)
    return number_of(month.start if month.start == known_at else month.end)


def _known(rows: LeadMonths) -> Codes:
    return rows.month + 1 if rows.known is None else rows.known


def _joined(one: LeadMonths, other: LeadMonths) -> LeadMonths:
    return LeadMonths(
        lead=np.concatenate((one.lead, other.lead)),
        month=np.concatenate((one.month, other.month)),
        age=np.concatenate((one.age, other.age)),
        codes=np.concatenate((one.codes, other.codes)),
        signed=np.concatenate((one.signed, other.signed & False)),
        dropped=np.concatenate((one.dropped, other.dropped)),
    )
