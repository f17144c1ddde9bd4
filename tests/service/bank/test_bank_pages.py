"""Pages of the bank: from the first line to a catalogue, a proposal and a link."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from crm.bank import editions, services
from crm.bank.rules import BankState
from crm.bank.services import Ending
from crm.pipeline.confidential import services as secrecy
from tests.conftest import Browser as Signer
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.service.bank.conftest import Bank
    from tests.support.builders import Office

FORM = {
    "name": "年产2万套减速机项目", "content": "建设两条减速机装配线和检测中心", "investment": "30,000", "land_mu": "60",
    "industry": "高端装备", "contact_post": "东区招商组", "node_id": "", "seen": "",
}  # fmt: skip


@pytest.fixture
def as_lead(app: Flask, office: Office) -> Browser:
    return Signer(app.test_client()).sign_in(office.lead.username)


def test_a_project_is_entered_reviewed_by_another_and_published(
    session: Session, office: Office, as_lead: Browser, as_registrar: Browser, as_officer: Browser
) -> None:
    typed = {**FORM, "unit_id": str(office.east.id)}
    session.rollback()
    bad = as_lead.post("/bank/new", data={**typed, "investment": "三亿"})
    assert bad.status_code == 422
    assert 'value="年产2万套减速机项目"' in bad.text
    place = str(as_lead.post("/bank/new", data=typed).location)
    assert as_officer.get(place).status_code == 404
    refused = as_lead.post(f"{place}/move", data={"to": "reviewed"})
    assert refused.status_code == 422
    assert "请另一位同事评审" in refused.text
    for to in ("reviewed", "published"):
        assert as_registrar.post(f"{place}/move", data={"to": to}).status_code == 303
    shown = as_officer.get("/bank?q=减速机&state=published").text
    assert "年产2万套减速机项目" in shown
    assert "1 / 100个，1.0%" in shown
    assert as_officer.post(f"{place}/move", data={"to": "withdrawn", "reason": "不想要了"}).status_code == 403
    assert as_lead.get(f"{place}/edit").status_code == 422
    assert "已评审" in as_officer.get(place).text


def test_a_published_project_is_matched_with_a_firm_found_by_name(
    session: Session, bank: Bank, as_registrar: Browser
) -> None:
    place, firm = f"/bank/{bank.published.id}", bank.firm.id
    session.rollback()
    assert "云岭传动股份" in as_registrar.get(f"{place}/match?q=云岭").text
    assert as_registrar.post(f"{place}/move", data={"to": "matched", "enterprise": str(firm)}).status_code == 303
    assert f"/enterprises/{firm}" in as_registrar.get(place).text
    assert as_registrar.get(f"{place}/match").status_code == 422


def test_a_match_with_a_project_one_may_not_see_is_not_told(
    session: Session, office: Office, bank: Bank, as_outsider: Browser
) -> None:
    deal = builders.project(session, bank.firm, office.east, office.lead, name="青石项目")
    end = Ending(project_id=deal.id)
    services.move(session, bank.lead, bank.published.id, BankState.MATCHED, end, now=NOW, today=TODAY)
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    session.commit()
    page = as_outsider.get(f"/bank/{bank.published.id}").text
    assert "减速机总装项目" in page
    assert "对接情况" not in page
    assert "在谈项目" not in page


def test_a_catalogue_is_handed_out_and_shared(
    session: Session, bank: Bank, as_registrar: Browser, as_officer: Browser, visitor: Browser
) -> None:
    session.rollback()
    assert as_officer.post("/bank/editions").status_code == 403
    place = str(as_registrar.post("/bank/editions").location)
    assert "减速机总装项目" in as_officer.get(place).text
    word, book = as_officer.get(f"{place}.docx"), as_registrar.get(f"{place}.xlsx")
    assert len(Document(BytesIO(word.data)).tables) == 1
    rows = CalamineWorkbook.from_filelike(BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert rows[2][:6] == ["减速机总装项目", "装备链", "减速机", "高端装备", "建设两条减速机装配线和检测中心", 30000]
    assert as_officer.get(f"{place}.xlsx").status_code == 403
    address = f"/bank/links/new?edition={place.rpartition('/')[2]}"
    assert as_registrar.post(address, data={"label": "装备协会", "expires_on": TODAY.isoformat()}).status_code == 422
    until = (TODAY + timedelta(days=9)).isoformat()
    made = as_registrar.post(address, data={"label": "装备协会", "expires_on": until}).text
    found = re.search(r"/share/[\w-]+", made)
    assert found is not None
    assert visitor.get(found[0]).status_code == 200
    assert "127.0.0.0/24" in as_registrar.get("/bank/links/1").text
    assert found[0] not in as_registrar.get("/bank/links").text
    assert as_officer.post("/bank/links/1/revoke").status_code == 403
    assert as_registrar.post("/bank/links/1/revoke").status_code == 303
    assert visitor.get(found[0]).status_code == 404


def test_a_proposal_is_made_changed_and_downloaded(
    session: Session, bank: Bank, as_officer: Browser, as_outsider: Browser
) -> None:
    firm = bank.firm.id
    session.rollback()
    preview = as_officer.get(f"/bank/proposals/new?enterprise={firm}").text
    place = str(as_officer.post("/bank/proposals", data={"enterprise": str(firm), "project": ""}).location)
    page = as_officer.get(place).text
    for words in ("产业对口：高端装备", "东区一号地", "减速机总装项目", "+20"):
        assert words in preview, words
        assert words in page, words
    typed = {"title": "给云岭的建议", "seen": "1", "text-0": "您好" * 2001, "keep-2-0": "1"}
    long = as_officer.post(f"{place}/edit", data=typed)
    assert long.status_code == 422
    assert "您好您好" in long.text
    assert as_officer.post(f"{place}/edit", data={**typed, "text-0": "您好"}).status_code == 303
    word = as_officer.get(f"{place}.docx")
    assert "给云岭的建议" in Document(BytesIO(word.data)).paragraphs[0].text
    assert as_officer.get(f"{place}?version=1").status_code == 200
    assert as_outsider.get(place).status_code == 404
    assert as_outsider.get(f"{place}.docx").status_code == 404


def test_target_and_contact_are_set_by_the_office(session: Session, bank: Bank, as_registrar: Browser) -> None:
    session.rollback()
    bad = as_registrar.post("/bank/settings", data={"count": "0", "amount": "10", "contact": "招商局"})
    assert bad.status_code == 422
    good = {"count": "2", "amount": "6", "contact": "招商局"}
    assert as_registrar.post("/bank/settings", data=good).status_code == 303
    assert "1 / 2个，50.0%" in as_registrar.get("/bank").text
    row = editions.freeze(session, bank.registrar, "局", now=NOW, today=TODAY)
    assert row.body["contact"] == "招商局"
