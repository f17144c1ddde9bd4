from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from crm.pipeline import queries as projects
from crm.pipeline.claims import credit, queries
from crm.pipeline.claims.kinds import ClaimStatus, DisputeState, Outcome, TransferState
from crm.pipeline.claims.models import ClaimDispute, Transfer
from crm.pipeline.rules import Stage
from tests.conftest import Browser
from tests.service.pipeline.claims.helpers import contested, filed, project
from tests.service.pipeline.helpers import PDF, counting, refused, walk
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.pipeline.models import Project
    from tests.support.builders import Office

MOST = 12
COMPLETE = {
    "content": "建设电解液生产线",
    "total_investment": "12,000",
    "fixed_investment": "8000",
    "land": "约80亩",
    "energy": "年用电3000万度",
    "environment": "废水接管",
    "output": "30000",
    "tax": "1500",
}


def renewed(session: Session, *rows: object) -> None:
    """Read rows afresh, and let others write: SQLite lets one at a time."""
    session.commit()
    for row in rows:
        session.refresh(row)
    session.commit()


def browser(app: Flask, office: Office, name: str) -> Browser:
    return Browser(app.test_client()).sign_in(getattr(office, name).username)


@pytest.fixture
def deal(session: Session, office: Office) -> Project:
    made = project(session, office, builders.enterprise(session), office.officer, "电解液项目")
    session.commit()
    return made


def test_a_claim_that_lacks_something_is_refused_in_words_and_kept_as_a_draft(
    session: Session, deal: Project, as_officer: Browser
) -> None:
    answer = as_officer.post(f"/projects/{deal.id}/claim", {**COMPLETE, "tax": "", "do": "file"})
    assert answer.status_code == 422
    assert "报备还缺“预计年税收”，请补上。" in answer.text
    assert "报备还缺“投资方联系人”，请补上。" in answer.text
    assert "建设电解液生产线" in answer.text
    kept = queries.standing(session, deal.id)
    session.commit()
    assert kept is not None
    assert (kept.status, kept.energy) == (ClaimStatus.DRAFT, "年用电3000万度")
    assert "年用电3000万度" in as_officer.get(f"/projects/{deal.id}/claim").text


def test_a_complete_claim_is_filed_and_its_page_tells_until_when_it_protects(
    session: Session, office: Office, deal: Project, as_officer: Browser
) -> None:
    person = builders.contact(session, deal.enterprise, office.east, office.officer)
    session.commit()
    answer = as_officer.post(
        f"/projects/{deal.id}/claim", {**COMPLETE, "contact_id": str(person.id), "do": "file"}, follow_redirects=True
    )
    assert "已报备，保护到2027-02-18" in answer.text
    assert "保护中" in answer.text
    assert "内容校验一致" in answer.text
    assert as_officer.get(f"/projects/{deal.id}/claim").status_code == 303


def test_a_contested_investor_cannot_be_signed_before_the_ruling(session: Session, office: Office) -> None:
    first, _second, dispute = contested(session, office)
    deal = projects.get(session, office.actor(session, office.officer), first.project_id)
    walk(session, office, deal, Stage.REVIEWING)
    actor = office.actor(session, office.officer)
    assert "gate.uncontested" in refused(session, actor, deal, Stage.PRE_SIGNING)
    dispute.state, dispute.closed_at, dispute.final_outcome = DisputeState.CLOSED, NOW, Outcome.FIRST
    session.flush()
    assert "gate.uncontested" not in refused(session, actor, deal, Stage.PRE_SIGNING)


def test_a_project_without_a_claim_is_held_by_a_dispute_on_its_investor(session: Session, office: Office) -> None:
    first, _second, _dispute = contested(session, office)
    firm = projects.get(session, office.actor(session, office.officer), first.project_id).enterprise
    deal = project(session, office, firm, office.colleague, "第三个项目")
    walk(session, office, deal, Stage.REVIEWING)
    assert "gate.uncontested" in refused(session, office.actor(session, office.officer), deal, Stage.PRE_SIGNING)


