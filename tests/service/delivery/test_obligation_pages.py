"""Pages of obligations and exit cases: what a person sees, is refused, and downloads."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from crm.delivery.exits.models import ExitCase
from crm.delivery.letters.models import DeliveryLetter
from tests.conftest import Browser as Signer
from tests.support import deliveries
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

DUTY = {"kind": "tax", "text": "年纳税500万元", "due_on": "2026-10-09", "amount": "500", "currency": "CNY"}


@pytest.fixture
def place(session: Session, office: Office) -> str:
    deal = deliveries.deal(session, office)
    session.commit()
    return f"/projects/{deal.project.id}"


def test_a_duty_is_typed_recorded_and_its_payout_stays_locked(as_officer: Browser, place: str) -> None:
    page = f"{place}/obligations"
    assert "催缴保证金" in as_officer.get(page).text
    wrong = as_officer.post(f"{page}/new", data={**DUTY, "agreement": "1", "amount": "0"})
    assert (wrong.status_code, 'value="年纳税500万元"' in wrong.text) == (422, True)
    assert as_officer.post(f"{page}/new", data={**DUTY, "agreement": "1"}).status_code == 303
    money = {**DUTY, "agreement": "1", "kind": "payout", "text": "设备奖补", "due_on": "", "needs": "1"}
    assert as_officer.post(f"{page}/new", data=money).status_code == 303
    shown = as_officer.get(page).text
    assert "兑现条件还没有满足：年纳税500万元" in shown
    assert "公平竞争审查还没有通过" in shown
    paid = {"amount": "10", "paid_on": TODAY.isoformat(), "voucher": "拨付1号"}
    refused = as_officer.post(f"{page}/2/payout", data=paid)
    assert (refused.status_code, "对方履行之后才能兑现" in refused.text) == (422, True)
    done = {"on": TODAY.isoformat(), "value": "520", "evidence": "完税证明9号"}
    assert as_officer.post(f"{page}/1/record", data=done).status_code == 303
    assert "逾期履行" in as_officer.get(page).text
    assert "没有逾期的事项" in as_officer.get("/obligations").text
    assert "履约保证金" in as_officer.get("/obligations?what=deposit").text


def test_the_road_out_goes_from_page_to_page(
    app: Flask, session: Session, as_officer: Browser, office: Office, place: str
) -> None:
    sent = as_officer.post(f"{place}/exit-case", data={"cause": "deposit", "days": "10", "detail": "电话催缴三次"})
    assert (sent.status_code, sent.location) == (303, "/exit-cases/1")
    digest = session.scalars(select(DeliveryLetter.digest)).one()
    session.commit()
    assert hashlib.sha256(as_officer.get("/letters/1.docx").data).hexdigest() == digest
    assert "提醒函" in as_officer.get("/exit-cases").text
    step = {"kind": "rectify", "days": "10", "detail": "仍未缴纳"}
    lead = Signer(app.test_client()).sign_in(office.lead.username)
    early = lead.post("/exit-cases/1", data=step)
    assert (early.status_code, "期满之后才能办下一步" in early.text) == (422, True)
    for kind in ("rectify", "propose"):
        session.execute(update(ExitCase).values(due_on=TODAY - timedelta(days=1)))
        session.commit()
        assert lead.post("/exit-cases/1", data={**step, "kind": kind}).status_code == 303
    leader = Signer(app.test_client()).sign_in(office.leader.username)
    assert leader.post("/exit-cases/1", data={"kind": "terminate", "detail": "同意终止"}).status_code == 303
    page = leader.get("/exit-cases/1").text
    assert all(words in page for words in ("当期冲减", "−12,000", "二次招商", "招商函〔2026〕3号"))
    assert "终止" in leader.get("/exit-cases?state=closed").text
