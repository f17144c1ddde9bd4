from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import Contact, ContactPost, Enterprise
from crm.enterprises.rules import KnownThrough
from crm.fieldwork.models import TouchContact
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

MOST_QUERIES = 12


def other_firm(session: Session, name: str = "海川化学有限公司") -> Enterprise:
    row = builders.enterprise(session, name)
    index_enterprises(session, [row.id])
    session.commit()
    return row


def listed(browser: Browser, query: str, names: tuple[str, ...]) -> list[str]:
    page = browser.get(f"/contacts?{query}").text
    return [name for name in names if f"<b>{name}</b>" in page]


def test_the_list_narrows_by_every_chip(
    as_registrar: Browser, session: Session, office: Office, firm: Enterprise
) -> None:
    other = other_firm(session)
    old: dict[str, Any] = {"created_at": NOW - timedelta(days=400)}
    rows = [
        builders.contact(session, firm, office.east, office.officer, "甲一", known_through=KnownThrough.KIN),
        builders.contact(session, other, office.south, office.outsider, "乙二", do_not_contact=True),
        builders.contact(session, firm, office.east, office.officer, "丙三", retain_until=TODAY - timedelta(days=1)),
        builders.contact(session, firm, office.east, office.officer, "丁四", phone="13812345678", **old),
        builders.contact(session, firm, office.east, office.officer, "戊五", archived_at=NOW),
    ]
    visit = builders.touch(session, firm, office.east, office.officer)
    session.add(TouchContact(touch_id=visit.id, contact_id=rows[0].id))
    session.commit()
    names = ("甲一", "乙二", "丙三", "丁四", "戊五")
    wanted = {
        "": ["甲一", "乙二", "丙三", "丁四"],
        f"enterprise={other.id}": ["乙二"],
        f"unit={office.south.id}": ["乙二"],
        "known=kin": ["甲一"],
        "quiet=6": ["丁四"],
        "due=1": ["丙三"],
        "dnc=1": ["乙二"],
        "added=2025-10": ["丁四"],
        "added=2026-11&state=all": ["甲一", "乙二", "丙三", "戊五"],
        "state=archived": ["戊五"],
        "q=5678": ["丁四"],
        "q=13812345678": ["丁四"],
        "known=nonsense&quiet=x&unit=x&added=2026-99": ["甲一", "乙二", "丙三", "丁四"],
    }
    assert {query: listed(as_registrar, query, names) for query in wanted} == wanted
    chips = as_registrar.get(f"/contacts?enterprise={firm.id}&unit={office.east.id}&known=kin&due=1").text
    for words in (firm.name, office.east.name, "亲情乡贤", "保存期限已到"):
        assert f"去掉条件：{words}" in chips


def test_paging_shows_every_contact_once(as_officer: Browser, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    made = [builders.contact(session, firm, office.east, office.officer, f"联系人{number:03}") for number in range(65)]
    session.commit()
    seen: list[str] = []
    path = "/contacts?due="
    for _ in range(4):
        page = as_officer.get(path).text
        seen += [row.name for row in made if f"<b>{row.name}</b>" in page]
        if 'rel="next"' not in page:
            break
        path = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert seen == [row.name for row in made]


def test_pages_of_contacts_need_few_queries(
    as_officer: Browser, session: Session, office: Office, person: Contact, firm: Enterprise, database: Database
) -> None:
    for number in range(5):
        visit = builders.touch(session, firm, office.east, office.officer)
        session.add(TouchContact(touch_id=visit.id, contact_id=person.id))
        session.add(
            ContactPost(contact_id=person.id, enterprise_id=firm.id, until=date(2020 + number, 1, 1), created_at=NOW)
        )
    session.commit()
    paths = (
        f"/contacts?enterprise={firm.id}&unit={office.east.id}",
        f"/contacts/{person.id}",
        f"/contacts/{person.id}/edit",
        f"/contacts/{person.id}/move",
        f"/contacts/{person.id}/history",
        "/contacts/health",
        "/contacts/health/faces",
    )
    for path in paths:
        with counted(database) as statements:
            assert as_officer.get(path).status_code == 200
        asked = [one for one in statements if one.startswith(("SELECT", "WITH"))]
        assert len(asked) <= MOST_QUERIES, (path, len(asked), asked)
