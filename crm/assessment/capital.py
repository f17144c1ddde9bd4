"""Measures of capital in place (到位资金): vouchers as they arrived, and what was recognised of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Float, cast, func, select, type_coerce

from crm.assessment.facts import (
    BARRED_WORDS,
    BY_DAY,
    NEW,
    SHARED,
    Clause,
    Counting,
    Measure,
    RowKind,
    first_entry,
    owner_on,
)
from crm.assessment.sharing import Shares
from crm.assessment.window import Window, fact
from crm.core.daystart import DayStart
from crm.core.types import Wan
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.queries import COUNTED
from crm.delivery.capital.rules import CapitalForm, SourceArea
from crm.pipeline.counting.marks import counts
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, Select

DOLLAR = "USD"
LIVE = Clause("退回和撤回的不计", lambda _window: CapitalVoucher.state.in_(COUNTED))
OUTSIDE = Clause("本地资金不计", lambda _window: CapitalVoucher.area != SourceArea.LOCAL)
ABROAD = Clause("只计境外资金", lambda _window: CapitalVoucher.area == SourceArea.ABROAD)
CURRENCY = Clause("只计该币种", lambda window: CapitalVoucher.currency == (window.lens.currency or DOLLAR))
CASH = Clause("只计现汇", lambda _window: CapitalVoucher.form == CapitalForm.CASH)
COUNTED_MONEY = Clause(BARRED_WORDS, lambda window: counts(window.cutoff, at=CapitalDecision.decided_at))
ORIGINAL = type_coerce(
    cast(
        func.round(
            cast(type_coerce(CapitalDecision.amount, BigInteger()), Float())
            * cast(type_coerce(func.coalesce(CapitalVoucher.original_amount, 0), BigInteger()), Float())
            / cast(type_coerce(CapitalVoucher.amount, BigInteger()), Float())
        ),
        BigInteger(),
    ),
    Wan(),
)


def _rows(window: Window, row_id: Any, at: Any, amount: Any) -> Select[Any]:  # noqa: ANN401 (columns)
    shares, owner = Shares(window.cutoff), owner_on(window.cutoff)
    unit = shares.unit(CapitalVoucher.unit_id)
    columns = fact(
        row_id, unit, Project.enterprise_id, Project.id, at, CapitalVoucher.number, shares.part_of(amount), owner
    )
    statement = (
        select(*columns)
        .select_from(CapitalVoucher)
        .join(Project, Project.id == CapitalVoucher.project_id)
        .outerjoin(shares.part, shares.joined())
        .where(window.covers(unit), Project.confidential.is_(False), *window.sized())
    )
    if window.lens.currency:
        statement = statement.where(CapitalVoucher.currency == window.lens.currency)
    return statement if window.lens.people is None else statement.where(window.by(owner))


def arrived(window: Window) -> Select[Any]:
    """Vouchers by the day the money came, as they were reported (上报); 万元."""
    return _rows(window, CapitalVoucher.id, DayStart(CapitalVoucher.arrived_on), CapitalVoucher.amount).where(
        CapitalVoucher.arrived_on.between(window.start, window.end), CapitalVoucher.reported_at <= window.cutoff
    )


def decided(amount: Any, during: Callable[[Window], ColumnElement[bool]]) -> Callable[[Window], Select[Any]]:  # noqa: ANN401 (a column)
    """What was recognised (认定), each decision on its day."""

    def build(window: Window) -> Select[Any]:
        joined = CapitalDecision.voucher_id == CapitalVoucher.id
        rows = _rows(window, CapitalDecision.id, CapitalDecision.decided_at, amount).join(CapitalDecision, joined)
        return rows.where(CapitalDecision.amount > 0, CapitalDecision.decided_at <= window.cutoff, during(window))

    return build


def _then(window: Window) -> ColumnElement[bool]:
    return window.holds(CapitalDecision.decided_at)


def _of_signed(window: Window) -> ColumnElement[bool]:
    bare = Window(window.start, window.end, window.cutoff)
    return Project.id.in_(select(StageEntry.project_id).where(first_entry(Stage.SIGNED, bare)))


CAPITAL = (
    Measure(
        "capital_reported",
        "上报到位资金",
        "万元",
        "期内到账并已上报的到位资金凭证金额合计，退回和撤回的不计，待核老项目不计，分成的按比例计",
        RowKind.CAPITAL,
        Counting(arrived, (LIVE, NEW, SHARED)),
    ),
    Measure(
        "capital_recognized",
        "认定到位资金",
        "万元",
        "期内认定的到位资金金额合计，以认定日期为准，本地资金不计，待核老项目不计，不予认定的不计，分成的按比例计",
        RowKind.CAPITAL,
        Counting(decided(CapitalDecision.amount, _then), (BY_DAY, OUTSIDE, NEW, COUNTED_MONEY, SHARED)),
    ),
    Measure(
        "signed_capital",
        "签约项目已到位资金",
        "万元",
        "期内首次签约的项目截至统计时认定的到位资金合计，本地资金不计，待核老项目不计，不予认定的不计，分成的按比例计",
        RowKind.CAPITAL,
        Counting(decided(CapitalDecision.amount, _of_signed), (OUTSIDE, NEW, COUNTED_MONEY, SHARED)),
    ),
    Measure(
        "fdi",
        "实际使用外资",
        "万美元",
        "期内认定的外资到位原币金额合计，以认定日期为准，只计境外资金，只计该币种，待核老项目不计，不予认定的不计，分成的按比例计",
        RowKind.CAPITAL,
        Counting(decided(ORIGINAL, _then), (BY_DAY, ABROAD, CURRENCY, NEW, COUNTED_MONEY, SHARED)),
    ),
    Measure(
        "fdi_cash",
        "实际使用外资（现汇）",
        "万美元",
        "期内认定的外资到位原币金额合计，以认定日期为准，只计境外资金，只计该币种，只计现汇，待核老项目不计，不予认定的不计，分成的按比例计",
        RowKind.CAPITAL,
        Counting(decided(ORIGINAL, _then), (BY_DAY, ABROAD, CURRENCY, CASH, NEW, COUNTED_MONEY, SHARED)),
    ),
)
