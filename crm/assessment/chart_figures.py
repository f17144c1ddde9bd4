"""Charts of campaigns and targets as figures: the same cells for chart, table, picture and workbook."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm.assessment import targets
from crm.assessment.charts import campaign_chart, course_chart
from crm.assessment.rules import elapsed
from crm.assessment.words import unit_words
from crm.core.money import half_up
from crm.web.filters import when
from crm.web.grids import Cell, Column, Figure, Kind
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from crm.assessment.board import Board
    from crm.assessment.target_tree import Node

DAYS_AT_MOST = 13


def as_of(now: datetime) -> str:
    """Say when the figures are of."""
    return tr("截至 %(moment)s", moment=when(now))


def days_of(node: Node, today: date) -> list[date]:
    """Ends of months of the target's period up to today, and today itself."""
    start, end = targets.scope_of(node.row).days
    firsts = [date(start.year, month, 1) for month in range(start.month + 1, 13)] + [date(start.year + 1, 1, 1)]
    ends = [first - timedelta(days=1) for first in firsts]
    found = [day for day in ends if start <= day <= min(end, today)]
    return ([*found, today] if start <= today <= end and today not in found else found)[:DAYS_AT_MOST]


def course(node: Node, days: Sequence[date], reached: Sequence[Decimal], today: date) -> Figure:
    """What was done of a target month by month, beside what was due by then."""
    row, window = node.row, node.window
    unit = unit_words(node.measure.unit, row.currency)
    marks = [(one.on, one.percent) for one in row.milestones]
    rows = []
    for day, done in zip(days, reached, strict=True):
        due = half_up(elapsed(window.start, window.end, day, marks).share * row.value, 1)
        label = tr("今天") if day == today else day.isoformat()
        rows.append([Cell(label), Cell(done), Cell(due), Cell(half_up(done - due, 1))])
    heads = [f"{tr(label)} ({unit})" for label in ("完成", "时序要求", "相差")]
    columns = [Column(tr("截至日期"), Kind.TEXT), *(Column(head) for head in heads)]
    return Figure("course", tr("完成与时序要求"), columns, rows, (), course_chart(node, days, reached, today))


def campaign(board: Board) -> Figure:
    """Completion of each task of a campaign beside the pace."""
    pace = board.standing.elapsed.percent
    rows = []
    for line in board.standing.metrics:
        progress, unit = line.progress, board.units[line.metric]
        rows.append(
            [
                Cell(f"{board.labels[line.metric]} ({unit})"),
                Cell(progress.done, board.href(line.metric)),
                Cell(progress.target or None),
                Cell(progress.rate),
                Cell(pace),
                Cell(progress.forecast),
            ]
        )
    columns = [
        Column(tr("指标"), Kind.TEXT),
        Column(tr("完成")),
        Column(tr("目标")),
        Column(tr("完成率"), Kind.PERCENT),
        Column(tr("时序进度"), Kind.PERCENT),
        Column(tr("按目前进度期末预计")),
    ]
    chart = campaign_chart(board.standing, board.labels)
    return Figure("campaign", tr("完成率与时序进度"), columns, rows, (), chart)
