"""Policies drafted, reviewed, published and written anew; which clauses fit a project; the handbook."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from docx import Document

from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.matching import fitting
from crm.pipeline.rules import Capital
from crm.resources.policies import queries, services
from crm.resources.policies.queries import Wanted
from crm.resources.policies.rules import (
    Basis,
    ClauseDraft,
    ClauseKind,
    PolicyLevel,
    Review,
    ReviewDraft,
    Standing,
    VersionDraft,
)
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from crm.resources.policies.models import PolicyVersion
    from tests.conftest import Browser
    from tests.support.builders import Office

D = Decimal
CLAUSE = ClauseDraft(
    "第三条", ClauseKind.INVESTMENT, "按设备投资的5%奖补", Basis.EQUIPMENT, D(5), D(500), min_fixed=D(5000)
)
PASSED = ReviewDraft(Review.PASSED, "公平竞争审查条例第八条", TODAY, "县市场监督管理局")
HEAD = {
    "title": "工业项目招商政策", "document_no": "云政发1号", "issuer": "县政府", "level": "county",
    "valid_from": "2026-01-01", "valid_until": "",
}  # fmt: skip
TERMS = {
    "number": "第三条", "kind": "investment", "text": "按设备投资的5%奖补", "basis": "equipment", "rate": "5",
    "cap": "500",
}  # fmt: skip


@pytest.fixture
def actor(session: Session, office: Office) -> Actor:
    return office.actor(session, office.registrar)


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    found = builders.project(session, builders.enterprise(session), office.east, office.officer, name="传动装备项目")
    found.land_mu, found.industry, found.fixed_investment = 60, "高端装备", D(30_000)
    session.flush()
    return found


def draft(session: Session, office: Office, actor: Actor, *clauses: ClauseDraft) -> PolicyVersion:
    head = VersionDraft("工业项目招商政策", "云政发1号", "县政府", PolicyLevel.COUNTY, office.east.id, TODAY)
    row = services.add(session, actor, head, now=NOW)
    for one in clauses or (CLAUSE,):
        services.save_clause(session, actor, row.id, one, clause_id=None, now=NOW)
    return row


def publish(session: Session, actor: Actor, row: PolicyVersion, said: ReviewDraft = PASSED) -> PolicyVersion:
    for clause in queries.clauses(session, row.id):
        services.review(session, actor, clause.id, said, now=NOW, today=TODAY)
    return services.publish(session, actor, row.id, now=NOW)


def fits(session: Session, project: Project, **more: Decimal) -> fitting.Fits:
    typed = {Basis(key): value for key, value in more.items()}
    return fitting.fits(session, fitting.applicant_of(session, project, typed, None), TODAY)


def test_a_draft_is_seen_by_its_keepers_alone(session: Session, office: Office, actor: Actor) -> None:
    row = draft(session, office, actor)
    reader = office.actor(session, office.officer)
    assert queries.listing(session, reader, Wanted(), TODAY, cursor=None).rows == ()
    with pytest.raises(NotFoundError):
        queries.versions(session, reader, queries.policy(session, row.policy_id))
    publish(session, actor, row)
    found = queries.listing(session, reader, Wanted(state=Standing.HOLDS), TODAY, cursor=None).rows
    assert [(one.version.id, one.clauses, one.waiting) for one in found] == [(row.id, 1, 0)]


def test_only_those_who_keep_the_unit_write_its_policies(session: Session, office: Office, actor: Actor) -> None:
    row = draft(session, office, actor)
    for user in (office.officer, office.leader, office.outsider):
        with pytest.raises(ForbiddenError):
            services.save_clause(session, office.actor(session, user), row.id, CLAUSE, clause_id=None, now=NOW)
    assert services.publish(session, office.actor(session, office.lead), row.id, now=NOW)


def test_a_published_version_never_changes_and_the_next_one_is_reviewed_anew(
    session: Session, office: Office, actor: Actor
) -> None:
    row = publish(session, actor, draft(session, office, actor))
    clause = queries.clauses(session, row.id)[0]
    with pytest.raises(ConflictError):
        services.save_clause(session, actor, row.id, CLAUSE, clause_id=clause.id, now=NOW)
    with pytest.raises(ConflictError):
        services.remove_clause(session, actor, clause.id, now=NOW)
    second = services.next_version(session, actor, row.policy_id, now=NOW)
    copied = queries.clauses(session, second.id)
    assert [(one.number, one.rate, one.review) for one in copied] == [("第三条", D(5), Review.PENDING)]
    with pytest.raises(ConflictError):
        services.next_version(session, actor, row.policy_id, now=NOW)
    assert services.drop(session, actor, second.id, now=NOW)


def test_nothing_is_promised_before_it_is_reviewed(
    session: Session, office: Office, actor: Actor, project: Project
) -> None:
    row = draft(session, office, actor)
    services.publish(session, actor, row.id, now=NOW)
    assert fits(session, project).fitting == 0
    clause = queries.clauses(session, row.id)[0]
    services.review(session, actor, clause.id, replace(PASSED, result=Review.FAILED), now=NOW, today=TODAY)
    assert fits(session, project).fitting == 0
    services.review(session, actor, clause.id, PASSED, now=NOW, today=TODAY)
    assert fits(session, project).fitting == 1


def test_only_the_latest_published_version_in_its_days_is_promised(
    session: Session, office: Office, actor: Actor, project: Project
) -> None:
    row = publish(session, actor, draft(session, office, actor))
    second = services.next_version(session, actor, row.policy_id, now=NOW)
    assert fits(session, project).best[0].version.id == row.id
    head = VersionDraft(
        row.title, row.document_no, row.issuer, row.level, office.east.id, TODAY + timedelta(days=1), None
    )
    services.change(session, actor, second.id, head, seen=None, now=NOW)
    publish(session, actor, second)
    assert fits(session, project).fitting == 0


def test_a_project_is_told_what_fits_what_it_is_worth_and_why_the_rest_does_not(
    session: Session, office: Office, actor: Actor, project: Project
) -> None:
    foreign = ClauseDraft(
        "第四条", ClauseKind.FOREIGN, "每美元奖励0.07元", Basis.FOREIGN_USD, D("0.07"), only_foreign=True
    )
    publish(session, actor, draft(session, office, actor, CLAUSE, foreign))
    found = fits(session, project, equipment=D(8000), foreign_usd=D(200))
    assert [(fit.clause.number, fit.worth and fit.worth.total) for fit in found.best] == [("第三条", D(400))]
    assert found.why_not == (("foreign", 1),)
    project.capital = Capital.FOREIGN
    session.flush()
    again = fits(session, project, equipment=D(8000), foreign_usd=D(200))
    assert {fit.clause.number: fit.worth and fit.worth.total for fit in again.best} == {"第三条": 400, "第四条": 14}


def test_a_policy_goes_from_the_form_to_the_project(
    as_registrar: Browser, as_officer: Browser, office: Office, session: Session, project: Project
) -> None:
    session.commit()
    made = as_registrar.post("/policies/new", data={**HEAD, "unit_id": str(office.east.id)})
    assert made.status_code == 303
    place = str(made.location)
    refused = as_registrar.post("/policies/versions/1/clauses/new", data={**TERMS, "rate": "500"})
    assert refused.status_code == 422
    assert "比例不能超过100%" in refused.text
    assert as_registrar.post("/policies/versions/1/clauses/new", data=TERMS).status_code == 303
    assert as_officer.get(place).status_code == 404
    said = {"result": "passed", "organ": "市场监管局", "on": TODAY.isoformat(), "basis": "条例第八条"}
    assert as_registrar.post("/policies/clauses/1/review", data=said).status_code == 303
    assert as_registrar.post("/policies/versions/1/publish").status_code == 303
    assert as_officer.post("/policies/versions/1/publish").status_code == 403
    page = as_officer.get(f"/projects/{project.id}/policies?equipment=4000").text
    assert "4000万元 × 5%" in page
    assert "合计200万元" in page
    assert as_officer.get(f"/projects/{project.id}/policies?equipment=x").status_code == 422


def test_the_handbook_answers_on_one_page_and_as_a_document(
    as_registrar: Browser, as_officer: Browser, session: Session, office: Office, actor: Actor
) -> None:
    publish(session, actor, draft(session, office, actor))
    session.commit()
    assert as_registrar.post("/handbook/base/edit", data={"body": ""}).status_code == 422
    assert as_registrar.post("/handbook/base/edit", data={"body": "高铁到省城40分钟"}).status_code == 303
    assert as_registrar.get("/handbook/none/edit").status_code == 404
    assert as_officer.post("/handbook/base/edit", data={"body": "改一改"}).status_code == 403
    page = as_officer.get("/handbook").text
    assert "高铁到省城40分钟" in page
    assert "按设备投资的5%奖补" in page
    paper = Document(BytesIO(as_officer.get("/handbook.docx").data))
    text = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "高铁到省城40分钟" in text
    assert "封顶500万元" in text


def test_an_empty_draft_is_not_published(session: Session, office: Office, actor: Actor) -> None:
    head = VersionDraft("工业项目招商政策", "云政发1号", "县政府", PolicyLevel.COUNTY, office.east.id, TODAY)
    row = services.add(session, actor, head, now=NOW)
    with pytest.raises(DomainError, match=r"policy\.empty"):
        services.publish(session, actor, row.id, now=NOW)
    assert services.drop(session, actor, row.id, now=NOW) is False
