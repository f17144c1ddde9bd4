"""What groups, months and changes are called on a page, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.assessment.words import band_words
from crm.insight.changes import Change, Trend, change
from crm.web.filters import MONTHS
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

TONES = {Trend.UP: "up", Trend.MANIFOLD: "up", Trend.DOWN: "down"}


def band(at: int, edges: Sequence[Decimal]) -> str:
    """Say a band of investment; ``edges`` ascend."""
    low = edges[at - 1] if at else None
    return band_words(low, edges[at] if at < len(edges) else None) or tr("全部")


def month_words(key: str) -> str:
    """Say a month: 2026年11月."""
    return tr("%(year)s年%(month)s", year=key[:4], month=tr(MONTHS[int(key[5:]) - 1]))


def change_words(found: Change, *, points: bool = False) -> str:
    """Say how a figure changed, and why that cannot be said."""
    fixed = {Trend.SAME: "没有变化", Trend.NO_BASE: "没有基数，不算增幅", Trend.NO_FIGURE: "本期没有数"}
    if found.trend in fixed:
        return tr(fixed[found.trend])
    if found.trend is Trend.MANIFOLD:
        return tr("增到%(times)s倍", times=found.amount)
    if points:
        words = "升%(n)s个百分点" if found.trend is Trend.UP else "降%(n)s个百分点"
        return tr(words, n=found.amount)
    return f"+{found.amount}%" if found.trend is Trend.UP else f"−{found.amount}%"


def change_note(now: Decimal, base: Decimal) -> tuple[str, str]:
    """Words and tone of a change, as the remark of a cell."""
    found = change(now, base)
    return change_words(found), TONES.get(found.trend, "")


def parts(words: str, unit: str) -> tuple[str, str]:
    """Part an amount in words (1.2亿元, CNY 120.5 m) into its number and its unit; other words keep ``unit``."""
    if words.startswith("CNY "):
        return words.removeprefix("CNY ").removesuffix(" m"), "CNY m"
    for of in ("亿元", "万元"):
        if words.endswith(of):
            return words.removesuffix(of), of
    return words, unit
