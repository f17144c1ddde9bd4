from __future__ import annotations

import dataclasses
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from config import Mail
from crm.core.tasks import Task
from crm.notices import channels, rules, sending
from crm.notices.models import NoticeChannel, NoticeDelivery
from crm.notices.rules import DeliveryState, NoticeKind, Vendor
from crm.notices.services import DISCREET, tell
from tests.service.notices.helpers import choose, robot, work
from tests.support import builders
from tests.support.robots import SECRET, TOO_FAST, WRONG, Stub, robots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope
    from aiosmtpd.smtp import Session as SmtpSession
    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database
    from tests.support.builders import Office

NOW = builders.NOW
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with robots() as opened:
        yield opened


@pytest.fixture
def house(settings: Settings, stub: Stub) -> Settings:
    return dataclasses.replace(settings, robot_allow=stub.allowed, public_url="https://yinfeng.example")


def remind(session: Session, office: Office, text: str = "待办逾期：寄材料", count: int = 1) -> None:
    for _ in range(count):
        tell(session, [office.officer.id], NoticeKind.OVERDUE, text, "/follow-ups", None, NOW)
    session.commit()


def states(session: Session) -> list[str]:
    session.rollback()
    found = [row.state.value for row in session.scalars(select(NoticeDelivery).order_by(NoticeDelivery.id))]
    session.rollback()
    return found


@pytest.mark.parametrize("vendor", list(Vendor))
def test_each_vendor_takes_the_message_as_it_documents(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub, vendor: Vendor
) -> None:
    robot(session, office, vendor=vendor, url=stub.url(vendor), secret=None if vendor is Vendor.WECOM else SECRET)
    remind(session, office, "待办逾期：" + "很长的事由" * 50)
    work(database, house, NOW)
    assert states(session) == ["sent"]
    assert "https://yinfeng.example/follow-ups" in str(stub.accepted[0])


