"""Every part of the difference of capital has its reason; the parts add up, on random histories too."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings

from crm.assessment import capital_differences, differences, mix, queries
from crm.assessment.measures import MEASURES
from crm.assessment.window import Window
from crm.core.scheduling import SHANGHAI
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import CapitalForm, SourceArea, VoucherKind, VoucherState
from crm.pipeline.claims import credit
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW
from tests.support.histories import History, histories, write

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30), NOW)
OUTSIDE = SourceArea.OTHER_PROVINCE


def voucher(session: Session, office: Office, amount: int, *held: tuple[int, str], **fields: Any) -> CapitalVoucher:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED)
    values = {
        "kind": VoucherKind.BANK_SLIP, "form": CapitalForm.CASH, "area": OUTSIDE, "payer": "投资方",
        "arrived_on": date(2026, 11, 3), "amount": Decimal(amount), "reported_by": office.officer.id,
        "reported_at": NOW - timedelta(days=3), **fields,
    }  # fmt: skip
    whole = sum(part for part, _reason in held)
    state = VoucherState.RECOGNISED if whole else VoucherState.WAITING
    row = CapitalVoucher(
        project_id=project.id, unit_id=office.east.id, number=str(project.id), sha256=f"{project.id:064}", state=state,
        recognized_amount=Decimal(whole), **values,
    )  # fmt: skip
    session.add(row)
    session.flush()
    both = {"reported_by": office.officer.id, "decided_by": office.recognizer.id, "decided_at": NOW}
    for part, reason in held:
        session.add(CapitalDecision(voucher_id=row.id, amount=Decimal(part), reason=reason or None, **both))
    session.flush()
    return row


def every_kind(session: Session, office: Office) -> None:
    voucher(session, office, 900, (900, ""))
    voucher(session, office, 800)
    voucher(session, office, 700, (300, "其余为借款"), (100, ""))
    voucher(session, office, 600, (600, ""), area=SourceArea.LOCAL)
    voucher(session, office, 500, (500, ""), arrived_on=date(2026, 10, 20))


def test_each_reason_is_told_once_with_its_part(session: Session, office: Office) -> None:
    every_kind(session, office)
    found = capital_differences.by_unit(session, NOVEMBER)[office.east.id]
    assert [(one.words, one.contracts, int(one.amount)) for one in found] == [
        ("待认定", 1, 800),
        ("本地资金不计", 1, 600),
        ("部分认定：其余为借款", 1, 300),
        ("期前到账、本期认定", 1, -500),
    ]
    line = next(line for line in mix.ledger(session, NOVEMBER) if line.unit_id == office.east.id)
    assert sum(one.amount for one in found) == line.capital.rest


def test_the_page_tells_them_beside_those_of_contracts(session: Session, office: Office, as_leader: Browser) -> None:
    every_kind(session, office)
    session.commit()
    page = as_leader.get("/measures/ledger?from=2026-11-01&to=2026-11-20").text
    assert page.count("部分认定：其余为借款") == 2  # of the unit, and of the whole
    assert page.count("签约：没有差异") == 2


def test_a_voucher_shared_by_two_units_is_one_of_all(session: Session, office: Office) -> None:
    row = voucher(session, office, 1000)
    parts: list[tuple[int, int | None]] = [(office.east.id, 600), (office.south.id, 400)]
    credit.agree(session, office.actor(session, office.registrar), row.project_id, parts, "=双方协议3号", now=NOW)
    found = capital_differences.by_unit(session, NOVEMBER)
    assert [(one.contracts, int(one.amount)) for unit in (office.east, office.south) for one in found[unit.id]] == [
        (1, 600),
        (1, 400),
    ]
    (whole,) = differences.whole(found.values())
    assert (whole.contracts, int(whole.amount)) == (1, 1000)


def test_rows_of_capital_stand_on_the_day_the_money_came(session: Session, office: Office) -> None:
    voucher(session, office, 800)
    (row,) = queries.rows(session, MEASURES["capital_reported"], NOVEMBER)
    assert row.at.astimezone(SHANGHAI).isoformat() == "2026-11-03T00:00:00+08:00"


@settings(
    max_examples=6,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_reasons_add_up_to_every_difference_whatever_happened(
    session: Session, office: Office, history: History
) -> None:
    session.rollback()
    write(session, office, history)
    for start, end in ((date(2026, 10, 1), date(2026, 11, 20)), (date(2026, 11, 1), date(2026, 11, 15))):
        window = Window(start, end, NOW)
        contracts, money = (one.by_unit(session, window) for one in (differences, capital_differences))
        for line in mix.ledger(session, window)[:-1]:
            parts = (contracts.get(line.unit_id or 0, []), money.get(line.unit_id or 0, []))
            told = [sum((one.amount for one in some), Decimal(0)) for some in parts]
            assert told == [line.amount.rest, line.capital.rest]
