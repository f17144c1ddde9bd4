"""Pages of carriers: keep one, take and give back, reclaim idle land, see what fits a project."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from docx import Document

from tests.conftest import Browser as Signer
from tests.support import builders
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

FORM = {
    "kind": "plot", "name": "东区1号地块", "code": "DQ-D01", "use": "industry", "area": "100", "price": "9.6",
    "basis": "sale_mu", "industries": "高端装备、新材料", "barred": "印染", "listed_from": "2026-01-01",
    "parent_id": "",
}  # fmt: skip


@pytest.fixture
def form(office: Office) -> dict[str, str]:
    return {**FORM, "unit_id": str(office.east.id)}


@pytest.fixture
def place(as_registrar: Browser, form: dict[str, str]) -> str:
    answer = as_registrar.post("/carriers/new", data=form)
    assert answer.status_code == 303
    return str(answer.location)


@pytest.fixture
def project_id(session: Session, office: Office) -> int:
    found = builders.project(session, builders.enterprise(session), office.east, office.officer, name="传动装备项目")
    found.land_mu, found.industry, found.fixed_investment = 60, "高端装备", Decimal(30_000)
    session.commit()
    return found.id


def test_a_carrier_is_kept_and_found_by_what_is_free(as_registrar: Browser, place: str) -> None:
    assert "高端装备、新材料" in as_registrar.get(place).text
    assert "东区1号地块" in as_registrar.get("/carriers?least=100&kind=plot&q=1号").text
    assert "没有符合条件的载体" in as_registrar.get("/carriers?least=101").text
    assert "没有符合条件的载体" in as_registrar.get("/carriers?on=2025-12-31").text


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [("area", "0", "面积"), ("area", "abc", "数"), ("basis", "", "计价方式"), ("code", "", "请填写编号")],
)
def test_a_refused_form_keeps_what_was_typed(
    as_registrar: Browser, form: dict[str, str], field: str, value: str, word: str
) -> None:
    answer = as_registrar.post("/carriers/new", data={**form, field: value})
    assert answer.status_code == 422
    assert word in answer.text
    assert 'value="东区1号地块"' in answer.text


@pytest.mark.parametrize(
    "typed", ["least=NaN", "least=1e99", "on=2026-13-40", "kind=castle", "unit=x", "cursor=..", "park=9999999999",
     "least=0.0000001", "least=0.12345678", "least=-1e-400", "least=sNaN"],
)  # fmt: skip
def test_odd_filters_do_no_harm(as_registrar: Browser, place: str, typed: str) -> None:
    assert as_registrar.get(f"/carriers?{typed}").status_code in {200, 400}


def test_an_area_asked_too_finely_is_rounded(as_registrar: Browser, place: str) -> None:
    assert "东区1号地块" in as_registrar.get("/carriers?least=100.0000001").text


def test_what_is_taken_is_not_free_until_it_is_given_back(as_registrar: Browser, place: str, project_id: int) -> None:
    taken = {"kind": "allotted", "area": "70", "from_on": TODAY.isoformat(), "project_id": str(project_id)}
    too_much = as_registrar.post(f"{place}/holds/new", data={**taken, "area": "101"})
    assert too_much.status_code == 422
    assert 'value="101"' in too_much.text
    assert as_registrar.post(f"{place}/holds/new", data=taken).status_code == 303
    page = as_registrar.get(place).text
    assert "传动装备项目" in page
    assert "部分可供" in page
    until = (TODAY + timedelta(days=1)).isoformat()
    assert as_registrar.post("/carriers/holds/1/end", data={"until_on": until, "reason": ""}).status_code == 422
    done = as_registrar.post("/carriers/holds/1/end", data={"until_on": until, "reason": "合同终止"})
    assert done.status_code == 303
    later = (TODAY + timedelta(days=2)).isoformat()
    assert "合同终止" in as_registrar.get(f"{place}?on={later}").text
    assert "东区1号地块" in as_registrar.get(f"/carriers?least=100&on={later}").text


def test_a_project_nobody_may_see_is_not_named_by_its_land(
    app: Flask, as_registrar: Browser, office: Office, place: str, project_id: int
) -> None:
    taken = {"kind": "allotted", "area": "70", "from_on": TODAY.isoformat(), "project_id": str(project_id)}
    as_registrar.post(f"{place}/holds/new", data=taken)
    stranger = Signer(app.test_client()).sign_in(office.outsider.username)
    page = stranger.get(place).text
    assert "传动装备" not in page
    assert "其他项目" in page


def test_what_is_written_of_a_hidden_projects_land_is_not_shown(
    session: Session, office: Office, as_registrar: Browser, as_outsider: Browser, place: str, project_id: int
) -> None:
    held = {"kind": "allotted", "area": "70", "from_on": "2024-01-05", "project_id": str(project_id),
            "document_no": "传动出让合同", "start_due": "2025-01-05"}  # fmt: skip
    assert as_registrar.post(f"{place}/holds/new", data=held).status_code == 303
    found = {"kind": "circled", "on": TODAY.isoformat(), "detail": "传动装备厂区没有动工"}
    assert as_registrar.post("/carriers/holds/1/idle", data=found).status_code == 303
    due = (TODAY + timedelta(days=9)).isoformat()
    letter = {
        "kind": "remind",
        "on": TODAY.isoformat(),
        "detail": "约谈传动公司",
        "due_on": due,
        "document_no": "传动7号",
    }
    assert as_registrar.post("/carriers/idle/1", data=letter).status_code == 303
    ended = {"until_on": TODAY.isoformat(), "reason": "传动项目退地"}
    assert as_registrar.post("/carriers/holds/1/end", data=ended).status_code == 303
    for path, words in ((place, ("传动出让合同", "传动项目退地")), ("/carriers/idle/1", ("没有动工", "传动7号"))):
        assert all(word in as_registrar.get(path).text for word in words)
        hidden = as_outsider.get(path).text
        assert ("传动" in hidden, "其他项目" in hidden) == (False, True)
    assert as_outsider.get("/carriers/idle/1/letters/2.docx").status_code == 404


def test_an_officer_reads_carriers_and_keeps_none(as_officer: Browser, place: str, form: dict[str, str]) -> None:
    assert "登记占用" not in as_officer.get(place).text
    assert as_officer.post("/carriers/new", data=form).status_code == 403
    assert as_officer.get(f"{place}/holds/new").status_code == 403


def test_idle_land_is_reclaimed_with_letters(as_registrar: Browser, place: str) -> None:
    old = {
        "kind": "allotted",
        "area": "70",
        "from_on": "2024-01-05",
        "project_id": "",
        "holder": "晟澜精密",
        "start_due": "2025-01-05",
    }
    assert as_registrar.post(f"{place}/holds/new", data=old).status_code == 303
    assert "晟澜精密" in as_registrar.get("/carriers/idle").text
    found = {"kind": "circled", "on": TODAY.isoformat(), "detail": "只有围墙，没有建筑"}
    case = as_registrar.post("/carriers/holds/1/idle", data=found)
    assert case.status_code == 303
    letter = {
        "kind": "remind",
        "on": TODAY.isoformat(),
        "detail": "已约谈企业负责人",
        "due_on": (TODAY + timedelta(days=9)).isoformat(),
    }
    assert as_registrar.post(str(case.location), data=letter).status_code == 422
    typed = {**letter, "document_no": "云商函7号\r\nX-Odd: 1\t../第2页"}
    assert as_registrar.post(str(case.location), data=typed).status_code == 303
    answer = as_registrar.get("/carriers/idle/1/letters/2.docx")
    assert unquote(answer.headers["Content-Disposition"]).endswith("-云商函7号 X-Odd: 1 ..-第2页.docx")
    text = "\n".join(paragraph.text for paragraph in Document(BytesIO(answer.data)).paragraphs)
    assert "晟澜精密" in text
    assert "云商函7号" in text


def test_what_fits_a_project_is_shown_with_reasons_and_what_nearly_fits(
    as_registrar: Browser, as_officer: Browser, form: dict[str, str], place: str, project_id: int
) -> None:
    as_registrar.post("/carriers/new", data={**form, "code": "DQ-D02", "name": "东区2号地块", "area": "50"})
    page = as_officer.get(f"/projects/{project_id}/sites").text
    assert "产业对口：高端装备" in page
    assert "只差一条" in page
    assert "要60亩，只剩50亩" in page
    stated = as_officer.post(f"/projects/{project_id}/sites/need", data={"energy": "900", "price": "5"})
    assert stated.status_code == 303
    assert "价格高出预算" in as_officer.get(f"/projects/{project_id}/sites").text


def test_the_sums_of_land_show_their_formula(as_officer: Browser) -> None:
    page = as_officer.get("/carriers/sums?area=60&cost=15&price=9.6&tax=12&kept=40").text
    assert "324" in page  # (15 - 9.6) x 60
    assert as_officer.get("/carriers/sums?area=x&cost=15&price=9.6&tax=12&kept=40").status_code == 422
