"""What the pages of an import propose of themselves, and what they say at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.service.imports.importing import upload
from tests.service.imports.test_import_pages import LEDGER_FORM, Road

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.conftest import Browser

YEAR = re.compile(r'name="year"[^>]*value="2026"|value="2026"[^>]*name="year"')
RANKED = "2026年中国民营企业500强,\n排名,企业名称\n1,云岭电子有限公司\n".encode()


@pytest.fixture
def road(as_registrar: Browser, database: Database, settings: Settings, session: Session) -> Road:
    session.close()
    return Road(as_registrar, database, settings)


def test_a_list_is_proposed_with_its_name_and_year(road: Road) -> None:
    page = road.browser.get(upload(road.browser, RANKED).headers["Location"]).text
    assert re.search(r'value="list"[^>]*checked|checked[^>]*value="list"', page)
    assert 'value="民营企业500强"' in page
    assert YEAR.search(page)


def test_what_a_person_said_of_a_file_stands_against_what_it_seems(road: Road) -> None:
    path = upload(road.browser, RANKED).headers["Location"]
    sent = {**LEDGER_FORM, "then": "read", "column-0": "", "column-1": "name", "header_row": "2"}
    assert road.browser.post(f"{path}/mapping", sent).status_code == 303
    page = road.browser.get(f"{path}/mapping").text
    assert re.search(r'value="ledger"[^>]*checked|checked[^>]*value="ledger"', page)


def test_the_end_tells_how_many_contacts_came_along(road: Road) -> None:
    data = "企业名称,联系人,电话\n云岭电子有限公司,顾青、何远,13800000001、13800000002\n".encode()
    path = road.check(data, {**LEDGER_FORM, "unit_id": "1"}, {0: "name", 1: "contact", 2: "phone"})
    assert "同时新增联系人 2 位" in road.apply(path)


def test_a_file_in_which_no_column_names_the_enterprise_is_pointed_out(road: Road) -> None:
    path = upload(road.browser, "信用代码,其他\n91350100M000100Y43,x\n".encode()).headers["Location"]
    assert "还没有指定哪一列是企业名称" in road.browser.get(path).text


def test_a_list_is_called_by_its_name_whatever_key_was_given(road: Road) -> None:
    form = {"kind": "list", "list_name": "private_500", "year": "2026", "mode": "both", "keys": ["uscc", "name"]}
    page = road.browser.get(road.check(RANKED, form, {0: "rank", 1: "name"})).text
    assert "民营企业500强 2026" in page
    assert "private_500" not in page
