from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange
from crm.enterprises import contacts
from crm.enterprises.rules import ContactDraft
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask

    from crm.core.db import Database
    from crm.enterprises.models import Contact, Enterprise
    from tests.support.builders import Office

PHONE, MAIL, TAIL = "13987650021", "ruoxi@rx.example", "0021"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    return builders.enterprise(session, "云岭电子有限公司")


@pytest.fixture
def person(session: Session, office: Office, firm: Enterprise) -> Contact:
    draft = ContactDraft("欧阳若溪", "顾问", "13711112222", MAIL)
    row = contacts.add_contact(session, office.actor(session, office.officer), firm.id, draft, now=NOW)
    contacts.update_contact(
        session, office.actor(session, office.officer), row.id, {"phone": PHONE}, version=None, now=NOW
    )
    builders.project(session, firm, office.east, office.officer)
    session.commit()
    return row


def looks(session: Session) -> list[tuple[int | None, str]]:
    with Session(session.get_bind()) as own:
        statement = select(AuditEvent.actor_id, AuditEvent.detail).where(AuditEvent.action == "contact.reveal")
        return [(row[0], row[1]["reason"]) for row in own.execute(statement.order_by(AuditEvent.id))]


def test_numbers_lie_sealed_in_the_database(database: Database, person: Contact) -> None:
    with database.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM contact")).mappings().one()
        kept = connection.execute(text("SELECT before, after FROM field_change WHERE field = 'phone'")).one()
    assert row["phone_sealed"].startswith("a1:")
    assert row["email_sealed"].startswith("a1:")
    assert PHONE[3:7] not in str(dict(row)).replace(str(row["phone_sealed"]), "")
    assert not {PHONE, "13711112222"} & set(map(str, kept))
    assert MAIL not in str(dict(row))


@pytest.mark.parametrize("who", ["officer", "lead", "registrar", "leader", "supervisor"])
def test_no_page_gives_a_number_away(app: Flask, office: Office, person: Contact, firm: Enterprise, who: str) -> None:
    browser = Browser(app.test_client()).sign_in(getattr(office, who).username)
    paths = (
        "/contacts",
        f"/contacts/{person.id}",
        f"/contacts/{person.id}/history",
        f"/contacts/{person.id}/edit",
        f"/enterprises/{firm.id}",
        f"/search?q={TAIL}",
        "/contacts/health",
        "/contacts?q=欧阳",
    )
    for path in paths:
        page = browser.get(path).text
        assert PHONE not in page, path
        assert PHONE[3:7] not in page, path
        assert MAIL not in page, path
    assert PHONE not in browser.get(f"/palette?q={TAIL}", headers=HTMX).text


def test_the_palette_finds_a_person_by_the_end_of_the_number(as_officer: Browser, person: Contact) -> None:
    for query in (TAIL, f"@{TAIL}", PHONE):
        assert f'href="/contacts/{person.id}"' in as_officer.get(f"/palette?q={query}", headers=HTMX).text


def test_a_foreign_unit_finds_nobody_by_number(as_outsider: Browser, person: Contact) -> None:
    for query in (TAIL, PHONE):
        assert "欧阳若溪" not in as_outsider.get(f"/palette?q={query}", headers=HTMX).text
        assert "欧阳若溪" not in as_outsider.get(f"/contacts?q={query}").text


def test_a_look_needs_a_reason_and_is_on_record(as_officer: Browser, session: Session, person: Contact) -> None:
    path = f"/contacts/{person.id}/reveal"
    for data, words in (({}, "请先选择查看事由"), ({"reason": "x"}, "请先选择"), ({"reason": "other"}, "请写明事由")):
        for headers in ({}, HTMX):
            refused = as_officer.post(path, data, headers=headers)
            assert refused.status_code == 422
            assert words in refused.text
            assert PHONE not in refused.text
    assert looks(session) == []
    shown = as_officer.post(path, {"reason": "other", "other": "核对名片"}, headers=HTMX)
    assert PHONE in shown.text
    assert MAIL in shown.text
    assert looks(session) == [(person.created_by, "核对名片")]
    assert "核对名片" in as_officer.get(f"/contacts/{person.id}").text


@pytest.mark.parametrize(
    ("who", "status"), [("colleague", 200), ("registrar", 200), ("leader", 403), ("outsider", 404)]
)
def test_roles_decide_who_may_look(
    app: Flask, office: Office, session: Session, person: Contact, who: str, status: int
) -> None:
    browser = Browser(app.test_client()).sign_in(getattr(office, who).username)
    answer = browser.post(f"/contacts/{person.id}/reveal", {"reason": "call"})
    assert answer.status_code == status
    assert (PHONE in answer.text) == (status == 200)
    assert len(looks(session)) == (status == 200)


def test_who_looked_is_shown_only_to_those_who_may_look_or_supervise(
    app: Flask, as_officer: Browser, as_leader: Browser, office: Office, person: Contact
) -> None:
    as_officer.post(f"/contacts/{person.id}/reveal", {"reason": "call"})
    supervisor = Browser(app.test_client()).sign_in(office.supervisor.username)
    shown = [
        "谁看过电话和邮箱" in one.get(f"/contacts/{person.id}").text for one in (as_officer, supervisor, as_leader)
    ]
    assert shown == [True, True, False]


def test_somebody_not_to_be_contacted_is_marked_everywhere(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    person.do_not_contact = True
    session.commit()
    paths = (
        "/contacts",
        f"/contacts/{person.id}",
        f"/enterprises/{firm.id}",
        f"/visits/new?enterprise={firm.id}",
        "/search?q=欧阳",
        "/projects/1",
    )
    assert [path for path in paths if "不再联系" not in as_officer.get(path).text.replace("本人要求不再联系", "")] == []
    assert "不再联系" in as_officer.get("/palette?q=欧阳", headers=HTMX).text


def test_a_passed_retention_day_asks_to_erase_or_renew(as_officer: Browser, session: Session, person: Contact) -> None:
    page = as_officer.post(
        f"/contacts/{person.id}/edit", {"name": "欧阳若溪", "notice_on": "2026-03-01", "retain_until": "2026-02-01"}
    )
    assert page.status_code == 422
    assert "保存期限不能早于告知日期" in page.text
    typed = {"name": "欧阳若溪", "notice_on": "2026-01-01", "retain_until": "2026-02-01"}
    assert as_officer.post(f"/contacts/{person.id}/edit", typed).status_code == 303
    assert "保存期限已到" in as_officer.get(f"/contacts/{person.id}").text
    assert "保存期限已到" in as_officer.get("/contacts?due=1").text
    with Session(session.get_bind()) as own:
        fields = own.scalars(select(FieldChange.field).where(FieldChange.field == "retain_until")).all()
    assert len(fields) == 1
