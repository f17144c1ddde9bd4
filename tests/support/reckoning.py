"""Figures of a drawn history, reckoned from its facts alone: no query, no code of the service that counts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.core.scheduling import local_day
from crm.fieldwork.rules import TouchKind
from crm.pipeline.rules import ORDER, Stage
from crm.pipeline.words import SourceArea
from tests.support.histories import HOUR

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from tests.support.histories import Deal, History

KEYS = (
    "visit_batches", "visits", "receptions", "guests", "inspections", "leads", "negotiating", "signings", "starts",
    "reported", "reported_amount", "recognized", "recognized_amount", "capital_reported", "capital_recognized",
)  # fmt: skip


def within(start: date, end: date) -> Callable[[datetime], bool]:
    """Whether a moment lies in these days, both included, by the office's calendar."""
    return lambda at: start <= local_day(at) <= end


def reckon(history: History, inside: Callable[[datetime], bool], cutoff: datetime) -> dict[str, list[Decimal]]:
    """Figures of the two units by key, as the counting bases say in words, reckoned from the facts alone."""
    sums: dict[str, list[Decimal]] = {key: [Decimal(0), Decimal(0)] for key in KEYS}
    met: dict[str, set[tuple[int, int]]] = {"visits": set(), "inspections": set()}
    for one in history.visits:
        if not inside(one.at) or one.recorded > cutoff or (one.voided and one.voided <= cutoff):
            continue
        if one.kind is TouchKind.VISIT:
            sums["visit_batches"][one.place] += 1
            met["visits"].add((one.place, one.firm))
        if one.kind in {TouchKind.RECEPTION, TouchKind.INSPECTION}:
            sums["receptions"][one.place] += 1
            sums["guests"][one.place] += one.heads
        if one.kind is TouchKind.INSPECTION:
            met["inspections"].add((one.place, one.firm))
    for key, pairs in met.items():
        for place, _firm in pairs:
            sums[key][place] += 1
    for deal in history.deals:
        if not deal.secret:
            _moved(deal, sums, inside, cutoff)
            _told(deal, sums, inside, cutoff)
    return sums


def _counts(deal: Deal) -> bool:
    """Whether its money comes from outside: not every contract is of local money."""
    areas = [one.area for one in deal.papers if one.formal]
    return not areas or any(area is not SourceArea.LOCAL for area in areas)


def _moved(deal: Deal, sums: dict[str, list[Decimal]], inside: Callable[[datetime], bool], cutoff: datetime) -> None:
    steps = {stage: at for stage, at in zip(ORDER, deal.steps, strict=False) if at <= cutoff}
    if deal.taken_back:
        steps.pop(ORDER[len(deal.steps) - 1], None)
    if deal.merged and deal.merged <= cutoff:
        return
    formal = any(one.formal and one.told <= cutoff for one in deal.papers)
    for key, stage, needs in (
        ("leads", Stage.LEAD, True),
        ("negotiating", Stage.VISITING, True),
        ("signings", Stage.SIGNED, formal and _counts(deal)),
        ("starts", Stage.STARTED, _counts(deal)),
    ):
        if needs and stage in steps and inside(steps[stage]):
            sums[key][deal.place] += 1


def _told(deal: Deal, sums: dict[str, list[Decimal]], inside: Callable[[datetime], bool], cutoff: datetime) -> None:
    for one in deal.papers:
        if not one.formal or one.told > cutoff:
            continue
        if inside(one.made):
            sums["reported"][deal.place] += 1
            _add(sums["reported_amount"], deal, one.money, cutoff)
        at, held = one.decided or (cutoff + HOUR, Decimal(0))
        if held and at <= cutoff and inside(at) and one.area is not SourceArea.LOCAL:
            sums["recognized"][deal.place] += 1
            _add(sums["recognized_amount"], deal, held, cutoff)
    for one in deal.vouchers:
        if inside(one.made) and one.told <= cutoff:
            _add(sums["capital_reported"], deal, one.money, cutoff)
        at, held = one.decided or (cutoff + HOUR, Decimal(0))
        if held and at <= cutoff and inside(at) and one.area is not SourceArea.LOCAL and _counts(deal):
            _add(sums["capital_recognized"], deal, held, cutoff)


def _add(both: list[Decimal], deal: Deal, money: Decimal, cutoff: datetime) -> None:
    """Give a sum to the unit of a deal, or to both units by the split: the first part down, the rest to the other."""
    if not deal.split or deal.steps[0] > cutoff:  # agreed on when the project was registered
        both[deal.place] += money
        return
    micro = int(money * 1_000_000)
    first = micro * deal.split // 1000
    both[0] += Decimal(first) / 1_000_000
    both[1] += Decimal(micro - first) / 1_000_000
