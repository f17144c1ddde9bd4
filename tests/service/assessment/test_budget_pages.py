"""Pages of money: figures that open their rows, entries typed and taken back, budgets, the workbook."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook

from crm.assessment.budgets.models import Spending
from crm.pipeline.confidential import services as confidential
from crm.pipeline.models import Project
from tests.conftest import Browser as Signer
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

FORM = {
    "spent_on": TODAY.isoformat(),
    "amount": "1.25",
    "kind": "travel",
    "purpose": "赴岚桥拜访机票",
    "receipt": "票17",
}


def spend(browser: Browser, unit_id: int, **more: str) -> int:
    return browser.post("/assessment/budgets/spend", data={**FORM, "unit_id": str(unit_id), **more}).status_code


def test_an_entry_is_typed_and_counted_in_the_cost(session: Session, office: Office, as_officer: Browser) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, name="轴承二期")
    east, deal_id = office.east.id, deal.id
    session.commit()
    assert spend(as_officer, east, project_id=str(deal_id)) == 303
    page = as_officer.get("/assessment/budgets").text
    assert "1.25万元 ÷ 1条" in page
    assert f"/assessment/budgets/rows?unit={east}" in page
    rows = as_officer.get(f"/assessment/budgets/rows?unit={east}").text
    assert ("合计1.25万元" in rows, "赴岚桥拜访机票" in rows, f"/projects/{deal_id}" in rows) == (True, True, True)


def test_what_is_wrong_stands_by_its_field_and_what_was_typed_stays(office: Office, as_officer: Browser) -> None:
    form = {**FORM, "unit_id": str(office.east.id), "amount": "0", "purpose": "看看"}
    answer = as_officer.post("/assessment/budgets/spend", data=form)
    assert (answer.status_code, "看看" in answer.text, "请填金额" in answer.text) == (422, True, True)


def test_another_squads_money_is_neither_read_nor_entered(
    session: Session, office: Office, as_officer: Browser, as_outsider: Browser
) -> None:
    south, east = office.south.id, office.east.id
    session.commit()
    assert spend(as_outsider, south) == 303
    assert spend(as_officer, south) == 422
    assert "赴岚桥拜访机票" not in as_officer.get(f"/assessment/budgets/rows?unit={south}").text
    assert as_officer.post("/assessment/budgets/spend/1/void", data={"reason": "不是我的"}).status_code == 404
    assert spend(as_officer, east) == 303


def test_an_entry_is_taken_back_with_a_reason(session: Session, office: Office, as_officer: Browser) -> None:
    east = office.east.id
    session.commit()
    spend(as_officer, east)
    place = "/assessment/budgets/spend/1/void"
    as_officer.post(place, data={"reason": "重"})
    assert session.get_one(Spending, 1).voided_at is None
    session.rollback()
    as_officer.post(place, data={"reason": "登记重了"})
    page = as_officer.get("/assessment/budgets/rows").text
    assert ("合计0万元" in page, "登记重了" in page) == (True, True)


def test_the_office_sets_budgets_and_others_read_them(
    session: Session, office: Office, as_registrar: Browser, as_leader: Browser
) -> None:
    east = office.east.id
    session.commit()
    wrong = as_registrar.post("/assessment/budgets/edit?year=2026", data={f"b-{east}": "四十"})
    assert (wrong.status_code, "四十" in wrong.text) == (422, True)
    form = {f"b-{east}": "40", "basis": "财预3号"}
    assert as_registrar.post("/assessment/budgets/edit?year=2026", data=form).status_code == 303
    assert "预算40万元" in as_leader.get("/assessment/budgets?year=2026").text
    assert as_leader.get("/assessment/budgets/edit").status_code == 403
    assert as_leader.get("/assessment/budgets/spend").status_code == 403


def test_what_was_spent_on_a_hidden_project_is_a_sum_without_words(
    app: Flask, session: Session, office: Office, as_officer: Browser, as_registrar: Browser
) -> None:
    as_colleague = Signer(app.test_client()).sign_in(office.colleague.username)
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, name="轴承二期")
    east, deal_id = office.east.id, deal.id
    session.commit()
    assert spend(as_officer, east, project_id=str(deal_id), purpose="轴承二期机票") == 303
    assert "轴承二期机票" in as_colleague.get("/assessment/budgets/rows").text
    lead, deal = office.actor(session, office.lead), session.get_one(Project, deal_id)
    confidential.classify(session, lead, deal_id, "青竹计划", version=deal.version, now=NOW)
    session.commit()
    assert "轴承二期机票" in as_officer.get(f"/assessment/budgets/rows?project={deal_id}").text
    rows = as_colleague.get("/assessment/budgets/rows").text
    assert ("合计1.25万元" in rows, "其他项目" in rows, "轴承" in rows, "票17" in rows) == (True, True, False, False)
    assert as_colleague.get(f"/assessment/budgets/rows?project={deal_id}").status_code == 404
    book = CalamineWorkbook.from_filelike(BytesIO(as_registrar.get("/assessment/budgets/2026/budgets.xlsx").data))
    found = [row[4:8] for row in book.get_sheet_by_index(1).to_python() if row[1] == "长三角小分队"]
    assert found == [["其他项目", "", 1.25, 1.25]]


def test_the_workbook_holds_figures_and_their_rows(
    session: Session, office: Office, as_officer: Browser, as_registrar: Browser
) -> None:
    east = office.east.id
    session.commit()
    spend(as_officer, east)
    assert as_officer.get("/assessment/budgets/2026/budgets.xlsx").status_code == 403
    book = CalamineWorkbook.from_filelike(BytesIO(as_registrar.get("/assessment/budgets/2026/budgets.xlsx").data))
    figures, rows = (book.get_sheet_by_index(number).to_python() for number in range(2))
    assert [row[2] for row in figures if row[0] in {"长三角小分队", "合计"}] == [1.25, 1.25]
    assert [row[7] for row in rows if row[1] == "长三角小分队"] == [1.25]
