from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.rules import ROLE_PERMISSIONS, Role
from crm.pipeline.admission import terms as settings
from crm.pipeline.admission.models import BoardMember, CaseDecision, Opinion, ReviewCase
from crm.pipeline.approval import routes
from crm.pipeline.rules import Stage
from crm.web.access import PUBLIC, SIGNED_IN
from tests.conftest import Browser
from tests.service.pipeline.helpers import EXE, PDF, counting, lead, walk
from tests.service.test_access import plain_pages
from tests.support import admission

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.support.admission import Panel
    from tests.support.builders import Office

MOST = 12


@pytest.fixture
def panel(session: Session, office: Office) -> Panel:
    """Return departments, reviewers and board, committed."""
    made = admission.panel(session, office)
    session.commit()
    return made


@pytest.fixture
def project(session: Session, office: Office, panel: Panel) -> Project:
    """Return a project in review without a case."""
    made = walk(session, office, lead(session, office), Stage.REVIEWING)
    session.commit()
    return made


@pytest.fixture
def base(project: Project) -> str:
    """Return where the pages of its review are."""
    return f"/projects/{project.id}/admission"


def test_the_owner_asks_for_a_review_and_nobody_else_of_the_unit(
    as_officer: Browser, base: str, panel: Panel, session: Session
) -> None:
    form = {key: str(unit_id) for key, unit_id in panel.asked.items()}
    refused = as_officer.post(f"{base}/open", {**form, "law": "0", "annual_tax": "320"})
    assert (refused.status_code, "请为“法律法规”指定出具意见的部门。" in refused.text) == (422, True)
    assert 'value="320"' in refused.text
    assert as_officer.post(f"{base}/open", {**form, "annual_tax": "9" * 29}).status_code == 422
    assert as_officer.post(f"{base}/open", form).status_code == 303
    assert "县生态环境分局" in as_officer.get(base).text
    assert as_officer.post(f"{base}/open", form).status_code == 422
    assert len(session.scalars(select(ReviewCase)).all()) == 1


def test_a_reviewer_answers_with_a_paper_and_finds_no_other_project(
    app: Flask, session: Session, office: Office, project: Project, panel: Panel, base: str
) -> None:
    other = walk(session, office, lead(session, office, name="另一个项目"), Stage.REVIEWING)
    admission.opened(session, office, project)
    session.commit()
    opinion = session.scalars(select(Opinion).where(Opinion.dimension == "law")).one()
    session.commit()
    browser = Browser(app.test_client()).sign_in(panel.reviewers["law"].username)
    assert project.name in browser.get("/opinions").text
    assert browser.get(f"/projects/{other.id}/admission").status_code == 404
    assert browser.get(f"/projects/{project.id}").status_code in {403, 404}
    path = f"/projects/{project.id}/opinions/{opinion.id}"
    assert "出具意见" in browser.get(path).text
    form = {"verdict": "pass", "text": "符合规定"}
    kept = browser.post(path, {**form, "verdict": "conditional"})
    assert (kept.status_code, "附条件通过须写明条件。" in kept.text) == (422, True)
    bad = browser.post(path, {**form, "paper": (io.BytesIO(EXE), "意见.pdf")}, content_type="multipart/form-data")
    assert bad.status_code == 422
    good = {**form, "paper": (io.BytesIO(PDF), "意见.pdf")}
    assert browser.post(path, good, content_type="multipart/form-data").status_code == 303
    page = browser.get(path).text
    assert "意见.pdf" in page
    paper = page.split(f"{path}/files/")[1].split('"')[0]
    assert browser.get(f"{path}/files/{paper}").data == PDF
    stranger = Browser(app.test_client()).sign_in(office.outsider.username)
    for closed in (path, f"{path}/files/{paper}", base):
        assert stranger.get(closed).status_code == 404


