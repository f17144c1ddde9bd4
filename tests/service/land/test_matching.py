"""One reading of what fits: the same words at every door, one look for many projects, whom to call for a plot."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from docx import Document
from sqlalchemy import select

from crm.api.scopes import Scope
from crm.auth.models import User
from crm.land import plot_firms
from crm.matching import reading
from crm.notices.models import Notice
from crm.resources.carriers import services as carriers
from crm.resources.carriers.rules import CarrierDraft, CarrierKind, HoldKind
from crm.resources.carriers.services import HoldDraft
from crm.resources.policies import expiry, queries
from crm.resources.policies import services as policies
from crm.resources.policies.rules import (
    Basis,
    ClauseDraft,
    ClauseKind,
    PolicyLevel,
    Review,
    ReviewDraft,
    VersionDraft,
)
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.programs import program
from tests.support.queries import counted

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask
    from sqlalchemy.orm import Session

    from crm.core.db import Database
    from crm.enterprises.models import Enterprise
    from crm.pipeline.models import Project
    from crm.resources.carriers.models import Carrier
    from crm.resources.policies.models import PolicyVersion
    from tests.conftest import Browser
    from tests.support.builders import Office

D = Decimal
CLAUSE = ClauseDraft(
    "第三条", ClauseKind.INVESTMENT, "按设备投资的5%奖补", Basis.EQUIPMENT, D(5), D(500), industries=("高端装备",),
    min_fixed=D(5000), min_staff=D(50),
)  # fmt: skip
PASSED = ReviewDraft(Review.PASSED, "公平竞争审查条例第八条", TODAY, "县市场监督管理局")


@pytest.fixture
def firm(session: Session, office: Office) -> Enterprise:
    return builders.enterprise(session, "晟澜精密有限公司", industry="高端装备", land_plan=D(40))


@pytest.fixture
def project(session: Session, office: Office, firm: Enterprise) -> Project:
    found = builders.project(session, firm, office.east, office.officer, name="传动装备项目")
    found.land_mu, found.industry, found.fixed_investment = 60, "高端装备", D(30_000)
    session.flush()
    return found


@pytest.fixture
def plot(session: Session, office: Office) -> Carrier:
    draft = CarrierDraft(CarrierKind.PLOT, "东区1号地块", "DQ-D01", office.east.id, D("65.5"), industries=("高端装备",))
    return carriers.save(session, office.actor(session, office.registrar), draft, now=NOW, today=TODAY)


def policy(session: Session, office: Office, until: date | None = None) -> PolicyVersion:
    keeper = office.actor(session, office.registrar)
    head = VersionDraft("工业项目招商政策", "云政发1号", "县政府", PolicyLevel.COUNTY, office.east.id, TODAY, until)
    row = policies.add(session, keeper, head, now=NOW)
    clause = policies.save_clause(session, keeper, row.id, CLAUSE, clause_id=None, now=NOW)
    policies.review(session, keeper, clause.id, PASSED, now=NOW, today=TODAY)
    return policies.publish(session, keeper, row.id, now=NOW)


def test_reasons_on_the_pages_in_the_interface_and_in_the_brief_are_the_same_words(
    app: Flask, as_officer: Browser, session: Session, office: Office, project: Project, plot: Carrier
) -> None:
    policy(session, office)
    session.commit()
    told = program(app, session, office.officer, Scope.PROJECTS_READ).get(f"/projects/{project.id}/matches").json
    carrier, clause = told["carriers"]["best"][0], told["clauses"]["best"][0]
    assert (carrier["name"], carrier["free"], carrier["unit"]) == ("东区1号地块", "65.5", "mu")
    assert carrier["points"] == sum(one["points"] for one in carrier["reasons"])
    words = {
        name: {one["text"] for one in row["reasons"]} for name, row in {"sites": carrier, "policies": clause}.items()
    }
    assert words["sites"] == {"没有碰到硬条件", "产业对口：高端装备", "面积正合适：要60，剩65.5"}
    assert "还要核实：用工要50人，项目没有填" in words["policies"]
    for page, reasons in words.items():
        shown = as_officer.get(f"/projects/{project.id}/{page}").text
        assert not [one for one in reasons if one not in shown]
    brief = as_officer.get(f"/enterprises/{project.enterprise_id}/brief").text
    paper = as_officer.post(f"/enterprises/{project.enterprise_id}/brief.docx").data
    written = "\n".join(one.text for one in Document(BytesIO(paper)).paragraphs)
    for one in words["sites"] | words["policies"]:
        assert one in brief, one
        assert one in written, one


def test_what_fits_is_told_only_of_projects_the_person_may_see(
    app: Flask, session: Session, office: Office, project: Project
) -> None:
    session.commit()
    path = f"/projects/{project.id}/matches"
    assert program(app, session, office.outsider, Scope.PROJECTS_READ).get(path).status == 404
    assert program(app, session, office.officer, Scope.ENTERPRISES_READ).get(path).status == 403
    project.confidential, project.code_name = True, "青竹"
    session.commit()
    assert program(app, session, office.colleague, Scope.PROJECTS_READ).get(path).status == 404
    assert program(app, session, office.officer, Scope.PROJECTS_READ).get(path).status == 200


def test_many_projects_are_matched_in_as_many_reads_as_one(
    session: Session, database: Database, office: Office, firm: Enterprise, project: Project, plot: Carrier
) -> None:
    policy(session, office)
    others = [builders.project(session, firm, office.east, office.officer) for _number in range(5)]
    session.commit()
    counts = []
    for projects in ([project], [project, *others]):
        for row in projects:
            session.refresh(row)
        with counted(database) as statements:
            assert len(reading.of_projects(session, projects, TODAY)) == len(projects)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_keepers_hear_of_the_end_of_a_policy_thirty_and_seven_days_before_each_once(
    session: Session, office: Office
) -> None:
    until = TODAY + timedelta(days=40)
    row = policy(session, office, until)

    def told(left: int) -> tuple[int, set[int]]:
        return expiry.remind(session, now=NOW, today=until - timedelta(days=left)), _told(session)

    keepers = {office.lead.id}
    assert told(31) == (0, set())
    assert told(30) == (1, keepers)
    assert told(29) == (0, set())
    assert told(6) == (1, keepers)  # the round of the seventh day was missed
    assert told(6) == (0, set())
    assert told(-1) == (0, set())
    keeper = office.actor(session, office.registrar)
    second = policies.next_version(session, keeper, row.policy_id, now=NOW)
    clause = queries.clauses(session, second.id)[0]
    policies.review(session, keeper, clause.id, PASSED, now=NOW, today=TODAY)
    policies.publish(session, keeper, second.id, now=NOW)
    assert told(20) == (1, keepers)  # another version with an end of its own


def test_the_office_hears_where_the_unit_has_no_keeper_and_a_late_policy_is_told_of_once(
    session: Session, office: Office
) -> None:
    session.get_one(User, office.lead.id).active = False
    policy(session, office, TODAY + timedelta(days=5))
    assert expiry.remind(session, now=NOW, today=TODAY) == 1
    assert _told(session) == {office.registrar.id}
    assert expiry.remind(session, now=NOW, today=TODAY + timedelta(days=1)) == 0


def _told(session: Session) -> set[int]:
    rows = session.scalars(select(Notice).where(Notice.subject_type == "policy")).all()
    people = {row.user_id for row in rows}
    for row in rows:
        session.delete(row)
    session.flush()
    return people


def test_a_vacant_plot_names_enterprises_to_approach_hard_limits_first(
    as_officer: Browser, session: Session, office: Office, firm: Enterprise, plot: Carrier
) -> None:
    builders.signal(session, firm, quote="拟投资十亿元扩建第二工厂", kind="CAPX")
    builders.enterprise(session, "远航重工有限公司", industry="高端装备", land_plan=D(200))
    builders.enterprise(session, "云锦纺织有限公司", industry="纺织")
    plain = builders.enterprise(session, "启明装备有限公司", industry="高端装备")
    session.commit()
    actor = office.actor(session, office.officer)
    found = plot_firms.firms(session, actor, plot, now=NOW, today=TODAY)
    assert [one.name for one in found.proposals] == [firm.name, plain.name]
    assert found.proposals[0].points == sum(one.points for one in found.proposals[0].reasons)
    page = as_officer.get(f"/carriers/{plot.id}/firms").text
    assert "产业对口：高端装备" in page
    held = HoldDraft(HoldKind.ALLOTTED, plot.area, TODAY, holder="别家")
    carriers.take(session, office.actor(session, office.registrar), plot.id, held, now=NOW)
    session.commit()
    assert "现在没有可供的部分" in as_officer.get(f"/carriers/{plot.id}/firms").text
