"""The pages of doubles and merges: what people see, decide and take back, and what they must not see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core.text import fold_company
from crm.enterprises.indexing import index_enterprises
from crm.enterprises.models import EnterpriseAlias
from crm.enterprises.queries import suggest
from crm.register import duplicate_finding as finding
from crm.register import merging
from crm.register.merging import Choice
from crm.register.models import BulkRun, DuplicatePair, MergeLog, PairState
from tests.support import builders
from tests.support.builders import NOW
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.enterprises.models import Contact, Enterprise
    from tests.conftest import Browser

ONE, TWO = "岚桥储能有限公司", "岚桥储能股份有限公司"


def firms(session: Session, *names: str, **fields: Any) -> list[Enterprise]:
    made = [builders.enterprise(session, name, stem=fold_company(name), **fields) for name in names]
    index_enterprises(session, [row.id for row in made])
    finding.check(session, "enterprise", [row.id for row in made], now=NOW)
    session.commit()
    return made


def people(session: Session, office: builders.Office, *units: str) -> list[Contact]:
    home = builders.enterprise(session, "禾砺机器人有限公司")
    made = [
        builders.contact(session, home, getattr(office, unit), office.officer, "顾青", phone="13800000001")
        for unit in units
    ]
    finding.check(session, "contact", [row.id for row in made], now=NOW)
    session.commit()
    return made


def only_pair(session: Session) -> DuplicatePair:
    pair = session.scalars(select(DuplicatePair).execution_options(populate_existing=True)).one()
    session.commit()
    return pair


def test_pairs_stand_side_by_side_with_reasons_the_certain_ones_first(session: Session, as_registrar: Browser) -> None:
    firms(session, "杭州澜岛储能科技有限公司", "杭州岚岛储能科技有限公司")
    firms(session, ONE, TWO)
    page = as_registrar.get("/duplicates").text
    assert page.index(TWO) < page.index("澜岛储能科技")
    for words in ("几乎确定", "名称只差法律后缀", "名称相近", "合并…", "不是同一家", "待处理"):
        assert words in page


def test_a_pair_is_called_different_taken_back_and_listed(session: Session, as_registrar: Browser) -> None:
    firms(session, ONE, TWO)
    address = f"/duplicates/{only_pair(session).id}"
    part = as_registrar.post(f"{address}/different", headers={"HX-Request": "true"})
    assert "已记为不是同一家" in part.text
    assert only_pair(session).state is PairState.DIFFERENT
    assert TWO not in as_registrar.get("/duplicates").text
    assert TWO in as_registrar.get("/duplicates?state=different").text
    assert TWO in as_registrar.post(f"{address}/reopen", headers={"HX-Request": "true"}).text
    assert only_pair(session).state is PairState.OPEN


def test_many_pairs_come_in_pages(session: Session, as_registrar: Browser, database: Database) -> None:
    firms(
        session, *(f"{char}川材料{form}有限公司" for char in "甲乙丙丁戊己庚辛壬癸子" for form in ("", "股份", "科技"))
    )
    for char in "丑寅卯辰巳午未申酉戌亥":
        firms(session, f"{char}山化学有限公司", f"{char}山化学股份有限公司")
    with counted(database) as statements:
        first = as_registrar.get("/duplicates").text
    assert len(statements) <= 12, statements
    following = first.rsplit('rel="next"', 1)[0].rsplit('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    second = as_registrar.get(following).text
    shown = [{part.split('"')[0] for part in page.split('id="pair-')[1:]} for page in (first, second)]
    assert len(shown[0]) == 20
    assert shown[1]
    assert not shown[0] & shown[1]


def test_the_preview_shows_both_and_warns_and_a_merge_is_taken_back(
    session: Session, as_registrar: Browser, office: builders.Office, database: Database
) -> None:
    one, two = firms(session, ONE, TWO)
    builders.contact(session, two, office.east, office.officer, "宋砚")
    builders.project(session, two, office.east, office.officer)
    two.website = "https://lanqiao.example"
    session.commit()
    address = f"/enterprises/{one.id}/merge/{two.id}"
    with counted(database) as statements:
        page = as_registrar.get(address).text
    assert len(statements) <= 12, statements
    for words in ("左右对调", "挂着的记录", "联系人", "项目", "名称和别名", "https://lanqiao.example"):
        assert words in page
    answer = as_registrar.post(address, {"take_website": "loser", "versions": "1:2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/enterprises/{one.id}")
    landed = as_registrar.get(f"/enterprises/{one.id}").text
    for words in ("已把“岚桥储能股份有限公司”并入“岚桥储能有限公司”", "撤销合并", "/merges/1", "宋砚"):
        assert words in landed
    moved = as_registrar.get(f"/enterprises/{two.id}")
    assert (moved.status_code, moved.headers["Location"]) == (302, f"/enterprises/{one.id}")
    assert [found.id for found in suggest(session, TWO)] == [one.id]
    assert session.scalar(select(EnterpriseAlias.enterprise_id).where(EnterpriseAlias.alias == TWO)) == one.id
    session.commit()
    assert TWO in as_registrar.get("/duplicates?state=merged").text
    assert TWO in as_registrar.get("/merges").text
    undone = as_registrar.post("/merges/1/undo")
    assert undone.headers["Location"] == "/merges/1"
    page = as_registrar.get("/merges/1").text
    for words in ("撤销结果", "联系人 1", "项目 1", "合并后新加", "打开恢复的一条"):
        assert words in page
    assert as_registrar.get(f"/enterprises/{two.id}").status_code == 200
    assert as_registrar.post("/merges/1/undo").status_code == 409


def test_a_second_press_finds_the_merge_done(session: Session, as_registrar: Browser) -> None:
    one, two = firms(session, ONE, TWO)
    address = f"/enterprises/{one.id}/merge/{two.id}"
    as_registrar.post(address)
    assert as_registrar.post(address).headers["Location"] == "/merges/1"
    assert len(session.scalars(select(MergeLog)).all()) == 1
    assert as_registrar.get(address).status_code == 404


def test_a_page_that_grew_old_is_shown_anew_with_what_was_chosen(session: Session, as_registrar: Browser) -> None:
    one, two = firms(session, ONE, TWO)
    answer = as_registrar.post(
        f"/enterprises/{one.id}/merge/{two.id}", {"versions": "7:7", "take_name": "loser", "reason": "换发执照"}
    )
    assert answer.status_code == 409
    assert "有人改过" in answer.text
    assert 'name="take_name" value="loser" checked' in answer.text
    assert 'value="换发执照"' in answer.text


def test_two_credit_codes_need_a_yes_and_a_reason(session: Session, as_registrar: Browser) -> None:
    one, two = firms(session, ONE, TWO)
    one.uscc, two.uscc = "91330100MA27XYZ018", "91320500MA1ABCDE0Q"
    session.commit()
    address = f"/enterprises/{one.id}/merge/{two.id}"
    assert "很可能是两个法人" in as_registrar.get(address).text
    assert "勾选" in as_registrar.post(address, {"reason": "换证"}).text
    assert "请写明合并的依据" in as_registrar.post(address, {"confirmed": "1"}).text
    assert as_registrar.post(address, {"confirmed": "1", "reason": "换证"}).status_code == 303


def test_the_other_record_is_proposed_or_searched_for(session: Session, as_registrar: Browser) -> None:
    one, two, other = firms(session, ONE, TWO, "晟澜半导体有限公司")
    page = as_registrar.get(f"/enterprises/{one.id}/merge").text
    assert f"/enterprises/{one.id}/merge/{two.id}" in page
    assert f"/enterprises/{one.id}/merge/{other.id}" not in page
    found = as_registrar.get(f"/enterprises/{one.id}/merge?q=晟澜").text
    assert f"/enterprises/{one.id}/merge/{other.id}" in found


def test_an_officer_decides_on_contacts_of_the_own_unit_and_sees_no_others(
    session: Session, office: builders.Office, as_officer: Browser, as_outsider: Browser
) -> None:
    mine, twin, foreign = people(session, office, "east", "east", "south")
    page = as_officer.get("/duplicates").text
    assert f"/contacts/{mine.id}/merge/{twin.id}" in page
    assert page.count('id="pair-') == 1
    assert "13800000001" not in page
    assert 'id="pair-' not in as_outsider.get("/duplicates").text
    pair = session.scalars(select(DuplicatePair).filter_by(low_id=mine.id, high_id=foreign.id)).one()
    session.commit()
    assert as_officer.post(f"/duplicates/{pair.id}/different").status_code == 404
    assert as_officer.get(f"/contacts/{mine.id}/merge/{foreign.id}").status_code == 404
    called = as_officer.get(f"/contacts/{mine.id}/merge?q=顾青")
    assert called.status_code == 200
    assert f"/merge/{twin.id}" in called.text
    assert f"/merge/{foreign.id}" not in called.text
    answer = as_officer.post(f"/contacts/{mine.id}/merge/{twin.id}")
    assert answer.headers["Location"] == f"/contacts/{mine.id}"
    assert as_officer.get("/merges/1").status_code == 200
    assert as_outsider.get("/merges/1").status_code == 404
    assert as_outsider.post("/merges/1/undo").status_code == 404
    assert "顾青" not in as_outsider.get("/merges").text


def test_an_officer_does_not_merge_enterprises(session: Session, as_officer: Browser, office: builders.Office) -> None:
    one, two = firms(session, ONE, TWO)
    pair = only_pair(session)
    assert TWO not in as_officer.get("/duplicates?kind=enterprise").text
    for path in (f"/duplicates/{pair.id}/different", "/duplicates/find", f"/enterprises/{one.id}/merge/{two.id}"):
        assert as_officer.post(path).status_code in {403, 404}, path
    for path in (f"/enterprises/{one.id}/merge", f"/enterprises/{one.id}/merge/{two.id}"):
        assert as_officer.get(path).status_code == 403, path
    registrar = office.actor(session, office.registrar)
    log = merging.merge(session, registrar, "enterprise", one.id, two.id, Choice(), now=NOW).id
    session.commit()
    assert TWO not in as_officer.get("/merges").text
    assert as_officer.post(f"/merges/{log}/undo").status_code == 403


def test_a_look_through_the_register_is_started_once_and_stopped(session: Session, as_registrar: Browser) -> None:
    as_registrar.post("/duplicates/find", {"kind": "enterprise"})
    as_registrar.post("/duplicates/find", {"kind": "enterprise"})
    run = session.scalars(select(BulkRun)).one()
    session.commit()
    assert "正在查重" in as_registrar.get("/duplicates").text
    assert "进度" in as_registrar.get(f"/duplicates/runs/{run.id}", headers={"HX-Request": "true"}).text
    as_registrar.post(f"/duplicates/runs/{run.id}/stop")
    assert "停止于" in as_registrar.get("/duplicates").text


@pytest.mark.parametrize("path", ["/duplicates/99/different", "/merges/99/undo", "/contacts/98/merge/99"])
def test_what_does_not_exist_is_not_found(as_registrar: Browser, path: str) -> None:
    assert as_registrar.post(path).status_code == 404


def test_a_new_enterprise_like_one_on_record_is_asked_about_with_reasons(session: Session, as_officer: Browser) -> None:
    (one,) = firms(session, ONE)
    part = as_officer.get(f"/enterprises/similar?name={TWO}", headers={"HX-Request": "true"}).text
    assert f'href="/enterprises/{one.id}"' in part
    assert "名称只差法律后缀" in part
    refused = as_officer.post("/enterprises/new", {"name": TWO, "region": "江苏苏州"})
    assert refused.status_code == 422
    for words in ("登记册里有相近的企业", f'href="/enterprises/{one.id}"', 'value="江苏苏州"', 'name="confirmed"'):
        assert words in refused.text
    assert as_officer.post("/enterprises/new", {"name": TWO, "confirmed": "y"}).status_code == 303
    assert as_officer.post("/enterprises/new", {"name": "晟澜半导体有限公司"}).status_code == 303


def test_nothing_is_said_of_the_enterprise_itself_or_of_a_blank_name(session: Session, as_officer: Browser) -> None:
    (one,) = firms(session, ONE)
    for query in (f"name={ONE}&own={one.id}", "name=", "name=%EF%BC%88%EF%BC%89"):
        assert "href" not in as_officer.get(f"/enterprises/similar?{query}").text
