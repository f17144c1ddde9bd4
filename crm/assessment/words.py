"""What a lens, an item and a target are called on a page, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.assessment.differences import CAUSES, UNSAID, WITH_REASON
from crm.assessment.goals import PERIOD_LABELS, WHOLE_YEAR
from crm.assessment.window import SIZE_LABELS, Size
from crm.auth import queries as people
from crm.auth.units import names_on
from crm.core import money
from crm.pipeline.counting.words import SPECS
from crm.web.filters import money_words
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.assessment.differences import Reason
    from crm.assessment.items import Item
    from crm.assessment.models import Target
    from crm.assessment.window import Lens, Window

SECTOR_LABELS: dict[str, str] = {
    "BCD": "工业",
    "C": "制造业",
    "BCDE": "第二产业",
    "A": "第一产业",
    "FGHIJKLMNOPQRST": "第三产业",
}
CURRENCY_LABELS: dict[str, str] = {
    "CNY": "人民币",
    "USD": "美元",
    "EUR": "欧元",
    "HKD": "港元",
    "JPY": "日元",
    "GBP": "英镑",
    "SGD": "新加坡元",
}
DOLLARS = "万美元"
SUBSTANTIAL = 1000
FEW = 6


def band_words(low: Decimal | None, high: Decimal | None, size: Size = Size.TOTAL) -> str:
    """Say a band of investment: 总投资5000万元以上."""
    name = tr(SIZE_LABELS[size])
    if low and high is not None:
        return tr("%(size)s%(low)s到%(high)s", size=name, low=_sum(low), high=_sum(high))
    if low:
        return tr("%(size)s%(low)s以上", size=name, low=_sum(low))
    return tr("%(size)s不到%(high)s", size=name, high=_sum(high)) if high is not None else ""


def lens_words(lens: Lens) -> str:
    """Say what a lens leaves in, empty for everything."""
    parts = [band_words(lens.low, lens.high, lens.size)]
    if lens.sector:
        parts.append(tr(SECTOR_LABELS.get(lens.sector, "所选产业")))
    if lens.currency:
        parts.append(tr(CURRENCY_LABELS.get(lens.currency, lens.currency)))
    parts.append(lens.site)
    return tr("、").join(one for one in parts if one)


def narrowed_words(session: Session, window: Window) -> str:
    """Say which rows an address leaves in: units, people, sizes; empty for all that one may see."""
    parts = []
    if window.units is not None and len(window.units) <= FEW:
        parts.append(tr("、").join(names_on(session, window.end, sorted(window.units)).values()))
    if window.lens.people is not None:
        parts.append(tr("、").join(people.names(session, sorted(window.lens.people)).values()))
    return " · ".join(one for one in (*parts, lens_words(window.lens)) if one)


def item_label(item: Item) -> str:
    """Name of a task: its own, else that of its measure with what it is narrowed to."""
    if item.named:
        return item.named
    narrowed = lens_words(item.lens)
    label = tr(item.measure.label)
    return label + tr("（%(text)s）") % {"text": narrowed} if narrowed else label


def item_basis(item: Item) -> str:
    """Counting basis of a task in words."""
    narrowed = lens_words(item.lens)
    basis = tr(item.measure.basis)
    return tr("%(basis)s；只计%(narrowed)s的", basis=basis, narrowed=narrowed) if narrowed else basis


def labels(items: Sequence[Item]) -> dict[str, str]:
    """Names of tasks by their keys."""
    return {item.key: item_label(item) for item in items}


def unit_words(unit: str, currency: str) -> str:
    """In which unit a figure is counted, of a sum in the currency asked for."""
    if unit == DOLLARS and currency in CURRENCY_LABELS:
        return tr("万%(currency)s", currency=tr(CURRENCY_LABELS[currency]))
    return tr(unit)


def target_words(row: Target) -> str:
    """What sets a target apart beside its metric and unit: person, period, size, sector, carrier."""
    parts = [row.person.name] if row.person else []
    parts += [tr(PERIOD_LABELS[row.period])] if row.period != WHOLE_YEAR else []
    parts.append(band_words(row.low, row.high, row.size))
    parts += [tr(SECTOR_LABELS.get(row.sector, "所选产业"))] if row.sector else []
    parts += [tr(CURRENCY_LABELS.get(row.currency, row.currency)), row.site]
    return tr("、").join(one for one in parts if one)


def _sum(value: Decimal | None) -> str:
    return money_words(value) if value is not None else ""


def reason_words(reason: Reason) -> str:
    """Say one reason of a difference without its numbers: 不计入：本地投资方."""
    if reason.rule is not None:
        return tr("不计入：%(rule)s", rule=tr(SPECS[reason.rule].label))
    cause = tr(CAUSES[reason.cause])
    return f"{cause}{tr('：')}{reason.text or tr(UNSAID)}" if reason.cause in WITH_REASON else cause


def figure_words(value: Decimal | int) -> str:
    """Write a figure: counts and small sums as they are, a sum of a thousand 万 and more without decimals, half up."""
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    digits = 0 if abs(value) >= SUBSTANTIAL else 2
    return f"{money.half_up(value, digits):,}"
