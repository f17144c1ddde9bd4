from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.core.changes import FieldChange
from crm.core.errors import ConflictError, DomainError
from crm.enterprises import contact_queries, contacts, posts
from crm.enterprises.indexing import index_contacts, index_enterprises
from crm.enterprises.models import Contact, ContactKnower, ContactPost, Enterprise
from crm.enterprises.posts import PostDraft
from crm.enterprises.rules import KnownThrough
from crm.fieldwork.models import TouchContact
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Select

    from crm.core.db import Database
    from tests.support.builders import Office

MOST_QUERIES = 12
FORM = {"name": "赵敏", "post": "副总经理", "legal_basis": "consent", "known_through": "kin"}


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    row = builders.enterprise(session, "云岭电子有限公司")
    index_enterprises(session, [row.id])
    session.commit()
    return row


@pytest.fixture
def person(session: Session, office: Office, firm: Enterprise) -> Contact:
    row = builders.contact(
        session, firm, office.east, office.officer, "赵敏", post="副总经理", phone="13812345678", email="zm@x.cn"
    )
    session.add(
        ContactPost(contact_id=row.id, enterprise_id=firm.id, post=row.post, since=date(2024, 3, 1), created_at=NOW)
    )
    index_contacts(session, [row.id])
    session.commit()
    return row


def other_firm(session: Session, name: str = "海川化学有限公司") -> Enterprise:
    row = builders.enterprise(session, name)
    index_enterprises(session, [row.id])
    session.commit()
    return row


def shown_posts(session: Session, person: Contact) -> list[tuple[str, str | None, date | None, date | None]]:
    with Session(session.get_bind()) as own:
        rows = contact_queries.posts(own, person.id)
        return [(row.enterprise.name, row.post, row.since, row.until) for row in rows]


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


def test_a_person_moves_and_keeps_the_road_behind(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    other = other_firm(session)
    found = as_officer.post(f"/contacts/{person.id}/move", {"q": "海川", "find": "1"})
    assert f'value="{other.id}"' in found.text
    typed = {"other_id": str(other.id), "post": "总裁", "since": "2026-10-01", "version": "1"}
    assert as_officer.post(f"/contacts/{person.id}/move", typed).status_code == 303
    assert shown_posts(session, person) == [
        ("海川化学有限公司", "总裁", date(2026, 10, 1), None),
        ("云岭电子有限公司", "副总经理", date(2024, 3, 1), date(2026, 10, 1)),
    ]
    again(session, person)
    assert (person.enterprise_id, person.post) == (other.id, "总裁")
    assert "赵敏" in as_officer.get("/contacts?q=海川").text
    former = as_officer.get(f"/enterprises/{firm.id}").text
    assert "曾在这里任职 1 人" in former
    assert "现在海川化学有限公司" in former
    history = as_officer.get(f"/contacts/{person.id}/history").text
    assert "换单位" in history
    assert "海川化学有限公司" in history


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"since": "2026-11-21"}, "日期不能晚于今天"),
        ({"since": "2023-01-01"}, "开始日期不能早于现任职务的开始日期"),
        ({"other_id": ""}, "请先选择企业"),
    ],
)
def test_an_impossible_move_is_refused_and_the_form_kept(
    as_officer: Browser, session: Session, person: Contact, typed: dict[str, str], words: str
) -> None:
    data = {"other_id": str(other_firm(session).id), "post": "总裁", "source": "名片", **typed}
    answer = as_officer.post(f"/contacts/{person.id}/move", data)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="总裁"' in answer.text
    again(session, person)
    assert person.post == "副总经理"


def test_a_move_to_the_same_enterprise_is_refused(as_officer: Browser, person: Contact, firm: Enterprise) -> None:
    answer = as_officer.post(f"/contacts/{person.id}/move", {"other_id": str(firm.id), "post": "总裁"})
    assert answer.status_code == 422
    assert "现在就在这家企业" in answer.text


def test_a_stale_move_says_so_and_the_next_try_counts(as_officer: Browser, session: Session, person: Contact) -> None:
    typed = {"other_id": str(other_firm(session).id), "post": "总裁", "version": "1"}
    assert as_officer.post(f"/contacts/{person.id}/edit", {**FORM, "post": "总工", "version": "1"}).status_code == 303
    stale = as_officer.post(f"/contacts/{person.id}/move", typed)
    assert stale.status_code == 409
    assert 'value="总裁"' in stale.text
    assert as_officer.post(f"/contacts/{person.id}/move", {**typed, "version": "2"}).status_code == 303


