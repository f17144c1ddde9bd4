"""The one place that selects the rows a figure counts, as of a cut-off.

A fact counts when it happened in the period, was recorded by the cut-off and was not
voided by then. Targets, campaigns, the funnel and the weekly report all read from here,
so a number and the rows behind it cannot differ. Confidential projects and what was done
for them are in no figure: everybody reads the same number. Nor is a signing that waits for a
ruling whether it is an old project, or that a counting rule bars; amounts are split between units as agreed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, null, or_, select

from crm.assessment.sharing import Shares
from crm.assessment.window import (
    EVERYTHING,
    ONE,
    READ,
    Clause,
    Counting,
    Lens,
    Measure,
    RowKind,
    Size,
    Window,
    fact,
    known_by,
)
from crm.core.daystart import DayStart
from crm.core.types import Wan
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import not_secret
from crm.pipeline.counting.marks import counts
from crm.pipeline.intake.models import Handover
from crm.pipeline.intake.rules import Answer
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.repeats.counting import counts as new
from crm.pipeline.rules import ORDER, AgreementKind, ExitKind, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

    from crm.fieldwork.rules import TouchKind

__all__ = [  # what a figure is made of is read from here as well
    "EVERYTHING",
    "ONE",
    "READ",
    "Clause",
    "Counting",
    "Lens",
    "Measure",
    "RowKind",
    "Size",
    "Window",
]
SIGNED = ORDER.index(Stage.SIGNED)
NOTHING = literal(0, Wan())

VALID = Clause("作废记录不计")
ONCE_EACH = Clause("同一单位同一企业只计一家")
EACH_TIME = Clause("每次计一批")
BY_UNIT = Clause("按登记单位计")
ONE_PROJECT = Clause("一个项目只计一次")
SINGLE = Clause("重复合并的不计", lambda window: single(window.cutoff))
FORMAL = Clause("意向和框架协议不计", lambda window: _signed(window.cutoff))
CONTRACTS = Clause("意向和框架协议不计", lambda window: _contract(window.cutoff))
NEW = Clause("待核老项目不计", lambda window: new(window.cutoff))
BARRED_WORDS = "不予认定的不计"
COUNTED = Clause(BARRED_WORDS, lambda window: counts(window.cutoff))
COUNTED_ENTRY = Clause(BARRED_WORDS, lambda window: counts(window.cutoff, at=StageEntry.at))
COUNTED_SIGNED = Clause(BARRED_WORDS, lambda window: counts(window.cutoff, at=StageEntry.at, contract=True))
COUNTED_PAPER = Clause(BARRED_WORDS, lambda window: counts(window.cutoff, at=Agreement.recognized_at, contract=True))
BY_DAY = Clause("以认定日期为准")
SHARED = Clause("分成的按比例计")


def owner_on(cutoff: datetime) -> Any:  # noqa: ANN401 (a scalar expression)
    """Who owned the project at the cut-off: the giver of the first hand-over accepted later, else the owner."""
    later = (
        select(Handover.from_user_id)
        .where(
            Handover.project_id == Project.id,
            Handover.answer == Answer.ACCEPTED,
            Handover.answered_at > cutoff,
            Handover.from_user_id.is_not(None),
        )
        .order_by(Handover.answered_at, Handover.id)
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
    return func.coalesce(later, Project.owner_id)


def touched(window: Window, *kinds: TouchKind, ever: bool = False) -> list[ColumnElement[bool]]:
    """Conditions on touches of these kinds, any kind without one, that count in a window, or ``ever`` up to its end."""
    return [
        *([Touch.kind.in_(kinds)] if kinds else []),
        Touch.occurred_at < window.instants[1] if ever else window.holds(Touch.occurred_at),
        Touch.recorded_at <= window.cutoff,
        known_by(Touch.voided_at, window.cutoff),
        window.covers(Touch.unit_id),
        window.by(Touch.created_by),
        window.within(Touch.project_id),
        not_secret(Touch.project_id),
    ]


def touches(*kinds: TouchKind, amount: Any = ONE) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Every touch of these kinds."""

    def build(window: Window) -> Select[Any]:
        columns = fact(
            Touch.id,
            Touch.unit_id,
            Touch.enterprise_id,
            Touch.project_id,
            Touch.occurred_at,
            Touch.summary,
            amount,
            Touch.created_by,
        )
        return select(*columns).where(*touched(window, *kinds))

    return build


def firms(
    *kinds: TouchKind, only: Callable[[Window], ColumnElement[bool]] | None = None
) -> Callable[[Window], Select[Any]]:
    """One touch, the earliest, of each unit with each enterprise; ``only`` narrows the touches before."""

    def build(window: Window) -> Select[Any]:
        place = func.row_number().over(
            partition_by=(Touch.unit_id, Touch.enterprise_id), order_by=(Touch.occurred_at, Touch.id)
        )
        chosen = touches(*kinds)(window)
        inner = (chosen if only is None else chosen.where(only(window))).add_columns(place.label("place")).subquery()
        kept = [column for column in inner.c if column.name != "place"]
        return select(*kept).where(inner.c.place == 1)

    return build


def single(cutoff: datetime) -> ColumnElement[bool]:
    """Condition: the project was not merged into another by the cut-off."""
    return or_(Project.exit_kind.is_(None), Project.exit_kind != ExitKind.MERGED, Project.exited_at > cutoff)


def _contract(cutoff: datetime) -> ColumnElement[bool]:
    return (Agreement.kind == AgreementKind.CONTRACT) & (Agreement.reported_at <= cutoff)


def _signed(cutoff: datetime) -> ColumnElement[bool]:
    return exists().where(Agreement.project_id == Project.id, _contract(cutoff))


