"""The funnel as a figure: by count and amount, what goes on and what stays behind."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment.charts import funnel_chart
from crm.assessment.links import rows_href
from crm.core.money import half_up
from crm.pipeline.rules import STAGE_LABELS
from crm.web.filters import day, when
from crm.web.grids import Cell, Column, Figure, Kind, Sheaf
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.assessment.queries import Step
    from crm.assessment.window import Window


def sheaf(steps: Sequence[Step], window: Window, unit_id: int | None) -> Sheaf:
    """Put the funnel of a period together for its page and its workbook."""
    about = f"{day(window.start)} — {day(window.end)}{tr('，')}{tr('截至 %(moment)s', moment=when(window.cutoff))}"
    return Sheaf(tr("招商漏斗"), [_figure(steps, window, unit_id)], about)


def _figure(steps: Sequence[Step], window: Window, unit_id: int | None) -> Figure:
    columns = [
        Column(tr("阶段"), Kind.TEXT),
        Column(tr("项目（个）")),
        Column(tr("计划总投资"), Kind.MONEY),
        Column(tr("较上一阶段"), Kind.PERCENT),
        Column(tr("未到本阶段")),
        Column(tr("占全部线索"), Kind.PERCENT),
    ]
    links = [rows_href(f"reached_{step.stage.value}", window, unit_id) for step in steps]
    rows, before, top = [], steps[0].count, steps[0].count
    for at, step in enumerate(steps):
        rows.append(
            [
                Cell(tr(STAGE_LABELS[step.stage])),
                Cell(step.count, links[at]),
                Cell(step.amount, rows_href(f"reached_amount_{step.stage.value}", window, unit_id)),
                Cell(_share(step.count, before) if at else None),
                Cell(before - step.count),
                Cell(_share(step.count, top), "", f"{step.count}/{top}"),
            ]
        )
        before = step.count
    return Figure("funnel", tr("到达各阶段的项目数"), columns, rows, (), funnel_chart(steps, links))


def _share(done: int, of: int) -> Decimal | None:
    return half_up(Decimal(done) * 100 / of, 1) if of else None
