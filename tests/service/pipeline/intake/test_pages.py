from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core import workdays
from crm.pipeline.intake import handovers, services
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.intake.models import Handover, LeadTip
from crm.pipeline.models import Project
from tests.service.pipeline.helpers import counting, lead, registered
from tests.service.pipeline.intake.helpers import one, signed_in
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from tests.conftest import Browser
    from tests.support.builders import Office

PATHS = (
    "/leads",
    "/leads/mine",
    "/leads/silent",
    "/leads/pool",
    "/leads/referrers",
    "/leads/leaders",
    "/projects/settings/intake",
    "/projects/1/intake",
    "/projects/1/owner",
)
WORDS = "听说云岭电子要建第二工厂"
TIP = {
    "client_id": "page-0001", "text": WORDS, "enterprise_name": "云岭电子", "enterprise_id": "", "source": "contact"
}  # fmt: skip


def test_a_tip_travels_from_the_phone_to_triage_and_to_who_accepts_it(
    app: Flask, session: Session, office: Office, as_leader: Browser
) -> None:
    firm = builders.enterprise(session, "云岭电子股份有限公司")
    session.commit()
    assert as_leader.post("/leads/new", TIP).status_code == 303
    assert as_leader.post("/leads/new", TIP).status_code == 303  # the double tap
    assert as_leader.get("/leads/mine").text.count("待答复") == 1
    registrar = signed_in(app, office.registrar)
    assert WORDS in registrar.get("/leads").text
    tip = one(session, select(LeadTip))
    assert firm.name in registrar.get(f"/leads/tips/{tip.id}").text
    form = {
        "enterprise": str(firm.id),
        "name": "云岭电子第二工厂",
        "content": WORDS,
        "capital": "private",
        "channel": "news",
    }
    answer = registrar.post(f"/leads/tips/{tip.id}/register", form)
    assert answer.status_code == 303
    project = one(session, select(Project))
    seat = {"owner_id": str(office.officer.id), "reason": "熟悉电子信息"}
    assert registrar.post(f"/projects/{project.id}/intake/assign", seat).status_code == 303
    officer = signed_in(app, office.officer)
    day = officer.get("/").text
    assert re.search(r'<a class="h-wait" href="/leads">.*线索待接收<span class="y-count">1</span></a>', day)
    page = officer.get("/leads").text
    assert "待我接收" in page
    accept = re.search(r'action="(/leads/handovers/\d+/accept)"', page)
    assert accept
    assert officer.post(accept.group(1)).status_code == 303
    assert one(session, select(Project.owner_id)) == office.officer.id
    assert "已转为线索" in as_leader.get("/leads/mine").text


def test_an_empty_tip_is_asked_for_again_and_keeps_the_rest(as_officer: Browser) -> None:
    answer = as_officer.post("/leads/new", {**TIP, "text": "  "})
    assert answer.status_code == 422
    assert "请写一句" in answer.text
    assert 'value="云岭电子"' in answer.text


def test_a_lead_reported_from_a_signal_or_a_contact_brings_its_source(
    session: Session, office: Office, as_leader: Browser, as_outsider: Browser
) -> None:
    firm = builders.enterprise(session, "云岭电子股份有限公司")
    person = builders.contact(session, firm, office.east, office.officer, "赵总")
    builders.signal(session, firm)
    session.commit()
    signals, card = as_leader.get("/signals").text, as_leader.get(f"/contacts/{person.id}").text
    for page, source, words in ((signals, "signal", "扩产"), (card, "contact", "赵总告知：")):
        href = re.search(r'href="(/leads/new[?][^"]*source=\w+[^"]*)"', page)
        assert href
        address = href.group(1).replace("&amp;", "&")
        form = as_leader.get(address).text
        assert re.search(rf'<input[^>]*checked[^>]*value="{source}"', form)
        assert words in form.split("<textarea")[1].split("</textarea>")[0]
        assert f'name="enterprise_id" value="{firm.id}"' in form
    assert "赵总" not in as_outsider.get(f"/leads/new?enterprise={firm.id}&contact={person.id}").text


def test_known_enterprises_are_offered_while_typing(session: Session, as_officer: Browser) -> None:
    firm = builders.enterprise(session, "云岭电子股份有限公司")
    session.commit()
    found = as_officer.get("/leads/firms?enterprise_name=云岭电子", headers={"HX-Request": "true"})
    assert f'value="{firm.id}"' in found.text
    assert as_officer.get("/leads/firms?enterprise_name=云岭").status_code == 302


def test_a_tip_not_used_is_answered_to_its_reporter(
    app: Flask, session: Session, office: Office, as_officer: Browser
) -> None:
    as_officer.post("/leads/new", TIP)
    tip = one(session, select(LeadTip))
    team_lead = signed_in(app, office.lead)
    assert team_lead.post(f"/leads/tips/{tip.id}/return", {"reason": " "}).status_code == 422
    assert team_lead.post(f"/leads/tips/{tip.id}/return", {"reason": "企业已注销"}).status_code == 303
    assert "企业已注销" in as_officer.get("/leads/mine").text
    assert as_officer.post(f"/leads/tips/{tip.id}/return", {"reason": "x"}).status_code == 403


def test_a_twin_of_a_project_is_joined_instead_of_registered(app: Flask, session: Session, office: Office) -> None:
    project = lead(session, office, "云岭电子投资项目")
    session.commit()
    registrar = signed_in(app, office.registrar)
    registrar.post("/leads/new", TIP)
    tip = one(session, select(LeadTip))
    form = {"enterprise": str(project.enterprise_id), "name": project.name, "capital": "private", "channel": "news"}
    answer = registrar.post(f"/leads/tips/{tip.id}/register", form)
    assert answer.status_code == 422
    assert registrar.post(f"/leads/tips/{tip.id}/attach/{project.id}").status_code == 303
    assert one(session, select(LeadTip.project_id)) == project.id


