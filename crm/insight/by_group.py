"""Days in stage and what became of first talks, by group; one query each besides the names of groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.enterprises.models import Enterprise
from crm.insight import keys, queries
from crm.insight.rules import GroupCohort, GroupStays, percentile
from crm.pipeline.models import Project
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.assessment.window import Window
    from crm.insight.rules import Dimension

    By = tuple[Dimension, Sequence[Decimal]]


def _grouped(key: Any, facts: Any, *columns: Any) -> Any:  # noqa: ANN401 (columns, a subquery)
    """Count the facts of projects by group and some columns."""
    statement = select(key, *columns, func.count()).select_from(facts)
    statement = statement.join(Project, Project.id == facts.c.project_id)
    return statement.join(Enterprise, Enterprise.id == Project.enterprise_id).group_by(key, *columns)


def _named(session: Session, by: By, found: Sequence[str]) -> dict[str, str]:
    names = keys.names(session, by[0], found, by[1])
    return {one: names.get(one, one or "未填") for one in found}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def stays(session: Session, window: Window, by: By) -> list[GroupStays]:
    """How long the projects of each group stayed in the stages they left in the period, most departures first."""
    entries = queries.entries_of(window)
    days = queries.days_between(session, entries.c.at, entries.c.left_at)
    statement = _grouped(keys.column(*by), entries, entries.c.stage, days)
    statement = statement.where(queries.inside(window, entries.c.left_at))
    found: dict[str, dict[Stage, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for value, stage, day, cases in session.execute(statement):
        found[_text(value)][Stage(stage)][max(int(day), 0)] += cases
    labels = _named(session, by, list(found))
    rows = [
        GroupStays(
            one,
            labels[one],
            tuple(
                (stages[stage].total(), percentile(stages[stage], 0.5), percentile(stages[stage], 0.9))
                for stage in queries.STAYS
            ),
        )
        for one, stages in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.left, row.label))


def cohorts(session: Session, window: Window, by: By) -> list[GroupCohort]:
    """First talks of the period by group, and how many got how far by the cut-off; most talks first."""
    talks = queries.talks_of(window)
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for value, place, cases in session.execute(_grouped(keys.column(*by), talks, talks.c.far)):
        found[_text(value)][int(place)] += cases
    labels = _named(session, by, list(found))
    places = [ORDER.index(stage) for stage in queries.GONE]
    rows = [
        GroupCohort(one, labels[one], tuple(sum(cases for place, cases in far.items() if place >= at) for at in places))
        for one, far in found.items()
    ]
    return sorted(rows, key=lambda row: (-row.counts[0], row.label))
