"""Reported beside recognised as a workbook: by unit with rate and reasons, by reason, contract by contract."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crm.assessment import capital_differences, differences, mix
from crm.assessment.words import reason_words
from crm.auth.units import names_on
from crm.web.filters import day, when
from crm.web.grids import Cell, Column, Figure, Kind, Sheaf
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.assessment.differences import Reason
    from crm.assessment.mix import LedgerLine
    from crm.assessment.ratios import Ratio
    from crm.assessment.window import Window

    Reasons = Mapping[int, Sequence[Reason]]

MOST = 5000
ZERO = Decimal(0)


def sheaf(session: Session, window: Window) -> Sheaf:
    """Put the ledger of a period together; every number is the one on the page."""
    lines = mix.ledger(session, window)
    reasons, money = differences.by_unit(session, window), capital_differences.by_unit(session, window)
    names = names_on(session, window.end, [line.unit_id for line in lines if line.unit_id is not None])
    about = f"{day(window.start)} — {day(window.end)}{tr('，')}{tr('截至 %(moment)s', moment=when(window.cutoff))}"
    figures = [
        _units(lines, (reasons, money), names),
        _reasons("reasons", tr("差异原因"), reasons, names),
        _contracts(session, window),
        _reasons("money", tr("到资差异原因"), money, names),
    ]
    return Sheaf(tr("上报认定对照"), figures, about)


def _units(lines: Sequence[LedgerLine], reasons: tuple[Reasons, Reasons], names: Mapping[int, str]) -> Figure:
    rate = Column(tr("认定率"), Kind.PERCENT)
    columns = [
        Column(tr("单位"), Kind.TEXT),
        Column(tr("上报个数")),
        Column(tr("认定个数")),
        rate,
        Column(tr("上报额"), Kind.MONEY),
        Column(tr("认定额"), Kind.MONEY),
        rate,
        Column(tr("差额"), Kind.MONEY),
        Column(tr("差异原因"), Kind.TEXT),
        Column(tr("上报到资"), Kind.MONEY),
        Column(tr("认定到资"), Kind.MONEY),
        rate,
        Column(tr("到资差异原因"), Kind.TEXT),
    ]
    *units, whole = [
        _line(
            line,
            tr("合计") if line.unit_id is None else names[line.unit_id],
            *(
                differences.whole(one.values()) if line.unit_id is None else one.get(line.unit_id, ())
                for one in reasons
            ),
        )
        for line in lines
    ]
    return Figure("ledger", tr("上报认定对照"), columns, units, whole)


def _of(unit_id: int | None, reasons: Reasons) -> Sequence[Reason]:
    return differences.whole(reasons.values()) if unit_id is None else reasons.get(unit_id, ())


def _line(line: LedgerLine, name: str, reasons: Sequence[Reason], money: Sequence[Reason]) -> list[Cell]:
    why, arrived = (tr("；").join(reason_words(one) for one in some) for some in (reasons, money))
    sides = (*_sides(line.amount), Cell(line.amount.rest), Cell(why))
    return [Cell(name), *_sides(line.count), *sides, *_sides(line.capital), Cell(arrived)]


def _sides(ratio: Ratio) -> tuple[Cell, ...]:
    return Cell(ratio.of), Cell(ratio.done), Cell(ratio.percent)


def _reasons(key: str, title: str, reasons: Reasons, names: Mapping[int, str]) -> Figure:
    columns = [
        Column(tr("单位"), Kind.TEXT),
        Column(tr("差异原因"), Kind.TEXT),
        Column(tr("份数")),
        Column(tr("差额"), Kind.MONEY),
    ]
    rows = [
        [Cell(name), Cell(reason_words(one)), Cell(one.contracts), Cell(one.amount)]
        for unit_id, name in names.items()
        for one in reasons.get(unit_id, ())
    ]
    amount = sum((one.amount for some in reasons.values() for one in some), ZERO)
    total = [Cell(tr("合计")), Cell(""), Cell(None), Cell(amount)]
    return Figure(key, title, columns, rows, total, note=tr("差额＝上报－认定，分成的按比例计。"))


def _contracts(session: Session, window: Window) -> Figure:
    rows, total = mix.differing(session, window, MOST)
    rules = differences.rules_of(session, [row.id for row in rows], window)
    names = names_on(session, window.end, sorted({row.unit_id for row in rows}))
    columns = [
        Column(tr("项目"), Kind.TEXT),
        Column(tr("企业"), Kind.TEXT),
        Column(tr("单位"), Kind.TEXT),
        Column(tr("签约日期"), Kind.TEXT),
        Column(tr("上报额"), Kind.MONEY),
        Column(tr("认定额"), Kind.MONEY),
        Column(tr("差额"), Kind.MONEY),
        Column(tr("差异原因"), Kind.TEXT),
    ]
    cells = []
    for row in rows:
        reason = differences.why(row, rules.get(row.id), window)
        whose = [Cell(row.project.name), Cell(row.project.enterprise.name), Cell(names.get(row.unit_id, ""))]
        sums = [Cell(row.amount), Cell(row.amount - reason.amount), Cell(reason.amount)]
        cells.append([*whose, Cell(day(row.signed_on)), *sums, Cell(reason_words(reason))])
    cut = tr("只列前%(n)s条，请缩短期间再导出。", n=MOST) if total > len(rows) else ""
    return Figure("contracts", tr("不一致的合同"), columns, cells, note=cut)
