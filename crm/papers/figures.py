"""Figures of a paper: done beside targets, by kind of unit; the same reckoning as the pages of targets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crm.assessment import queries, summing
from crm.assessment.items import STANDARD
from crm.assessment.measures import MEASURES
from crm.assessment.past import targets_on
from crm.assessment.rules import TargetLevel, elapsed
from crm.assessment.standings import standing
from crm.assessment.window import Window
from crm.auth.rules import UNIT_LABELS, UnitKind
from crm.auth.units import names_on
from crm.papers.facts import Figures, Group

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.papers.rules import Period

SUMS = ("signed_amount", "reported", "reported_amount", "recognized", "recognized_amount")
KEYS = [item.key for item in STANDARD]


def year_window(period: Period, today: date, now: datetime) -> Window:
    """The year up to the end of the period, as known now."""
    return Window(date(period.start.year, 1, 1), min(period.end, today), now)


def gather(session: Session, period: Period, today: date, now: datetime) -> Figures:
    """Count the year and the period, in a few queries whatever the number of units."""
    whole = year_window(period, today, now)
    part = Window(period.start, period.end, now)
    goals = targets_on(session, period.start.year, TargetLevel.ENSURE, whole.end)
    done, within = queries.matrix(session, whole), queries.matrix(session, part)
    sums = summing.figures(session, [MEASURES[key] for key in SUMS], part)
    ids = sorted({unit for unit, _key in (*goals, *done, *within)} | {unit for one in sums.values() for unit in one})
    kinds = {unit.id: UnitKind(unit.kind) for unit in queries.units_by_id(session, ids)}
    names = dict(names_on(session, whole.end, ids))
    spent = elapsed(whole.start, date(whole.start.year, 12, 31), whole.end)
    groups = []
    for kind, label in UNIT_LABELS.items():
        units = [(unit_id, name) for unit_id, name in names.items() if kinds.get(unit_id) is kind]
        one = standing(units, done, goals, spent, KEYS)
        if one.units:
            groups.append(Group(label, one))
    return Figures(standing(list(names.items()), done, goals, spent, KEYS), tuple(groups), within, sums, names)