def test_earlier_posts_are_added_corrected_and_taken_away(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise
) -> None:
    other = other_firm(session)
    own = f"/contacts/{person.id}/posts"
    wrong = {"other_id": str(other.id), "post": "科长", "since": "2020-05-01", "until": "2019-05-01"}
    refused = as_officer.post(f"{own}/new", wrong)
    assert refused.status_code == 422
    assert "结束日期不能早于开始日期" in refused.text
    assert as_officer.post(f"{own}/new", {**wrong, "until": "2022-05-01"}).status_code == 303
    added = got(session, select(ContactPost.id).where(ContactPost.enterprise_id == other.id))[0]
    late = as_officer.post(f"{own}/{added}/edit", {"post": "处长", "since": "2023-05-01"})
    assert late.status_code == 422
    changed = {"post": "处长", "since": "2021-05-01", "until": "2022-06-01"}
    assert as_officer.post(f"{own}/{added}/edit", changed).status_code == 303
    assert ("海川化学有限公司", "处长", date(2021, 5, 1), date(2022, 6, 1)) in shown_posts(session, person)
    assert as_officer.post(f"{own}/{added}/remove").status_code == 303
    assert [row[0] for row in shown_posts(session, person)] == [firm.name]


def test_the_running_post_cannot_be_taken_away(
    as_officer: Browser, session: Session, person: Contact, office: Office
) -> None:
    running = got(session, select(ContactPost.id))[0]
    with pytest.raises(DomainError) as refused:
        posts.remove_post(session, office.actor(session, office.officer), running, now=NOW)
    assert refused.value.problems == (posts.RUNNING,)
    path = f"/contacts/{person.id}/posts/{running}/remove"
    session.commit()
    assert as_officer.post(path).status_code == 422


def test_the_title_of_the_running_post_is_that_of_the_contact(
    as_officer: Browser, session: Session, person: Contact
) -> None:
    running = got(session, select(ContactPost.id))[0]
    path = f"/contacts/{person.id}/posts/{running}/edit"
    assert 'value="副总经理"' in as_officer.get(path).text
    assert as_officer.post(path, {"post": "总经理", "since": "2024-03-01"}).status_code == 303
    again(session, person)
    assert person.post == "总经理"
    assert as_officer.post(f"/contacts/{person.id}/edit", {**FORM, "post": "董事长"}).status_code == 303
    assert [row[1] for row in shown_posts(session, person)] == ["董事长"]


def test_a_post_of_another_contact_is_not_found(
    as_officer: Browser, session: Session, person: Contact, firm: Enterprise, office: Office
) -> None:
    other = builders.contact(session, firm, office.east, office.officer, "钱进")
    session.commit()
    running = got(session, select(ContactPost.id))[0]
    assert as_officer.get(f"/contacts/{other.id}/posts/{running}/edit").status_code == 404
    assert as_officer.post(f"/contacts/{other.id}/posts/{running}/remove").status_code == 404


def test_who_of_us_knows_a_person_is_kept_for_ones_own_unit(
    as_officer: Browser, session: Session, person: Contact, office: Office
) -> None:
    path = f"/contacts/{person.id}/knowers"
    assert as_officer.post(path, {"user_id": str(office.colleague.id), "closeness": "close"}).status_code == 303
    assert "周敏" in as_officer.get(f"/contacts/{person.id}").text
    assert "密切" in as_officer.get(f"/contacts/{person.id}").text
    as_officer.post(path, {"user_id": str(office.outsider.id), "closeness": "close"})
    as_officer.post(path, {"user_id": str(office.officer.id), "closeness": "twins"})
    assert got(session, select(ContactKnower.user_id)) == [office.colleague.id]
    assert as_officer.post(f"{path}/{office.colleague.id}/remove").status_code == 303
    assert got(session, select(ContactKnower.user_id)) == []


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


def test_a_draft_without_an_end_ends_today(session: Session, office: Office, person: Contact) -> None:
    actor = office.actor(session, office.officer)
    draft = PostDraft(other_firm(session).id, "科长", date(2019, 1, 1))
    made = posts.add_post(session, actor, person.id, draft, now=NOW, today=TODAY)
    assert made.until == TODAY


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