def test_a_dispute_is_filed_ruled_appealed_and_decided_through_its_pages(
    app: Flask, session: Session, office: Office
) -> None:
    first, second, dispute = contested(session, office)
    page = f"/claims/disputes/{dispute.id}"
    ours, theirs = browser(app, office, "officer"), browser(app, office, "outsider")
    for one, claim in ((ours, first), (theirs, second)):
        sent = {"claim_id": str(claim.id), "body": "10月已首谈，见纪要。", "file": (io.BytesIO(PDF), "洽谈纪要.pdf")}
        assert one.post(f"{page}/evidence", sent, content_type="multipart/form-data").status_code == 303
    shown = ours.get(page).text
    assert shown.count("洽谈纪要.pdf") == 2
    assert "裁定结果" not in shown
    assert ours.post(f"{page}/rule", {"outcome": "first", "reason": "x", "version": "1"}).status_code == 403
    judge = browser(app, office, "registrar")
    assert judge.post(f"{page}/rule", {"version": "1", "reason": "先报"}).status_code == 422
    ruling = {"version": "1", "outcome": "first", "reason": "首报在前"}
    assert judge.post(f"{page}/rule", ruling).status_code == 303
    assert judge.post(f"{page}/rule", ruling).status_code == 409
    appealed = {"claim_id": str(second.id), "body": "我方首谈在前"}
    assert ours.post(f"{page}/appeal", {**appealed, "claim_id": str(first.id)}).status_code == 422
    assert theirs.post(f"{page}/appeal", appealed).status_code == 303
    renewed(session, dispute)
    leader = browser(app, office, "leader")
    decided = {"version": str(dispute.version), "outcome": "shared", "share": "62.5", "reason": "都有首谈材料"}
    assert leader.post(f"{page}/decide", decided).status_code == 303
    renewed(session, dispute)
    assert (dispute.state, dispute.final_share) == (DisputeState.CLOSED, 625)
    mine = ours.get(f"/projects/{first.project_id}/ownership").text
    assert "62.5%" in mine
    assert "37.5%" in mine


