"""Money as a workbook: a sheet of units with budget, cost and yield, and one of every sum behind it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from crm.assessment.budgets.queries import MOST_ROWS
from crm.assessment.budgets.rules import KIND_LABELS, SOURCE_LABELS, whole
from crm.core.sheets import LITERAL, Sheet
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from crm.assessment.budgets.queries import Row
    from crm.assessment.budgets.rules import BudgetLine

NAME, USUAL, WIDE = 18, 14, 40


def render(
    mark: str,
    lines: Sequence[BudgetLine],
    rows: tuple[Sequence[Row], bool],
    names: tuple[Mapping[int, str], Mapping[int, str], Mapping[int, str]],
) -> bytes:
    """Return the workbook; ``names`` are those of units, of people and of projects the reader sees."""
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, **LITERAL}) as book:
        _figures(book, mark, lines, names[0])
        _rows(book, mark, rows, names)
    return buffer.getvalue()


def _figures(book: Workbook, mark: str, lines: Sequence[BudgetLine], units: Mapping[int, str]) -> None:
    heads = [
        tr("单位"),
        tr("预算（万元）"),
        tr("已支出（万元）"),
        tr("执行率（%）"),
        tr("线索（条）"),
        tr("每条线索（万元）"),
        tr("签约项目（个）"),
        tr("每个签约项目（万元）"),
        tr("认定到位资金（万元）"),
        tr("每到资1元花费（元）"),
    ]
    sheet = Sheet(book, tr("经费"), mark, heads, [NAME, *[USUAL] * (len(heads) - 1)])
    for line in [*lines, whole(list(lines))]:
        name = tr("合计") if line.unit_id is None else units.get(line.unit_id, "")
        sheet.add(
            [
                name,
                _f(line.budget),
                _f(line.spent),
                _f(line.used),
                _f(line.leads),
                _f(line.per_lead.each),
                _f(line.signings),
                _f(line.per_signing.each),
                _f(line.capital),
                _f(line.per_capital.per_yuan),
            ]
        )


def _rows(
    book: Workbook,
    mark: str,
    rows: tuple[Sequence[Row], bool],
    names: tuple[Mapping[int, str], Mapping[int, str], Mapping[int, str]],
) -> None:
    heads = [
        tr("日期"),
        tr("单位"),
        tr("来源"),
        tr("类别"),
        tr("用途"),
        tr("票据或文号"),
        tr("金额（万元）"),
        tr("计入（万元）"),
        tr("线索或项目"),
        tr("登记人"),
        tr("作废原因"),
    ]
    widths = [USUAL, NAME, USUAL, USUAL, WIDE, USUAL, USUAL, USUAL, WIDE, USUAL, WIDE]
    sheet = Sheet(book, tr("明细"), mark, heads, widths)
    units, people, projects = names
    for row in rows[0]:
        kind = tr(KIND_LABELS[row.kind]) if row.kind else ""
        place = [f"{row.day:%Y-%m-%d}", units.get(row.unit_id, ""), tr(SOURCE_LABELS[row.source]), kind]
        money = [row.text, row.receipt, float(row.amount), float(row.counted)]
        by = people.get(row.entered_by or 0, "")
        sheet.add([*place, *money, projects.get(row.project_id or 0, ""), by, row.void_reason])
    if rows[1]:
        sheet.add([tr("只列前%(n)s条，请缩短期间或选一个单位再导出。", n=MOST_ROWS)])


def _f(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
