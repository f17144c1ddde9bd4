from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from crm.notices.models import Notice, NoticeChannel, NoticeChoice, NoticeDelivery
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.pipeline.confidential import services as confidential
from tests.service.notices.helpers import WECOM_URL, robot
from tests.support import builders
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

NOW = builders.NOW
DRAFT = {
    "name": "东部群",
    "vendor": "wecom",
    "url": WECOM_URL,
    "secret": "",
    "unit_id": "",
    "kinds": ["overdue", "risk"],
}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def remind(session: Session, person: int, title: str = "寄材料", kind: NoticeKind = NoticeKind.OVERDUE) -> None:
    tell(session, [person], kind, "待办“%(title)s”已逾期", "/follow-ups", None, NOW, params={"title": title})
    session.commit()


def test_opening_a_notice_takes_note_of_it_and_leads_to_what_it_is_about(
    as_officer: Browser, session: Session, office: Office
) -> None:
    remind(session, office.officer.id)
    row = session.scalars(select(Notice)).one()
    session.commit()
    assert "寄材料" in as_officer.get("/notices").text
    answer = as_officer.post(f"/notices/{row.id}/open")
    session.refresh(row)
    session.commit()
    assert (answer.status_code, answer.headers["Location"], row.read_at) == (303, "/follow-ups", NOW)
    assert "寄材料" not in as_officer.get("/notices").text
    assert "寄材料" in as_officer.get("/notices?show=all").text


def test_nobody_reads_or_marks_the_notices_of_others(as_officer: Browser, session: Session, office: Office) -> None:
    remind(session, office.colleague.id)
    row = session.scalars(select(Notice)).one()
    session.commit()
    assert "寄材料" not in as_officer.get("/notices?show=all").text
    assert as_officer.post(f"/notices/{row.id}/open").status_code == 404
    as_officer.post("/notices/read")
    session.refresh(row)
    assert row.read_at is None


def test_all_of_one_kind_are_marked_read(as_officer: Browser, session: Session, office: Office) -> None:
    remind(session, office.officer.id, "甲")
    remind(session, office.officer.id, "乙", NoticeKind.MENTION)
    as_officer.post("/notices/read", {"kind": "overdue"})
    page = as_officer.get("/notices").text
    assert "乙" in page
    assert "“甲”" not in page


def test_a_notice_on_a_project_closed_since_then_is_gone(as_officer: Browser, session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.colleague, name="云岭青竹项目")
    tell(session, [office.officer.id], NoticeKind.OTHER, deal.name, None, ("project", deal.id), NOW)
    session.commit()
    name = deal.name
    assert name in as_officer.get("/notices").text
    deal.confidential, deal.code_name = True, "青竹"
    session.commit()
    assert name not in as_officer.get("/notices?show=all").text


def test_the_bell_of_somebody_shut_out_is_still(session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.colleague)
    tell(session, [office.officer.id, office.colleague.id], NoticeKind.OTHER, "新进展", None, ("project", deal.id), NOW)
    registrar = office.actor(session, office.registrar)
    confidential.classify(session, registrar, deal.id, "青竹", version=deal.version, now=NOW)
    unread = select(Notice.user_id).where(Notice.read_at.is_(None))
    assert session.scalars(unread).all() == [office.colleague.id]


def test_the_bell_counts_without_a_query_of_its_own(
    as_officer: Browser, session: Session, database: Database, office: Office
) -> None:
    as_officer.get("/notices/choices")
    with counted(database) as before:
        as_officer.get("/notices/choices")
    for number in range(3):
        remind(session, office.officer.id, f"第{number}件")
    with counted(database) as after:
        page = as_officer.get("/notices/choices").text
    assert len(after) == len(before)
    assert "提醒方式" in page


def test_choices_are_kept_and_the_address_lies_sealed(as_officer: Browser, session: Session, office: Office) -> None:
    wanted = {"email": "chen@office.example", "mail_kinds": ["overdue"], "group_kinds": ["risk"], "digest_at": "08:30"}
    assert as_officer.post("/notices/choices", wanted).status_code == 303
    row = session.get(NoticeChoice, office.officer.id)
    assert row is not None
    assert (row.email, row.mail_kinds, row.digest_at) == ("chen@office.example", ["overdue"], 510)
    assert "risk" not in row.silent_kinds
    assert "overdue" in row.silent_kinds
    stored = session.execute(text("SELECT email FROM notice_choice")).scalar_one()
    assert "office.example" not in stored


def test_a_choice_that_cannot_work_is_refused_with_what_was_typed(as_officer: Browser) -> None:
    refused: list[tuple[dict[str, str | list[str]], str]] = [
        ({"mail_kinds": ["overdue"]}, "请先填邮箱"),
        ({"email": "不是邮箱"}, "邮箱写得不对"),
        ({"quiet_from": "22:00"}, "起止两个时间"),
        ({"digest_at": "25:00"}, "请填时间"),
    ]
    for typed, said in refused:
        answer = as_officer.post("/notices/choices", {"group_kinds": ["lead"], **typed})
        assert answer.status_code == 422
        assert said in answer.text
        assert all(value in answer.text for value in typed.values() if isinstance(value, str))


def test_a_robot_is_added_and_its_address_never_shown_again(as_registrar: Browser, session: Session) -> None:
    answer = as_registrar.post("/notices/channels", DRAFT)
    row = session.scalars(select(NoticeChannel)).one()
    assert answer.headers["Location"] == f"/notices/channels/{row.id}"
    stored = session.execute(text("SELECT url FROM notice_channel")).scalar_one()
    for page in (as_registrar.get("/notices/channels").text, as_registrar.get(f"/notices/channels/{row.id}").text):
        assert WECOM_URL not in page
    assert "weixin" not in stored


def test_a_robot_that_cannot_work_is_refused_with_what_was_typed(as_registrar: Browser) -> None:
    foreign = "https://oapi.dingtalk.com/robot/send?access_token=k"
    for typed, said in (
        ({"url": foreign}, "地址必须以"),
        ({"url": ""}, "请填机器人地址"),
        ({"name": ""}, "起个名字"),
        ({"kinds": []}, "至少选一类"),
    ):
        answer = as_registrar.post("/notices/channels", {**DRAFT, **typed})
        assert answer.status_code == 422
        assert said in answer.text
    assert foreign in as_registrar.post("/notices/channels", {**DRAFT, "url": foreign}).text


def test_a_robot_is_changed_tried_and_removed(as_registrar: Browser, session: Session, office: Office) -> None:
    row = robot(session, office)
    session.commit()
    place = f"/notices/channels/{row.id}"
    assert as_registrar.post(place, {**DRAFT, "url": "", "active": "1", "name": "新名"}).status_code == 303
    assert as_registrar.post(f"{place}/try").status_code == 303
    session.refresh(row)
    session.commit()
    assert (row.name, row.url) == ("新名", WECOM_URL)
    assert "测试消息" in as_registrar.get(place).text
    assert as_registrar.post(f"{place}/remove").status_code == 303
    session.expire_all()
    assert session.scalars(select(NoticeDelivery)).all() == []


def test_officers_do_not_touch_the_robots(as_officer: Browser) -> None:
    assert as_officer.get("/notices/channels").status_code == 403
    assert as_officer.post("/notices/channels", DRAFT).status_code == 403
