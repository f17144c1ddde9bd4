"""The one place that selects the rows a figure counts, as of a cut-off.

A fact counts when it happened in the period, was recorded by the cut-off and was not
voided by then. Targets, campaigns, the funnel and the weekly report all read from here,
so a number and the rows behind it cannot differ. Confidential projects and what was done
for them are in no figure: everybody reads the same number. Nor is a signing that waits for a
ruling whether it is an old project; amounts are split between units as agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, null, or_, select, true

from crm.assessment.sharing import Shares
from crm.auth.rules import Permission
from crm.core.scheduling import SHANGHAI
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.repeats.counting import counts as new
from crm.pipeline.rules import ORDER, AgreementKind, ExitKind, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from crm.fieldwork.rules import TouchKind

ONE = literal(1)
SIGNED = ORDER.index(Stage.SIGNED)


class RowKind(StrEnum):
    """What the rows behind a figure are."""

    TOUCH = "touch"
    ENTRY = "stage_entry"
    AGREEMENT = "agreement"
    PROJECT = "project"


READ: dict[RowKind, Permission] = {
    RowKind.TOUCH: Permission.TOUCH_READ,
    RowKind.ENTRY: Permission.PROJECT_READ,
    RowKind.AGREEMENT: Permission.PROJECT_READ,
    RowKind.PROJECT: Permission.PROJECT_READ,
}


@dataclass(frozen=True, slots=True)
class Window:
    """Which facts count: days (both included, Shanghai), cut-off, and units (None = all)."""

    start: date
    end: date
    cutoff: datetime
    units: frozenset[int] | None = None

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """First instant of the period and the first one after it."""
        return (
            datetime.combine(self.start, time(), tzinfo=SHANGHAI),
            datetime.combine(self.end + timedelta(days=1), time(), tzinfo=SHANGHAI),
        )

    def holds(self, column: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        """Condition: the instant lies in the period."""
        start, stop = self.instants
        return (column >= start) & (column < stop)

    def covers(self, column: InstrumentedAttribute[int] | ColumnElement[int]) -> ColumnElement[bool]:
        """Condition: the row belongs to one of the units."""
        return true() if self.units is None else column.in_(self.units)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number as data: its name, unit, counting basis (口径) and the rows it counts.

    ``select(window)`` yields id, unit_id, enterprise_id, project_id, at, note, amount;
    the figure is the sum of ``amount``, which is 1 for everything that is counted.
    """

    key: str
    label: str
    unit: str
    basis: str
    kind: RowKind
    select: Callable[[Window], Select[Any]]


def _row(*columns: Any) -> list[Any]:  # noqa: ANN401 (columns of any type)
    names = ("id", "unit_id", "enterprise_id", "project_id", "at", "note", "amount")
    return [column.label(name) for name, column in zip(names, columns, strict=True)]


