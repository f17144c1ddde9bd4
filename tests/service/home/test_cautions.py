from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.fieldwork.models import TouchContact
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.models import Contact, Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

PHONE = "13812345678"


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    return builders.enterprise(session, "云岭电子有限公司")


@pytest.fixture
def person(session: Session, office: Office, firm: Enterprise) -> Contact:
    row = builders.contact(session, firm, office.east, office.officer, "赵敏", post="部长", phone=PHONE)
    session.commit()
    return row


def logged(browser: Browser, office: Office, firm: Enterprise, person: Contact) -> str:
    data = {
        "client_id": "tap-00000001", "kind": "call", "enterprise_id": str(firm.id), "occurred_at": "2026-11-20T09:30",
        "summary": "约下周见面", "intention": "unknown", "leader_level": "staff", "unit_id": str(office.east.id),
        "contact_ids": str(person.id),
    }  # fmt: skip
    answer = browser.post("/visits/new", data)
    assert answer.status_code == 303
    return browser.get(answer.headers["Location"]).text


def called_by_others(session: Session, office: Office, firm: Enterprise, days: float) -> None:
    theirs = builders.contact(session, firm, office.south, office.outsider, "赵总", phone=f"+86 {PHONE}")
    at = NOW - timedelta(days=days)
    touch = builders.touch(session, firm, office.south, office.outsider, occurred_at=at)
    session.add(TouchContact(touch_id=touch.id, contact_id=theirs.id))
    session.commit()


def test_naming_somebody_who_wants_no_contact_is_marked_and_warned(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise, person: Contact
) -> None:
    person.do_not_contact = True
    session.commit()
    assert "赵敏（部长） · 不再联系" in as_officer.get(f"/visits/new?enterprise={firm.id}").text
    assert "“赵敏”本人要求不再联系" in logged(as_officer, office, firm, person)


def test_a_call_days_after_another_unit_is_warned_without_telling_which(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise, person: Contact
) -> None:
    called_by_others(session, office, firm, 3)
    page = logged(as_officer, office, firm, person)
    assert "“赵敏”近期也有其他单位联系：3天前" in page
    assert office.south.name not in page


def test_a_quiet_week_gives_no_warning(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise, person: Contact
) -> None:
    called_by_others(session, office, firm, 8)
    page = logged(as_officer, office, firm, person)
    assert "已记电话" in page
    assert "其他单位" not in page
