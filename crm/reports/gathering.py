"""Collect everything one weekly report is written from, in a bounded number of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.assessment import differences
from crm.assessment import queries as assessment
from crm.assessment.measures import MEASURES
from crm.assessment.rules import TargetLevel, elapsed
from crm.assessment.summing import selected
from crm.reports import amending, frozen, queries
from crm.reports.drafting import MOST_POINTS, Material, region_of
from crm.reports.kpis import KPIS, WEEKLY, Sources
from crm.reports.standing import in_talk, talks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from typing import Any

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.reports.frozen import Total
    from crm.reports.models import ReportFigure
    from crm.reports.period import Week


def count(session: Session, week: Week, figures: Sequence[ReportFigure]) -> dict[str, Total]:
    """Freeze the rows behind the figures of a week; what they add up to are the figures."""
    sources = Sources(session, week)
    return frozen.freeze(session, figures, {kpi.key: kpi.select(sources) for kpi in KPIS})


def gather(
    session: Session, week: Week, issuer: str, figures: Sequence[ReportFigure], totals: Mapping[str, Total]
) -> Material:
    """Select the details the report tells; of long lists only what is printed of them."""
    year = week.year_window
    by_key = {figure.key: figure for figure in figures}

    def counted(key: str) -> Select[Any]:
        return select(selected(session, MEASURES[key], week.window).subquery().c.id)

    def first(key: str) -> list[int]:
        return [row.id for row in frozen.first(session, by_key[key], MOST_POINTS)] if totals[key].rows else []

    visits = counted("visit_batches")
    return Material(
        week=week,
        region=region_of(issuer),
        values={key: total.value for key, total in totals.items()},
        before=_before(session, week),
        visits=queries.touch_details(session, visits),
        steps=queries.next_steps(session, visits, week.cutoff),
        receptions=queries.touch_details(session, counted("receptions")),
        leads=queries.projects_of_entries(session, first("leads")),
        negotiating=queries.projects_of_entries(session, first("negotiating")),
        talks=in_talk(session, week.cutoff, queries.changed_projects(week.window)),
        stalled=talks(session, week.cutoff, first("stalled")),
        contracts=queries.contracts(session, counted("signed_amount")),
        reasons=differences.by_unit(session, year),
        corrections=amending.noted(session, week),
        signals=queries.signals_of(session, first("signals")),
        overdue=queries.tasks_of(session, first("overdue")),
        due_next=queries.tasks_of(session, first("due_next")),
        units=queries.unit_names(session, week.day),
        targets=assessment.targets(session, year.start.year, TargetLevel.ENSURE),
        by_unit={key: total.by_unit for key, total in totals.items()},
        elapsed_share=elapsed(year.start, year.start.replace(month=12, day=31), week.day).share,
    )


def _before(session: Session, week: Week) -> dict[str, Decimal]:
    """Last week's figures: as the frozen issue told them, else counted as of its cut-off."""
    last = week.previous
    told = queries.frozen_values(session, last.iso_year, last.iso_week)
    missing = [MEASURES[key] for key in WEEKLY if key not in told]
    sums = assessment.figures(session, missing, last.window)
    return told | {key: sum(found.values(), start=frozen.ZERO) for key, found in sums.items()}
