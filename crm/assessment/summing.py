"""Sums over the rows of measures: by unit, by person, several at once, and rates as pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, cast, func, literal, select, type_coerce, union_all

from crm.assessment.ratios import Ratio
from crm.core.types import MICRO_WAN, Wan
from crm.pipeline.intake import setup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.assessment.rates import Rate
    from crm.assessment.window import Measure, Window


def selected(session: Session, measure: Measure, window: Window) -> Select[Any]:
    """The rows of a measure, with what it needs of the office's own settings."""
    if measure.office and not window.words:
        industries = setup.load(session).dimensions.industries
        words = [word for one in industries for word in (one.name, *one.words) if word.strip()]
        window = replace(window, words=tuple(dict.fromkeys(words)))
    return measure.select(window)


def by_unit(session: Session, measure: Measure, window: Window) -> dict[int, Decimal]:
    """The figure of each unit that has any; their sum is the whole."""
    return _grouped(session, measure, window, "unit_id")


def by_person(session: Session, measure: Measure, window: Window) -> dict[int | None, Decimal]:
    """The figure of each person that has any, None for what is nobody's; their sum is the whole."""
    return _grouped(session, measure, window, "person_id")


def _grouped(session: Session, measure: Measure, window: Window, column: str) -> dict[Any, Decimal]:
    facts = selected(session, measure, window).subquery()
    key = facts.c[column]
    rows = session.execute(select(key, func.sum(facts.c.amount)).group_by(key)).all()
    return {group: Decimal(amount) for group, amount in rows}


@dataclass(frozen=True, slots=True)
class Sum:
    """What rows add up to, and how many they are."""

    value: Decimal = Decimal(0)
    rows: int = 0

    def __add__(self, other: Sum) -> Sum:
        """Both together."""
        return Sum(self.value + other.value, self.rows + other.rows)


def summed(
    session: Session, wanted: Sequence[tuple[str, Measure, Window]], *groups: str
) -> dict[str, dict[Any, Decimal]]:
    """Figures by a key of the caller, each summed by columns of its rows, in one query.

    By one column the sums are kept under its values, by several under tuples of them.
    """
    found = counted(session, wanted, *groups)
    return {key: {group: one.value for group, one in sums.items()} for key, sums in found.items()}


def counted(session: Session, wanted: Sequence[tuple[str, Measure, Window]], *groups: str) -> dict[str, dict[Any, Sum]]:
    """Like :func:`summed`, with the number of rows behind each figure."""
    parts = []
    for key, measure, window in wanted:
        facts = selected(session, measure, window).subquery()
        columns = [facts.c[name] for name in groups]
        money = isinstance(facts.c.amount.type, Wan)
        amount = cast(type_coerce(func.sum(facts.c.amount), BigInteger()), BigInteger())
        parts.append(
            select(
                literal(key).label("key"),
                literal(money).label("money"),
                amount.label("amount"),
                func.count().label("rows"),
                *columns,
            ).group_by(*columns)
        )
    found: dict[str, dict[Any, Sum]] = {key: {} for key, _measure, _window in wanted}
    if parts:
        for key, money, amount, rows, *values in session.execute(union_all(*parts)).all():
            group = values[0] if len(groups) == 1 else tuple(values)
            found[key][group] = Sum(Decimal(amount) / (MICRO_WAN if money else 1), int(rows))
    return found


def figures(session: Session, measures: Sequence[Measure], window: Window) -> dict[str, dict[int, Decimal]]:
    """The figures of several measures by unit, in one query."""
    return summed(session, [(one.key, one, window) for one in measures], "unit_id")


def ratio(session: Session, rate: Rate, window: Window) -> Ratio:
    """A rate over all units of the window, as the pair it is made of."""
    sums = figures(session, [rate.done, rate.of], window)
    return Ratio(*(sum(sums[one.key].values(), Decimal(0)) for one in (rate.done, rate.of)))


def ratios(session: Session, rates: Sequence[Rate], window: Window) -> dict[str, dict[int, Ratio]]:
    """Several rates by unit, in one query."""
    wanted = {one.key: one for rate in rates for one in (rate.done, rate.of)}
    sums = figures(session, list(wanted.values()), window)
    return {rate.key: paired(rate, sums) for rate in rates}


def paired(rate: Rate, sums: Mapping[str, Mapping[int, Decimal]]) -> dict[int, Ratio]:
    """A rate by unit out of the figures of its two measures."""
    done, of = sums[rate.done.key], sums[rate.of.key]
    return {unit: Ratio(done.get(unit, Decimal(0)), of.get(unit, Decimal(0))) for unit in {**of, **done}}


def total(session: Session, measure: Measure, window: Window) -> Decimal:
    """The figure over all units of the window."""
    return sum(by_unit(session, measure, window).values(), Decimal(0))
