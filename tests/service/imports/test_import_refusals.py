from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.service.imports.importing import upload, work
from tests.service.imports.test_import_pages import CSV, HX, LEDGER_FORM, LIST, Road, names
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.conftest import Browser


@pytest.fixture
def road(as_registrar: Browser, database: Database, settings: Settings, session: Session) -> Road:
    session.close()
    return Road(as_registrar, database, settings)


def test_a_file_that_is_gone_is_told_and_nothing_is_written(road: Road, session: Session) -> None:
    path = upload(road.browser, "企业名称\n云岭电子有限公司\n".encode()).headers["Location"]
    for one in road.settings.files_dir.rglob("*"):
        if one.is_file():
            one.unlink()
    road.browser.post(f"{path}/mapping", {**LEDGER_FORM, "then": "check", "column-0": "name"})
    work(road.database, road.settings)
    page = road.browser.get(path).text
    assert "上传的文件已不在服务器上" in page
    assert "没有成功，登记册没有改动" in page
    assert names(session) == []


def test_the_pages_of_an_import_need_few_queries(road: Road, database: Database) -> None:
    done = road.check("企业名称\n云岭电子有限公司\n".encode(), LIST, {0: "name"})
    road.apply(done)
    rows = "".join(f"云岭电子有限公司第{number}厂,x\n云岭电子集团有限公司,5\n" for number in range(40))
    path = road.check(f"企业名称,注册资本\n{rows}".encode(), LEDGER_FORM, {0: "name", 1: "capital"})
    for page in ("/imports", done, path, f"{path}?only=queue", f"{path}/mapping", f"{path}/undo", f"{path}/rows/3"):
        with counted(database) as statements:
            assert road.browser.get(page).status_code == 200
        selects = [one for one in statements if one.startswith("SELECT")]
        assert len(selects) <= 12, page


def test_a_file_of_twenty_megabytes_is_refused(as_registrar: Browser) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = head + b"x" * 20 * 1024 * 1024 + b"\r\n--edge--\r\n"
    headers = {"X-CSRFToken": as_registrar.token(), "Content-Type": "multipart/form-data; boundary=edge"}
    answer = as_registrar.client.post("/imports", data=body, headers=headers)
    assert answer.status_code == 413
    assert "10 MB" in answer.text


def test_only_those_who_may_import_see_the_pages(as_officer: Browser, as_leader: Browser) -> None:
    for browser in (as_officer, as_leader):
        for page in ("/imports", "/imports/1", "/imports/1/mapping", "/imports/1/rows/2", "/imports/1/errors.xlsx"):
            assert browser.get(page).status_code == 403
        assert browser.post("/imports/1/apply").status_code == 403
    assert upload(as_officer, CSV).status_code == 403


def test_numbers_of_others_and_of_nothing_are_not_found(road: Road) -> None:
    path = road.check("企业名称\n云岭电子有限公司\n".encode(), LEDGER_FORM, {0: "name"})
    missing = (
        "/imports/999",
        "/imports/999/mapping",
        "/imports/999/rows/2",
        f"{path}/rows/99",
        f"{path}/rows/2/cells/9",
    )
    for page in missing:
        assert road.browser.get(page, headers=HX).status_code == 404, page
    sent = {"text": "x", "choice": "new"}
    for page in ("/imports/999/apply", "/imports/999/undo", f"{path}/rows/99/skip", f"{path}/rows/2/cells/99"):
        assert road.browser.post(page, sent).status_code == 404, page


def test_names_in_a_file_cannot_become_markup(road: Road) -> None:
    data = "企业名称,简称\n云岭电子有限公司,<script>alert(1)</script>\n".encode()
    path = upload(road.browser, data, "<img src=x>.csv").headers["Location"]
    assert not re.search(r"<script>alert|<img src=x", road.browser.get(path).text)
    path = road.check(data, LEDGER_FORM, {0: "name", 1: "short"})
    text = road.browser.get(path).text + road.browser.get(f"{path}/rows/2").text
    assert not re.search(r"<script>alert|<img src=x", text)
