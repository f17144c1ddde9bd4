"""Figures of management views: table and chart out of the same rows, every number with the address of its rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crm.core.money import half_up
from crm.insight import charts
from crm.insight.buckets import months
from crm.insight.drill import HERE, LEFT, Of
from crm.insight.queries import GONE, STEPS
from crm.insight.rules import DIMENSION_LABELS, Cohort, Dimension
from crm.insight.words import band, change_note
from crm.pipeline.rules import STAGE_LABELS
from crm.web.grids import Cell, Column, Figure, Kind
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.assessment.window import Window
    from crm.insight.rules import Group, Stay

ROWS = "/insight/rows"
ZERO = Decimal(0)
WHOLE = "合计"


def rows_of(
    of: Of,
    part: str,
    key: str | None = None,
    by: Dimension | None = None,
    window: Window | None = None,
    group: str | None = None,
) -> str:
    """Return where the rows of a figure are listed; without a key those of all groups.

    ``group`` is the group where ``key`` is a month or a stage.
    """
    asked = {"of": of.value, "part": part}
    if by is not None:
        asked["by"] = by.value
    if key is not None:
        asked["key"] = key
    if group is not None:
        asked["group"] = group
    if window is not None:
        asked |= {"from": window.start.isoformat(), "to": window.end.isoformat(), "asof": window.cutoff.isoformat()}
    return f"{ROWS}?{urlencode(asked)}"


def named(dimension: Dimension, edges: Sequence[Decimal], key: str, label: str) -> str:
    """Name of a group in the reader's language."""
    return band(int(key), sorted(edges)) if dimension is Dimension.BAND else tr(label)


def share(done: int | Decimal, of: int | Decimal) -> Decimal | None:
    """Percentage with one decimal, half up; None of nothing."""
    return half_up(Decimal(done) * 100 / Decimal(of), 1) if of else None


def groups(
    found: Sequence[Group],
    earlier: tuple[Mapping[str, int], Mapping[str, int]],
    by: tuple[Dimension, Sequence[Decimal]],
    window: Window,
) -> Figure:
    """Projects by group and stage; ``earlier`` are the projects of each group last period and last year."""
    labels = [named(*by, group.key, group.label) for group in found]
    columns = [
        Column(tr(DIMENSION_LABELS[by[0]]), Kind.TEXT),
        *(Column(tr(STAGE_LABELS[stage])) for stage in STEPS),
        Column(tr("签约转化"), Kind.PERCENT),
        Column(tr("计划总投资"), Kind.MONEY),
        Column(tr("上期线索")),
        Column(tr("去年同期线索")),
    ]
    before, year_before = earlier

    def line(label: str, key: str | None, counts: Sequence[int], amount: Decimal, bases: tuple[int, int]) -> list[Cell]:
        signed, first = counts[STEPS.index(GONE[2])], counts[0]
        links = [rows_of(Of.GROUPS, stage, key, by[0], window) for stage in STEPS]
        return [
            Cell(label),
            *(Cell(count, href) for count, href in zip(counts, links, strict=True)),
            Cell(share(signed, first), "", f"{signed}/{first}"),
            Cell(amount, links[0]),
            *(Cell(base, "", *change_note(Decimal(first), Decimal(base))) for base in bases),
        ]

    rows = [
        line(label, one.key, one.counts, one.amounts[0], (before.get(one.key, 0), year_before.get(one.key, 0)))
        for label, one in zip(labels, found, strict=True)
    ]
    counts = [sum(one.counts[at] for one in found) for at in range(len(STEPS))]
    amount = sum((one.amounts[0] for one in found), ZERO)
    series = [
        (
            tr(STAGE_LABELS[stage]),
            [(one.counts[at], rows_of(Of.GROUPS, stage, one.key, by[0], window)) for one in found],
        )
        for at, stage in enumerate(STEPS)
    ]
    return Figure(
        "groups",
        tr("各组到达各阶段的项目数"),
        columns,
        rows,
        line(tr(WHOLE), None, counts, amount, (sum(before.values()), sum(year_before.values()))),
        charts.bars(labels, series, tr("个")),
        tr("按期内新建的项目计；上期是之前同样长的一段，去年同期是去年同样的日子，都按新建项目（线索）比。"),
    )


def stays(found: Sequence[tuple[str, Stay]], window: Window) -> Figure:
    """Days in each stage; each stay with the key of its stage."""
    columns = [
        Column(tr("阶段"), Kind.TEXT),
        *(
            Column(tr(label))
            for label in (
                "期内离开（个）",
                "中位数（天）",
                "九成不超过（天）",
                "现在停着（个）",
                "已停中位数（天）",
            )
        ),
    ]
    rows = [
        [
            Cell(tr(stay.label)),
            Cell(stay.left, rows_of(Of.STAYS, LEFT, stage, window=window)),
            Cell(stay.median),
            Cell(stay.most),
            Cell(stay.inside, rows_of(Of.STAYS, HERE, stage, window=window)),
            Cell(stay.inside_median),
        ]
        for stage, stay in found
    ]
    left = [rows_of(Of.STAYS, LEFT, stage, window=window) for stage, _stay in found]
    series = [
        (tr("中位数"), [(stay.median, href) for (_stage, stay), href in zip(found, left, strict=True)]),
        (tr("九成不超过"), [(stay.most, href) for (_stage, stay), href in zip(found, left, strict=True)]),
    ]
    chart = charts.lying_bars([tr(stay.label) for _stage, stay in found], series, tr("天"))
    note = tr("中位数：一半项目停留不超过这么多天。多次进出同一阶段的，每次都计。")
    return Figure("stays", tr("各阶段停留天数"), columns, rows, (), chart, note, "tall")


def cohorts(found: Sequence[Cohort], window: Window) -> Figure:
    """What became of the projects of each month of first talk; months without any show as such."""
    found = _unbroken(found)
    columns = [Column(tr("首谈月份"), Kind.TEXT), *(Column(tr(STAGE_LABELS[stage])) for stage in GONE)]

    def line(label: str, key: str | None, counts: Sequence[int]) -> list[Cell]:
        parts = zip(GONE, counts, strict=True)
        cells = [
            Cell(count, rows_of(Of.COHORTS, stage, key, window=window), _of(count, counts[0])) for stage, count in parts
        ]
        return [Cell(label), Cell(counts[0], cells[0].href), *cells[1:]]

    rows = [line(one.month, one.month, one.counts) for one in found]
    sums = [sum(one.counts[at] for one in found) for at in range(len(GONE))]
    series = [
        (
            tr(STAGE_LABELS[stage]),
            [
                (
                    float(share(one.counts[at], one.counts[0]) or 0) if one.counts[0] else None,
                    rows_of(Of.COHORTS, stage, one.month, window=window),
                )
                for one in found
            ],
        )
        for at, stage in enumerate(GONE)
        if at
    ]
    return Figure(
        "cohorts",
        tr("各月首谈项目到达各阶段的比例"),
        columns,
        rows,
        line(tr(WHOLE), None, sums),
        charts.lines([one.month for one in found], series, "%"),
        tr("近几个月的项目还在路上，比例会继续升高。"),
    )


def _unbroken(found: Sequence[Cohort]) -> list[Cohort]:
    known = {one.month: one for one in found}
    first, last = (date.fromisoformat(f"{one.month}-01") for one in (found[0], found[-1]))
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    none = (0,) * len(GONE)
    return [known.get(span.key, Cohort(span.key, none)) for span in months(first, count)]


def _of(count: int, first: int) -> str:
    percent = share(count, first)
    return "" if percent is None else f"{percent}%"
