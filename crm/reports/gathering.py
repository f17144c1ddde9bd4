"""Collect everything one weekly report is written from, in a bounded number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment import queries as assessment
from crm.assessment.measures import MEASURES
from crm.assessment.rules import TargetLevel, elapsed
from crm.reports import queries
from crm.reports.drafting import Material, region_of
from crm.reports.kpis import KPIS, WEEKLY, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.reports.kpis import KpiRow
    from crm.reports.period import Week


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows behind every figure, and the material the sentences and tables are made of."""

    rows: Mapping[str, Sequence[KpiRow]]
    material: Material


def gather(session: Session, week: Week, issuer: str) -> Gathered:
    """Select the rows of every figure and the details the report tells."""
    rows = {kpi.key: list(kpi.select(session, week)) for kpi in KPIS}
    ids = {key: [row.id for row in found] for key, found in rows.items()}
    year = week.year_window
    visits = queries.touch_details(session, ids["visit_batches"])
    material = Material(
        week=week,
        region=region_of(issuer),
        values={key: value_of(found) for key, found in rows.items()},
        before=_before(session, week),
        visits=visits,
        steps=queries.next_steps(session, ids["visit_batches"], week.cutoff),
        receptions=queries.touch_details(session, ids["receptions"]),
        leads=queries.projects_of_entries(session, ids["leads"]),
        negotiating=queries.projects_of_entries(session, ids["negotiating"]),
        talks=queries.in_talk(session, week.cutoff),
        changed=frozenset(queries.changed_projects(session, week.window)),
        stalled=queries.stalled(session, week.cutoff),
        contracts=queries.contracts(session, ids["signed_amount"]),
        year_contracts={one.id: one for one in queries.contracts(session, ids["year_recognized"])},
        signals=queries.accepted_signals(session, week),
        overdue=queries.overdue(session, week),
        due_next=queries.due_next_week(session, week),
        units=queries.unit_names(session, week.day),
        targets=assessment.targets(session, year.start.year, TargetLevel.ENSURE),
        by_unit={key: _by_unit(found) for key, found in rows.items()},
        elapsed_share=elapsed(year.start, year.start.replace(month=12, day=31), week.day).share,
    )
    return Gathered(rows, material)


def _before(session: Session, week: Week) -> dict[str, Decimal]:
    window = week.previous.window
    return {key: assessment.total(session, MEASURES[key], window) for key in WEEKLY}


def _by_unit(rows: Sequence[KpiRow]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for row in rows:
        if row.unit_id is not None:
            sums[row.unit_id] = sums.get(row.unit_id, Decimal(0)) + row.amount
    return sums
