from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crm.fieldwork import overlap
from crm.fieldwork.models import Touch, TouchContact
from crm.fieldwork.rules import TouchKind
from crm.register import network
from crm.register.network import FaceFilter
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import OrgUnit
    from crm.enterprises.models import Contact, Enterprise
    from tests.conftest import Browser
    from tests.support.builders import Office

QUARTER = timedelta(days=90)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    return builders.enterprise(session, "云岭电子有限公司")


class Desk:
    """Adds contacts and touches of two squads in one line each."""

    def __init__(self, session: Session, office: Office, firm: Enterprise) -> None:
        self.session, self.office, self.firm = session, office, firm

    def person(self, name: str, place: OrgUnit | None = None, **fields: Any) -> Contact:
        where = place or self.office.east
        who = self.office.officer if where is self.office.east else self.office.outsider
        return builders.contact(self.session, self.firm, where, who, name, **fields)

    def met(self, who: Contact, days_ago: float, kind: TouchKind = TouchKind.VISIT, **fields: Any) -> Touch:
        place = self.office.east if who.unit_id == self.office.east.id else self.office.south
        by = self.office.officer if place is self.office.east else self.office.outsider
        at = NOW - timedelta(days=days_ago)
        row = builders.touch(self.session, self.firm, place, by, kind=kind, occurred_at=at, **fields)
        self.session.add(TouchContact(touch_id=row.id, contact_id=who.id))
        self.session.flush()
        return row


@pytest.fixture
def desk(session: Session, office: Office, firm: Enterprise) -> Desk:
    return Desk(session, office, firm)


def pair(faces: network.Faces) -> tuple[int, int]:
    return (faces.new, faces.met)


def test_a_new_face_is_somebody_met_for_the_first_time_in_the_period(
    session: Session, office: Office, desk: Desk
) -> None:
    old, new, away, called = (desk.person(name) for name in ("旧友", "新人", "远客", "电话里的人"))
    for who, days in ((old, 200), (old, 10), (new, 20), (new, 5), (away, 120)):
        desk.met(who, days)
    desk.met(called, 3, TouchKind.CALL)
    desk.met(called, 2, voided_at=NOW, void_reason="重复")
    actor = office.actor(session, office.officer)
    everybody, units = network.faces(session, actor, since=NOW - QUARTER, now=NOW)
    assert pair(everybody) == (1, 2)
    assert [(row.unit, row.unit_id, pair(row)) for row in units] == [(office.east.name, office.east.id, (1, 2))]


def test_one_person_in_two_records_counts_once_for_all_and_once_for_each_unit(
    session: Session, office: Office, desk: Desk
) -> None:
    mine = desk.person("赵敏", phone="13812345678")
    theirs = desk.person("赵总", office.south, phone="+86 138-1234-5678")
    desk.met(mine, 200)
    desk.met(mine, 8)
    desk.met(theirs, 4)
    actor = office.actor(session, office.registrar)
    everybody, units = network.faces(session, actor, since=NOW - QUARTER, now=NOW)
    assert pair(everybody) == (0, 1)
    assert {row.unit: pair(row) for row in units} == {office.east.name: (0, 1), office.south.name: (1, 1)}


@pytest.mark.parametrize("who", ["officer", "registrar"])
@pytest.mark.parametrize("new", [False, True])
def test_every_figure_is_the_number_of_its_rows(
    session: Session, office: Office, desk: Desk, who: str, *, new: bool
) -> None:
    for number in range(5):
        twin = {"phone": f"1380000000{number}"}
        for place, days in ((office.east, 100 - number * 30), (office.south, 50 + number)):
            desk.met(desk.person(f"甲{number}", place, **twin), days)
    actor = office.actor(session, getattr(office, who))
    everybody, units = network.faces(session, actor, since=NOW - QUARTER, now=NOW)
    for figure in (everybody, *units):
        wanted = FaceFilter(NOW - QUARTER, NOW, figure.unit_id, new)
        page, total = network.face_rows(session, actor, wanted, cursor=None)
        assert total == len(page.rows) == (figure.new if new else figure.met)


def test_forgotten_is_who_was_on_record_and_touched_by_nobody_since(
    session: Session, office: Office, desk: Desk
) -> None:
    old: dict[str, Any] = {"created_at": NOW - timedelta(days=400)}
    for name, days in (("常联系", 20), ("半年前", 200)):
        desk.met(desk.person(name, **old), days, TouchKind.WECHAT)
    desk.person("从未", **old)
    desk.person("刚登记")
    desk.person("别打扰", do_not_contact=True, **old)
    desk.person("归档", archived_at=NOW, **old)
    actor = office.actor(session, office.officer)
    names = {}
    for months in (3, 12):
        page, total = network.forgotten(session, actor, months, cursor=None, now=NOW)
        names[months] = {row[0].name for row in page.rows}
        assert total == len(page.rows)
    assert names == {3: {"半年前", "从未"}, 12: {"从未"}}