def test_a_refusal_keeps_its_reason_and_a_second_answer_is_a_conflict(
    app: Flask, session: Session, office: Office
) -> None:
    project = registered(session, office)
    to = Receiver(office.east.id, office.colleague.id)
    handovers.assign(session, office.actor(session, office.lead), project.id, to, "", now=NOW, today=TODAY)
    asked = one(session, select(Handover.id))
    session.commit()
    colleague = signed_in(app, office.colleague)
    assert colleague.post(f"/leads/handovers/{asked}/refuse", {"reason": ""}).status_code == 422
    assert colleague.post(f"/leads/handovers/{asked}/refuse", {"reason": "手上项目多"}).status_code == 303
    assert colleague.post(f"/leads/handovers/{asked}/accept").status_code == 409
    assert signed_in(app, office.outsider).post(f"/leads/handovers/{asked}/accept").status_code == 404


def test_the_owner_page_asks_and_the_team_lead_may_decide(app: Flask, session: Session, office: Office) -> None:
    project = lead(session, office)
    session.commit()
    officer = signed_in(app, office.officer)
    version = str(project.version)
    form = {"version": version, "owner_id": str(office.colleague.id), "reason": "出差三个月"}
    assert officer.post(f"/projects/{project.id}/owner", {**form, "reason": ""}).status_code == 422
    assert officer.post(f"/projects/{project.id}/owner", {**form, "version": "77"}).status_code == 409
    assert officer.post(f"/projects/{project.id}/owner", {**form, "decide": "y"}).status_code == 403
    assert officer.post(f"/projects/{project.id}/owner", form).status_code == 303
    assert "撤回移交" in officer.get(f"/projects/{project.id}/owner").text
    assert one(session, select(Project.owner_id)) == office.officer.id
    team_lead = signed_in(app, office.lead)
    assert team_lead.post(f"/projects/{project.id}/owner", {**form, "decide": "y"}).status_code == 303
    assert one(session, select(Project.owner_id)) == office.colleague.id


def test_the_tab_of_a_lead_offers_each_step_to_who_may_make_it(app: Flask, session: Session, office: Office) -> None:
    project = registered(session, office)
    session.commit()
    path = f"/projects/{project.id}/intake"
    officer, team_lead = signed_in(app, office.officer), signed_in(app, office.lead)
    assert "研判通过并分办" not in officer.get(path).text
    assert "研判通过并分办" in team_lead.get(path).text
    assert officer.post(f"{path}/begin").status_code == 422
    assert team_lead.post(f"{path}/begin").status_code == 303
    assert team_lead.post(f"{path}/return", {"reason": ""}).status_code == 422
    assert team_lead.post(f"{path}/return", {"reason": "补用地需求"}).status_code == 303
    assert "补用地需求" in officer.get(path).text
    assert officer.post(f"{path}/resubmit").status_code == 303
    assert officer.post(f"{path}/pool", {"reason": "不跟了"}).status_code == 303
    assert signed_in(app, office.outsider).get(path).status_code == 404
    assert team_lead.post(f"{path}/recall", {"reason": "另有人接"}).status_code == 303


def test_the_pool_page_claims_once(app: Flask, session: Session, office: Office) -> None:
    project = lead(session, office, "放出的项目")
    services.to_pool(session, office.actor(session, office.officer), project.id, "腾不出人手", now=NOW)
    session.commit()
    outsider, colleague = signed_in(app, office.outsider), signed_in(app, office.colleague)
    assert "腾不出人手" in outsider.get("/leads/pool").text
    assert outsider.post(f"/leads/pool/{project.id}/claim").status_code == 303
    late = colleague.post(f"/leads/pool/{project.id}/claim")
    assert late.status_code == 409
    assert "这条线索刚被何川认领。" in late.text
    assert colleague.post("/leads/pool/999/claim").status_code == 404


def test_the_history_names_who_took_a_project_over(app: Flask, session: Session, office: Office) -> None:
    project = registered(session, office)
    receiver = Receiver(office.south.id, office.outsider.id)
    handovers.assign(session, office.actor(session, office.registrar), project.id, receiver, "", now=NOW, today=TODAY)
    asked = one(session, select(Handover.id))
    handovers.accept(session, office.actor(session, office.outsider), asked, now=NOW, today=TODAY)
    session.commit()
    page = signed_in(app, office.registrar).get(f"/projects/{project.id}").text
    assert f"负责人改为{office.outsider.name}" in page


@pytest.mark.parametrize("path", PATHS)
def test_pages_cost_at_most_twelve_statements(
    app: Flask, database: Database, session: Session, office: Office, path: str
) -> None:
    for number in range(3):
        project = registered(session, office, f"项目{number}")
    to = Receiver(office.south.id, office.outsider.id)
    handovers.assign(session, office.actor(session, office.registrar), project.id, to, "", now=NOW, today=TODAY)
    session.commit()
    browser = signed_in(app, office.registrar)
    browser.get(path)
    with counting(database) as seen:
        assert browser.get(path).status_code == 200
    assert len(seen) <= 12 + 2, "\n".join(seen)  # two of them are the session and the person


def test_a_year_without_announced_holidays_is_said_on_the_page(
    as_officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "工作日按周一到周五计算" not in as_officer.get("/leads").text
    monkeypatch.setattr(workdays, "LAST_YEAR", TODAY.year - 1)
    assert "工作日按周一到周五计算" in as_officer.get("/leads").text
