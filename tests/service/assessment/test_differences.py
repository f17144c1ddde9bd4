"""Every part of the difference between reported and recognised has its reason, and the parts sum to it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineWorkbook

from crm.assessment import differences, mix
from crm.assessment.differences import Cause
from crm.assessment.window import Window
from crm.pipeline.claims import credit
from crm.pipeline.counting import finding
from crm.pipeline.counting.words import Rule
from crm.pipeline.rules import Stage
from crm.pipeline.words import SourceArea
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office

NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30), NOW)


def contract(session: Session, office: Office, amount: int, held: int | None = None, **fields: Any) -> Project:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.officer, stage=Stage.SIGNED)
    known = {} if held is None else {
        "recognized_amount": Decimal(held), "recognized_by": office.recognizer.id, "recognized_at": NOW,
    }  # fmt: skip
    told = {"amount": Decimal(amount), "reported_at": NOW - timedelta(days=1)}
    builders.agreement(session, project, office.officer, **{**told, **known, **fields})
    finding.notice(session, project, now=NOW)
    return project


def every_kind(session: Session, office: Office) -> None:
    contract(session, office, 900, 900)
    contract(session, office, 800)
    contract(session, office, 700, 500, difference_reason="扣除二手设备")
    contract(session, office, 600, 0, difference_reason="资金未到")
    contract(session, office, 500, 500, source_area=SourceArea.LOCAL)
    contract(session, office, 400, 400, signed_on=date(2026, 10, 20))
    contract(session, office, 300, 350, difference_reason="补签附件")
    contract(session, office, 200, 200, recognized_at=NOW + timedelta(days=1))


def test_each_reason_is_told_once_with_its_contracts_and_its_part(session: Session, office: Office) -> None:
    every_kind(session, office)
    found = differences.by_unit(session, NOVEMBER)[office.east.id]
    assert [(one.words, one.contracts, int(one.amount)) for one in found] == [
        ("不计入：资金来源地不计", 1, 500),
        ("不予认定：资金未到", 1, 600),
        ("核减：扣除二手设备", 1, 200),
        ("核增：补签附件", 1, -50),
        ("待认定", 2, 1000),
        ("期前签约、本期认定", 1, -400),
    ]
    line = next(line for line in mix.ledger(session, NOVEMBER) if line.unit_id == office.east.id)
    assert sum(one.amount for one in found) == line.amount.of - line.amount.done


def test_what_is_recognised_after_the_period_says_so(session: Session, office: Office) -> None:
    contract(session, office, 200, 200, signed_on=date(2026, 10, 20), reported_at=NOW - timedelta(days=30))
    october = Window(date(2026, 10, 1), date(2026, 10, 31), NOW)
    assert [one.cause for one in differences.by_unit(session, october)[office.east.id]] == [Cause.LATER]


def test_a_shared_contract_parts_its_reason_among_its_units(session: Session, office: Office) -> None:
    project = contract(session, office, 1001, 1)
    parts: list[tuple[int, int | None]] = [(office.east.id, 333), (office.south.id, 667)]
    credit.agree(session, office.actor(session, office.registrar), project.id, parts, "协议", now=NOW)
    found = differences.by_unit(session, NOVEMBER)
    assert sum(one.amount for reasons in found.values() for one in reasons) == 1000
    (whole,) = differences.whole(found.values())
    assert (whole.words, int(whole.amount)) == ("核减：没有写原因", 1000)


def test_the_page_names_the_reasons_of_units_and_of_contracts(
    session: Session, office: Office, as_leader: Browser
) -> None:
    every_kind(session, office)
    session.commit()
    page = as_leader.get("/measures/ledger?from=2026-11-01&to=2026-11-20").text
    for words in ("不计入：资金来源地不计", "不予认定：资金未到", "核减：扣除二手设备", "待认定"):
        assert page.count(words) >= 3, words


def test_a_rule_is_named_before_what_the_recogniser_wrote(session: Session, office: Office) -> None:
    project = contract(session, office, 500, 400, difference_reason="核减", source_area=SourceArea.LOCAL)
    (agreement,) = mix.differences(session, NOVEMBER, None)[0].rows
    rules = differences.rules_of(session, [agreement.id], NOVEMBER)
    assert (agreement.project_id, rules) == (project.id, {agreement.id: Rule.SOURCE})
    assert differences.why(agreement, rules[agreement.id], NOVEMBER).cause is Cause.BARRED


def test_the_workbook_adds_up_as_the_page_does_and_gives_every_contract_its_reason(
    session: Session, office: Office, as_registrar: Browser
) -> None:
    every_kind(session, office)
    session.commit()
    answer = as_registrar.get("/measures/ledger.xlsx?from=2026-11-01&to=2026-11-20")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    sheets: list[Any] = [book.get_sheet_by_index(place).to_python(skip_empty_area=False) for place in range(3)]
    units, reasons, contracts = sheets
    whole = next(row for row in units if row[0] == "合计")
    assert whole[1:8] == [7, 4, 57.1, 4000, 2150, 53.8, 1850]
    parts = [row for row in reasons[2:] if row[1]]
    assert sum(row[3] for row in parts) == next(row for row in reasons if row[0] == "合计")[3] == 1850
    rows = [row for row in contracts[2:] if row[1]]
    assert [row[4] - row[5] for row in rows] == [row[6] for row in rows]
    assert {row[7] for row in rows} >= {"待认定", "核减：扣除二手设备", "不计入：资金来源地不计"}
    assert as_registrar.get("/measures/ledger").text.count("ledger.xlsx") == 1


def test_who_may_not_take_workbooks_is_offered_none(session: Session, as_officer: Browser) -> None:
    assert "ledger.xlsx" not in as_officer.get("/measures/ledger").text
    assert as_officer.get("/measures/ledger.xlsx").status_code == 403
