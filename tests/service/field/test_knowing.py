from __future__ import annotations

from typing import TYPE_CHECKING

from crm.enterprises.models import ContactKnower
from crm.fieldwork import knowing
from crm.fieldwork.models import TouchContact
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_who_knows_whom_is_told_by_hand_and_by_visits(
    session: Session, office: Office, as_officer: Browser, as_outsider: Browser
) -> None:
    firm = builders.enterprise(session, "云岭电子有限公司")
    boss = builders.contact(session, firm, office.east, office.officer, "赵明远", phone="13800001234")
    builders.contact(session, firm, office.east, office.officer, "钱一鸣", archived_at=NOW)
    session.add(ContactKnower(contact_id=boss.id, user_id=office.colleague.id, closeness="close", created_at=NOW))
    touch = builders.touch(session, firm, office.east, office.officer)
    session.add(TouchContact(touch_id=touch.id, contact_id=boss.id))
    session.commit()
    actor = office.actor(session, office.officer)
    found = knowing.ties(session, actor, [boss.id])[boss.id]
    assert [(tie.user_id, tie.closeness, tie.meetings) for tie in found] == [
        (office.colleague.id, "close", 0),
        (office.officer.id, None, 1),
    ]
    assert found[1].last_met == touch.occurred_at
    rows = knowing.circles(session, actor, cursor=None).rows
    assert [(row.name, row.known, row.met) for row in rows] == [("周敏", 1, 0), ("陈晓", 1, 1)]
    assert knowing.circles(session, office.actor(session, office.outsider), cursor=None).rows == ()
    session.commit()
    assert "赵明远" in as_officer.get(f"/acquaintances/people/{office.colleague.id}").text
    page = as_officer.get(f"/acquaintances/enterprises/{firm.id}").text
    assert "见过1次" in page
    assert "1234" not in page
    assert "赵明远" not in as_outsider.get(f"/acquaintances/enterprises/{firm.id}").text
