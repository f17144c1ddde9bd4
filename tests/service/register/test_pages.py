from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.enterprises.indexing import index_contacts, index_enterprises
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import FollowUp
from crm.linking.models import Mention
from crm.scoring.models import EnterpriseScore
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

REASON = {"key": "silence", "label": "从未走访", "points": -4, "kind": "intent", "ref": None}
MOST_QUERIES = 12


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    row = builders.enterprise(session, "云岭电子有限公司", industry="电子", region="江苏")
    person = builders.contact(session, row, office.east, office.officer, "赵敏", phone="13812345678", email="zm@x.cn")
    builders.touch(session, row, office.east, office.officer, summary="谈了厂房和用工")
    builders.project(session, row, office.east, office.officer, name="云岭电子二期")
    news = builders.article(session, "云岭电子扩产")
    builders.signal(session, row, article=news)
    session.add(Mention(article_id=news.id, enterprise_id=row.id, surface="云岭电子", start=0, stop=4))
    session.add(
        FollowUp(
            title="寄送园区资料", enterprise_id=row.id, unit_id=office.east.id, owner_id=office.officer.id,
            due_on=date(2026, 11, 19), created_by=office.officer.id, created_at=NOW,
        )
    )  # fmt: skip
    session.add(
        EnterpriseScore(
            enterprise_id=row.id, points=46, fit=0, intent=-4, grade="C", reasons=[REASON], table_version="t", as_of=NOW
        )
    )
    index_enterprises(session, [row.id])
    index_contacts(session, [person.id])
    session.commit()
    return row


def test_the_record_shows_facts_stream_and_people_to_the_own_unit(as_officer: Browser, firm: Enterprise) -> None:
    page = as_officer.get(f"/enterprises/{firm.id}").text
    for words in (
        "谈了厂房和用工",
        "云岭电子二期",
        "寄送园区资料",
        "超期1天",
        "云岭电子扩产",
        "赵敏",
        "138****5678",
        "从未走访",
    ):
        assert words in page
    assert "13812345678" not in page
    assert "zm@x.cn" not in page


def test_another_unit_sees_the_enterprise_but_nothing_of_the_unit(as_outsider: Browser, firm: Enterprise) -> None:
    for path in (f"/enterprises/{firm.id}", "/search?q=云岭", "/search?q=赵敏", "/contacts", "/contacts?q=赵敏"):
        page = as_outsider.get(path)
        assert page.status_code == 200
        for words in ("谈了厂房和用工", "云岭电子二期", "寄送园区资料", "5678"):
            assert words not in page.text
    assert "云岭电子有限公司" in as_outsider.get("/search?q=云岭").text
    assert "共 0 位" in as_outsider.get("/contacts?q=赵敏").text


def test_another_units_contact_is_not_found_by_its_id(as_outsider: Browser, firm: Enterprise, session: Session) -> None:
    contact_id = session.scalars(select(Contact.id)).one()
    session.rollback()
    assert as_outsider.get(f"/contacts/{contact_id}/edit").status_code == 404
    for action in ("reveal", "archive", "restore", "edit"):
        assert as_outsider.post(f"/contacts/{contact_id}/{action}", {"name": "x"}).status_code == 404


def test_a_number_is_shown_on_demand_and_every_look_is_on_record(
    as_officer: Browser, as_leader: Browser, firm: Enterprise, session: Session
) -> None:
    contact_id = session.scalars(select(Contact.id)).one()
    firm_id = firm.id
    session.rollback()
    assert "/reveal" not in as_leader.get(f"/enterprises/{firm_id}").text
    assert as_leader.post(f"/contacts/{contact_id}/reveal").status_code == 403
    assert as_officer.get(f"/contacts/{contact_id}/reveal").status_code == 405
    call = {"reason": "call"}
    fragment = as_officer.post(f"/contacts/{contact_id}/reveal", call, headers={"HX-Request": "true"})
    assert "13812345678" in fragment.text
    assert "<html" not in fragment.text
    assert "<html" in as_officer.post(f"/contacts/{contact_id}/reveal", call).text
    assert "13812345678" not in as_officer.get(f"/contacts/{contact_id}/edit").text
    looks = session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "contact.reveal")).all()
    assert [look["reason"] for look in looks] == ["联系洽谈", "联系洽谈"]


def test_search_finds_all_kinds_for_those_who_may_see_them(as_registrar: Browser, firm: Enterprise) -> None:
    page = as_registrar.get("/search?q=云岭").text
    for words in ("云岭电子有限公司", "云岭电子二期", "赵敏", "谈了厂房和用工"):
        assert words in page
    for query in ("云", "%", "'", '"', "电子 有限", "", "\x00", "*", "NEAR(", "a" * 300):
        assert as_registrar.get("/search", query_string={"q": query}).status_code == 200


def test_the_list_narrows_by_every_filter_and_says_how_to_start(
    as_registrar: Browser, session: Session, office: Office
) -> None:
    assert "登记册还是空的" in as_registrar.get("/enterprises").text
    quiet = builders.enterprise(session, "海川化学有限公司", industry="化工")
    session.commit()
    assert quiet.name in as_registrar.get("/enterprises?touched=never").text
    assert quiet.name not in as_registrar.get("/enterprises?industry=电子").text
    assert "没有符合条件的企业" in as_registrar.get("/enterprises?signal=1").text


