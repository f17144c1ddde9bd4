"""Pages of chains: draw one, put firms on it, see the gap, take it out as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.enterprises.models import Enterprise
from crm.pipeline.rules import Stage
from crm.resources.chains.models import IndustryPlace
from crm.resources.chains.sheet import heads_of
from tests.conftest import Browser as Signer
from tests.support import builders

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

NODE = {"tier": "midstream", "words": "电芯、电池", "codes": "C38", "goal": "50000", "note": ""}


@pytest.fixture
def firm_id(session: Session, office: Office) -> int:
    found = builders.enterprise(session, name="岚桥电芯股份有限公司")
    session.commit()
    return found.id


@pytest.fixture
def place(as_registrar: Browser, office: Office, firm_id: int) -> str:
    head = {"name": "新能源", "industry": "", "leader": "副县长", "unit_id": str(office.east.id)}
    made = as_registrar.post("/industry-chains/new", data=head)
    assert made.status_code == 303
    place = str(made.location)
    for name, more in (("电芯", {}), ("储能系统", {"tier": "downstream", "words": "储能"})):
        answer = as_registrar.post(f"{place}/nodes/new", data={**NODE, "name": name, **more})
        assert answer.status_code == 303
    return place


def test_a_chain_shows_its_picture_its_table_and_what_it_lacks(as_registrar: Browser, place: str) -> None:
    page = as_registrar.get(place).text
    for word in ("链图", "电芯", "储能系统", "暂不布局", "一牵头领导", "副县长"):
        assert word in page
    assert "缺" in as_registrar.get("/industry-chains").text


def test_a_refused_node_keeps_what_was_typed(as_registrar: Browser, place: str) -> None:
    answer = as_registrar.post(f"{place}/nodes/new", data={**NODE, "name": "隔膜", "codes": "C0000"})
    assert answer.status_code == 422
    assert 'value="隔膜"' in answer.text
    assert "没有“C0000”这个行业代码" in answer.text
    twice = as_registrar.post(f"{place}/nodes/new", data={**NODE, "name": "电芯"})
    assert "已有同名的环节" in twice.text


def test_a_firm_on_a_node_is_shown_in_the_table_and_moves_the_verdict(
    as_registrar: Browser, place: str, firm_id: int
) -> None:
    answer = as_registrar.post(
        "/industry-chains/nodes/1/place", data={"other_id": str(firm_id), "scale": "12000", "leading": "y", "q": ""}
    )
    assert answer.status_code == 303
    page = as_registrar.get(place).text
    assert "岚桥电芯" in page
    assert "12,000" in page
    assert "稳固" in page


def test_a_proposed_firm_becomes_a_target_with_a_tick(as_registrar: Browser, place: str, firm_id: int) -> None:
    as_registrar.post("/industry-chains/nodes/1/call", data={"call": "fill", "reason": "县里定的主攻方向"})
    page = as_registrar.get("/industry-chains/nodes/1?view=targets").text
    assert "岚桥电芯" in page
    done = as_registrar.post("/industry-chains/nodes/1/confirm?side=target", data={"enterprise_id": str(firm_id)})
    assert done.status_code == 303
    assert "1家" in as_registrar.get(place).text


def test_a_local_firm_is_not_kept_with_the_name_of_a_project(
    session: Session, office: Office, as_registrar: Browser, place: str, firm_id: int
) -> None:
    firm = session.get_one(Enterprise, firm_id)
    builders.project(session, firm, office.east, office.officer, stage=Stage.STARTED, name="磐石二期")
    session.commit()
    assert "磐石二期" in as_registrar.get("/industry-chains/nodes/1?view=locals").text
    done = as_registrar.post("/industry-chains/nodes/1/confirm?side=local", data={"enterprise_id": str(firm_id)})
    assert done.status_code == 303
    kept = session.scalars(select(IndustryPlace.reasons).where(IndustryPlace.enterprise_id == firm_id)).one()
    assert kept
    assert "磐石二期" not in str(kept)


def test_an_officer_makes_a_lead_of_a_gap_and_changes_nothing_else(
    as_registrar: Browser, as_officer: Browser, place: str, firm_id: int
) -> None:
    as_registrar.post("/industry-chains/nodes/1/call", data={"call": "fill", "reason": "县里定的主攻方向"})
    assert as_officer.get(f"{place}/nodes/new").status_code == 403
    assert (
        as_officer.post("/industry-chains/nodes/1/call", data={"call": "fill", "reason": "我要改"}).status_code == 403
    )
    lead = as_officer.post("/industry-chains/nodes/1/lead", data={"enterprise_id": str(firm_id)})
    assert lead.status_code == 303
    assert "岚桥电芯" in as_officer.get("/projects").text


def test_a_chain_is_handed_out_as_the_sheet_an_import_reads(as_registrar: Browser, place: str) -> None:
    answer = as_registrar.get("/industry-chains/export/all.xlsx")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    heads = next(row for row in rows if "环节" in row)
    assert heads_of([str(cell) for cell in heads])
    assert any({"新能源", "电芯"} <= set(row) for row in rows)
    assert as_registrar.get("/industry-chains/export/99.xlsx").status_code == 404
    assert as_registrar.get("/industry-chains/export/none.xlsx").status_code == 404


def test_who_may_not_export_does_not(app: Flask, office: Office, place: str) -> None:
    stranger = Signer(app.test_client()).sign_in(office.officer.username)
    assert stranger.get("/industry-chains/export/all.xlsx").status_code == 403


def test_the_history_of_a_chain_tells_who_did_what(as_registrar: Browser, place: str) -> None:
    page = as_registrar.get(f"{place}/history").text
    assert "增加环节“电芯”" in page


def test_an_archived_chain_is_gone_until_it_is_restored(as_registrar: Browser, place: str) -> None:
    assert as_registrar.post(f"{place}/archive").status_code == 303
    assert as_registrar.get(place).status_code == 404
    assert as_registrar.post(f"{place}/restore").status_code == 303
    assert as_registrar.get(place).status_code == 200
