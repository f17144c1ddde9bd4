"""Measures of 诉求办理: cases received, accepted, answered, due, closed in time, judged, satisfied.

Every figure is read as of the cut-off from the steps of a case, which are only added: when it was accepted, by which
day it was then to be answered, when and with which verdict it was closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from crm.aftercare.cases.models import CaseStep, ServiceCase
from crm.aftercare.cases.words import CaseState, CaseStepKind, Verdict
from crm.assessment.window import ONE, Clause, Counting, Measure, RowKind, fact
from crm.core.daystart import DayStart
from crm.core.scheduling import SHANGHAI
from crm.fieldwork.secrecy import not_secret

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from crm.assessment.window import Window

BY_RECEIVER = Clause("按收到单位计")
ONCE = Clause("一件只计一次")
K = CaseStepKind


def _cases(window: Window, at: Any) -> Select[Any]:  # noqa: ANN401 (a column)
    """Cases the window knows of, by an instant of theirs."""
    columns = fact(
        ServiceCase.id,
        ServiceCase.unit_id,
        ServiceCase.enterprise_id,
        ServiceCase.project_id,
        at,
        ServiceCase.title,
        ONE,
        ServiceCase.created_by,
    )
    return select(*columns).where(
        ServiceCase.created_at <= window.cutoff,
        window.covers(ServiceCase.unit_id),
        window.by(ServiceCase.created_by),
        window.within(ServiceCase.project_id),
        not_secret(ServiceCase.project_id),
    )


def received(window: Window) -> Select[Any]:
    """Cases by the day they came in."""
    day = ServiceCase.received_on.between(window.start, window.end)
    return _cases(window, DayStart(ServiceCase.received_on)).where(day)


def accepted(window: Window) -> Select[Any]:
    """Cases by the moment they were accepted."""
    at: Any = ServiceCase.accepted_at
    return _cases(window, at).where(at.is_not(None), window.holds(at), at <= window.cutoff)


def answered(window: Window) -> Select[Any]:
    """Cases accepted in the period that were answered by the cut-off."""
    return accepted(window).where(_did(K.REPLY, window))


def due(window: Window) -> Select[Any]:
    """Cases whose day of answer, as it then stood, lies in the period and is over, or that were closed before it.

    One taken back in time is not due any more; one taken back after its day was missed stays.
    """
    step, later = aliased(CaseStep), aliased(CaseStep)
    newer = exists().where(
        later.case_id == step.case_id, later.due_on.is_not(None), later.at <= window.cutoff, later.id > step.id
    )
    today = window.cutoff.astimezone(SHANGHAI).date()
    closed = _closed_by(window)
    return (
        _cases(window, DayStart(step.due_on))
        .join(step, step.case_id == ServiceCase.id)
        .where(
            step.due_on.between(window.start, window.end),
            step.at <= window.cutoff,
            ~newer,
            or_(step.due_on < today, closed),
            or_(ServiceCase.late.is_(True), ~_withdrawn_by(window)),
        )
    )


def in_time(window: Window) -> Select[Any]:
    """Of those due, the ones that were closed and never answered late."""
    return due(window).where(_closed_by(window), ServiceCase.late.is_(False))


def _closed_by(window: Window) -> ColumnElement[bool]:
    return and_(ServiceCase.state == CaseState.CLOSED, ServiceCase.ended_at <= window.cutoff)


def _withdrawn_by(window: Window) -> ColumnElement[bool]:
    return _did(K.WITHDRAW, window)


def _did(kind: K, window: Window) -> ColumnElement[bool]:
    found: ColumnElement[bool] = exists().where(
        CaseStep.case_id == ServiceCase.id, CaseStep.kind == kind, CaseStep.at <= window.cutoff
    )
    return found


def closed(*verdicts: Verdict) -> Any:  # noqa: ANN401 (a selection)
    """Cases closed in the period with one of these verdicts, with any without one."""

    def build(window: Window) -> Select[Any]:
        at: Any = ServiceCase.ended_at
        found = _cases(window, at).where(_closed_by(window), window.holds(at))
        return found.where(ServiceCase.verdict.in_(verdicts)) if verdicts else found

    return build


_WELL = (Verdict.SATISFIED, Verdict.FAIR)
_SAID = (*_WELL, Verdict.UNSATISFIED)


def _measure(key: str, label: str, basis: str, rows: Any) -> Measure:  # noqa: ANN401 (a selection)
    return Measure(key, label, "件", basis, RowKind.CASE, Counting(rows, (BY_RECEIVER, ONCE)))


DEMANDS = (
    _measure("cases_received", "收到的诉求", "期内收到的企业诉求和外商投诉，按收到单位计，一件只计一次", received),
    _measure("cases_accepted", "受理的诉求", "期内受理的企业诉求和外商投诉，按收到单位计，一件只计一次", accepted),
    _measure(
        "cases_answered", "已答复的诉求", "期内受理、截至统计时已答复企业的诉求，按收到单位计，一件只计一次", answered
    ),
    _measure(
        "cases_due",
        "应办结的诉求",
        "办结期限（含批准的延期和重新办理）在期内、已到期或已办结的诉求，按收到单位计，一件只计一次",
        due,
    ),
    _measure(
        "cases_closed_in_time",
        "按期办结的诉求",
        "期内应办结的诉求中每一轮都在期限内答复并已办结的，按收到单位计，一件只计一次",
        in_time,
    ),
    _measure("cases_closed", "办结的诉求", "期内办结的诉求，按收到单位计，一件只计一次", closed()),
    _measure(
        "cases_judged", "企业评价过的诉求", "期内办结、企业作出评价的诉求，按收到单位计，一件只计一次", closed(*_SAID)
    ),
    _measure(
        "cases_satisfied",
        "企业满意的诉求",
        "期内办结、企业满意或基本满意的诉求，按收到单位计，一件只计一次",
        closed(*_WELL),
    ),
)
