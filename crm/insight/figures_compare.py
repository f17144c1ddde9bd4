"""Figures beside last period and last year, with a clear word where there is nothing to compare with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment.links import rows_href
from crm.insight import charts
from crm.insight.changes import change, points
from crm.insight.words import TONES, change_words
from crm.pipeline.rules import STAGE_LABELS
from crm.web.grids import Cell, Column, Figure, Kind
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.assessment.queries import Step
    from crm.assessment.window import Window
    from crm.insight.comparing import Rates, Sums

SERIES = ("本期", "上期", "去年同期")
MEASURE = "指标"


def _heads(first: str, kind: Kind) -> list[Column]:
    labels = [Column(tr(label), kind) for label in SERIES]
    return [
        Column(tr(first), Kind.TEXT),
        labels[0],
        labels[1],
        Column(tr("较上期"), Kind.TEXT),
        labels[2],
        Column(tr("较去年同期"), Kind.TEXT),
    ]


def _line(label: str, values: Sequence[Decimal], links: Sequence[str]) -> list[Cell]:
    now, *bases = values
    found = [change(now, base) for base in bases]
    return [
        Cell(label),
        Cell(now, links[0]),
        Cell(bases[0], links[1]),
        Cell(change_words(found[0]), "", "", TONES.get(found[0].trend, "")),
        Cell(bases[1], links[2]),
        Cell(change_words(found[1]), "", "", TONES.get(found[1].trend, "")),
    ]


def counted(found: Sequence[Sums]) -> Figure:
    """Counts of a period."""
    links = [[rows_href(one.measure.key, window) for window in one.windows] for one in found]
    names = [f"{tr(one.measure.label)} ({tr(one.measure.unit)})" for one in found]
    series = [
        (tr(label), [(float(one.values[at]), href[at]) for one, href in zip(found, links, strict=True)])
        for at, label in enumerate(SERIES)
    ]
    return Figure(
        "counts",
        tr("数量"),
        _heads(MEASURE, Kind.COUNT),
        [_line(name, one.values, href) for name, one, href in zip(names, found, links, strict=True)],
        (),
        charts.bars([tr(one.measure.label) for one in found], series, ""),
    )


def sums_of_money(found: Sequence[Sums]) -> Figure:
    """Amounts of a period."""
    links = [[rows_href(one.measure.key, window) for window in one.windows] for one in found]
    names = [tr(one.measure.label) for one in found]
    series = [
        (tr(label), [(charts.on_money_axis(one.values[at]), href[at]) for one, href in zip(found, links, strict=True)])
        for at, label in enumerate(SERIES)
    ]
    return Figure(
        "amounts",
        tr("金额"),
        _heads(MEASURE, Kind.MONEY),
        [_line(name, one.values, href) for name, one, href in zip(names, found, links, strict=True)],
        (),
        charts.bars(names, series, charts.money_unit()),
    )


def rates(found: Sequence[Rates]) -> Figure:
    """Rates of a period, each with the pair it is made of."""
    heads = _heads(MEASURE, Kind.PERCENT)
    columns = [*heads, Column(tr("其中")), Column(tr("总数"))]
    rows = []
    for one in found:
        now, *bases = (pair.percent for pair in one.pairs)
        changes = [points(now, base) for base in bases]
        pairs = [f"{pair.done.normalize():f}/{pair.of.normalize():f}" if pair.of else "" for pair in one.pairs]
        links = [
            rows_href(part.key, window) for part, window in zip((one.rate.done, one.rate.of), one.windows, strict=True)
        ]
        said = [Cell(change_words(each, points=True), "", "", TONES.get(each.trend, "")) for each in changes]
        values = [Cell(value, "", pair) for value, pair in zip((now, *bases), pairs, strict=True)]
        whole = one.pairs[0]
        parts = [Cell(whole.done, links[0]), Cell(whole.of, links[1])]
        rows.append([Cell(tr(one.rate.label)), values[0], values[1], said[0], values[2], said[1], *parts])
    names = [tr(one.rate.label) for one in found]
    series = [
        (tr(label), [(None if (rate := one.pairs[at].percent) is None else float(rate), "") for one in found])
        for at, label in enumerate(SERIES)
    ]
    note = tr("新面孔率：期内见过的联系人中第一次见的；响应时限达标率：线索报告在下一个工作日结束前答复的。")
    return Figure("rates", tr("比率"), columns, rows, (), charts.bars(names, series, "%"), note)


def funnel(three: Sequence[Window], steps: Sequence[Sequence[Step]]) -> Figure:
    """Stages of the funnel."""
    keys = [f"reached_{step[0].stage.value}" for step in steps]
    names = [tr(STAGE_LABELS[step[0].stage]) for step in steps]
    links = [[rows_href(key, window) for window in three] for key in keys]
    values = [[Decimal(one.count) for one in step] for step in steps]
    series = [
        (tr(label), [(float(value[at]), href[at]) for value, href in zip(values, links, strict=True)])
        for at, label in enumerate(SERIES)
    ]
    return Figure(
        "funnel",
        tr("漏斗各阶段"),
        _heads("阶段", Kind.COUNT),
        [_line(name, value, href) for name, value, href in zip(names, values, links, strict=True)],
        (),
        charts.bars(names, series, tr("个")),
        tr("按各期新建的项目计，截至现在到达的阶段；越早的项目走得越久，本期偏低属正常。"),
    )