def stands(cutoff: datetime) -> ColumnElement[bool]:
    """Condition: a change of stage that nobody had taken back by the cut-off."""
    return known_by(StageEntry.undone_at, cutoff)


def first_entry(stage: Stage, window: Window) -> ColumnElement[bool]:
    """Condition: the first change into a stage, in the window and not taken back."""
    return (
        (StageEntry.to_stage == stage.value)
        & StageEntry.first
        & window.holds(StageEntry.at)
        & (StageEntry.at <= window.cutoff)
        & stands(window.cutoff)
        & window.covers(StageEntry.unit_id)
    )


def entered(stage: Stage) -> Callable[[Window], Select[Any]]:
    """First entries into a stage.

    A lead is of whom registered it, every later stage of who owned the project at the cut-off.
    """

    def build(window: Window) -> Select[Any]:
        person = StageEntry.by if stage is Stage.LEAD else owner_on(window.cutoff)
        columns = fact(
            StageEntry.id,
            StageEntry.unit_id,
            Project.enterprise_id,
            Project.id,
            StageEntry.at,
            StageEntry.reason,
            ONE,
            person,
        )
        statement = select(*columns).join(Project, Project.id == StageEntry.project_id)
        statement = statement.where(first_entry(stage, window), Project.confidential.is_(False), *window.sized())
        return statement if window.lens.people is None else statement.where(window.by(person))

    return build


def entries(stage: Stage, *also: Clause) -> Counting:
    """First entries into a stage of projects that nobody merged away, from 签约 on of new ones no rule bars."""
    rules = (*also, *([NEW, COUNTED_ENTRY] if ORDER.index(stage) >= SIGNED else []), SINGLE)
    return Counting(entered(stage), rules)


def signed_contracts(window: Window) -> Select[Any]:
    """Agreements of the projects that first entered 签约 in the period; amounts in 万元."""
    first = first_entry(Stage.SIGNED, Window(window.start, window.end, window.cutoff))
    joined = StageEntry.project_id == Project.id
    statement = agreements(window, StageEntry, StageEntry.at, Agreement.amount)
    return statement.join(StageEntry, joined).where(first)


def agreements(window: Window, owner: type[Agreement | StageEntry], at: Any, amount: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    """Agreements, each for the unit that owns it; an amount is split between its units."""
    shares = Shares(window.cutoff) if amount is not ONE else None
    unit, counted = (shares.unit(owner.unit_id), shares.amount(amount)) if shares else (owner.unit_id, amount)
    person = owner_on(window.cutoff)
    columns = fact(Agreement.id, unit, Project.enterprise_id, Project.id, at, Agreement.number, counted, person)
    statement = select(*columns).select_from(Agreement).join(Project, Project.id == Agreement.project_id)
    statement = statement.outerjoin(shares.part, shares.joined()) if shares else statement
    whose = [] if window.lens.people is None else [window.by(person)]
    whose += [Agreement.currency == window.lens.currency] if window.lens.currency else []
    return statement.where(window.covers(unit), Project.confidential.is_(False), *window.sized(), *whose)


def reported(amount: Any, kind: AgreementKind = AgreementKind.CONTRACT) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Agreements of a kind, formal contracts unless told otherwise, by the day of signing (上报)."""

    def build(window: Window) -> Select[Any]:
        known = (Agreement.kind == kind, Agreement.reported_at <= window.cutoff)
        signed = Agreement.signed_on.between(window.start, window.end)
        return agreements(window, Agreement, DayStart(Agreement.signed_on), amount).where(*known, signed)

    return build


def recognized(amount: Any) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Agreements by the day of recognition (认定); one of which nothing was recognised is none."""

    def build(window: Window) -> Select[Any]:
        return agreements(window, Agreement, Agreement.recognized_at, amount).where(
            Agreement.recognized_at.is_not(None),
            window.holds(Agreement.recognized_at),  # type: ignore[arg-type]  # NULL was excluded above
            Agreement.recognized_at <= window.cutoff,
            func.coalesce(Agreement.recognized_amount, 1) > 0,
        )

    return build


def furthest(window: Window) -> Any:  # noqa: ANN401 (a subquery)
    """The furthest stage (its place in the order) each project of the period's cohort ever reached.

    One that waits for a ruling whether it is an old project, or that a counting rule bars, stays before 签约.
    """
    place = func.max(case({stage.value: number for number, stage in enumerate(ORDER)}, value=StageEntry.to_stage))
    counted = case((and_(place >= SIGNED, ~(new(window.cutoff) & counts(window.cutoff))), SIGNED - 1), else_=place)
    return (
        select(StageEntry.project_id.label("project_id"), counted.label("place"))
        .join(Project, Project.id == StageEntry.project_id)
        .where(
            window.holds(Project.created_at),
            Project.created_at <= window.cutoff,
            StageEntry.at <= window.cutoff,
            stands(window.cutoff),
            window.covers(Project.unit_id),
            Project.confidential.is_(False),
            single(window.cutoff),
            *window.sized(),
            *([window.by(owner_on(window.cutoff))] if window.lens.people is not None else []),
        )
        .group_by(StageEntry.project_id, Project.id)
        .subquery()
    )


def reached(stage: Stage, amount: Any = ONE) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """Projects created in the period that ever reached a stage or went beyond it."""

    def build(window: Window) -> Select[Any]:
        far = furthest(window)
        whose = (Project.unit_id, Project.enterprise_id, Project.id)
        columns = fact(Project.id, *whose, Project.created_at, null(), amount, owner_on(window.cutoff))
        return select(*columns).join(far, far.c.project_id == Project.id).where(far.c.place >= ORDER.index(stage))

    return build
