from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.changes import FieldChange
from crm.core.errors import ConflictError
from crm.enterprises import contacts
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.rules import KnownThrough
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Select

    from tests.support.builders import Office

FORM = {"name": "赵敏", "post": "副总经理", "legal_basis": "consent", "known_through": "kin"}


def got(session: Session, statement: Select[Any]) -> list[Any]:
    """Read in a session of its own: SQLite lets one write at a time."""
    with Session(session.get_bind()) as own:
        return list(own.scalars(statement))


def again(session: Session, row: Contact) -> None:
    session.refresh(row)
    session.commit()


def test_everything_the_form_asks_is_kept_and_shown(as_officer: Browser, session: Session, firm: Enterprise) -> None:
    typed = {
        **FORM, "phone": "138-1234-5678", "introducer": "钱会长", "hometown": "云溪", "source": "推介会名片",
        "notice_on": "2026-11-01", "retain_until": "2028-11-01", "do_not_contact": "y", "note": "喜欢谈技术",
    }  # fmt: skip
    answer = as_officer.post(f"/contacts/new?enterprise={firm.id}", typed)
    assert answer.status_code == 303
    row = got(session, select(Contact))[0]
    assert (row.known_through, row.introducer, row.hometown) == (KnownThrough.KIN, "钱会长", "云溪")
    assert (row.notice_on, row.retain_until, row.do_not_contact) == (date(2026, 11, 1), date(2028, 11, 1), True)
    page = as_officer.get(f"/contacts/{row.id}").text
    for words in ("亲情乡贤", "钱会长", "云溪", "本人同意", "推介会名片", "11月1日", "不再联系", "喜欢谈技术", "现任"):
        assert words in page
    assert "1234" not in page.replace("138****5678", "")


def test_a_foreign_contact_is_not_found_on_any_page(app: Flask, office: Office, person: Contact) -> None:
    paths = ("", "/edit", "/move", "/posts/new", "/posts/1/edit", "/history")
    posts_to = ("/edit", "/move", "/posts/new", "/posts/1/edit", "/posts/1/remove", "/knowers", "/archive", "/reveal")
    outsider = Browser(app.test_client()).sign_in(office.outsider.username)
    assert {outsider.get(f"/contacts/{person.id}{path}").status_code for path in paths} == {404}
    assert {outsider.post(f"/contacts/{person.id}{path}", {"name": "x"}).status_code for path in posts_to} == {404}
    colleague = Browser(app.test_client()).sign_in(office.colleague.username)
    assert colleague.get(f"/contacts/{person.id}").status_code == 200
    assert colleague.post(f"/contacts/{person.id}/edit", FORM).status_code == 303


def test_who_only_reads_sees_the_page_but_changes_nothing(as_leader: Browser, person: Contact) -> None:
    page = as_leader.get(f"/contacts/{person.id}")
    assert page.status_code == 200
    for path in ("/edit", "/move", "/posts/new", "/erase", "/reveal"):
        assert f"/contacts/{person.id}{path}" not in page.text
        assert as_leader.post(f"/contacts/{person.id}{path}", FORM).status_code == 403


def test_a_stale_change_shows_both_and_keeps_what_was_typed(as_officer: Browser, person: Contact) -> None:
    path = f"/contacts/{person.id}/edit"
    assert as_officer.post(path, {**FORM, "post": "总工程师", "version": "1"}).status_code == 303
    stale = as_officer.post(path, {**FORM, "post": "董事长", "version": "1"})
    assert stale.status_code == 409
    assert 'value="董事长"' in stale.text
    assert "总工程师" in stale.text
    assert 'value="2"' in stale.text
    assert as_officer.post(path, {**FORM, "post": "董事长", "version": "2"}).status_code == 303


def test_a_field_is_restored_from_the_history(as_officer: Browser, session: Session, person: Contact) -> None:
    assert as_officer.post(f"/contacts/{person.id}/edit", {**FORM, "phone": "13900001111"}).status_code == 303
    change = got(session, select(FieldChange.id).where(FieldChange.field == "phone"))[0]
    page = as_officer.get(f"/contacts/{person.id}/history").text
    assert "138****5678" in page
    assert "139****1111" in page
    assert "13812345678" not in page
    assert as_officer.post(f"/contacts/{person.id}/history/{change}/restore").status_code == 303
    again(session, person)
    assert person.phone == "13812345678"


def test_a_number_left_blank_stays_and_a_ticked_one_goes(
    as_officer: Browser, session: Session, person: Contact
) -> None:
    path = f"/contacts/{person.id}/edit"
    assert as_officer.post(path, FORM).status_code == 303
    again(session, person)
    assert person.phone == "13812345678"
    assert as_officer.post(path, {**FORM, "clear_phone": "y"}).status_code == 303
    again(session, person)
    with Session(session.get_bind()) as own:
        left = own.get_one(Contact, person.id)
        assert [left.phone, left.phone_key, left.phone_tail, left.email] == [None, None, None, "zm@x.cn"]


def test_the_same_number_twice_needs_a_yes_and_names_only_what_one_may_see(
    as_officer: Browser, as_outsider: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    typed = {"name": "赵敏敏", "phone": "138 1234 5678"}
    own = as_officer.post(f"/contacts/new?enterprise={firm.id}", typed)
    assert own.status_code == 422
    assert f'href="/contacts/{person.id}"' in own.text
    foreign = as_outsider.post(f"/contacts/new?enterprise={firm.id}", typed)
    assert foreign.status_code == 422
    assert "其他单位已登记同号联系人" in foreign.text
    assert "赵敏”" not in foreign.text
    assert as_outsider.post(f"/contacts/new?enterprise={firm.id}", {**typed, "confirmed": "y"}).status_code == 303
    assert len(got(session, select(Contact.id))) == 2


def test_a_merged_record_leads_to_the_one_that_stayed(
    as_officer: Browser, session: Session, office: Office, person: Contact, firm: Enterprise
) -> None:
    merged = builders.contact(
        session, firm, office.east, office.officer, "赵敏敏", archived_at=NOW, merged_into_id=person.id
    )
    session.commit()
    answer = as_officer.get(f"/contacts/{merged.id}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/contacts/{person.id}")
    assert "已合并到这位联系人" in as_officer.get(answer.headers["Location"]).text
    assert as_officer.post(f"/contacts/{merged.id}/edit", FORM).status_code == 422
    assert "赵敏敏" not in as_officer.get("/contacts?state=archived").text


def test_a_change_of_two_at_once_is_a_conflict_not_a_failure(session: Session, office: Office, person: Contact) -> None:
    actor = office.actor(session, office.officer)
    session.commit()
    row = session.get_one(Contact, person.id)
    assert row.version == 1
    session.commit()
    with Session(session.get_bind()) as other:
        contacts.update_contact(other, actor, person.id, {"post": "总工"}, version=1, now=NOW)
        other.commit()
    with pytest.raises(ConflictError) as refused:
        contacts.update_contact(session, actor, person.id, {"post": "总裁"}, version=1, now=NOW)
    assert refused.value.problems == (contacts.STALE,)