def test_growth_counts_by_the_months_of_the_office(session: Session, office: Office, desk: Desk) -> None:
    times = (
        datetime(2025, 10, 31, 20, 0, tzinfo=UTC),
        datetime(2025, 11, 30, 15, 59, tzinfo=UTC),
        datetime(2025, 11, 30, 16, 0, tzinfo=UTC),
        NOW,
    )
    for at in times:
        desk.person("某人", created_at=at)
    desk.person("已删除", created_at=NOW, erased_at=NOW, archived_at=NOW)
    desk.person("过期", created_at=NOW, retain_until=TODAY - timedelta(days=1), do_not_contact=True)
    months = network.months_until(TODAY, SHANGHAI)
    assert [f"{months[0][0]:%Y-%m}", f"{months[-1][0]:%Y-%m}", len(months)] == ["2025-12", "2026-11", 12]
    grown = network.growth(
        session, office.actor(session, office.officer), [(begin, end) for _first, begin, end in months], TODAY
    )
    assert (grown.before, grown.added[0], grown.added[-1], sum(grown.added)) == (2, 1, 2, 3)
    assert (grown.due, grown.avoid) == (1, 1)


def crowd(session: Session, office: Office, who: str) -> list[tuple[str, list[str | None]]]:
    found = network.crowds(session, office.actor(session, getattr(office, who)), now=NOW)
    return [(one.contact.name, [meeting.unit for meeting in one.meetings]) for one in found]


def test_several_units_calling_one_person_are_told_apart_by_what_one_may_see(
    session: Session, office: Office, desk: Desk
) -> None:
    desk.met(desk.person("赵敏", phone="13812345678"), 9, TouchKind.CALL)
    desk.met(desk.person("赵总", office.south, phone="138-1234-5678"), 3, TouchKind.CALL)
    alone = desk.person("钱进", phone="13700000000")
    desk.met(alone, 2)
    desk.met(alone, 1)
    east, south = office.east.name, office.south.name
    assert crowd(session, office, "registrar") == [("赵敏", [south, east])]
    assert crowd(session, office, "officer") == [("赵敏", [east, None])]


@pytest.mark.parametrize(("apart", "crowded"), [(7, True), (7.1, False)])
def test_a_crowd_is_two_units_within_a_week(
    session: Session, office: Office, desk: Desk, apart: float, *, crowded: bool
) -> None:
    desk.met(desk.person("赵敏", email="zm@x.example"), apart + 1)
    desk.met(desk.person("赵总", office.south, email="ZM@x.example"), 1)
    assert bool(crowd(session, office, "registrar")) is crowded


def test_the_page_of_a_contact_warns_of_another_units_call(
    as_officer: Browser, session: Session, office: Office, desk: Desk
) -> None:
    mine = desk.person("赵敏", phone="13812345678")
    desk.met(desk.person("赵总", office.south, phone="13812345678"), 3)
    session.commit()
    assert overlap.days_since_other_unit(session, mine, now=NOW) == 3
    session.commit()
    page = as_officer.get(f"/contacts/{mine.id}").text
    assert "3天前其他单位联系过此人" in page
    assert office.south.name not in page


def test_the_page_shows_pairs_beside_percents_and_each_figure_opens(
    as_officer: Browser, session: Session, office: Office, desk: Desk
) -> None:
    old, new = desk.person("旧友", created_at=NOW - timedelta(days=400)), desk.person("新人")
    for who, days in ((old, 200), (old, 10), (new, 20)):
        desk.met(who, days)
    session.commit()
    page = as_officer.get("/contacts/health").text
    assert "50.0%" in page
    assert "1/2" in page
    link = f"/contacts/health/faces?days=90&amp;unit={office.east.id}&amp;only=new"
    assert link in page
    rows = as_officer.get(link.replace("&amp;", "&")).text
    assert "新人" in rows
    assert "旧友" not in rows
    assert "/contacts?added=2026-11&amp;state=all" in page
    assert "/contacts?quiet=6" in page


def test_another_unit_counts_nothing_of_ours(
    as_outsider: Browser, session: Session, office: Office, desk: Desk
) -> None:
    desk.met(desk.person("赵敏", phone="13812345678"), 3)
    session.commit()
    page = as_outsider.get("/contacts/health").text
    assert "赵敏" not in page
    assert "这段时间没有会面记录" in page
    assert "没有多头联系" in page
    faces = as_outsider.get(f"/contacts/health/faces?unit={office.east.id}")
    assert "这段时间没有这样的人" in faces.text


def test_the_empty_page_says_what_to_do(as_officer: Browser, office: Office) -> None:
    page = as_officer.get("/contacts/health").text
    for words in ("记走访、接待、考察或洽谈时勾选联系人", "打开一家企业，在“联系人”里添加", "没有久未联系的人"):
        assert words in page


def test_made_up_arguments_fall_back_to_the_usual(as_officer: Browser, office: Office) -> None:
    for query in ("days=7&quiet=99", "days=x", "cursor=!!!", "days=99999999999999999999"):
        assert as_officer.get(f"/contacts/health?{query}").status_code == 200
        assert as_officer.get(f"/contacts/health/faces?{query}&unit=x").status_code == 200


def test_the_forgotten_are_paged(as_officer: Browser, session: Session, office: Office, desk: Desk) -> None:
    for number in range(31):
        desk.person(f"旧友{number:02}", created_at=NOW - timedelta(days=400))
    session.commit()
    page = as_officer.get("/contacts/health").text
    assert "旧友29" in page
    assert "旧友30" not in page
    path = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "旧友30" in as_officer.get(path.split("#")[0]).text
