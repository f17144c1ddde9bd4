"""Why reported and recognised differ (差异原因): every part of a difference with its reason; parts sum to the whole.

The two figures of a unit are taken apart contract by contract. What was reported and not recognised waits, is barred
by a rule, was refused, or was recognised only after the period; what was recognised and not reported here was signed
or reported before it. So the reasons of a unit add up to its difference exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, case, cast, exists, func, literal, or_, select, type_coerce, union_all

from crm.assessment.measures import MEASURES
from crm.assessment.summing import selected
from crm.core.types import MICRO_WAN
from crm.pipeline.counting.marks import standing
from crm.pipeline.counting.models import CountingMark
from crm.pipeline.counting.words import SPECS, Rule
from crm.pipeline.models import Agreement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.assessment.window import Measure, Window

TOLD, HELD = "reported_amount", "recognized_amount"
UNSAID = "没有写原因"


class Cause(StrEnum):
    """Kinds of reasons, in the order they are told."""

    BARRED = "barred"
    REFUSED = "refused"
    LESS = "less"
    MORE = "more"
    WAITING = "waiting"
    LATER = "later"
    EARLIER = "earlier"
    LOCAL = "local"
    PART = "part"
    ARRIVED = "arrived"


CAUSES: dict[Cause, str] = {
    Cause.BARRED: "不计入",
    Cause.REFUSED: "不予认定",
    Cause.LESS: "核减",
    Cause.MORE: "核增",
    Cause.WAITING: "待认定",
    Cause.LATER: "期后才认定",
    Cause.EARLIER: "期前签约、本期认定",
    Cause.LOCAL: "本地资金不计",
    Cause.PART: "部分认定",
    Cause.ARRIVED: "期前到账、本期认定",
}
WITH_REASON = frozenset({Cause.REFUSED, Cause.LESS, Cause.MORE, Cause.PART})


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the difference of a unit: why, how many contracts, how much (reported − recognised, 万元).

    ``first`` are those that no unit before counts: one shared between units is one of all.
    """

    cause: Cause
    rule: Rule | None
    text: str
    contracts: int
    amount: Decimal
    first: int

    @property
    def words(self) -> str:
        """The reason in Chinese, without its numbers."""
        if self.rule is not None:
            return f"{CAUSES[self.cause]}：{SPECS[self.rule].label}"
        return f"{CAUSES[self.cause]}：{self.text or UNSAID}" if self.cause in WITH_REASON else CAUSES[self.cause]


def by_unit(session: Session, window: Window) -> dict[int, list[Reason]]:
    """Give the reasons of each unit whose two sums differ, in one query; nothing where they agree."""
    parts = _parts(session, window)
    cause = _cause(parts, window)
    rule, text = _rule(window), func.coalesce(Agreement.difference_reason, "")
    columns = (
        parts.c.id,
        parts.c.unit_id,
        cause.label("cause"),
        case((cause == Cause.BARRED.value, rule)).label("rule"),
        case((cause.in_([one.value for one in WITH_REASON]), text), else_="").label("text"),
        (parts.c.told - parts.c.held).label("amount"),
    )
    inner = select(*columns).join(Agreement, Agreement.id == parts.c.id).subquery()
    return gathered(session, inner)


def gathered(session: Session, parts: Any) -> dict[int, list[Reason]]:  # noqa: ANN401 (a subquery)
    """Sum parts (id, unit, cause, rule, text, amount in 10⁻⁶ 万元) up to the reasons of each unit, in one query."""
    first = func.min(parts.c.unit_id).over(partition_by=(parts.c.id, parts.c.cause, parts.c.rule, parts.c.text))
    one = select(parts, case((parts.c.unit_id == first, 1), else_=0).label("first")).subquery()
    groups = (one.c.unit_id, one.c.cause, one.c.rule, one.c.text)
    sums = (func.count(), cast(func.sum(one.c.amount), BigInteger()), func.sum(one.c.first))
    found: dict[int, list[Reason]] = {}
    for unit_id, kind, barred, said, rows, amount, firsts in session.execute(select(*groups, *sums).group_by(*groups)):
        rule = Rule(barred) if barred else None
        reason = Reason(Cause(kind), rule, said, rows, Decimal(amount) / MICRO_WAN, int(firsts))
        found.setdefault(unit_id, []).append(reason)
    return {unit_id: sorted_reasons(reasons) for unit_id, reasons in found.items()}


def sorted_reasons(reasons: Iterable[Reason]) -> list[Reason]:
    """Put reasons in the order they are told: by kind, the largest first."""
    return sorted(reasons, key=lambda one: (list(Cause).index(one.cause), -abs(one.amount), one.words))


