from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.fieldwork.events.models import Event, EventCredit, EventGuest
from crm.fieldwork.events.rules import GuestState
from crm.register import erasure
from tests.service.pipeline.helpers import counting
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

FIELDS = {
    "kind": "promotion", "name": "电子信息推介会", "start_on": TODAY.isoformat(), "channel": "professional",
    "cost": "12.5", "place": "深圳",
}  # fmt: skip


def read(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """Read plain values and let go of the database, which SQLite lends to one writer only."""
    found = [tuple(row) if len(row) > 1 else row[0] for row in session.execute(statement)]
    session.commit()
    return found


def planned(browser: Browser) -> str:
    return browser.post("/events/new", FIELDS).headers["Location"]


def test_an_event_is_planned_and_found_in_its_year(as_officer: Browser, session: Session) -> None:
    refused = as_officer.post("/events/new", {**FIELDS, "name": " ", "budget": "十万"})
    assert refused.status_code == 422
    assert "深圳" in refused.text
    place = planned(as_officer)
    page = as_officer.get(place).text
    assert "电子信息推介会" in page
    assert "每条线索花费 —" in page
    assert f'<a class="btn btn-primary" href="{place}/invite">' in page
    assert "电子信息推介会" in as_officer.get("/events?year=2026&kind=promotion").text
    assert "电子信息推介会" not in as_officer.get("/events?year=2025").text
    fields = {**FIELDS, "name": "改了名的推介会", "version": read(session, select(Event.version))[0]}
    assert as_officer.get(f"{place}/edit").status_code == 200
    assert as_officer.post(f"{place}/edit", fields).status_code == 303
    assert as_officer.post(f"{place}/edit", fields).status_code == 409
    assert as_officer.post(f"{place}/cancel", {"reason": ""}).status_code == 422
    assert as_officer.post(f"{place}/cancel", {"reason": "改期"}).status_code == 303
    assert "活动已取消" in as_officer.get(place).text
    assert as_officer.post(f"{place}/restore").status_code == 303


def test_a_typed_list_is_matched_before_anybody_is_invited(as_officer: Browser, session: Session) -> None:
    firm = builders.enterprise(session, "云岭电子股份有限公司", stem="云岭电子")
    session.commit()
    place = planned(as_officer)
    typed = "云岭电子股份有限公司，赵总\n云岭电子\n谁也没听说过的厂\n"
    shown = as_officer.post(f"{place}/invite/names", {"names": typed}).text
    assert f'<option value="{firm.id}" selected>云岭电子股份有限公司</option>' in shown
    assert shown.count("可能是") == 1
    assert read(session, select(EventGuest.id)) == []
    choice = {"names": typed, "invite": "1", "line-0": str(firm.id), "line-1": "skip", "line-2": "typed"}
    assert as_officer.post(f"{place}/invite/names", choice).status_code == 303
    found = read(session, select(EventGuest.enterprise_id, EventGuest.firm, EventGuest.person))
    assert set(found) == {(firm.id, None, "赵总"), (None, "谁也没听说过的厂", None)}
    assert as_officer.post(f"{place}/invite/names", {"names": " "}).status_code == 422


def test_a_filter_of_the_register_is_invited_whole(as_officer: Browser, session: Session) -> None:
    for number in range(3):
        builders.enterprise(session, f"云岭电子{number}有限公司", industry="电子信息")
    builders.enterprise(session, "南屏食品有限公司", industry="食品")
    session.commit()
    place = planned(as_officer)
    ask = f"{place}/invite?industry=电子信息"
    assert "邀请这3家企业" in as_officer.get(ask).text
    assert as_officer.post(f"{place}/invite", {"industry": "电子信息"}).status_code == 303
    assert len(read(session, select(EventGuest.id))) == 3
    assert as_officer.post(f"{place}/invite", {}).status_code == 422
    assert "电子信息推介会" in as_officer.get("/events/choose?id=1").text


def test_one_tap_at_the_door_answers_with_the_row_and_a_way_back(
    as_officer: Browser, session: Session, database: Database
) -> None:
    firm = builders.enterprise(session)
    session.commit()
    place = planned(as_officer)
    as_officer.post(f"{place}/invite", {"id": str(firm.id)})
    guest = read(session, select(EventGuest.id))[0]
    with counting(database) as statements:
        door = as_officer.get(f"{place}/guests?door=1").text
    assert len(statements) <= 12
    assert firm.name in door
    tap = f"{place}/guests/{guest}/state?door=1"
    answer = as_officer.post(tap, {"state": "attended"}, headers={"HX-Request": "true"})
    assert f'id="guest-{guest}"' in answer.text
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert as_officer.post(undo).status_code == 303
    assert read(session, select(EventGuest.state)) == [GuestState.INVITED]
    assert as_officer.post(tap, {"state": "attended"}).status_code == 303
    assert as_officer.post(tap, {"state": "asleep"}).status_code == 422
    assert as_officer.post(f"{place}/walk-in", {"firm": "临时来的公司", "person": "钱工"}).status_code == 303
    assert as_officer.post(f"{place}/walk-in", {}).status_code == 422
    assert f"{place}/guests/{guest}/lead" in as_officer.get(f"{place}/guests").text
    assert as_officer.post(f"{place}/guests/{guest}/lead").status_code == 303
    assert read(session, select(EventCredit.guest_id)) == [guest]
    listed = as_officer.get(f"{place}/guests").text
    assert f"{place}/guests/{guest}/lead" not in listed
    assert "已转线索" in listed
    with counting(database) as statements:
        page = as_officer.get(place).text
    assert len(statements) <= 14
    assert "每条线索花费 12.5万元" in page


def test_the_name_typed_on_an_invitation_goes_with_the_person(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = builders.enterprise(session)
    person = builders.contact(session, firm, office.east, office.officer, "赵敏之")
    session.commit()
    place = planned(as_officer)
    as_officer.post(f"{place}/invite/names", {"names": f"{firm.name}，赵敏之", "invite": "1", "line-0": str(firm.id)})
    erasure.erase_contact(session, office.actor(session, office.registrar), person.id, reason="本人要求", now=NOW)
    session.commit()
    assert read(session, select(EventGuest.person)) == ["（已删除）"]


def test_only_people_who_write_may_invite(as_leader: Browser, as_officer: Browser) -> None:
    place = planned(as_officer)
    assert as_leader.get(place).status_code == 200
    assert as_leader.get(f"{place}/invite").status_code == 403
    assert as_leader.post(f"{place}/walk-in", {"firm": "某公司"}).status_code == 403