def test_scorecard_vote_and_decision_through_the_pages(
    session: Session, office: Office, project: Project, base: str, as_registrar: Browser, as_leader: Browser
) -> None:
    admission.opened(session, office, project)
    admission.answered(session, office, project)
    session.commit()
    fine = as_registrar.post(f"{base}/score", {"scale": "3.00000001", "scale_reason": "超过5亿元"})
    assert (fine.status_code, "得分最多两位小数。" in fine.text) == (422, True)
    wrong = as_registrar.post(f"{base}/score", {"scale": "18", "scale_reason": "超过5亿元"})
    assert (wrong.status_code, "“投资规模”的得分须在0到17之间。" in wrong.text) == (422, True)
    lines = {key: str(value) for key, (value, _why) in admission.FULL_MARKS.items()}
    reasons = {f"{key}_reason": why for key, (_value, why) in admission.FULL_MARKS.items()}
    assert as_registrar.post(f"{base}/score", {**lines, **reasons}).status_code == 303
    assert as_leader.post(f"{base}/vote", {"ballot": "abstain"}).status_code == 422
    assert as_leader.post(f"{base}/vote", {"ballot": "agree"}).status_code == 303
    assert as_leader.post(f"{base}/vote", {"ballot": "disagree", "reason": "改主意"}).status_code == 409
    decision = {"outcome": "pass", "minutes_no": "纪要3号", "minutes_on": "2026-11-20"}
    early = as_registrar.post(f"{base}/decide", decision)
    assert (early.status_code, "表决人数不足" in early.text, "纪要3号" in early.text) == (422, True, True)
    admission.voted(session, office, project, *())
    for member in admission.panel(session, office).members[1:]:
        session.commit()
        browser = Browser(as_leader.client.application.test_client()).sign_in(member.username)
        assert browser.post(f"{base}/vote", {"ballot": "agree"}).status_code == 303
    assert as_registrar.post(f"{base}/decide", decision).status_code == 303
    assert session.scalars(select(CaseDecision)).one().score == 100
    assert "纪要3号" in as_registrar.get(base).text
    assert as_registrar.get(f"{base}/decide").status_code == 409


def test_the_pages_of_a_review_run_few_statements(
    session: Session, office: Office, project: Project, base: str, as_registrar: Browser, database: Database
) -> None:
    admission.opened(session, office, project)
    admission.answered(session, office, project)
    admission.scored(session, office, project)
    session.commit()
    opinion = session.scalars(select(Opinion)).first()
    assert opinion is not None
    session.commit()
    one = f"/projects/{project.id}/opinions/{opinion.id}"
    for path in (base, f"{base}/score", f"{base}/decide", one, "/opinions", "/approvals", "/instructions"):
        with counting(database) as seen:
            assert as_registrar.get(path).status_code == 200
        assert len(seen) <= MOST, (path, len(seen), seen)


def test_the_office_sets_weights_that_sum_to_a_hundred_and_its_board(
    session: Session, office: Office, panel: Panel, as_registrar: Browser, as_officer: Browser
) -> None:
    path = "/projects/settings/admission"
    weights = {f"weight_{key}": str(value) for key, value in settings.current(session).weights.items()}
    units = {f"unit_{key}": str(unit_id) for key, unit_id in panel.asked.items()}
    session.commit()
    form = {**weights, **units, "opinion_days": "3", "decision_days": "8", "quorum": "3/4", "intensity_floor": "180"}
    wrong = as_registrar.post(f"{path}/terms", {**form, "weight_tax": "17"})
    assert (wrong.status_code, "各项权重之和须为100，现为101。" in wrong.text) == (422, True)
    assert as_registrar.post(f"{path}/terms", form).status_code == 303
    found = settings.current(session)
    assert (found.opinion_days, str(found.quorum), found.intensity_floor, found.veto) == (3, "3/4", Decimal(180), False)
    session.commit()
    assert as_officer.get(path).status_code == 403
    member = {"user_id": str(office.recognizer.id), "valid_from": "2026-11-20"}
    session.commit()
    assert as_registrar.post(f"{path}/members", member).status_code == 303
    assert as_registrar.post(f"{path}/members", member).status_code == 409
    row = session.scalars(select(BoardMember).where(BoardMember.user_id == office.recognizer.id)).one()
    session.commit()
    assert as_registrar.post(f"{path}/members/{row.id}/end").status_code == 303
    chains = {"chain_full": "常务会、常委会", "chain_policy": "投委会，常务会", "chain_investment": "投委会、常务会"}
    chains |= {"chain_land": "常务会、供地会", "chain_framework": "市级把关、常务会", "checklist": "用地\n环评"}
    assert as_registrar.post(f"{path}/routes", {**chains, "chain_full": "茶话会"}).status_code == 422
    assert as_registrar.post(f"{path}/routes", chains).status_code == 303
    assert routes.current(session).checklist == ("用地", "环评")


def test_a_reviewer_opens_the_pages_of_its_rights_and_no_others(app: Flask, panel: Panel) -> None:
    browser = Browser(app.test_client()).sign_in(panel.reviewers["law"].username)
    for path, demanded in plain_pages(app):
        allowed = demanded in {(PUBLIC,), (SIGNED_IN,)} or bool(ROLE_PERMISSIONS[Role.REVIEWER] & set(demanded))
        status = browser.get(path).status_code
        assert status < 500, path
        assert (status == 403) is not allowed, (path, status)
