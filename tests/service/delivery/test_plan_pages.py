"""Pages of delivery plans: the list, the plan, a node, the half-monthly check, permits, the template."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from sqlalchemy import update

from crm.auth.rules import Role, UnitKind
from crm.core import options
from crm.delivery.plans import queries, services
from crm.delivery.plans.models import PlanOpinion
from crm.pipeline.admission import terms
from crm.pipeline.landing.nodes import NodeKind
from crm.pipeline.landing.template import DEFAULTS
from crm.pipeline.rules import Stage
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def deal_id(session: Session, office: Office) -> int:
    project = builders.project(session, builders.enterprise(session), office.east, office.officer, name="传动装备项目")
    builders.stand(session, project, Stage.SIGNED)
    builders.agreement(session, project, office.officer, signed_on=date(2026, 6, 1))
    session.commit()
    return project.id


@pytest.fixture
def planned(session: Session, deal_id: int) -> dict[NodeKind, int]:
    services.make_missing(session, now=NOW, today=TODAY)
    plan = queries.plan_of(session, deal_id)
    found = {node.kind: node.id for node in queries.nodes(session, plan.id if plan else 0)}
    session.commit()
    return found


def scan() -> tuple[BytesIO, str]:
    return BytesIO(b"%PDF-1.7\n1\n%%EOF\n"), "营业执照.pdf"


def test_a_plan_is_made_by_hand_and_listed_with_its_light(
    as_officer: Browser, as_leader: Browser, deal_id: int
) -> None:
    place = f"/projects/{deal_id}/plan"
    assert "现在生成" in as_officer.get(place).text
    assert as_officer.post(f"{place}/open").location == place
    assert as_officer.post(f"{place}/open").status_code == 409
    page = as_officer.get(place).text
    assert all(label in page for label in ("全程代办清单", "公司注册", "施工许可", "项目达产", "超过30个百分点亮红灯"))
    assert "传动装备项目" in as_leader.get("/plans?light=red").text
    assert "没有这样的推进计划" in as_leader.get("/plans?light=green&unit=1&agent=2&page=x").text


def test_a_node_is_accepted_and_finished_on_its_page(
    as_officer: Browser, as_outsider: Browser, deal_id: int, planned: dict[NodeKind, int]
) -> None:
    place = f"/projects/{deal_id}/plan/nodes/{planned[NodeKind.REGISTRATION]}"
    assert as_outsider.get(place).status_code == 404
    assert as_officer.post(f"{place}/accept", data={"accepted_on": "2026-09-28"}).location == place
    page = as_officer.get(place).text
    assert "10月8日" in page  # three working days over 国庆
    form = {"done_on": "2026-10-08", "number": "91330000", "paused_days": "", "pause_reason": ""}
    refused = as_officer.post(f"{place}/finish", data=form)
    assert refused.status_code == 422
    assert "没有佐证材料，不能办结" in refused.text
    assert 'value="91330000"' in refused.text
    assert as_officer.post(f"{place}/finish", data={**form, "file": scan()}).status_code == 303
    assert "注册" in as_officer.get(f"/projects/{deal_id}").text
    file = as_officer.get(f"/projects/{deal_id}/plan/files/1")
    assert file.data.startswith(b"%PDF")
    assert as_outsider.get(f"/projects/{deal_id}/plan/files/1").status_code == 404
    rows = as_officer.get("/plans/permits?unit=2&kind=registration").text
    assert "传动装备项目" in rows
    assert as_officer.post(f"{place}/reopen", data={"reason": "编号录错了"}).status_code == 422


def test_a_start_refused_by_its_gate_leaves_the_node_open(
    as_officer: Browser, deal_id: int, planned: dict[NodeKind, int]
) -> None:
    place = f"/projects/{deal_id}/plan/nodes"
    permit = {"done_on": "2026-11-02", "number": "施1", "file": scan()}
    assert as_officer.post(f"{place}/{planned[NodeKind.PERMIT]}/finish", data=permit).status_code == 303
    start = {"done_on": "2026-11-09", "begun": "y", "file": scan()}
    refused = as_officer.post(f"{place}/{planned[NodeKind.START]}/finish", data=start)
    assert refused.status_code == 422
    assert "公司注册还没有办结" in refused.text
    page = as_officer.get(f"{place}/{planned[NodeKind.START]}").text
    assert "还没有佐证" in page
    arranged = {"unit_id": "2", "due_on": "2026-12-01", "clock_days": "", "reason": ""}
    assert as_officer.post(f"{place}/{planned[NodeKind.START]}/arrange", data=arranged).status_code == 422
    assert as_officer.post(f"{place}/{planned[NodeKind.ENERGY]}/exempt", data={"reason": "租用厂房"}).status_code == 303
    assert "不涉及：租用厂房" in as_officer.get(f"/projects/{deal_id}/plan").text


def test_a_check_is_filled_in_once_and_comes_as_docx(
    as_officer: Browser, as_leader: Browser, deal_id: int, planned: dict[NodeKind, int]
) -> None:
    place = f"/projects/{deal_id}/plan"
    page = as_officer.get(f"{place}/check").text
    assert "公司注册到期未办结" in page
    paper = as_leader.get(f"{place}/check.docx")
    body = ZipFile(BytesIO(paper.data)).read("word/document.xml").decode()
    assert "签约项目半月跟踪表" in body
    assert "公司注册到期未办结" in body
    form = {"progress": "环评已公示", "problem": "", "next_step": "本月底报批", "after": "0"}
    assert as_officer.post(f"{place}/check", data={**form, "next_step": ""}).status_code == 422
    assert as_officer.post(f"{place}/check", data=form).location == place
    assert as_officer.post(f"{place}/check", data=form).status_code == 409
    assert "环评已公示" in as_leader.get(place).text
    assert "上次跟踪以来没有变化" in as_officer.get(f"{place}/check").text
    assert as_leader.get(f"{place}/check").status_code == 403


def test_silence_of_a_department_is_taken_on_the_page_of_its_opinion(
    session: Session,
    office: Office,
    as_officer: Browser,
    as_registrar: Browser,
    deal_id: int,
    planned: dict[NodeKind, int],
) -> None:
    place = builders.unit(session, "水利局", UnitKind.DEPARTMENT)
    clerk = builders.user(session, "shui", "水明", (place, Role.REVIEWER))
    options.write(session, office.registrar.id, terms.KEY, {"deemed": True}, now=NOW)
    unit_id, clerk_id = place.id, clerk.id
    session.commit()
    base = f"/projects/{deal_id}/plan/opinions"
    asked = {
        "unit_id": str(unit_id),
        "matter": "园区排水口接入意见",
        "notice": "",
        "noticed_on": "2026-11-02",
        "days": "5",
    }
    assert "请填写送达凭据" in as_officer.post(base, data=asked).text
    assert as_officer.post(base, data={**asked, "notice": "电话记录第8号"}).status_code == 303
    session.execute(update(PlanOpinion).values(due_on=date(2026, 11, 9)))  # asked, and over long ago
    session.commit()
    assert "视同无意见" in as_officer.get(f"{base}/1").text
    assert "请由别的同事办理" in as_officer.post(f"{base}/1/deem", data={"responsible_id": str(clerk_id)}).text
    assert as_registrar.post(f"{base}/1/deem", data={"responsible_id": ""}).status_code == 422
    assert as_registrar.post(f"{base}/1/deem", data={"responsible_id": str(clerk_id)}).status_code == 303
    assert "超时视同无意见" in as_officer.get(f"/projects/{deal_id}/plan").text


def test_the_template_is_set_by_the_registrar_and_keeps_what_was_typed(
    as_registrar: Browser, as_officer: Browser
) -> None:
    page = as_registrar.get("/projects/settings/plans").text
    assert "签约后第几个工作日" in page
    form = {f"days_{one.kind}": str(one.days) for one in DEFAULTS}
    form |= {f"used_{one.kind}": "y" for one in DEFAULTS}
    form |= {"yellow_gap": "10", "red_gap": "5", "start_red": "3", "statistics_yellow": "1", "statistics_red": "2"}
    refused = as_registrar.post("/projects/settings/plans", data={**form, "days_land": "77"})
    assert refused.status_code == 422
    assert 'value="77"' in refused.text
    assert as_registrar.post("/projects/settings/plans", data={**form, "red_gap": "40"}).status_code == 303
    assert "超过40个百分点亮红灯" in as_officer.get("/plans").text
    assert as_officer.get("/projects/settings/plans").status_code == 403


def test_my_day_shows_the_nodes_that_are_due(as_officer: Browser, deal_id: int, planned: dict[NodeKind, int]) -> None:
    page = as_officer.get("/").text
    assert "到期的推进节点" in page
    assert f"/projects/{deal_id}/plan/nodes/{planned[NodeKind.REGISTRATION]}" in page
