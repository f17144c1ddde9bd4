"""Pages of capital: report, find in the queue, recognise, see the ledger."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from crm.pipeline.counting import finding
from crm.pipeline.rules import Stage
from tests.conftest import Browser as Signer
from tests.support import builders

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

FORM = {
    "kind": "bank_slip", "number": "118", "payer": "晟澜精密", "arrived_on": "2026-11-03", "form": "cash",
    "area": "other_province", "currency": "CNY", "amount": "2600",
}  # fmt: skip


@pytest.fixture
def deal_id(session: Session, office: Office) -> int:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer, name="传动装备项目")
    builders.stand(session, project, Stage.SIGNED)
    builders.agreement(session, project, office.officer)
    session.commit()
    return project.id


def scan(text: str = "1") -> tuple[BytesIO, str]:
    return BytesIO(f"%PDF-1.7\n{text}\n%%EOF\n".encode()), "进账单.pdf"


def test_a_voucher_goes_from_the_form_to_the_queue_to_the_ledger(
    app: Flask, as_officer: Browser, office: Office, deal_id: int
) -> None:
    place = f"/projects/{deal_id}/capital"
    assert "上报到位资金" in as_officer.get(place).text
    answer = as_officer.post(f"{place}/new", data={**FORM, "scan": scan()})
    assert (answer.status_code, answer.location) == (303, place)
    assert "待认定" in as_officer.get(place).text
    recognizer = Signer(app.test_client()).sign_in(office.recognizer.username)
    assert "传动装备项目" in recognizer.get("/capital").text
    page = recognizer.get("/capital/1")
    assert "认定金额" in page.text
    assert recognizer.get("/capital/1/file").data.startswith(b"%PDF")
    assert recognizer.post("/capital/1/recognise", data={"amount": "2000", "reason": ""}).status_code == 422
    odd = recognizer.post("/capital/1/recognise", data={"amount": "2000", "reason": "", "seen": "sNaN"})
    assert odd.status_code == 422
    done = recognizer.post("/capital/1/recognise", data={"amount": "2000", "reason": "其余为借款"})
    assert done.status_code == 303
    assert "2,000" in as_officer.get(place).text


def test_a_refused_form_keeps_what_was_typed(as_officer: Browser, deal_id: int) -> None:
    answer = as_officer.post(f"/projects/{deal_id}/capital/new", data={**FORM, "amount": "0", "scan": scan()})
    assert answer.status_code == 422
    assert 'value="晟澜精密"' in answer.text
    foreign = as_officer.post(f"/projects/{deal_id}/capital/new", data={**FORM, "currency": "USD", "scan": scan()})
    assert "外币须填汇率" in foreign.text


def test_the_reporter_sees_no_form_of_recognition_and_may_take_back(as_officer: Browser, deal_id: int) -> None:
    as_officer.post(f"/projects/{deal_id}/capital/new", data={**FORM, "scan": scan()})
    page = as_officer.get("/capital/1").text
    assert "认定金额" not in page
    assert as_officer.post("/capital/1/recognise", data={"amount": "1"}).status_code == 403
    assert as_officer.post("/capital/1/withdraw").status_code == 303
    assert "已撤回" in as_officer.get("/capital?state=withdrawn").text


def test_before_signing_the_page_says_what_comes_first(session: Session, as_officer: Browser, office: Office) -> None:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer)
    session.commit()
    assert "签约后才能上报到位资金" in as_officer.get(f"/projects/{project.id}/capital").text


def test_queue_and_voucher_say_what_keeps_the_project_from_counting(
    app: Flask, session: Session, as_officer: Browser, office: Office
) -> None:
    firm = builders.enterprise(session)
    project = builders.project(session, firm, office.east, office.officer, name="滨江商住综合体", stage=Stage.SIGNED)
    builders.agreement(session, project, office.officer)
    finding.notice(session, project, now=builders.NOW)
    session.commit()
    as_officer.post(f"/projects/{project.id}/capital/new", data={**FORM, "scan": scan()})
    recognizer = Signer(app.test_client()).sign_in(office.recognizer.username)
    assert "不计入：房地产" in recognizer.get("/capital").text
    page = recognizer.get("/capital/1").text
    assert "按认定规则不计入，不能认定" in page
    assert f"/projects/{project.id}/counting" in page
    assert recognizer.post("/capital/1/recognise", data={"amount": "100", "reason": ""}).status_code == 422
