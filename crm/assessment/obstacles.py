"""Measures of 项目问题 (blockers): raised, closed on the firm's word, due, closed in time, overdue.

Every figure is read as of the cut-off from the steps of a blocker, which are only added. What is in time is measured
by the deadline a blocker was raised with: a deadline put off later does not help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from crm.assessment.window import ONE, Clause, Counting, Measure, RowKind, fact
from crm.core.daystart import DayStart
from crm.core.scheduling import SHANGHAI
from crm.delivery.blockers.models import Blocker, BlockerStep
from crm.delivery.blockers.rules import StepKind
from crm.fieldwork.secrecy import not_secret

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from crm.assessment.window import Window

BY_CHARGED = Clause("按责任单位计")
ONCE = Clause("一个问题只计一次")


def _blockers(window: Window, at: Any) -> Select[Any]:  # noqa: ANN401 (a column)
    """Blockers the window knows of, by an instant of theirs; of the unit and person that are to clear them."""
    columns = fact(
        Blocker.id,
        Blocker.unit_id,
        Blocker.enterprise_id,
        Blocker.project_id,
        at,
        Blocker.title,
        ONE,
        Blocker.responsible_id,
    )
    return select(*columns).where(
        Blocker.raised_at <= window.cutoff,
        window.covers(Blocker.unit_id),
        window.by(Blocker.responsible_id),
        window.within(Blocker.project_id),
        not_secret(Blocker.project_id),
    )


def raised(window: Window) -> Select[Any]:
    """Blockers by the day they were raised."""
    return _blockers(window, DayStart(Blocker.raised_on)).where(Blocker.raised_on.between(window.start, window.end))


def closed(window: Window) -> Select[Any]:
    """Blockers closed in the period that were not reopened by the cut-off."""
    step = aliased(BlockerStep)
    rows = _blockers(window, step.at).join(step, step.blocker_id == Blocker.id)
    return rows.where(window.holds(step.at), _stands(step, window))


def due(window: Window) -> Select[Any]:
    """Blockers whose first deadline lies in the period and is over."""
    today = window.cutoff.astimezone(SHANGHAI).date()
    over = (Blocker.first_due_on.between(window.start, window.end), Blocker.first_due_on < today)
    return _blockers(window, DayStart(Blocker.first_due_on)).where(*over)


def in_time(window: Window) -> Select[Any]:
    """Of those due, the ones the firm called cleared by their first deadline, and that stayed so."""
    return due(window).where(_closed(window, in_time=True))


def overdue(window: Window) -> Select[Any]:
    """Of those due, the ones that were not closed by the cut-off."""
    return due(window).where(~_closed(window, in_time=False))


def _closed(window: Window, *, in_time: bool) -> ColumnElement[bool]:
    step = aliased(BlockerStep)
    early = [step.day <= Blocker.first_due_on] if in_time else []
    return exists().where(step.blocker_id == Blocker.id, _stands(step, window), *early)


def _stands(step: Any, window: Window) -> ColumnElement[bool]:  # noqa: ANN401 (an alias)
    """Condition: the step closed its blocker by the cut-off, and nobody reopened it since."""
    later = aliased(BlockerStep)
    again = exists().where(
        later.blocker_id == step.blocker_id,
        later.kind == StepKind.REOPENED,
        later.id > step.id,
        later.at <= window.cutoff,
    )
    found: ColumnElement[bool] = (step.kind == StepKind.CONFIRMED) & (step.at <= window.cutoff) & ~again
    return found


def _measure(key: str, label: str, basis: str, rows: Any) -> Measure:  # noqa: ANN401 (a selection)
    return Measure(key, label, "个", basis, RowKind.BLOCKER, Counting(rows, (BY_CHARGED, ONCE)))


OBSTACLES = (
    _measure("blockers_raised", "登记的项目问题", "期内登记交办的项目问题，按责任单位计，一个问题只计一次", raised),
    _measure(
        "blockers_closed",
        "销号的项目问题",
        "期内经企业确认销号、截至统计时没有重新打开的项目问题，按责任单位计，一个问题只计一次",
        closed,
    ),
    _measure(
        "blockers_due",
        "到期的项目问题",
        "登记时定的时限在期内、截至统计时已过的项目问题，按责任单位计，一个问题只计一次",
        due,
    ),
    _measure(
        "blockers_in_time",
        "按期销号的项目问题",
        "期内到期的项目问题中企业在最初时限内确认解决的，按责任单位计，一个问题只计一次",
        in_time,
    ),
    _measure(
        "blockers_overdue",
        "超期未销号的项目问题",
        "期内到期的项目问题中截至统计时还没有销号的，按责任单位计，一个问题只计一次",
        overdue,
    ),
)
