"""Figures of what is ahead and what stands still, every number with the address of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.money import half_up
from crm.insight import charts
from crm.insight.ahead import Sum
from crm.insight.buckets import AGE_LABELS, BEYOND, LATER, SHOWN_MONTHS, SLIPPED, UNDATED, months, shown_part
from crm.insight.charts import on_money_axis
from crm.insight.drill import Of
from crm.insight.figures import WHOLE, ZERO, named, rows_of, share
from crm.insight.rules import DIMENSION_LABELS
from crm.insight.words import month_words
from crm.pipeline.rules import IDLE_DAYS, STAGE_LABELS
from crm.web.filters import money_words
from crm.web.grids import Cell, Column, Figure, Kind
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from crm.insight.ahead import Outlooks
    from crm.insight.idle import Standing
    from crm.insight.rules import Dimension

    By = tuple[Dimension, Sequence[Decimal]]


def ahead(found: Sequence[Outlooks], by: By, today: date) -> Figure:
    """Open projects by group: how many, their investment, weighted, and in which month signing is expected."""
    near = [span.key for span in months(today, SHOWN_MONTHS)]
    parts = [SLIPPED, *near, LATER, UNDATED]
    heads = [tr("已过预计日期"), *(month_words(key) for key in near), tr("更晚"), tr("未填预计日期")]
    columns = [
        Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT),
        Column(tr("未签约项目")),
        Column(tr("总投资"), Kind.MONEY),
        Column(tr("按概率加权"), Kind.MONEY),
        *(Column(head) for head in heads),
    ]

    def line(label: str, key: str | None, sums: Mapping[str, Sum]) -> list[Cell]:
        shown: dict[str, Sum] = {}
        for part, one in sums.items():
            column = shown_part(part, today)
            shown[column] = shown.get(column, Sum()) + one
        whole, everything = sum(sums.values(), Sum()), rows_of(Of.AHEAD, "", key, by[0])
        cells = [(shown.get(part, Sum()), rows_of(Of.AHEAD, part, key, by[0])) for part in parts]
        return [
            Cell(label),
            Cell(whole.count, everything),
            Cell(whole.amount, everything),
            Cell(half_up(whole.weighted, 4), everything),
            *(Cell(one.count, href, money_words(one.weighted) if one.weighted else "") for one, href in cells),
        ]

    labels = [named(*by, one.key, one.label) for one in found]
    series = [
        (tr("总投资"), [(on_money_axis(one.whole.amount), rows_of(Of.AHEAD, "", one.key, by[0])) for one in found]),
        (
            tr("按概率加权"),
            [(on_money_axis(one.whole.weighted), rows_of(Of.AHEAD, "", one.key, by[0])) for one in found],
        ),
    ]
    return Figure(
        "forecast",
        tr("各组签约预测"),
        columns,
        [line(label, one.key, one.parts) for label, one in zip(labels, found, strict=True)],
        line(tr(WHOLE), None, summed(found)),
        charts.bars(labels, series, charts.money_unit()),
        tr("加权=总投资×签约概率：项目自定概率的按自定，没有的按所在阶段；各月小字是加权额。涉密项目不计。"),
    )


def summed(found: Sequence[Outlooks]) -> dict[str, Sum]:
    """Add up all groups by part of the calendar."""
    sums: dict[str, Sum] = {}
    for one in found:
        for part, value in one.parts.items():
            sums[part] = sums.get(part, Sum()) + value
    return sums


def calendar(found: Sequence[Outlooks], today: date) -> Figure:
    """What is expected to be signed month by month, of all groups together."""
    sums = summed(found)
    coming = [span.key for span in months(today)]
    tail = (SLIPPED, *coming, BEYOND, UNDATED)
    labels = [tr("已过预计日期"), *(month_words(key) for key in coming), tr("一年以后"), tr("未填预计日期")]
    columns = [
        Column(tr("预计签约"), Kind.TEXT),
        Column(tr("未签约项目")),
        Column(tr("总投资"), Kind.MONEY),
        Column(tr("按概率加权"), Kind.MONEY),
    ]
    links = [rows_of(Of.AHEAD, part) for part in tail]
    values = [sums.get(part, Sum()) for part in tail]

    def line(label: str, one: Sum, href: str) -> list[Cell]:
        return [Cell(label), Cell(one.count, href), Cell(one.amount, href), Cell(half_up(one.weighted, 4), href)]

    rows = [line(*parts) for parts in zip(labels, values, links, strict=True)]
    marks = list(zip(values, links, strict=True))
    series = [
        (tr("总投资"), [(on_money_axis(one.amount), href) for one, href in marks]),
        (tr("按概率加权"), [(on_money_axis(one.weighted), href) for one, href in marks]),
    ]
    chart = charts.bars(labels, series, charts.money_unit(), most=len(labels))
    whole = line(tr(WHOLE), sum(values, Sum()), rows_of(Of.AHEAD, ""))
    return Figure("calendar", tr("逐月签约预测"), columns, rows, whole, chart)


def idle(found: Sequence[Standing], by: By) -> Figure:
    """Projects that stand still by group and age."""
    columns = [
        Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT),
        Column(tr("未签约项目")),
        Column(tr("停滞项目")),
        Column(tr("停滞占比"), Kind.PERCENT),
        *(Column(tr(label)) for label in AGE_LABELS),
        Column(tr("停滞项目总投资"), Kind.MONEY),
    ]

    def line(label: str, key: str | None, opened: int, ages: Sequence[int], worth: tuple[Decimal, int]) -> list[Cell]:
        links = [rows_of(Of.STALLED, str(at), key, by[0]) for at in range(len(ages))]
        whole, stalled = rows_of(Of.STALLED, "", key, by[0]), sum(ages)
        return [
            Cell(label),
            Cell(opened, rows_of(Of.AHEAD, "", key, by[0])),
            Cell(stalled, whole),
            Cell(share(stalled, opened), "", f"{stalled}/{opened}"),
            *(Cell(count, href) for count, href in zip(ages, links, strict=True)),
            Cell(worth[0], whole, "" if worth[1] or not stalled else tr("都没有填总投资")),
        ]

    labels = [named(*by, one.key, one.label) for one in found]
    series = [
        (tr(label), [(one.ages[at], rows_of(Of.STALLED, str(at), one.key, by[0])) for one in found])
        for at, label in enumerate(AGE_LABELS)
    ]
    ages = [sum(one.ages[at] for one in found) for at in range(len(AGE_LABELS))]
    worth = (sum((one.amount for one in found), ZERO), sum(one.told for one in found))
    return Figure(
        "stalled",
        tr("各组停滞项目"),
        columns,
        [
            line(label, one.key, one.open, one.ages, (one.amount, one.told))
            for label, one in zip(labels, found, strict=True)
        ],
        line(tr(WHOLE), None, sum(one.open for one in found), ages, worth),
        charts.bars(labels, series, tr("个"), stack=True),
        tr("没有推进、走访和备注的天数超过所在阶段时限的为停滞，时限：%(limits)s。", limits=_limits()),
    )


def _limits() -> str:
    return tr("、").join(tr("%(stage)s%(n)s天", stage=tr(STAGE_LABELS[one]), n=days) for one, days in IDLE_DAYS.items())