def test_a_member_of_a_side_sees_why_they_cannot_rule(app: Flask, session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    filed(session, office, firm, office.officer)
    filed(session, office, firm, office.registrar, "另一个项目")
    session.commit()
    dispute = session.query(ClaimDispute).one()
    session.commit()
    judge = browser(app, office, "registrar")
    shown = judge.get(f"/claims/disputes/{dispute.id}").text
    assert "报备人不能裁定自己的首报首谈争议，请由其他人办理。" in shown
    assert 'name="outcome"' not in shown
    refusal = judge.post(f"/claims/disputes/{dispute.id}/rule", {"outcome": "second", "reason": "x", "version": "1"})
    assert refusal.status_code == 403
    assert "报备人不能裁定自己的首报首谈争议" in refusal.text


def test_evidence_files_are_sent_to_the_sides_only(app: Flask, session: Session, office: Office) -> None:
    first, _second, dispute = contested(session, office)
    ours = browser(app, office, "officer")
    sent = {"claim_id": str(first.id), "body": "见附件", "file": (io.BytesIO(PDF), "a.pdf")}
    ours.post(f"/claims/disputes/{dispute.id}/evidence", sent, content_type="multipart/form-data")
    path = f"/claims/disputes/{dispute.id}/files/1"
    assert browser(app, office, "outsider").get(path).data == PDF
    assert browser(app, office, "administrator").get(path).status_code == 403
    assert ours.get(f"/claims/disputes/{dispute.id}/files/99").status_code == 404


def test_a_transfer_goes_through_its_pages(app: Flask, session: Session, office: Office, deal: Project) -> None:
    ours, theirs = browser(app, office, "officer"), browser(app, office, "outsider")
    asked = {"to_unit_id": str(office.south.id), "from_share": "50", "reason": "用地不符"}
    assert ours.post(f"/projects/{deal.id}/transfer", {**asked, "from_share": "33.33"}).status_code == 422
    assert ours.post(f"/projects/{deal.id}/transfer", asked).status_code == 303
    row = session.query(Transfer).one()
    session.commit()
    page = f"/claims/transfers/{row.id}"
    assert theirs.get(page).status_code == 404
    assert browser(app, office, "registrar").post(f"{page}/approve", {"do": "agree"}).status_code == 303
    assert "接收项目" in theirs.get(page).text
    assert deal.name in theirs.get("/claims?tab=transfers").text
    assert theirs.post(f"{page}/accept").status_code == 303
    renewed(session, row, deal)
    assert (row.state, deal.unit_id) == (TransferState.ACCEPTED, office.south.id)
    assert "流转" in theirs.get(f"/projects/{deal.id}/ownership").text
    assert ours.get(f"/projects/{deal.id}").status_code == 404


def test_a_split_that_does_not_sum_keeps_what_was_typed(
    session: Session, office: Office, deal: Project, as_registrar: Browser
) -> None:
    path = f"/projects/{deal.id}/split"
    typed = {"unit0": str(office.east.id), "share0": "60", "unit1": str(office.south.id), "share1": "30.5"}
    answer = as_registrar.post(path, {**typed, "reason": "协议3号"})
    assert answer.status_code == 422
    assert "各单位比例合计须为 100%，现在是 90.5%。" in answer.text
    assert 'value="30.5"' in answer.text
    assert as_registrar.post(path, {**typed, "share1": "40", "reason": "协议3号"}).status_code == 303
    found = queries.current_split(session, deal.id)
    assert found is not None


def test_the_office_sets_days_and_content(session: Session, as_registrar: Browser) -> None:
    path = "/projects/settings/claims"
    days = {"protection_days": "60", "ruling_days": "3", "appeal_days": "7", "soon_days": "10"}
    assert as_registrar.post(path, {**days, "ruling_days": "0", "required": ["content"]}).status_code == 422
    assert as_registrar.post(path, {**days, "required": ["content", "tax"]}).status_code == 303
    found = queries.settings(session)
    assert (found.protection_days, found.ruling_days, found.required) == (60, 3, ("content", "tax"))


@pytest.mark.parametrize("tab", ["mine", "all", "soon", "contested", "transfers"])
def test_each_list_opens_within_its_queries(
    app: Flask, session: Session, office: Office, database: Database, tab: str
) -> None:
    contested(session, office)
    for number in range(4):
        filed(session, office, builders.enterprise(session), office.officer, f"项目{number}")
    session.commit()
    ours = browser(app, office, "officer")
    with counting(database) as seen:
        assert ours.get(f"/claims?tab={tab}").status_code == 200
    assert len(seen) <= MOST


def test_the_pages_of_a_project_and_a_dispute_open_within_their_queries(
    app: Flask, session: Session, office: Office, database: Database
) -> None:
    first, _second, dispute = contested(session, office)
    deal = projects.get(session, office.actor(session, office.officer), first.project_id)
    credit.propose(
        session, office.actor(session, office.officer), deal.id, office.south.id, "x", 500, now=NOW, today=TODAY
    )
    session.commit()
    judge = browser(app, office, "registrar")
    for path in (f"/projects/{deal.id}/ownership", f"/claims/disputes/{dispute.id}", "/claims/transfers/1"):
        with counting(database) as seen:
            assert judge.get(path).status_code == 200
        assert len(seen) <= MOST, path


def test_a_claim_is_renewed_and_given_up_by_buttons(session: Session, office: Office, as_officer: Browser) -> None:
    claim = filed(session, office, builders.enterprise(session), office.officer)
    session.commit()
    answer = as_officer.post(f"/claims/{claim.id}/renew", follow_redirects=True)
    assert "没有新的推进记录" in answer.text
    assert as_officer.post(f"/claims/{claim.id}/release").status_code == 303
    renewed(session, claim)
    assert claim.status is ClaimStatus.RELEASED
