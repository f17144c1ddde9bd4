from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.api.models import ApiAnswer
from crm.api.scopes import Scope
from crm.core.audit import AuditEvent
from tests.support import builders
from tests.support.programs import program

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

PHONE, EMAIL = "13812345678", "wangwei@example.com"


def test_contacts_are_masked_wherever_they_are_read(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    row = builders.contact(session, firm, office.east, office.officer, phone=PHONE, email=EMAIL)
    caller = program(app, session, office.officer)
    for told in (caller.get(f"/contacts/{row.id}").json, caller.get("/contacts").json["items"][0]):
        assert (told["phone"], told["email"]) == ("138****5678", "w***@example.com")
        assert told["enterprise"] == {"id": firm.id, "name": firm.name}
    changed = caller.patch(f"/contacts/{row.id}", {"post": "副总经理"}, caller.get(f"/contacts/{row.id}").tag)
    assert (changed.json["post"], changed.json["phone"]) == ("副总经理", "138****5678")
    masked = caller.patch(f"/contacts/{row.id}", {"phone": "138****5678"}, changed.tag)
    assert (masked.status, masked.fields) == (422, {"phone"})


def test_a_number_is_told_by_its_own_scope_alone_and_each_look_is_on_record(
    app: Flask, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    row = builders.contact(session, firm, office.east, office.officer, phone=PHONE, email=EMAIL)
    path = f"/contacts/{row.id}/reveal"
    others = program(app, session, office.officer, *(set(Scope) - {Scope.CONTACTS_REVEAL}))
    assert others.post(path, {"reason": "call"}).codes == {"token.scope"}
    caller = program(app, session, office.officer, Scope.CONTACTS_REVEAL)
    assert caller.post(path, {"reason": "curious"}).fields == {"reason"}
    assert caller.post(path, {"reason": "other"}).status == 422
    for _look in range(2):
        told = caller.post(path, {"reason": "call"}, Idempotency_Key="look")
        assert (told.status, told.json) == (200, {"id": row.id, "phone": PHONE, "email": EMAIL})
        assert told.headers["Cache-Control"] == "no-store"
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.reveal")).all()
    assert [(one.actor_id, one.detail["reason"]) for one in looks] == [(office.officer.id, "联系洽谈")] * 2
    assert all(one.detail["token_id"] > 0 for one in looks)
    assert session.scalars(select(ApiAnswer)).all() == []


def test_contacts_of_another_unit_are_not_found(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    row = builders.contact(session, firm, office.south, office.outsider, phone=PHONE)
    caller = program(app, session, office.officer)
    assert caller.get("/contacts").json["items"] == []
    assert caller.get(f"/contacts?q={PHONE}").json["items"] == []
    assert caller.get(f"/contacts/{row.id}").status == 404
    assert caller.patch(f"/contacts/{row.id}", {"post": "总"}, '"1"').status == 404
    assert caller.post(f"/contacts/{row.id}/reveal", {"reason": "call"}).status == 404
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "contact.reveal")).all() == []


def test_a_contact_is_added_once_and_a_known_number_is_asked_about(
    app: Flask, session: Session, office: Office
) -> None:
    firm_id = builders.enterprise(session).id
    caller = program(app, session, office.officer, Scope.CONTACTS_WRITE, Scope.CONTACTS_READ)
    made = caller.post(f"/enterprises/{firm_id}/contacts", {"name": "王伟", "phone": PHONE, "known_through": "visit"})
    assert (made.status, made.json["phone"], made.json["unit_id"]) == (201, "138****5678", office.east.id)
    assert made.headers["Location"].endswith(f"/contacts/{made.json['id']}")
    same = caller.post(f"/enterprises/{firm_id}/contacts", {"name": "王先生", "phone": PHONE})
    assert same.status == 422
    other = caller.post(f"/enterprises/{firm_id}/contacts", {"name": "王先生", "phone": PHONE, "confirmed": True})
    assert other.status == 201
    assert caller.post("/enterprises/999999/contacts", {"name": "王伟"}).status == 404


def test_the_answer_kept_under_a_key_holds_no_number(app: Flask, session: Session, office: Office) -> None:
    firm_id = builders.enterprise(session).id
    caller = program(app, session, office.officer)
    caller.post(f"/enterprises/{firm_id}/contacts", {"name": "王伟", "phone": PHONE}, Idempotency_Key="c-1")
    assert [PHONE in row.body for row in session.scalars(select(ApiAnswer))] == [False]