def touches(*kinds: TouchKind, amount: Any = ONE) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Every touch of these kinds."""

    def build(window: Window) -> Select[Any]:
        columns = _row(
            Touch.id, Touch.unit_id, Touch.enterprise_id, Touch.project_id, Touch.occurred_at, Touch.summary, amount
        )
        return select(*columns).where(
            Touch.kind.in_(kinds),
            window.holds(Touch.occurred_at),
            Touch.recorded_at <= window.cutoff,
            or_(Touch.voided_at.is_(None), Touch.voided_at > window.cutoff),
            window.covers(Touch.unit_id),
            not_secret(Touch.project_id),
        )

    return build


def firms(*kinds: TouchKind) -> Callable[[Window], Select[Any]]:
    """One touch, the earliest, of each unit with each enterprise."""

    def build(window: Window) -> Select[Any]:
        place = func.row_number().over(
            partition_by=(Touch.unit_id, Touch.enterprise_id), order_by=(Touch.occurred_at, Touch.id)
        )
        inner = touches(*kinds)(window).add_columns(place.label("place")).subquery()
        kept = [column for column in inner.c if column.name != "place"]
        return select(*kept).where(inner.c.place == 1)

    return build


def _counts(cutoff: datetime) -> ColumnElement[bool]:
    """Condition: the project is neither confidential nor was it merged into another by the cut-off."""
    single = or_(Project.exit_kind.is_(None), Project.exit_kind != ExitKind.MERGED, Project.exited_at > cutoff)
    return Project.confidential.is_(False) & single


def _contract(cutoff: datetime) -> ColumnElement[bool]:
    return (Agreement.kind == AgreementKind.CONTRACT) & (Agreement.reported_at <= cutoff)


def stands(cutoff: datetime) -> ColumnElement[bool]:
    """Condition: a change of stage that nobody had taken back by the cut-off."""
    return or_(StageEntry.undone_at.is_(None), StageEntry.undone_at > cutoff)


def _first_entry(stage: Stage, window: Window) -> ColumnElement[bool]:
    return (
        (StageEntry.to_stage == stage.value)
        & StageEntry.first
        & window.holds(StageEntry.at)
        & (StageEntry.at <= window.cutoff)
        & stands(window.cutoff)
        & window.covers(StageEntry.unit_id)
    )


def entries(stage: Stage, *, contract: bool = False) -> Callable[[Window], Select[Any]]:
    """First entries into a stage; ``contract`` leaves out projects without a formal contract."""

    def build(window: Window) -> Select[Any]:
        columns = _row(
            StageEntry.id,
            StageEntry.unit_id,
            Project.enterprise_id,
            Project.id,
            StageEntry.at,
            StageEntry.reason,
            ONE,
        )
        statement = (
            select(*columns)
            .join(Project, Project.id == StageEntry.project_id)
            .where(_first_entry(stage, window), _counts(window.cutoff))
        )
        if ORDER.index(stage) >= SIGNED:
            statement = statement.where(new(window.cutoff))
        signed = exists().where(Agreement.project_id == Project.id, _contract(window.cutoff))
        return statement.where(signed) if contract else statement

    return build


def signed_contracts(window: Window) -> Select[Any]:
    """Contracts of the projects that first entered 签约 in the period; amounts in 万元."""
    first = _first_entry(Stage.SIGNED, Window(window.start, window.end, window.cutoff))
    entered = StageEntry.project_id == Project.id
    statement = _contracts(window, StageEntry, StageEntry.at, Agreement.amount)
    return statement.join(StageEntry, entered).where(first, _counts(window.cutoff))


def _contracts(window: Window, owner: type[Agreement | StageEntry], at: Any, amount: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    """Formal contracts of new projects, each for the unit that owns it; an amount is split between its units."""
    shares = Shares(window.cutoff) if amount is not ONE else None
    unit = shares.unit(owner.unit_id) if shares else owner.unit_id
    counted = shares.amount(amount) if shares else amount
    columns = _row(Agreement.id, unit, Project.enterprise_id, Project.id, at, Agreement.number, counted)
    statement = select(*columns).select_from(Agreement).join(Project, Project.id == Agreement.project_id)
    if shares:
        statement = statement.outerjoin(shares.part, shares.joined())
    return statement.where(
        _contract(window.cutoff), window.covers(unit), Project.confidential.is_(False), new(window.cutoff)
    )


def reported(amount: Any) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Formal contracts by the day of signing (上报)."""

    def build(window: Window) -> Select[Any]:
        statement = _contracts(window, Agreement, Agreement.reported_at, amount)
        return statement.where(Agreement.signed_on.between(window.start, window.end))

    return build


def recognized(amount: Any) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Formal contracts by the day of recognition (认定)."""

    def build(window: Window) -> Select[Any]:
        return _contracts(window, Agreement, Agreement.recognized_at, amount).where(
            Agreement.recognized_at.is_not(None),
            window.holds(Agreement.recognized_at),  # type: ignore[arg-type]  # NULL was excluded above
            Agreement.recognized_at <= window.cutoff,
        )

    return build


def furthest(window: Window) -> Any:  # noqa: ANN401 (a subquery)
    """The furthest stage (its place in the order) each project of the period's cohort ever reached.

    One that waits for a ruling whether it is an old project stays before 签约.
    """
    place = func.max(case({stage.value: number for number, stage in enumerate(ORDER)}, value=StageEntry.to_stage))
    counted = case((and_(place >= SIGNED, ~new(window.cutoff)), SIGNED - 1), else_=place)
    return (
        select(StageEntry.project_id.label("project_id"), counted.label("place"))
        .join(Project, Project.id == StageEntry.project_id)
        .where(
            window.holds(Project.created_at),
            Project.created_at <= window.cutoff,
            StageEntry.at <= window.cutoff,
            stands(window.cutoff),
            window.covers(Project.unit_id),
            _counts(window.cutoff),
        )
        .group_by(StageEntry.project_id, Project.id)
        .subquery()
    )


def reached(stage: Stage, amount: Any = ONE) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Projects created in the period that ever reached a stage or went beyond it."""

    def build(window: Window) -> Select[Any]:
        far = furthest(window)
        columns = _row(
            Project.id, Project.unit_id, Project.enterprise_id, Project.id, Project.created_at, null(), amount
        )
        return select(*columns).join(far, far.c.project_id == Project.id).where(far.c.place >= ORDER.index(stage))

    return build
