"""The pages of imports other than of enterprises: template, columns, grid, result, undo, and whose they are."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from python_calamine import CalamineWorkbook

from crm.imports import kinds
from crm.imports.sheets.vocabulary import words_of
from tests.conftest import Browser
from tests.service.imports.importing import work, xlsx

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.support.builders import Office


def send(browser: Browser, kind: str, data: bytes) -> str:
    """Upload a file of a kind; return the address of its run."""
    sent = {"kind": kind, "file": (io.BytesIO(data), "表.xlsx")}
    answer = browser.post("/imports", sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize("kind", ["carriers", "policies", "chains"])
def test_the_headings_of_a_template_are_all_read_again(as_registrar: Browser, kind: str) -> None:
    answer = as_registrar.get(f"/imports/template/{kind}.xlsx")
    heads, *rest = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rest == []
    sheet = kinds.KINDS[kind].sheet
    assert sheet is not None
    words = words_of(sheet.fields, sheet.called)
    assert [words.known(str(cell)) for cell in heads] == [one.key for one in sheet.fields]


def test_a_team_lead_imports_carriers_by_the_pages_and_takes_them_back(
    app: Flask, database: Database, settings: Settings, session: Session, office: Office
) -> None:
    username, east = office.lead.username, office.east.id
    session.close()
    browser = Browser(app.test_client()).sign_in(username)
    assert 'href="/imports?kind=carriers"' in browser.get("/carriers").text
    page = browser.get("/imports").text
    assert "导入载体" in page
    assert "导入企业和联系人" not in page
    rows = (("编号*", "名称", "类别", "面积（亩）"), ("DQ", "东区", "园区", "1500"), ("DQ-1", "一号地", "地块", "很大"))
    path = send(browser, "carriers", xlsx(*rows))
    page = browser.get(path).text
    assert "新增的归谁" in page
    assert "怎样算同一家" not in page
    columns = {f"column-{index}": key for index, key in enumerate(("code", "name", "kind", "area"))}
    form = {"then": "check", "mode": "both", "unit_id": str(east), "unit-3": "亩", **columns}
    assert "请指定哪一列是“编号”" in browser.post(f"{path}/mapping", {**form, "column-0": ""}).text
    assert browser.post(f"{path}/mapping", form).status_code == 303
    work(database, settings)
    assert "“很大”不是面积" in browser.get(path).text
    errors = browser.get(f"{path}/errors.xlsx").data
    table = CalamineWorkbook.from_filelike(io.BytesIO(errors)).get_sheet_by_index(0).to_python()
    assert "不是面积" in str(table[1])
    browser.post(f"{path}/rows/3/cells/3", {"text": "20"})
    assert "开始导入（新增 2 条、更新 0 条、跳过 0 行）" in browser.get(path).text
    browser.post(f"{path}/apply")
    work(database, settings)
    page = browser.get(path).text
    assert "已新增" in page
    assert "去看载体" in page
    assert 'href="/carriers/' in browser.get(f"{path}?only=create").text
    assert "一号地" in browser.get("/carriers").text
    assert "从登记册里收回" in browser.get(f"{path}/undo").text
    browser.post(f"{path}/undo")
    work(database, settings)
    assert "这次导入新增的记录已收回" in browser.get(path).text
    assert "一号地" not in browser.get("/carriers").text


def test_nobody_opens_an_import_of_another_kind_or_of_another_unit(
    app: Flask, session: Session, office: Office
) -> None:
    lead, registrar, officer = (one.username for one in (office.lead, office.registrar, office.officer))
    session.close()
    boss = Browser(app.test_client()).sign_in(registrar)
    rows = (("产业链", "环节", "位置"), ("新材料", "树脂", "上游"))
    path = send(boss, "chains", xlsx(*rows))
    firms = boss.post(
        "/imports", {"file": (io.BytesIO("企业名称\n云岭电子\n".encode()), "a.csv")}, content_type="multipart/form-data"
    )
    browser = Browser(app.test_client()).sign_in(lead)
    assert [browser.get(one).status_code for one in (path, firms.headers["Location"])] == [404, 404]
    assert browser.get("/imports/template/list.xlsx").status_code == 404
    assert Browser(app.test_client()).sign_in(officer).get("/imports").status_code == 403