def whole(reasons: Iterable[Iterable[Reason]]) -> list[Reason]:
    """Add the reasons of units up to those of all."""
    sums: dict[tuple[Cause, Rule | None, str], tuple[int, Decimal]] = {}
    for one in (reason for some in reasons for reason in some):
        rows, amount = sums.get((one.cause, one.rule, one.text), (0, Decimal(0)))
        sums[one.cause, one.rule, one.text] = rows + one.first, amount + one.amount
    return sorted_reasons(Reason(*key, rows, amount, rows) for key, (rows, amount) in sums.items())


def why(agreement: Agreement, rule: Rule | None, window: Window) -> Reason:
    """Give the reason of one contract that was reported in the window."""
    known = agreement.recognized_at is not None and agreement.recognized_at <= window.cutoff
    held = (agreement.recognized_amount or Decimal(0)) if known and rule is None else Decimal(0)
    if rule is not None:
        cause = Cause.BARRED
    elif not known:
        cause = Cause.WAITING
    elif not held:
        cause = Cause.REFUSED
    else:
        cause = Cause.LESS if held < agreement.amount else Cause.MORE
    text = (agreement.difference_reason or "") if cause in WITH_REASON else ""
    return Reason(cause, rule, text, 1, agreement.amount - held, 1)


def _parts(session: Session, window: Window) -> Any:  # noqa: ANN401 (a subquery)
    """Contract by contract and unit by unit: reported, recognised and how often each, where they differ."""
    sides = []
    for key in (TOLD, HELD):
        facts = selected(session, _measure(key), window).subquery()
        amount = cast(type_coerce(facts.c.amount, BigInteger()), BigInteger())
        nothing = literal(0, BigInteger())
        told, held = (amount, nothing) if key == TOLD else (nothing, amount)
        seen = (literal(1), literal(0)) if key == TOLD else (literal(0), literal(1))
        columns = (told.label("told"), held.label("held"), seen[0].label("said"), seen[1].label("known"))
        sides.append(select(facts.c.id, facts.c.unit_id, *columns))
    both = union_all(*sides).subquery()
    sums = {name: func.sum(both.c[name]) for name in ("told", "held", "said", "known")}
    statement = select(both.c.id, both.c.unit_id, *(value.label(name) for name, value in sums.items()))
    differ = or_(sums["told"] != sums["held"], sums["said"] != sums["known"])
    return statement.group_by(both.c.id, both.c.unit_id).having(differ).subquery()


def _measure(key: str) -> Measure:
    return MEASURES[key]


def _rule(window: Window) -> Any:  # noqa: ANN401 (a scalar subquery)
    """The first rule that bars the contract, of its own or of its project."""
    statement = select(func.min(CountingMark.rule)).where(*_bars(window))
    return statement.correlate(Agreement).scalar_subquery()


def _bars(window: Window) -> tuple[ColumnElement[bool], ...]:
    own = or_(CountingMark.agreement_id.is_(None), CountingMark.agreement_id == Agreement.id)
    timely = or_(CountingMark.from_at.is_(None), CountingMark.from_at <= Agreement.recognized_at)
    return CountingMark.project_id == Agreement.project_id, standing(window.cutoff), own, timely


def barred(window: Window) -> ColumnElement[bool]:
    """Condition: a rule bars the contract, or its project, at the cut-off."""
    return exists().where(*_bars(window))


def rules_of(session: Session, ids: Iterable[int], window: Window) -> dict[int, Rule]:
    """Give the rule that bars each of these contracts, in one query."""
    statement = select(Agreement.id, _rule(window)).where(Agreement.id.in_(list(ids)))
    return {row_id: Rule(rule) for row_id, rule in session.execute(statement) if rule}


def _cause(parts: Any, window: Window) -> Any:  # noqa: ANN401 (a subquery, an expression)
    known = and_(Agreement.recognized_at.is_not(None), Agreement.recognized_at <= window.cutoff)
    return case(
        (parts.c.said == 0, Cause.EARLIER.value),
        (and_(parts.c.known == 1, parts.c.held < parts.c.told), Cause.LESS.value),
        (parts.c.known == 1, Cause.MORE.value),
        (_rule(window).is_not(None), Cause.BARRED.value),
        (~known, Cause.WAITING.value),
        (func.coalesce(Agreement.recognized_amount, 0) == 0, Cause.REFUSED.value),
        (Agreement.recognized_at >= window.instants[1], Cause.LATER.value),
        else_=Cause.EARLIER.value,
    )
