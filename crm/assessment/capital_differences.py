"""Why capital reported and recognised differ, voucher by voucher; the reasons of a unit add up to its difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, cast, exists, func, literal, or_, select, type_coerce, union_all

from crm.assessment.differences import Cause, gathered
from crm.assessment.measures import MEASURES
from crm.assessment.summing import selected
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import SourceArea
from crm.pipeline.counting.marks import standing
from crm.pipeline.counting.models import CountingMark

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.assessment.differences import Reason
    from crm.assessment.window import Window

TOLD, HELD = "capital_reported", "capital_recognized"


def by_unit(session: Session, window: Window) -> dict[int, list[Reason]]:
    """Give the reasons of each unit whose two sums of capital differ, in one query."""
    parts = _parts(session, window)
    cause = _cause(parts, window)
    columns = (
        parts.c.id,
        parts.c.unit_id,
        cause.label("cause"),
        case((cause == Cause.BARRED.value, _rule(window))).label("rule"),
        case((cause == Cause.PART.value, _said(window)), else_="").label("text"),
        (parts.c.told - parts.c.held).label("amount"),
    )
    inner = select(*columns).join(CapitalVoucher, CapitalVoucher.id == parts.c.id).subquery()
    return gathered(session, inner)


def _parts(session: Session, window: Window) -> Any:  # noqa: ANN401 (a subquery)
    """Voucher by voucher and unit by unit: reported and recognised, where they differ."""
    told = selected(session, MEASURES[TOLD], window).subquery()
    held = selected(session, MEASURES[HELD], window).subquery()
    nothing = literal(0, BigInteger())
    sides = (
        select(told.c.id, told.c.unit_id, _micro(told).label("told"), nothing.label("held"), literal(1).label("said")),
        select(
            CapitalDecision.voucher_id, held.c.unit_id, nothing.label("told"), _micro(held), literal(0).label("said")
        ).join(CapitalDecision, CapitalDecision.id == held.c.id),
    )
    both = union_all(*sides).subquery()
    sums = {name: func.sum(both.c[name]) for name in ("told", "held", "said")}
    statement = select(both.c.id, both.c.unit_id, *(value.label(name) for name, value in sums.items()))
    return statement.group_by(both.c.id, both.c.unit_id).having(sums["told"] != sums["held"]).subquery()


def _micro(facts: Any) -> Any:  # noqa: ANN401 (a subquery, an expression)
    return cast(type_coerce(facts.c.amount, BigInteger()), BigInteger())


def _rule(window: Window) -> Any:  # noqa: ANN401 (a scalar subquery)
    """The first rule that bars the project, or what happens in it by now."""
    timely = or_(CountingMark.from_at.is_(None), CountingMark.from_at <= window.cutoff)
    statement = select(func.min(CountingMark.rule)).where(
        CountingMark.project_id == CapitalVoucher.project_id,
        CountingMark.agreement_id.is_(None),
        standing(window.cutoff),
        timely,
    )
    return statement.correlate(CapitalVoucher).scalar_subquery()


def _said(window: Window) -> Any:  # noqa: ANN401 (a scalar subquery)
    """What the recogniser wrote last."""
    here = (CapitalDecision.voucher_id == CapitalVoucher.id, CapitalDecision.decided_at <= window.cutoff)
    said = select(CapitalDecision.reason).where(*here, CapitalDecision.reason.is_not(None))
    last = said.order_by(CapitalDecision.id.desc()).limit(1).correlate(CapitalVoucher).scalar_subquery()
    return func.coalesce(last, "")


def _decided(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(CapitalDecision.voucher_id == CapitalVoucher.id, CapitalDecision.amount > 0, *conditions)


def _cause(parts: Any, window: Window) -> Any:  # noqa: ANN401 (a subquery, an expression)
    known = CapitalDecision.decided_at <= window.cutoff
    return case(
        (parts.c.said == 0, Cause.ARRIVED.value),
        (parts.c.held > 0, Cause.PART.value),
        (CapitalVoucher.area == SourceArea.LOCAL, Cause.LOCAL.value),
        (_rule(window).is_not(None), Cause.BARRED.value),
        (~_decided(known), Cause.WAITING.value),
        (_decided(and_(known, CapitalDecision.decided_at >= window.instants[1])), Cause.LATER.value),
        else_=Cause.ARRIVED.value,
    )
