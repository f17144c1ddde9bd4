"""Figures of the management views beside last period and last year: sums, amounts, rates, the funnel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment import queries as assessment
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.ratios import Ratio
from crm.insight import windows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.queries import Step
    from crm.assessment.rates import Rate
    from crm.assessment.window import Measure, Window
    from crm.auth.rules import Actor

ZERO = Decimal(0)
COUNTS = ("leads", "visits", "receptions", "inspections", "negotiating", "signings", "starts", "productions")
AMOUNTS = ("signed_amount", "recognized_amount", "capital_recognized")
SHOWN_RATES = ("new_faces", "answered", "lead_valid", "signing", "fulfilment", "start")
NOW, YEAR_AGO = 0, 2
TIMES = (NOW, 1, YEAR_AGO)


@dataclass(frozen=True, slots=True)
class Sums:
    """A measure now, last period and last year, each with its window."""

    measure: Measure
    values: tuple[Decimal, ...]
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Rates:
    """A rate now, last period and last year, as pairs; ``windows`` are those of its two measures now."""

    rate: Rate
    pairs: tuple[Ratio, ...]
    windows: tuple[Window, Window]


def times(window: Window) -> tuple[Window, Window, Window]:
    """Return the period, the one before and that of a year ago."""
    return window, windows.before(window), windows.year_before(window)


def seen(actor: Actor, measure: Measure, window: Window) -> Window:
    """Narrow a window to the units whose rows of this kind the person sees."""
    return replace(window, units=assessment.visible_units(actor, measure))


def sums(session: Session, actor: Actor, keys: Mapping[str, Collection[int]], window: Window) -> dict[str, Sums]:
    """Measures in those of the three periods that are asked for, nothing in the others, in one query."""
    found = {key: [seen(actor, MEASURES[key], one) for one in times(window)] for key in keys}
    wanted = [(f"{key}@{at}", MEASURES[key], found[key][at]) for key, asked in keys.items() for at in sorted(asked)]
    summed = assessment.summed(session, wanted, "unit_id")
    return {
        key: Sums(
            MEASURES[key],
            tuple(sum(summed.get(f"{key}@{at}", {}).values(), ZERO) for at in TIMES),
            tuple(three),
        )
        for key, three in found.items()
    }


def chosen(
    session: Session,
    actor: Actor,
    keys: Sequence[str],
    rate_keys: Sequence[str],
    window: Window,
    *,
    in_times: Collection[int] = TIMES,
    rates_in: Collection[int] = TIMES,
) -> tuple[list[Sums], list[Rates]]:
    """Measures and rates in the three periods, or only in some of them, in one query."""
    rates = [RATES[key] for key in rate_keys]
    asked: dict[str, set[int]] = {key: set(in_times) for key in keys}
    for rate in rates:
        for one in (rate.done, rate.of):
            asked.setdefault(one.key, set()).update(rates_in)
    found = sums(session, actor, asked, window)
    return [found[key] for key in keys], [_rate(rate, found) for rate in rates]


def _rate(rate: Rate, found: dict[str, Sums]) -> Rates:
    done, of = found[rate.done.key], found[rate.of.key]
    pairs = tuple(Ratio(*pair) for pair in zip(done.values, of.values, strict=True))
    return Rates(rate, pairs, (done.windows[0], of.windows[0]))


def size(found: Sequence[Sums]) -> int:
    """How many leads and visits stand behind sums of the period, roughly: money is not counted."""
    return int(sum(one.values[NOW] for one in found if one.measure.key in {"leads", "visits"}))


def funnels(session: Session, actor: Actor, window: Window) -> tuple[tuple[Window, ...], list[tuple[Step, ...]]]:
    """The funnel of the three periods, by stage."""
    three = tuple(seen(actor, MEASURES["reached_lead"], one) for one in times(window))
    return three, list(zip(*(assessment.funnel(session, one) for one in three), strict=True))
