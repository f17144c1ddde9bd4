from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.pipeline.approval import queries
from crm.pipeline.approval.models import Approval, ApprovalStep, Consultation, IncentiveClause
from crm.pipeline.approval.rules import Station
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import PDF, counting, lead, walk
from tests.support import admission, approvals

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    """Return a project that passed its review, committed."""
    made = walk(session, office, lead(session, office), Stage.PRE_SIGNING)
    session.commit()
    return made


def test_a_paper_goes_from_the_owner_through_the_registrars_hands(
    session: Session, project: Project, office: Office, as_officer: Browser, as_registrar: Browser
) -> None:
    base = f"/projects/{project.id}/approvals"
    assert as_officer.post(base, {"category": "full", "title": "投资协议（送审稿）"}).status_code == 303
    row = session.scalars(select(Approval)).one()
    unit = admission.panel(session, office).departments["economy"].id
    session.commit()
    step = f"{base}/{row.id}/step"
    form = {"station": "legality", "result": "passed", "decided_on": "2026-11-20", "text": "条款合法"}
    assert as_officer.post(step, form).status_code == 403
    bare = as_registrar.post(step, form)
    assert (bare.status_code, "请上传合法性审查意见书。" in bare.text, "条款合法" in bare.text) == (422, True, True)
    full = {**form, "file": (io.BytesIO(PDF), "意见书.pdf")}
    assert as_registrar.post(step, full, content_type="multipart/form-data").status_code == 303
    assert "意见书.pdf" in as_officer.get(base).text
    assert as_officer.post(f"{base}/{row.id}/clauses", {"body": "固定资产奖补5%"}).status_code == 303
    clause = session.scalars(select(IncentiveClause)).one()
    session.commit()
    judged = {"finding": "struck", "basis": "条例第十条，已删去"}
    assert as_registrar.post(f"{base}/clauses/{clause.id}", {"finding": "ok", "basis": ""}).status_code == 422
    assert as_registrar.post(f"{base}/clauses/{clause.id}", judged).status_code == 303
    assert as_registrar.post(step, {**form, "station": "fair"}).status_code == 303
    assert as_registrar.post(f"{base}/{row.id}/consult", {"department_id": str(unit)}).status_code == 303
    asked = session.scalars(select(Consultation)).one()
    session.commit()
    answer = {"stance": "suggest", "body": "建议写明违约责任"}
    assert as_registrar.post(f"{base}/consultations/{asked.id}", answer).status_code == 303
    adopted = as_registrar.post(step, {**form, "station": "consult", "text": ""})
    assert "部门提了意见，请写明采纳情况。" in adopted.text
    assert as_registrar.post(step, {**form, "station": "consult"}).status_code == 303
    session.expire_all()
    assert session.get_one(Approval, row.id).station is Station.READINESS


def test_everybody_who_sees_the_project_sees_where_the_paper_lies_and_since_when(
    session: Session, project: Project, office: Office, as_leader: Browser, as_outsider: Browser, database: Database
) -> None:
    row = approvals.sent(session, office, project)
    approvals.furnished(session, office, row)
    session.commit()
    base = f"/projects/{project.id}/approvals"
    with counting(database) as seen:
        page = as_leader.get(base).text
    assert len(seen) <= 12, len(seen)
    assert "现在合法性审查，已0天" in page
    assert "优惠不得兑付" in page
    listed = as_leader.get("/approvals?station=legality").text
    assert "投资协议（送审稿）" in listed
    assert "投资协议（送审稿）" not in as_leader.get("/approvals?station=standing").text
    assert as_outsider.get(base).status_code == 404
    assert "投资协议（送审稿）" not in as_outsider.get("/approvals").text


def test_a_stale_form_does_not_pass_the_next_station(
    session: Session, project: Project, office: Office, as_registrar: Browser
) -> None:
    row = approvals.sent(session, office, project)
    approvals.furnished(session, office, row)
    approvals.passed(session, office, row, Station.LEGALITY)
    session.commit()
    form = {"station": "legality", "result": "passed", "decided_on": "2026-11-20", "text": "条款合法"}
    again = as_registrar.post(f"/projects/{project.id}/approvals/{row.id}/step", form)
    assert (again.status_code, "须按次序办理" in again.text) == (422, True)
    assert len(session.scalars(select(ApprovalStep)).all()) == 1
    assert queries.whole(session, row).row.station is Station.FAIR
