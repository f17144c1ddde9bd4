from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from crm.auth.rules import SYSTEM
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.enterprises import contacts, posts
from crm.enterprises.contact_privacy import NOBODY
from crm.enterprises.indexing import index_contacts
from crm.enterprises.models import Contact
from crm.enterprises.posts import PostDraft
from crm.enterprises.rules import ContactDraft, KnownThrough
from crm.fieldwork.models import TouchContact
from crm.register import contact_data, erasure, merging, unmerging
from crm.register.models import MergeLog
from tests.service.register.erasing import (
    EARLIER_NAME,
    FACTS,
    MAIL,
    NAME,
    OLD_PHONE,
    PHONE,
    SECRETS,
    SENTENCE,
    double,
    found,
    kept,
    traces,
)
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask

    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    return builders.enterprise(session, "云岭电子有限公司")


@pytest.fixture
def person(session: Session, office: Office, firm: Enterprise) -> Contact:
    """A person with everything: changes, a move, a merge, an import line, tasks, looks, visits."""
    actor = office.actor(session, office.officer)
    draft = ContactDraft(
        EARLIER_NAME, FACTS[0], OLD_PHONE, MAIL, "名片", FACTS[3], known_through=KnownThrough.KIN,
        introducer=FACTS[2], hometown=FACTS[1],
    )  # fmt: skip
    row = contacts.add_contact(session, actor, firm.id, draft, now=NOW)
    contacts.update_contact(session, actor, row.id, {"name": NAME, "phone": PHONE}, version=None, now=NOW)
    contacts.update_contact(session, actor, row.id, {"note": "改过", "post": "顾问"}, version=None, now=NOW)
    posts.set_knower(session, actor, row.id, office.officer.id, "close", now=NOW, today=TODAY)
    there = PostDraft(builders.enterprise(session, "海川化学有限公司").id, FACTS[0])
    posts.move_contact(session, actor, row.id, there, version=None, now=NOW, today=TODAY)
    double(session, office, row, firm)
    traces(session, office, row, firm)
    session.commit()
    return row


def test_an_erased_person_is_nowhere_in_the_database(
    person: Contact, session: Session, office: Office, database: Database
) -> None:
    columns = {(table, column) for table, column, _word in found(database, SECRETS)}
    assert {
        ("contact", "name"),
        ("field_change", "after"),
        ("import_row", "cells"),
        ("import_run", "rejected"),
        ("task", "payload"),
        ("task", "last_error"),
        ("export_run", "state"),
        ("saved_view", "state"),
        ("audit_event", "detail"),
        ("merge_log", "snapshot"),
        ("search_document", "body"),
    } <= columns
    actor = office.actor(session, office.registrar)
    session.commit()
    erasure.erase_contact(session, actor, person.id, reason=f"{NAME}来电要求", now=NOW)
    session.commit()
    assert found(database, SECRETS) == []
    assert found(database, ("139 8765 0021", "139-8765-0021")) == []


def test_nothing_sealed_of_the_person_stays(session: Session, person: Contact, office: Office) -> None:
    actor = office.actor(session, office.registrar)
    erasure.erase_contact(session, actor, person.id, reason="本人要求", now=NOW)
    session.commit()
    rows = session.execute(
        text("SELECT name, phone_sealed, phone_key, phone_tail, email_sealed, post FROM contact")
    ).all()
    gone = [tuple(row) for row in rows if row[0] == NOBODY]
    assert gone == [(NOBODY, None, None, None, None, None)] * 2
    kept = session.execute(text("SELECT count(*) FROM contact_post WHERE contact_id = :id"), {"id": person.id})
    assert kept.scalar_one() == 0


