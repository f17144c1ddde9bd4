"""The merit ledger as a workbook: a sheet of figures, and one of the rows and splits they rest on."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from xlsxwriter import Workbook

from crm.assessment.links import row_href
from crm.assessment.merits.queries import COLUMNS, MOST_PROOFS, totals
from crm.core.scheduling import SHANGHAI
from crm.core.sheets import LITERAL, Sheet
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.assessment.merits.queries import Line, Split
    from crm.assessment.queries import FactRow
    from crm.assessment.window import Measure

NAME, USUAL, WIDE = 14, 16, 34


def render(
    mark: str,
    lines: Sequence[Line],
    proofs: tuple[Sequence[tuple[Measure, FactRow]], bool],
    splits: Mapping[int, Split],
    names: tuple[Mapping[int, str], Mapping[int, str]],
    root: str,
) -> bytes:
    """Return the workbook; ``names`` are those of people and of units, ``root`` is where the rows open."""
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True, **LITERAL}) as book:
        _figures(book, mark, lines, names)
        _proofs(book, mark, proofs, splits, names[0], root)
    return buffer.getvalue()


def _figures(
    book: Workbook, mark: str, lines: Sequence[Line], names: tuple[Mapping[int, str], Mapping[int, str]]
) -> None:
    heads = [tr("姓名"), tr("计入单位"), *(head(measure) for measure in COLUMNS)]
    sheet = Sheet(book, tr("实绩台账"), mark, heads, [NAME, USUAL, *[USUAL] * len(COLUMNS)])
    for line in lines:
        figures = [float(line.sums.get(one.key, 0)) for one in COLUMNS]
        sheet.add([who(line.person_id, names[0]), names[1].get(line.unit_id, ""), *figures])
    whole = totals(lines)
    sheet.add([tr("合计"), "", *(float(whole[one.key]) for one in COLUMNS)])


def _proofs(
    book: Workbook,
    mark: str,
    proofs: tuple[Sequence[tuple[Measure, FactRow]], bool],
    splits: Mapping[int, Split],
    people: Mapping[int, str],
    root: str,
) -> None:
    whom = [tr("姓名"), tr("指标"), tr("日期"), tr("计入单位"), tr("企业"), tr("项目"), tr("说明"), tr("计入数")]
    widths = [NAME, USUAL, USUAL, USUAL, WIDE, WIDE, WIDE, USUAL, WIDE, WIDE, WIDE]
    sheet = Sheet(book, tr("明细"), mark, [*whom, tr("分成"), tr("分成依据"), tr("网址")], widths)
    rows, cut = proofs
    for measure, row in rows:
        day = f"{row.at.astimezone(SHANGHAI):%Y-%m-%d}"
        split = splits.get(row.project_id or 0) if measure.unit == "万元" else None
        shares = "，".join(f"{unit} {share / 10:g}%" for unit, share in split.parts) if split else ""
        address = root + row_href(measure.kind, row)
        place = [row.unit, row.enterprise, row.project, row.note, float(row.amount)]
        sheet.add(
            [who(row.person_id, people), head(measure), day, *place, shares, split.reason if split else "", address]
        )
    if cut:
        sheet.add([tr("只列前%(n)s条，请缩短期间或选一个单位再导出。", n=MOST_PROOFS)])


def who(person_id: int | None, names: Mapping[int, str]) -> str:
    """Name of a person; what is nobody's says so."""
    return names.get(person_id or 0) or tr("没有负责人")


def head(measure: Measure) -> str:
    """Name of a measure with its unit."""
    return tr(measure.label) + tr("（%(text)s）") % {"text": tr(measure.unit)}
