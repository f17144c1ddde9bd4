"""Figures by group beside the funnel: amounts, what goes on and what stays behind, days in stage, first talks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.insight import charts
from crm.insight.drill import LEFT, Of
from crm.insight.figures import WHOLE, ZERO, named, rows_of, share
from crm.insight.queries import GONE, STAYS, STEPS
from crm.insight.rules import DIMENSION_LABELS
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.web.grids import Cell, Column, Figure, Kind
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from crm.assessment.window import Window
    from crm.insight.rules import Dimension, Group, GroupCohort, GroupStays

    By = tuple[Dimension, Sequence[Decimal]]


def conversions(found: Sequence[Group], by: By, window: Window) -> Figure:
    """Of each group, how many of a stage went on to the next, and how many did not."""
    columns = [Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT), Column(tr(STAGE_LABELS[STEPS[0]]))]
    columns += [Column(tr("到%(stage)s", stage=tr(STAGE_LABELS[stage])), Kind.PERCENT) for stage in STEPS[1:]]

    def line(label: str, key: str | None, counts: Sequence[int]) -> list[Cell]:
        pairs = zip(counts[1:], counts, strict=False)
        first = Cell(counts[0], rows_of(Of.GROUPS, STEPS[0], key, by[0], window))
        return [Cell(label), first, *(Cell(share(done, of), "", _kept(done, of)) for done, of in pairs)]

    labels = [named(*by, one.key, one.label) for one in found]
    sums = [sum(one.counts[at] for one in found) for at in range(len(STEPS))]
    series = [
        (
            tr(STAGE_LABELS[stage]),
            [
                (
                    _number(share(one.counts[at], one.counts[at - 1])),
                    rows_of(Of.GROUPS, stage, one.key, by[0], window),
                )
                for one in found
            ],
        )
        for at, stage in enumerate(STEPS)
        if at
    ]
    return Figure(
        "conversion",
        tr("各组逐级转化"),
        columns,
        [line(label, one.key, one.counts) for label, one in zip(labels, found, strict=True)],
        line(tr(WHOLE), None, sums),
        charts.bars(labels, series, "%"),
        tr("每一栏是从前一阶段走到这一阶段的比例；小字是走到的和前一阶段的个数，减号后是没有走到的。"),
    )


def amounts(found: Sequence[Group], by: By, window: Window) -> Figure:
    """Planned investment of the projects that reached each stage, by group."""
    columns = [Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT)]
    columns += [Column(tr(STAGE_LABELS[stage]), Kind.MONEY) for stage in STEPS]

    def line(label: str, key: str | None, sums: Sequence[Decimal]) -> list[Cell]:
        links = [rows_of(Of.GROUPS, stage, key, by[0], window) for stage in STEPS]
        parts = [Cell(value, href, _of(value, sums[0])) for value, href in zip(sums, links, strict=True)]
        return [Cell(label), Cell(sums[0], links[0]), *parts[1:]]

    labels = [named(*by, one.key, one.label) for one in found]
    whole = [sum((one.amounts[at] for one in found), ZERO) for at in range(len(STEPS))]
    series = [
        (
            tr(STAGE_LABELS[stage]),
            [
                (charts.on_money_axis(one.amounts[at]), rows_of(Of.GROUPS, stage, one.key, by[0], window))
                for one in found
            ],
        )
        for at, stage in enumerate(STEPS)
    ]
    return Figure(
        "amounts",
        tr("各组到达各阶段的计划总投资"),
        columns,
        [line(label, one.key, one.amounts) for label, one in zip(labels, found, strict=True)],
        line(tr(WHOLE), None, whole),
        charts.bars(labels, series, charts.money_unit()),
        tr("小字是占该组全部线索总投资的比例。"),
    )


def stays(found: Sequence[GroupStays], by: By, window: Window) -> Figure:
    """Median days in each stage by group, with nine tenths and the number of cases below."""
    columns = [
        Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT),
        Column(tr("期内离开（次）")),
        *(Column(tr("%(stage)s（天）", stage=tr(STAGE_LABELS[stage]))) for stage in STAYS),
    ]
    labels = [named(*by, one.key, one.label) for one in found]
    rows = [
        [
            Cell(label),
            Cell(one.left, rows_of(Of.STAYS, LEFT, None, by[0], window, one.key)),
            *(Cell(median, "", _spread(left, most)) for left, median, most in one.stays),
        ]
        for label, one in zip(labels, found, strict=True)
    ]
    series = [
        (
            tr(STAGE_LABELS[stage]),
            [(one.stays[at][1], rows_of(Of.STAYS, LEFT, stage, by[0], window, one.key)) for one in found],
        )
        for at, stage in enumerate(STAYS[: STAYS.index(Stage.SIGNED)])
    ]
    return Figure(
        "stays-groups",
        tr("各组停留天数"),
        columns,
        rows,
        (),
        charts.bars(labels, series, tr("天"), stack=True),
        tr("大字是中位数，小字是九成不超过的天数和离开的次数；图上是签约前各阶段的中位数叠在一起。"),
    )


def cohorts(found: Sequence[GroupCohort], by: By, window: Window) -> Figure:
    """What became of the first talks of the period by group."""
    columns = [
        Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT),
        Column(tr("首谈项目")),
        *(Column(tr(STAGE_LABELS[stage])) for stage in GONE[1:]),
    ]

    def line(label: str, key: str | None, counts: Sequence[int]) -> list[Cell]:
        links = [rows_of(Of.COHORTS, stage, None, by[0], window, key) for stage in GONE]
        parts = [Cell(count, href, _of(count, counts[0])) for count, href in zip(counts, links, strict=True)]
        return [Cell(label), Cell(counts[0], links[0]), *parts[1:]]

    labels = [named(*by, one.key, one.label) for one in found]
    sums = [sum(one.counts[at] for one in found) for at in range(len(GONE))]
    series = [
        (
            tr("首谈") if not at else tr(STAGE_LABELS[stage]),
            [(one.counts[at], rows_of(Of.COHORTS, stage, None, by[0], window, one.key)) for one in found],
        )
        for at, stage in enumerate(GONE)
    ]
    return Figure(
        "cohorts-groups",
        tr("各组首谈项目的转化"),
        columns,
        [line(label, one.key, one.counts) for label, one in zip(labels, found, strict=True)],
        line(tr(WHOLE), None, sums),
        charts.bars(labels, series, tr("个")),
    )


def _kept(done: int, of: int) -> str:
    gone = f" · −{of - done}" if of > done else ""
    return f"{done}/{of}{gone}" if of else ""


def _of(part: int | Decimal, whole: int | Decimal) -> str:
    percent = share(part, whole)
    return "" if percent is None else f"{percent}%"


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _spread(left: int, most: int | None) -> str:
    return tr("≤%(days)s · %(n)s次", days=most, n=left) if left else ""