def test_a_robot_that_fails_twice_then_answers_gets_exactly_one_message(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    stub.script.extend([500, TOO_FAST["wecom"]])
    remind(session, office)
    for minute in range(10):
        work(database, house, NOW + MINUTE * minute)
    assert (stub.asked, len(stub.accepted), states(session)) == (3, 1, ["sent"])


def test_a_robot_that_is_down_for_an_hour_loses_nothing_and_gets_one_message(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    stub.down = True
    remind(session, office, count=6)
    for minute in range(120):
        stub.down = minute < 60
        work(database, house, NOW + MINUTE * minute)
    assert states(session) == ["sent"] * 6
    assert len(stub.accepted) == 1
    assert stub.accepted[0]["text"]["content"].count("寄材料") == 6
    assert stub.asked < 12


def test_a_robot_that_refuses_is_not_asked_again_and_the_office_sees_why(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    stub.script.append(WRONG["wecom"])
    remind(session, office)
    for minute in range(5):
        work(database, house, NOW + MINUTE * minute)
    channel = session.scalars(select(NoticeChannel)).one()
    assert (stub.asked, states(session)) == (1, ["refused"])
    assert "93000" in str(channel.last_error)


def test_an_address_that_redirects_is_not_followed(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    stub.script.append(302)
    remind(session, office)
    work(database, house, NOW)
    assert (stub.asked, states(session)) == (1, ["refused"])


def test_no_message_leaves_for_an_address_that_is_not_the_vendors(
    session: Session, office: Office, settings: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    remind(session, office)
    work(database, settings, NOW)
    assert (stub.asked, states(session)) == (0, ["refused"])


def test_several_messages_within_minutes_become_one(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    for minute in range(8):
        remind(session, office, f"第{minute}件")
        work(database, house, NOW + MINUTE * minute)
    work(database, house, NOW + rules.FLOOD_WINDOW)
    assert states(session) == ["sent"] * 8
    assert len(stub.accepted) == rules.SINGLE + 1
    assert stub.accepted[-1]["text"]["content"].startswith("【引凤】5条提醒\n1. 陈晓：第3件")


def test_a_channel_out_of_tokens_waits_instead_of_being_refused(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"), tokens=0.0)
    remind(session, office)
    work(database, house, NOW)
    assert (stub.asked, states(session)) == (0, ["waiting"])
    work(database, house, NOW + timedelta(seconds=7))
    assert (stub.asked, states(session)) == (1, ["sent"])


def test_what_a_dead_worker_held_is_sent_by_the_same_task_or_found_by_the_sweep(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    remind(session, office)
    target = session.scalars(select(NoticeDelivery.target)).one()
    session.rollback()
    with database.transaction() as own:
        assert sending.take(own, target, "t1", now=NOW) is not None
        assert sending.take(own, target, "t2", now=NOW) is None
        assert sending.take(own, target, "t1", now=NOW) is not None
    with database.transaction() as own:
        own.execute(update(Task).values(state="dead", dedupe_key=None))
        assert sending.sweep(own, now=NOW + MINUTE) == 0
        assert sending.sweep(own, now=NOW + MINUTE * 20) == 1
    work(database, house, NOW + MINUTE * 20)
    assert (len(stub.accepted), states(session)) == (1, ["sent"])


def test_a_project_that_became_confidential_is_not_named_in_the_group(
    session: Session, office: Office, house: Settings, database: Database, stub: Stub
) -> None:
    robot(session, office, url=stub.url("wecom"))
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    tell(session, [office.officer.id], NoticeKind.OVERDUE, deal.name, None, ("project", deal.id), NOW)
    deal.confidential, deal.code_name = True, "青竹"
    session.commit()
    work(database, house, NOW)
    assert (stub.asked, states(session)) == (0, ["refused"])


def test_a_mail_on_a_project_closed_to_its_reader_since_then_is_not_sent(session: Session, office: Office) -> None:
    choose(session, office.officer.id)
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)
    tell(session, [office.officer.id], NoticeKind.OVERDUE, deal.name, None, ("project", deal.id), NOW)
    deal.confidential, deal.code_name, deal.owner_id = True, "青竹", office.lead.id
    session.flush()
    assert sending.take(session, f"mail:{office.officer.id}", "t1", now=NOW) is None
    assert session.scalars(select(NoticeDelivery.state)).all() == [DeliveryState.REFUSED]


def test_who_keeps_the_robots_does_not_read_of_confidential_projects_there(session: Session, office: Office) -> None:
    channel = robot(session, office)
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer, name="云岭扩产")
    tell(session, [office.officer.id], NoticeKind.OVERDUE, deal.name, None, ("project", deal.id), NOW)
    deal.confidential, deal.code_name = True, "青竹"
    session.flush()
    assert [one.body for one in channels.deliveries(session, channel.id)] == [DISCREET]


class Mailbox:
    """Answers as a mail server does; the first answers may be scripted."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.script: list[str] = []

    async def handle_DATA(  # noqa: N802 (name set by aiosmtpd)
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope
    ) -> str:
        if self.script:
            return self.script.pop(0)
        self.mails.append((envelope.original_content or b"").decode())
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, Mail]]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller: Any = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Mail(host="127.0.0.1", port=port, sender="yinfeng@office.example", security="none")
    controller.stop()


def test_a_mail_server_that_is_busy_twice_gets_exactly_one_mail(
    session: Session, office: Office, settings: Settings, database: Database, mailbox: tuple[Mailbox, Mail]
) -> None:
    box, server = mailbox
    box.script = ["451 try later", "452 full"]
    choose(session, office.officer.id)
    remind(session, office, "待办逾期：回电13800001234")
    for minute in range(10):
        work(database, dataclasses.replace(settings, mail=server), NOW + MINUTE * minute)
    assert (len(box.mails), states(session)) == (1, ["sent"])
    assert "To: chen@office.example" in box.mails[0]
    assert "Message-ID: <yinfeng-" in box.mails[0]


def test_the_morning_digest_brings_everything_in_one_mail(
    session: Session, office: Office, settings: Settings, database: Database, mailbox: tuple[Mailbox, Mail]
) -> None:
    box, server = mailbox
    choose(session, office.officer.id, digest_at=8 * 60)
    remind(session, office, count=5)
    house = dataclasses.replace(settings, mail=server)
    work(database, house, NOW + timedelta(hours=21))
    assert box.mails == []
    work(database, house, NOW + timedelta(hours=22))
    assert (len(box.mails), states(session)) == (1, ["sent"] * 5)


def test_without_a_mail_server_the_reason_is_kept(
    session: Session, office: Office, settings: Settings, database: Database
) -> None:
    choose(session, office.officer.id)
    remind(session, office)
    work(database, settings, NOW)
    row = session.scalars(select(NoticeDelivery)).one()
    session.refresh(row)
    assert (row.state, "YINFENG_SMTP_HOST" in str(row.last_error)) == (DeliveryState.REFUSED, True)