def test_filters_and_sorts_find_the_right_enterprise(as_officer: Browser, session: Session, firm: Enterprise) -> None:
    builders.enterprise(session, "安平化学有限公司", industry="化工")
    session.commit()
    for query in ("q=云岭", "industry=电子", "region=江苏", "grade=C", "signal=1", "touched=recent"):
        page = as_officer.get(f"/enterprises?{query}").text
        assert firm.name in page, query
        assert "安平化学" not in page, query
    for sort, first in (("name", "安平化学"), ("score", "云岭电子"), ("touch", "云岭电子")):
        page = as_officer.get(f"/enterprises?sort={sort}").text
        other = "云岭电子" if first == "安平化学" else "安平化学"
        assert page.index(first) < page.index(other), sort


@pytest.mark.parametrize("sort", ["name", "score", "touch"])
def test_paging_shows_every_enterprise_once(as_officer: Browser, session: Session, office: Office, sort: str) -> None:
    made = [builders.enterprise(session, f"云岭第{number:02}工厂") for number in range(65)]
    for number, row in enumerate(made[:40]):
        builders.touch(session, row, office.east, office.officer, occurred_at=NOW - timedelta(hours=number // 2 + 1))
    session.commit()
    seen: list[str] = []
    path = f"/enterprises?sort={sort}"
    for _ in range(5):
        page = as_officer.get(path).text
        seen += [row.name for row in made if f">{row.name}<" in page]
        if 'rel="next"' not in page:
            break
        path = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert sorted(seen) == sorted(row.name for row in made)


def test_pages_need_few_queries(as_officer: Browser, firm: Enterprise, database: Database) -> None:
    for path in ("/enterprises", f"/enterprises/{firm.id}", "/contacts", "/search?q=云岭", "/enterprises/pick?q=云岭"):
        with counted(database) as statements:
            assert as_officer.get(path, headers={"HX-Request": "true"}).status_code == 200
        asked = [one for one in statements if one.startswith(("SELECT", "WITH"))]
        assert len(asked) <= MOST_QUERIES, (path, len(asked), asked)


def test_a_duplicate_leads_to_the_existing_one_and_keeps_what_was_typed(as_officer: Browser, firm: Enterprise) -> None:
    answer = as_officer.post("/enterprises/new", {"name": firm.name, "region": "上海"})
    assert answer.status_code == 422
    assert f'href="/enterprises/{firm.id}"' in answer.text
    assert 'value="上海"' in answer.text


def test_an_enterprise_is_added_and_changed_and_a_stale_change_keeps_the_text(as_officer: Browser) -> None:
    answer = as_officer.post("/enterprises/new", {"name": "云岭新材有限公司"})
    assert answer.status_code == 303
    path = answer.headers["Location"]
    assert (
        as_officer.post(f"{path}/edit", {"name": "云岭新材有限公司", "version": "1", "region": "浙江"}).status_code
        == 303
    )
    stale = as_officer.post(f"{path}/edit", {"name": "云岭新材有限公司", "version": "1", "region": "福建"})
    assert stale.status_code == 409
    assert 'value="福建"' in stale.text
    assert "浙江" in as_officer.get(path).text


def test_an_enterprise_added_for_a_lead_leads_on_to_it(as_officer: Browser) -> None:
    page = as_officer.get("/enterprises/new?name=云岭电子&for_lead=1").text
    assert '<input type="hidden" name="for_lead" value="1">' in page
    kept = as_officer.post("/enterprises/new", {"name": "", "for_tip": "7"})
    assert '<input type="hidden" name="for_tip" value="7">' in kept.text
    lead = as_officer.post("/enterprises/new", {"name": "云岭电子有限公司", "for_lead": "1"})
    assert "/projects/new?enterprise=" in lead.headers["Location"]
    tip = as_officer.post("/enterprises/new", {"name": "青禾装备有限公司", "for_tip": "7"})
    assert "/leads/tips/7?enterprise=" in tip.headers["Location"]


def test_a_contact_is_added_changed_archived_and_brought_back(as_officer: Browser, firm: Enterprise) -> None:
    path = f"/contacts/new?enterprise={firm.id}"
    assert as_officer.get(path).status_code == 200
    assert as_officer.post(path, {"name": "钱进", "phone": "打我"}).status_code == 422
    assert as_officer.post(path, {"name": "钱进", "phone": "0512-1234567"}).status_code == 303
    page = as_officer.get("/contacts?q=钱进").text
    contact_id = page.split("/contacts/")[-1].split("/")[0]
    assert as_officer.post(f"/contacts/{contact_id}/edit", {"name": "钱进", "post": "部长"}).status_code == 303
    assert as_officer.post(f"/contacts/{contact_id}/archive").status_code == 303
    assert f"/contacts/{contact_id}/restore" in as_officer.get(f"/enterprises/{firm.id}").text
    assert "钱进" in as_officer.get("/contacts?state=archived").text
    assert as_officer.post(f"/contacts/{contact_id}/restore").status_code == 303
    assert "钱进" in as_officer.get("/contacts").text


def test_the_picker_offers_buttons_with_id_and_name(as_officer: Browser, firm: Enterprise) -> None:
    fragment = as_officer.get("/enterprises/pick?q=云岭", headers={"HX-Request": "true"}).text
    assert f'data-pick-id="{firm.id}"' in fragment
    nothing = as_officer.get("/enterprises/pick?q=无此", headers={"HX-Request": "true"}).text
    assert "新增这家企业" in nothing
