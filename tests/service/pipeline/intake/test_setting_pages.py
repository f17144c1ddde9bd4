from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.pipeline.intake import setup
from crm.pipeline.intake.models import LeaderLink, Referrer
from tests.service.pipeline.helpers import lead
from tests.service.pipeline.intake.helpers import one, signed_in
from tests.support.builders import TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


def test_settings_are_kept_as_typed_and_refused_with_everything_typed(session: Session, as_registrar: Browser) -> None:
    page = as_registrar.get("/projects/settings/intake").text
    tags = re.findall(r"<(?:input|select)[^>]+>", page)
    named = [(re.search(r'name="([a-z_0-9]+)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    values = {name[1]: value[1] if value else "" for name, value in named if name and name[1] != "csrf_token"}
    changed = {
        **values, "yellow_months": "1", "all_units": "0", "bands": "5000、10000",
        "industry_0_name": "新能源", "industry_0_role": "lead", "industry_0_words": "锂电、电解液",
    }  # fmt: skip
    assert as_registrar.post("/projects/settings/intake", changed).status_code == 303
    stored = setup.load(session)
    session.commit()
    assert (stored.clocks.yellow_months, stored.pool.all_units) == (1, False)
    assert [int(edge) for edge in stored.dimensions.bands] == [5000, 10000]
    assert stored.dimensions.industries[0].words == ("锂电", "电解液")
    refused = as_registrar.post("/projects/settings/intake", {**changed, "red_months": "一", "bands": "多"})
    assert refused.status_code == 422
    assert 'value="一"' in refused.text
    assert 'value="多"' in refused.text


def test_a_referrer_needs_its_contract_and_shows_what_it_brought(app: Flask, session: Session, office: Office) -> None:
    registrar = signed_in(app, office.registrar)
    form = {"name": "深汇顾问", "kind": "agent"}
    assert registrar.post("/leads/referrers/new", form).status_code == 422
    dated = {**form, "contract_no": "委〔2026〕1号", "contract_from": "2026-01-01", "contract_to": "2026-06-30"}
    assert registrar.post("/leads/referrers/new", dated).status_code == 303
    referrer = one(session, select(Referrer))
    lead(session, office, referrer_id=referrer.id)
    session.commit()
    page = registrar.get("/leads/referrers").text
    assert "已到期" in page
    assert re.search(r"深汇顾问.*?<td class=\"y-num\">1</td>", page, re.DOTALL)


def test_a_leader_is_linked_to_a_squad_and_stands_on_its_projects(app: Flask, session: Session, office: Office) -> None:
    project = lead(session, office)
    session.commit()
    registrar = signed_in(app, office.registrar)
    form = {"leader_id": str(office.leader.id), "kind": "squad", "valid_from": "2026-11-01", "project_id": "0"}
    assert registrar.post("/leads/leaders", {**form, "unit_id": "0"}).status_code == 422
    assert registrar.post("/leads/leaders", {**form, "unit_id": str(office.east.id)}).status_code == 303
    assert "沈立" in registrar.get(f"/projects/{project.id}/intake").text
    link = one(session, select(LeaderLink))
    assert registrar.post(f"/leads/leaders/{link.id}/end").status_code == 303
    assert one(session, select(LeaderLink.valid_to)) == TODAY


def test_a_leader_marks_a_key_project_on_its_tab(session: Session, office: Office, as_leader: Browser) -> None:
    project = lead(session, office)
    session.commit()
    path = f"/projects/{project.id}/intake"
    assert as_leader.post(f"{path}/key", {"on": "1", "reason": ""}).status_code == 422
    assert as_leader.post(f"{path}/key", {"on": "1", "reason": "月调度会定"}).status_code == 303
    assert "月调度会定" in as_leader.get(path).text
    assert "重点项目" in as_leader.get(f"/projects/{project.id}").text