def test_visits_stay_and_name_nobody(as_registrar: Browser, session: Session, person: Contact, office: Office) -> None:
    touch_id = session.scalars(select(TouchContact.touch_id)).one()
    person_id = person.id
    session.commit()
    answer = as_registrar.post(f"/contacts/{person_id}/erase", {"name": NAME, "reason": f"{NAME}来电要求"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/contacts/{person_id}")
    page = as_registrar.get(f"/visits/{touch_id}").text
    assert "谈了厂房" in page
    assert NOBODY in page
    erased = as_registrar.get(f"/contacts/{person_id}").text
    assert "本人来电要求" in erased
    assert NAME not in erased
    for path in ("/contacts", "/contacts?state=all", f"/contacts/{person_id}/history"):
        assert NAME not in as_registrar.get(path).text
    for path in (f"/contacts?q={NAME}", f"/search?q={NAME}", f"/palette?q={NAME}"):
        assert f"/contacts/{person_id}" not in as_registrar.get(path).text
    for path in ("/merges", "/merges/1", "/duplicates"):
        merges = as_registrar.get(path)
        assert merges.status_code == 200
        assert NAME not in merges.text
    assert as_registrar.post(f"/contacts/{person_id}/edit", {"name": "又来"}).status_code == 422
    assert as_registrar.post(f"/contacts/{person_id}/restore").status_code == 422


def test_sentences_that_name_the_person_are_listed_before_and_after(
    as_registrar: Browser, session: Session, person: Contact, firm: Enterprise, office: Office
) -> None:
    visit = builders.touch(session, firm, office.east, office.officer, summary=SENTENCE)
    called = builders.touch(session, firm, office.east, office.officer, summary="回电 139-8765-0021")
    friend = builders.contact(session, firm, office.east, office.officer, "钱进", introducer=NAME)
    builders.touch(session, firm, office.east, office.officer, summary="与别人谈")
    session.commit()
    page = as_registrar.get(f"/contacts/{person.id}/erase").text
    links = {f'href="/visits/{visit.id}"', f'href="/visits/{called.id}"', f'href="/contacts/{friend.id}"'}
    assert all(link in page for link in links)
    as_registrar.post(f"/contacts/{person.id}/erase", {"name": NAME, "reason": "本人要求"})
    after = as_registrar.get(f"/contacts/{person.id}").text
    assert all(link in after for link in links)
    assert f'href="/visits/{called.id + 1}"' not in after
    assert SENTENCE[:6] not in after


def test_erasing_needs_the_name_and_a_reason(as_registrar: Browser, session: Session, person: Contact) -> None:
    path = f"/contacts/{person.id}/erase"
    wrong = as_registrar.post(path, {"name": "欧阳", "reason": "本人要求"})
    assert wrong.status_code == 422
    assert "请输入这位联系人的姓名来确认" in wrong.text
    assert 'value="本人要求"' in wrong.text
    assert as_registrar.post(path, {"name": NAME, "reason": " "}).status_code == 422
    session.refresh(person)
    assert person.erased_at is None


def test_only_those_with_the_right_erase_or_hand_out(
    as_officer: Browser, as_leader: Browser, as_outsider: Browser, session: Session, person: Contact, office: Office
) -> None:
    assert as_officer.get(f"/contacts/{person.id}/erase").status_code == 403
    for browser in (as_officer, as_leader, as_outsider):
        answers = [browser.post(f"/contacts/{person.id}/{path}", {"name": NAME}) for path in ("erase", "data")]
        assert {answer.status_code for answer in answers} == {403}
    for user, problem in ((office.officer, ForbiddenError), (office.outsider, NotFoundError)):
        with pytest.raises(problem):
            erasure.erase_contact(session, office.actor(session, user), person.id, reason="想删", now=NOW)


def test_another_record_of_the_same_number_goes_only_when_ticked(
    as_registrar: Browser, session: Session, person: Contact, office: Office, firm: Enterprise
) -> None:
    twin = builders.contact(session, firm, office.south, office.outsider, NAME, phone=f"+86 {PHONE}")
    stranger = builders.contact(session, firm, office.south, office.outsider, "别人", phone="13500000000")
    session.commit()
    path = f"/contacts/{person.id}/erase"
    page = as_registrar.get(path).text
    assert f'value="{twin.id}"' in page
    assert f'value="{stranger.id}"' not in page
    as_registrar.post(path, {"name": NAME, "reason": "本人要求", "also": [str(twin.id), str(stranger.id)]})
    with Session(session.get_bind()) as own:
        names = dict(own.execute(select(Contact.id, Contact.name)).all())
    assert names[twin.id] == NOBODY
    assert names[stranger.id] == "别人"


def test_a_service_refuses_to_erase_somebody_else_along(
    session: Session, person: Contact, firm: Enterprise, office: Office
) -> None:
    stranger = builders.contact(session, firm, office.south, office.outsider, "别人", phone="13500000000")
    with pytest.raises(DomainError) as refused:
        erasure.erase_contact(session, SYSTEM, person.id, reason="本人要求", also=[stranger.id], now=NOW)
    assert refused.value.problems == (erasure.NOT_ALIKE,)


def test_what_is_erased_cannot_be_erased_or_handed_out_again(session: Session, person: Contact, app: Flask) -> None:
    erasure.erase_contact(session, SYSTEM, person.id, reason="本人要求", now=NOW)
    with pytest.raises(DomainError):
        erasure.erase_contact(session, SYSTEM, person.id, reason="本人要求", now=NOW)
    with pytest.raises(DomainError):
        contact_data.export_contact(session, SYSTEM, person.id, now=NOW, zone=builders.NOW.tzinfo)  # type: ignore[arg-type]  # any zone will do


def test_everything_held_is_handed_out_in_words_and_on_record(
    as_registrar: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    answer = as_registrar.post(f"/contacts/{person.id}/data")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    held = json.loads(answer.text)
    for word in (
        NAME,
        EARLIER_NAME,
        PHONE,
        OLD_PHONE,
        MAIL,
        *FACTS,
        "亲情乡贤",
        "履行法定职责",
        "陈晓",
        "密切",
        "谈了厂房",
    ):
        assert word in answer.text, word
    assert [one["企业"] for one in held["任职经历"]][:2] == ["海川化学有限公司", firm.name]
    assert held["导入的原始行"][0]["行"] == 2
    with Session(session.get_bind()) as own:
        events = own.scalars(select(AuditEvent.subject_id).where(AuditEvent.action == "contact.export")).all()
    assert person.id in events
    assert "导出全部个人信息" in as_registrar.get(f"/contacts/{person.id}").text


def test_both_commands_do_what_the_pages_do(app: Flask, session: Session, person: Contact, tmp_path: Any) -> None:
    runner, number, path = app.test_cli_runner(), str(person.id), tmp_path / "held.json"
    session.commit()
    done = runner.invoke(args=["contacts", "export-data", number, "--output", str(path)])
    assert done.exit_code == 0, done.output
    assert PHONE in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o077 == 0
    looked = runner.invoke(args=["contacts", "erase", number, "--reason", "本人要求", "--dry-run"])
    assert looked.exit_code == 0, looked.output
    assert "将删除" in looked.output
    erased = runner.invoke(args=["contacts", "erase", number, "--reason", "本人要求"])
    assert erased.exit_code == 0, erased.output
    assert "已删除个人信息" in erased.output
    assert "/imports/" in erased.output
    with Session(session.get_bind()) as own:
        assert own.get_one(Contact, person.id).name == NOBODY
    again = runner.invoke(args=["contacts", "erase", number, "--reason", "本人要求"])
    assert again.exit_code == 1
    assert "已经删除" in again.output
    assert runner.invoke(args=["contacts", "erase", "999", "--reason", "x"]).exit_code == 1


def test_a_wrong_merge_that_was_taken_back_leaves_nothing_with_the_other(
    session: Session, office: Office, firm: Enterprise
) -> None:
    gone = builders.contact(session, firm, office.east, office.officer, NAME, post=FACTS[0])
    stays = builders.contact(session, firm, office.east, office.officer, "钱进")
    index_contacts(session, [gone.id, stays.id])
    registrar = office.actor(session, office.registrar)
    choice = merging.Choice(take=frozenset({"post"}), confirmed=True)
    log = merging.merge(session, registrar, "contact", stays.id, gone.id, choice, now=NOW)
    unmerging.unmerge(session, registrar, log.id, now=NOW)
    assert NAME in str(kept(session, stays))
    erasure.erase_contact(session, SYSTEM, gone.id, reason="本人要求", now=NOW)
    session.flush()
    session.expire_all()
    assert stays.name == "钱进"
    assert stays.erased_at is None
    assert not {NAME, FACTS[0]} & set(kept(session, stays))
    assert NAME not in str(session.get_one(MergeLog, log.id).snapshot)
