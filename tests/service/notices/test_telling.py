from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.tasks import Task
from crm.notices import rules
from crm.notices.models import Notice, NoticeDelivery
from crm.notices.rules import NoticeKind
from crm.notices.services import DISCREET, tell
from crm.pipeline.confidential.models import ProjectInsider
from tests.service.notices.helpers import choose, robot
from tests.support import builders

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_everybody_named_is_told_once_and_numbers_stay_out(session: Session, office: Office) -> None:
    people = [office.officer.id, office.lead.id, office.officer.id]
    params = {"title": "回电13800001234"}
    told = tell(
        session, people, NoticeKind.OVERDUE, "待办逾期：%(title)s", "/follow-ups", None, builders.NOW, params=params
    )
    rows = session.scalars(select(Notice).order_by(Notice.user_id)).all()
    assert told == 2
    assert [row.user_id for row in rows] == sorted({office.officer.id, office.lead.id})
    assert rows[0].params == {"title": f"回电{rules.HIDDEN}"}


def test_a_person_who_left_is_told_nothing(session: Session, office: Office) -> None:
    office.officer.active = False
    session.flush()
    assert tell(session, [office.officer.id], NoticeKind.OTHER, "您好", None, None, builders.NOW) == 0


def test_the_group_of_the_unit_hears_of_it_and_others_do_not(session: Session, office: Office) -> None:
    east = robot(session, office, unit_id=office.east.id)
    robot(session, office, name="南部群", unit_id=office.south.id)
    whole = robot(session, office, name="全局群", kinds=["risk"])
    tell(session, [office.officer.id], NoticeKind.OVERDUE, "待办逾期：寄材料", "/follow-ups", None, builders.NOW)
    deliveries = session.scalars(select(NoticeDelivery)).all()
    assert [row.channel_id for row in deliveries] == [east.id]
    assert deliveries[0].body == "陈晓：待办逾期：寄材料"
    assert whole.id != east.id
    assert session.scalars(select(Task.kind)).all() == ["send_notices"]


def test_who_keeps_a_kind_out_of_the_group_is_not_named_there(session: Session, office: Office) -> None:
    robot(session, office, unit_id=office.east.id)
    choose(session, office.officer.id, email=None, silent_kinds=["overdue"])
    tell(session, [office.officer.id], NoticeKind.OVERDUE, "待办逾期：寄材料", None, None, builders.NOW)
    assert session.scalars(select(NoticeDelivery)).all() == []


def test_mail_waits_for_the_end_of_the_quiet_hours(session: Session, office: Office) -> None:
    choose(session, office.officer.id, quiet_from=9 * 60, quiet_to=13 * 60)
    tell(session, [office.officer.id], NoticeKind.OVERDUE, "待办逾期：寄材料", None, None, builders.NOW)
    row = session.scalars(select(NoticeDelivery)).one()
    assert row.send_after.hour == 5  # 13:00 in Shanghai
    assert row.target == f"mail:{office.officer.id}"


def test_a_confidential_project_is_named_to_nobody_else_and_in_no_group(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    deal = builders.project(session, firm, office.east, office.officer, confidential=True, code_name="青竹")
    session.add(
        ProjectInsider(project_id=deal.id, user_id=office.leader.id, added_by=office.officer.id, at=builders.NOW)
    )
    robot(session, office)
    choose(session, office.officer.id)
    people = [office.officer.id, office.lead.id, office.registrar.id, office.leader.id]
    told = tell(
        session, people, NoticeKind.OVERDUE, "%(name)s逾期", f"/projects/{deal.id}", ("project", deal.id), builders.NOW,
        params={"name": deal.name},
    )  # fmt: skip
    assert told == 2
    assert set(session.scalars(select(Notice.user_id))) == {office.officer.id, office.leader.id}
    mail = session.scalars(select(NoticeDelivery)).one()
    assert (mail.body, mail.link) == (DISCREET, "/notices")


def test_a_notice_out_of_sight_does_not_silence_the_next(session: Session, office: Office) -> None:
    deal = builders.project(session, builders.enterprise(session), office.east, office.officer)

    def told() -> int:
        return tell(session, [office.lead.id], NoticeKind.OTHER, "待认定", "/queue", None, builders.NOW,
                    project_id=about, once=True)  # fmt: skip

    about: int | None = deal.id
    assert (told(), told()) == (1, 0)
    deal.confidential, deal.code_name = True, "青竹"
    session.flush()
    about = None
    assert told() == 1
