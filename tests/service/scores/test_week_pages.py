from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from crm.fieldwork.models import FollowUp
from crm.scores.models import WorkDeferral
from crm.scoring.models import EnterpriseScore
from tests.service.home.test_double_taps import twice
from tests.service.scores.weeks import scored
from tests.support import builders

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office

HTMX = {"HX-Request": "true"}


def test_the_page_shows_the_firm_why_and_what_to_do(as_officer: Browser, session: Session, office: Office) -> None:
    firm = scored(session, name="云岭示例电子有限公司")
    builders.contact(session, firm, office.east, office.officer, "沈立", post="副总裁")
    session.commit()
    page = as_officer.get("/this-week").text
    assert "云岭示例电子有限公司" in page
    assert "打第一个电话给沈立（副总裁）" in page
    assert "×1.2" in page


def test_one_click_plans_the_call_and_the_toast_takes_it_back(as_officer: Browser, session: Session) -> None:
    firm = scored(session)
    session.commit()
    answer = as_officer.post(f"/this-week/{firm.id}/plan", headers=HTMX)
    assert answer.status_code == 200
    assert firm.name not in answer.text
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    assert session.query(FollowUp).one().title.startswith("先找到负责投资的人")
    session.commit()
    assert as_officer.post(undo).status_code == 303
    assert firm.name in as_officer.get("/this-week").text


def test_a_planned_call_names_nobody_since_reminders_leave_the_house(
    as_officer: Browser, session: Session, office: Office
) -> None:
    firm = scored(session)
    builders.contact(session, firm, office.east, office.officer, "沈立", post="副总裁")
    session.commit()
    as_officer.post(f"/this-week/{firm.id}/plan")
    assert session.query(FollowUp).one().title == "打第一个电话给对方联系人，介绍我们，约见面"


def test_without_scripts_planning_goes_back_to_the_list(as_officer: Browser, session: Session) -> None:
    firm = scored(session)
    session.commit()
    answer = as_officer.post(f"/this-week/{firm.id}/plan")
    assert (answer.status_code, answer.headers["Location"].startswith("/this-week")) == (303, True)


def test_planning_twice_says_that_the_firm_is_gone(as_officer: Browser, session: Session) -> None:
    firm = scored(session)
    session.commit()
    as_officer.post(f"/this-week/{firm.id}/plan")
    again = as_officer.post(f"/this-week/{firm.id}/plan")
    assert again.status_code == 404
    assert "现在不在名单里" in again.text
    assert session.query(FollowUp).count() == 1


def test_putting_off_keeps_what_was_typed_when_the_reason_is_missing(as_officer: Browser, session: Session) -> None:
    firm = scored(session)
    session.commit()
    path = f"/this-week/{firm.id}/put-off"
    assert firm.name in as_officer.get(path).text
    refused = as_officer.post(path, {"reason": "other", "note": "", "weeks": "2"}, headers=HTMX)
    assert refused.status_code == 422
    assert refused.headers["HX-Retarget"] == f"#firm-{firm.id}"
    assert "请写明为什么这周先不找" in refused.text
    assert re.search(r'checked[^>]*value="2"', refused.text)
    accepted = as_officer.post(path, {"reason": "other", "note": "等新园区规划", "weeks": "2"}, headers=HTMX)
    assert accepted.status_code == 200
    assert session.query(WorkDeferral).one().reason == "等新园区规划"


def test_what_is_put_off_stands_on_its_own_page_with_the_way_back(as_officer: Browser, session: Session) -> None:
    firm = scored(session)
    session.commit()
    as_officer.post(f"/this-week/{firm.id}/put-off", {"reason": "hands", "note": "下周有空", "weeks": "1"})
    page = as_officer.get("/this-week/put-off").text
    assert "本周人手排不开；下周有空" in page
    assert as_officer.post(f"/this-week/{firm.id}/bring-back").status_code == 303
    assert firm.name not in as_officer.get("/this-week/put-off").text


def test_a_colleague_of_another_squad_cannot_plan_for_this_one(
    as_outsider: Browser, session: Session, office: Office
) -> None:
    firm = scored(session)
    session.commit()
    assert as_outsider.post(f"/this-week/{firm.id}/plan", {"unit": str(office.east.id)}).status_code == 404
    assert session.query(FollowUp).count() == 0


def test_numbers_in_the_address_that_are_none_do_no_harm(as_officer: Browser, session: Session) -> None:
    firm = scored(session)
    session.commit()
    assert firm.name in as_officer.get("/this-week?page=x&unit=&place=y").text
    assert as_officer.get("/this-week?page=99999999").status_code == 200
    assert as_officer.get("/this-week?unit=99999").status_code == 404
    assert as_officer.get("/this-week/99999/put-off").status_code == 404


def test_leaders_look_at_a_squads_list_without_buttons(as_leader: Browser, session: Session, office: Office) -> None:
    firm = scored(session)
    session.commit()
    page = as_leader.get(f"/this-week?unit={office.east.id}").text
    assert firm.name in page
    assert '/plan"' not in page


def test_reasons_lead_only_to_what_the_reader_may_open(as_officer: Browser, session: Session, office: Office) -> None:
    firm = scored(session)
    ours = builders.contact(session, firm, office.east, office.officer, "沈立")
    theirs = builders.contact(session, firm, office.south, office.outsider, "陆远")
    row = session.get_one(EnterpriseScore, firm.id)
    row.reasons = [
        {"key": key, "label": key, "points": 3, "kind": "fit", "ref": {"type": "contact", "id": one.id}}
        for key, one in (("contacts", ours), ("reach", theirs))
    ]
    session.commit()
    page = as_officer.get("/this-week").text
    assert f"/contacts/{ours.id}" in page
    assert f"/contacts/{theirs.id}" not in page
    assert f"/contacts/{theirs.id}" not in as_officer.get(f"/enterprises/{firm.id}").text


def test_two_taps_at_once_plan_one_call_and_put_off_once(app: Flask, session: Session, office: Office) -> None:
    called, later = scored(session), scored(session)
    session.commit()
    assert sorted(twice(app, office, f"/this-week/{called.id}/plan", {})) == [303, 404]
    assert sorted(twice(app, office, f"/this-week/{later.id}/put-off", {"reason": "busy", "weeks": "1"})) == [303, 404]
    assert (session.query(FollowUp).count(), session.query(WorkDeferral).count()) == (1, 1)
