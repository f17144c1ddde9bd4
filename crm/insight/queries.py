"""Reads of management views, each a few grouped queries whatever the number of projects."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Integer, case, cast, func, literal, select, type_coerce

from crm.assessment.facts import furthest, single, stands
from crm.core.types import UtcDateTime
from crm.enterprises.models import Enterprise
from crm.insight import keys
from crm.insight.keys import INVESTMENT
from crm.insight.rules import Cohort, Dimension, Group, Stay, percentile
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import ORDER, STAGE_LABELS, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.window import Window

STEPS: tuple[Stage, ...] = (
    Stage.LEAD, Stage.VISITING, Stage.INSPECTING, Stage.SIGNED, Stage.STARTED, Stage.IN_PRODUCTION,
)  # fmt: skip
STAYS: tuple[Stage, ...] = ORDER[: ORDER.index(Stage.IN_PRODUCTION)]
GONE: tuple[Stage, ...] = (Stage.VISITING, Stage.INSPECTING, Stage.SIGNED, Stage.STARTED, Stage.IN_PRODUCTION)
ZERO = Decimal(0)


def groups(session: Session, window: Window, dimension: Dimension, edges: Sequence[Decimal]) -> list[Group]:
    """Projects created in the period by group and furthest stage, the largest groups first."""
    far = furthest(window)
    key = keys.column(dimension, edges)
    statement = (
        select(key.label("key"), far.c.place, func.count(), func.sum(INVESTMENT))
        .select_from(far)
        .join(Project, Project.id == far.c.project_id)
        .join(Enterprise, Enterprise.id == Project.enterprise_id)
        .group_by(key, far.c.place)
    )
    found: dict[str, list[tuple[int, int, Decimal]]] = defaultdict(list)
    for value, place, count, amount in session.execute(statement):
        found["" if value is None else str(value)].append((int(place), int(count), Decimal(amount)))
    names = keys.names(session, dimension, list(found), edges)
    rows = [_group(one, names.get(one, one or "未填"), cells) for one, cells in found.items()]
    rows.sort(key=lambda row: (-row.total, row.label))
    return rows


def _group(key: str, label: str, cells: Sequence[tuple[int, int, Decimal]]) -> Group:
    places = [ORDER.index(stage) for stage in STEPS]
    return Group(
        key,
        label,
        tuple(sum(count for place, count, _amount in cells if place >= at) for at in places),
        tuple(sum((amount for place, _count, amount in cells if place >= at), ZERO) for at in places),
    )


def entries_of(window: Window) -> Any:  # noqa: ANN401 (a subquery)
    """Every entry into a stage by the cut-off of projects still on the road, and when they left it."""
    following = func.lead(StageEntry.at).over(partition_by=StageEntry.project_id, order_by=StageEntry.seq)
    return (
        select(
            StageEntry.project_id,
            StageEntry.to_stage.label("stage"),
            StageEntry.at.label("at"),
            following.label("left_at"),
        )
        .join(Project, Project.id == StageEntry.project_id)
        .where(
            StageEntry.at <= window.cutoff,
            stands(window.cutoff),
            window.covers(Project.unit_id),
            Project.confidential.is_(False),
            Project.exit_kind.is_(None),
            single(window.cutoff),
        )
        .subquery()
    )


def stays(session: Session, window: Window) -> list[Stay]:
    """How long projects stayed in each stage: those that left it in the period, and those in it at the cut-off."""
    entries = entries_of(window)
    gone = _counted(session, entries, entries.c.left_at, inside(window, entries.c.left_at))
    here = _counted(session, entries, literal(window.cutoff, UtcDateTime()), entries.c.left_at.is_(None))
    return [
        Stay(
            STAGE_LABELS[stage],
            gone[stage].total(),
            percentile(gone[stage], 0.5),
            percentile(gone[stage], 0.9),
            here[stage].total(),
            percentile(here[stage], 0.5),
        )
        for stage in STAYS
    ]


def inside(window: Window, at: Any) -> Any:  # noqa: ANN401 (columns)
    """Condition: an instant that was reckoned lies in the period."""
    start, stop = (literal(one, UtcDateTime()) for one in window.instants)
    return (at >= start) & (at < stop)


def _counted(session: Session, entries: Any, until: Any, condition: Any) -> dict[Stage, Counter[int]]:  # noqa: ANN401 (columns)
    """Count entries by stage and whole days, in the database."""
    days = days_between(session, entries.c.at, until)
    statement = select(entries.c.stage, days, func.count()).where(condition).group_by(entries.c.stage, days)
    found: dict[Stage, Counter[int]] = defaultdict(Counter)
    for stage, day, cases in session.execute(statement):
        found[Stage(stage)][max(int(day), 0)] += cases
    return found


def days_between(session: Session, start: Any, end: Any) -> Any:  # noqa: ANN401 (columns)
    """Days of the calendar in Shanghai from one instant to another."""
    if session.get_bind().dialect.name == "postgresql":
        until, since = (cast(func.timezone("Asia/Shanghai", one), Date()) for one in (end, start))
        return type_coerce(until - since, Integer())
    last, first = (func.julianday(func.date(one, "+8 hours")) for one in (end, start))
    return cast(last - first, Integer)


def month_of(session: Session, at: Any) -> Any:  # noqa: ANN401 (a column)
    """The month of an instant in Shanghai, as 2026-11."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("Asia/Shanghai", at), "YYYY-MM")
    return func.strftime("%Y-%m", at, "+8 hours")


def talks_of(window: Window) -> Any:  # noqa: ANN401 (a subquery)
    """Projects whose first talk fell in the period: when it was, and the furthest stage by the cut-off."""
    far = func.max(case({stage.value: number for number, stage in enumerate(ORDER)}, value=StageEntry.to_stage))
    first = type_coerce(func.min(case((StageEntry.to_stage == Stage.VISITING, StageEntry.at))), UtcDateTime())
    return (
        select(StageEntry.project_id, first.label("first"), far.label("far"))
        .join(Project, Project.id == StageEntry.project_id)
        .where(
            StageEntry.at <= window.cutoff,
            stands(window.cutoff),
            window.covers(Project.unit_id),
            Project.confidential.is_(False),
            single(window.cutoff),
        )
        .group_by(StageEntry.project_id)
        .having(inside(window, first))
        .subquery()
    )


def cohorts(session: Session, window: Window) -> list[Cohort]:
    """Projects by the month of their first talk in the period, and how many got how far by the cut-off."""
    statement = talks_of(window)
    month = month_of(session, statement.c.first)
    rows = session.execute(select(month, statement.c.far, func.count()).group_by(month, statement.c.far))
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for name, place, cases in rows:
        found[name][int(place)] += cases
    return [
        Cohort(
            month,
            tuple(sum(cases for place, cases in found[month].items() if place >= ORDER.index(stage)) for stage in GONE),
        )
        for month in sorted(found)
    ]
