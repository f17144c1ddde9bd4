from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.changes import FieldChange, Via, note
from crm.enterprises import history, services
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import EnterpriseDraft
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

NAME = "云岭电子有限公司"


@pytest.fixture
def officer(session: Session, office: Office) -> Actor:
    return office.actor(session, office.officer)


@pytest.fixture
def firm(session: Session, officer: Actor) -> Enterprise:
    row = services.create_enterprise(session, officer, EnterpriseDraft(NAME, region="苏州"), now=NOW)
    services.update_fields(session, officer, row.id, {"region": "杭州"}, version=None, via=Via.CELL, now=NOW)
    services.update_fields(session, officer, row.id, {"source_kind": "own"}, version=None, via=Via.BULK, now=NOW)
    session.commit()
    return row


def change_of(session: Session, field: str) -> int:
    statement = select(FieldChange.id).where(FieldChange.field == field).order_by(FieldChange.id.desc()).limit(1)
    found = session.scalars(statement).one()
    session.commit()
    return found


def test_the_page_says_who_changed_what_from_what_to_what_by_which_door(
    firm: Enterprise, as_outsider: Browser, database: Database
) -> None:
    with counted(database) as statements:
        page = as_outsider.get(f"/enterprises/{firm.id}/history").text
    assert len(statements) <= 12
    for words in ("陈晓", "总部地区", "苏州", "杭州", "表格内修改", "批量修改", "自行筛选", "新增", NAME):
        assert words in page, words
    assert f"“{NAME}”的每一次修改" in page


def test_an_old_value_is_restored_through_the_same_checks_and_kept_as_a_restore(
    session: Session, firm: Enterprise, as_officer: Browser
) -> None:
    number = change_of(session, "region")
    path = f"/enterprises/{firm.id}/history/{number}/restore"
    assert as_officer.post(path).status_code == 303
    session.expire_all()
    row = session.get_one(Enterprise, firm.id)
    assert (row.region, row.region_code) == ("苏州", "320500")
    session.commit()
    page = as_officer.get(f"/enterprises/{firm.id}/history").text
    assert "恢复旧值" in page
    again = as_officer.post(path)
    assert again.status_code == 422
    assert "现在就是这个值" in again.text


def test_a_name_taken_meanwhile_is_not_restored_and_the_page_says_by_whom(
    session: Session, officer: Actor, firm: Enterprise, as_officer: Browser
) -> None:
    services.update_fields(session, officer, firm.id, {"name": "云岭新材有限公司"}, version=None, via=Via.FORM, now=NOW)
    other = services.create_enterprise(session, officer, EnterpriseDraft(NAME, confirmed=True), now=NOW)
    session.commit()
    answer = as_officer.post(f"/enterprises/{firm.id}/history/{change_of(session, 'name')}/restore")
    assert answer.status_code == 422
    assert f"/enterprises/{other.id}" in answer.text


def test_another_records_change_or_a_birth_is_no_way_back(
    session: Session, officer: Actor, firm: Enterprise, as_officer: Browser
) -> None:
    other = builders.enterprise(session)
    session.commit()
    number = change_of(session, "region")
    assert as_officer.post(f"/enterprises/{other.id}/history/{number}/restore").status_code == 404
    born = change_of(session, "*created")
    assert as_officer.post(f"/enterprises/{firm.id}/history/{born}/restore").status_code == 422


def test_a_long_history_is_paged(session: Session, officer: Actor, firm: Enterprise) -> None:
    for number in range(40):
        note(
            session,
            ("enterprise", firm.id),
            {"region": (str(number), str(number + 1))},
            by=None,
            via=Via.SYSTEM,
            now=NOW,
        )
    first = history.page(session, ("enterprise", firm.id), cursor=None)
    second = history.page(session, ("enterprise", firm.id), cursor=first.next)
    assert len(first.rows) == 30
    assert first.rows[0].after == "40"
    assert second.rows[0].id < first.rows[-1].id


def test_the_history_of_a_contact_is_masked_and_only_for_its_unit(
    session: Session, office: Office, firm: Enterprise, as_officer: Browser, as_outsider: Browser
) -> None:
    person = builders.contact(session, firm, office.east, office.officer, "赵敏")
    changed = {"phone": ("13812345678", "13912345678"), "email": (None, "zm@yunling.example"), "post": (None, "总经理")}
    note(session, ("contact", person.id), changed, by=office.officer.id, via=Via.FORM, now=NOW)
    session.commit()
    page = as_officer.get(f"/contacts/{person.id}/history").text
    for words in ("138****5678", "139****5678", "z***@yunling.example", "总经理", "电话"):
        assert words in page, words
    assert "12345678" not in page
    assert as_outsider.get(f"/contacts/{person.id}/history").status_code == 404
