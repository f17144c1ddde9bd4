"""The search page and the palette over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crm import nav
from crm.enterprises.indexing import index_contacts, index_enterprises
from crm.search import commands
from tests.support import builders
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}
MOST_QUERIES = 12


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    row = builders.enterprise(session, "云岭岚桥储能有限公司")
    person = builders.contact(session, row, office.east, office.officer, "钱望舒")
    builders.project(session, row, office.east, office.officer)
    builders.touch(session, row, office.east, office.officer)
    index_enterprises(session, [row.id])
    index_contacts(session, [person.id])
    session.commit()
    return row


def test_the_palette_groups_what_it_found_and_leads_to_all_results(as_officer: Browser, firm: Enterprise) -> None:
    page = as_officer.get("/palette?q=lqcn", headers=HTMX).text
    assert f'href="/enterprises/{firm.id}"' in page
    assert "<html" not in page
    assert 'href="/search?q=lqcn"' in page
    assert 'href="/contacts/' in as_officer.get("/palette?q=@qws", headers=HTMX).text
    assert f'href="/enterprises/{firm.id}"' not in as_officer.get("/palette?q=@qws", headers=HTMX).text


def test_without_a_script_the_palette_is_the_search_page(as_officer: Browser, firm: Enterprise) -> None:
    page = as_officer.get("/palette?q=岚桥").text
    assert "<html" in page
    assert firm.name in page


def test_commands_are_those_the_person_may_use(as_officer: Browser, as_administrator: Browser) -> None:
    mine = as_officer.get("/palette?q=>", headers=HTMX).text
    assert 'href="/visits/new"' in mine
    assert 'href="/admin"' not in mine
    assert 'href="/admin"' in as_administrator.get("/palette?q=%3Eguanli", headers=HTMX).text


def test_every_heading_of_the_navigation_is_a_command_with_the_same_rights() -> None:
    known = {one.href: one for one in commands.PAGES}
    for item in nav.RAIL:
        assert (known[item.href].label, known[item.href].needs) == (item.label, item.needs)


@pytest.mark.parametrize(
    ("word", "address"),
    [
        ("月调度", "/papers"), ("目标", "/targets"), ("比率", "/measures/rates"), ("观摩", "/assessment/tours"),
        ("经费", "/assessment/budgets"), ("公文检查", "/reports/check"), ("停滞", "/insight/stalled"),
        ("报送", "/reports/weekly/returns"),
    ],
)  # fmt: skip
def test_pages_of_analysis_and_papers_are_found_by_their_trade_words(
    as_leader: Browser, word: str, address: str
) -> None:
    assert f'href="{address}"' in as_leader.get(f"/palette?q={word}", headers=HTMX).text


@pytest.mark.parametrize("one", commands.MORE, ids=lambda one: one.href)
def test_a_page_opens_for_who_is_offered_it(as_leader: Browser, one: commands.Command) -> None:
    assert as_leader.get(one.href).status_code == 200


def test_another_unit_sees_the_enterprise_but_not_its_people(as_outsider: Browser, firm: Enterprise) -> None:
    page = as_outsider.get("/search?q=岚桥").text
    assert firm.name in page
    assert "钱望舒" not in page
    assert "钱望舒" not in as_outsider.get("/palette?q=望舒", headers=HTMX).text.replace("“望舒”", "")


@pytest.mark.parametrize("address", ["/search?q=岚桥", "/palette?q=岚桥", "/search", "/search?q=2468"])
def test_a_search_sends_few_statements(as_officer: Browser, database: Database, firm: Enterprise, address: str) -> None:
    as_officer.get("/")
    with counted(database) as statements:
        assert as_officer.get(address, headers=HTMX if "palette" in address else {}).status_code == 200
    assert len(statements) <= MOST_QUERIES, "\n".join(statements)


@pytest.mark.parametrize("query", ["'", '"', "a*b", "þ", ">", "@", "() OR", "%", "\\", "x" * 300, "😀"])
def test_odd_signs_are_only_text(as_officer: Browser, firm: Enterprise, query: str) -> None:
    assert as_officer.get("/search", query_string={"q": query}).status_code == 200
    assert as_officer.get("/palette", query_string={"q": query}, headers=HTMX).status_code == 200


def test_the_bar_on_top_repeats_the_query_of_the_search_page_only(as_officer: Browser, firm: Enterprise) -> None:
    box = re.compile(r'id="global-search".*?value="([^"]*)"', re.DOTALL)
    assert box.findall(as_officer.get("/search?q=岚桥").text) == ["岚桥"]
    assert box.findall(as_officer.get("/enterprises?q=岚桥").text) == [""]
