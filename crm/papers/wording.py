"""Sentences of papers from their figures. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment.items import STANDARD
from crm.core.money import format_wan
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from crm.assessment.rules import Progress
    from crm.assessment.standings import UnitLine
    from crm.papers.facts import Figures, Group
    from crm.papers.rules import Period

LABELS: dict[str, tuple[str, str]] = {item.key: (item.label, item.unit) for item in STANDARD}
BEST = 3
ZERO = Decimal(0)


def total(figures: Figures, key: str) -> Decimal:
    """Return a measure of the period summed over units."""
    return sum(figures.sums.get(key, {}).values(), ZERO)


def within_text(period: Period, figures: Figures) -> str:
    """Say what was done in the period."""
    done: Mapping[str, object] = {
        key: sum(value for (_unit, one), value in figures.within.items() if one == key) for key in LABELS
    }
    parts = [f"{label}{done[key]}{unit}" for key, (label, unit) in LABELS.items() if done[key]]
    if not parts:
        return f"{period.label}，各项任务没有新的进展。"
    amount = total(figures, "signed_amount")
    money = f"，新签约总投资{format_wan(amount)}" if amount else ""
    return f"{period.label}，{'、'.join(parts)}{money}。"


def progress_text(period: Period, today: date, figures: Figures) -> str:
    """Say how far the year's tasks are."""
    day = min(period.end, today)
    lines = figures.whole.metrics
    parts = [_progress(line.metric, line.progress) for line in lines if line.progress.done or line.progress.target]
    if not parts:
        return f"截至{date_text(day)}，本年度还没有下达任务，也没有完成的事项。"
    text = f"截至{date_text(day)}，本年度{'；'.join(parts)}。"
    if not any(line.progress.target for line in lines):
        return f"{text}本年度还没有下达任务，暂不排名。"
    return f"{text}时序进度为{figures.whole.elapsed.percent}%。"


def _progress(key: str, progress: Progress) -> str:
    label, unit = LABELS[key]
    done = f"{label}{progress.done}{unit}"
    if progress.gap is None:
        return done
    pace = "与时序进度持平"
    if progress.gap:
        pace = f"{'超' if progress.gap > 0 else '落后'}时序进度{abs(progress.gap)}个百分点"
    return f"{done}，完成年度任务{progress.target}{unit}的{progress.rate}%，{pace}"


def recognition_text(period: Period, figures: Figures) -> str:
    """Say what was reported and what was recognised in the period."""
    reported, recognized = total(figures, "reported"), total(figures, "recognized")
    if not reported and not recognized:
        return f"{period.label}，没有上报和认定的签约。"
    asked, given = format_wan(total(figures, "reported_amount")), format_wan(total(figures, "recognized_amount"))
    return f"{period.label}，上报签约{reported:f}个、{asked}，认定签约{recognized:f}个、{given}。"


def leaders(group: Group) -> str:
    """Name the units at the top; nothing while there is nobody to compare with."""
    known = _ranked(group)
    if len(known) < 2 or known[0].rank == known[-1].rank:  # noqa: PLR2004 (a comparison takes two)
        return ""
    last = known[-1].rank
    named = [line.name for line in known if line.rank is not None and line.rank <= BEST and line.rank != last]
    return f"{group.label}排在前列的是：{'、'.join(named)}。"


def behind(group: Group) -> str:
    """Name the units at the bottom."""
    known = _ranked(group)
    if len(known) < 2 or known[0].rank == known[-1].rank:  # noqa: PLR2004 (a comparison takes two)
        return ""
    named = [f"{line.name}（平均完成率{line.mean}%）" for line in known if line.rank == known[-1].rank]
    return f"{group.label}排在末位的是：{'、'.join(named)}，请说明原因并抓紧推进。"


def _ranked(group: Group) -> list[UnitLine]:
    return sorted((line for line in group.standing.units if line.rank is not None), key=lambda line: line.rank or 0)
