from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline.approval import contents, queries, services
from crm.pipeline.approval.models import Approval, ApprovalStep
from crm.pipeline.approval.rules import Category, Finding, PaperState, Station, StepDraft, StepResult
from crm.pipeline.facts import facts_of
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import agreed, lead, refused, reviewed, walk
from tests.support import approvals
from tests.support.admission import refuses
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    """Return a project that passed its review."""
    return walk(session, office, lead(session, office), Stage.PRE_SIGNING)


def why(act: Callable[[], object]) -> list[str]:
    with pytest.raises(DomainError) as refusal:
        act()
    return [problem.key for problem in refusal.value.problems]


def test_a_paper_passes_every_station_in_order_and_opens_the_gate(
    session: Session, office: Office, project: Project
) -> None:
    officer = office.actor(session, office.officer)
    agreed(session, office, project)
    assert "gate.approvals" in refused(session, officer, project, Stage.SIGNED)
    row = approvals.approved(session, office, project)
    assert (row.state, row.station) == (PaperState.DONE, None)
    steps = session.scalars(select(ApprovalStep).order_by(ApprovalStep.id)).all()
    assert [step.station for step in steps] == [
        Station.LEGALITY, Station.FAIR, Station.CONSULT, Station.READINESS, Station.STANDING, Station.COMMITTEE,
    ]  # fmt: skip
    assert "gate.approvals" not in refused(session, officer, project, Stage.SIGNED)


@pytest.mark.parametrize(
    ("category", "meetings"),
    [
        (Category.POLICY, ["invest_board", "standing"]),
        (Category.INVESTMENT, ["soe_board", "invest_board", "standing"]),
        (Category.LAND, ["invest_board", "standing", "land_board"]),
        (Category.FULL, ["standing", "committee"]),
    ],
)
def test_the_category_decides_the_meetings(
    session: Session, office: Office, project: Project, category: Category, meetings: list[str]
) -> None:
    row = approvals.sent(session, office, project, category)
    assert row.chain == ["legality", "fair", "consult", "readiness", *meetings]


def test_a_framework_has_its_own_chain_before_any_review_and_signs_nothing(session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.VISITING)
    assert why(lambda: approvals.sent(session, office, project)) == ["approval.review"]
    row = approvals.approved(session, office, project, Category.FRAMEWORK)
    assert row.chain == ["legality", "fair", "city", "standing", "committee"]
    assert not facts_of(session, project).approved


def test_no_station_is_skipped_and_no_step_is_dated_before_the_one_before(
    session: Session, office: Office, project: Project
) -> None:
    row = approvals.sent(session, office, project)
    assert why(lambda: approvals.passed(session, office, row, Station.STANDING)) == ["approval.order"]
    assert why(lambda: approvals.passed(session, office, row, Station.LEGALITY, has_file=False)) == ["approval.file"]
    late = TODAY + timedelta(days=1)
    assert why(lambda: approvals.passed(session, office, row, Station.LEGALITY, decided_on=late)) == ["approval.future"]
    early = TODAY - timedelta(days=1)
    assert why(lambda: approvals.passed(session, office, row, Station.LEGALITY, decided_on=early)) == [
        "approval.backdated"
    ]


def test_a_meeting_without_a_number_or_with_a_used_one_decides_nothing(
    session: Session, office: Office, project: Project
) -> None:
    row = approvals.sent(session, office, project)
    approvals.furnished(session, office, row)
    for station in (Station.LEGALITY, Station.FAIR, Station.CONSULT, Station.READINESS):
        approvals.passed(session, office, row, station)
    assert why(lambda: approvals.passed(session, office, row, Station.STANDING, minutes_no=" ")) == ["approval.minutes"]
    back = {"result": StepResult.RETURNED, "back_to": Station.STANDING, "minutes_no": "常纪3号", "text": "补充测算"}
    approvals.passed(session, office, row, Station.STANDING, **back)
    again = lambda: approvals.passed(session, office, row, Station.STANDING, minutes_no="常纪3号")  # noqa: E731 (one call)
    assert why(again) == ["approval.number"]
    same = {"approval_id": row.id, "project_id": project.id, "by": office.registrar.id, "at": NOW}
    same |= {"station": Station.STANDING, "year": 2026, "minutes_no": "常纪3号", "decided_on": TODAY}
    assert refuses(session, ApprovalStep(result=StepResult.PASSED, **same))


def test_a_returned_paper_walks_again_from_where_it_was_sent_and_payout_is_locked(
    session: Session, office: Office, project: Project
) -> None:
    row = approvals.sent(session, office, project)
    approvals.furnished(session, office, row)
    assert facts_of(session, project).payout_locked
    for station in (Station.LEGALITY, Station.FAIR):
        approvals.passed(session, office, row, station)
    assert not facts_of(session, project).payout_locked
    assert not queries.whole(session, row).locked
    back = {"result": StepResult.RETURNED, "back_to": Station.FAIR}
    assert why(lambda: approvals.passed(session, office, row, Station.CONSULT, text=" ", **back)) == ["approval.reason"]
    approvals.passed(session, office, row, Station.CONSULT, text="第二条无依据", **back)
    assert (row.station, facts_of(session, project).payout_locked) == (Station.FAIR, True)
    assert queries.whole(session, row).locked


def test_a_clause_that_is_not_settled_stops_the_paper(session: Session, office: Office, project: Project) -> None:
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    row = approvals.sent(session, office, project)
    approvals.passed(session, office, row, Station.LEGALITY)
    clause = contents.add_clause(session, officer, project.id, row.id, "前三年税收地方留成全额返还", now=NOW)
    assert why(lambda: approvals.passed(session, office, row, Station.FAIR)) == ["approval.clauses"]

    def find(finding: Finding) -> None:
        contents.find(session, registrar, project.id, clause.id, finding, "条例第十条", now=NOW)

    find(Finding.NOT_ALLOWED)
    assert why(lambda: approvals.passed(session, office, row, Station.FAIR)) == ["approval.clauses"]
    find(Finding.STRUCK)
    approvals.passed(session, office, row, Station.FAIR)
    with pytest.raises(ConflictError):
        contents.add_clause(session, officer, project.id, row.id, "另给厂房补贴", now=NOW)


def test_who_wrote_a_clause_does_not_judge_it(session: Session, office: Office, project: Project) -> None:
    registrar = office.actor(session, office.registrar)
    row = approvals.sent(session, office, project)
    clause = contents.add_clause(session, registrar, project.id, row.id, "用电按工业电价", now=NOW)
    with pytest.raises(ForbiddenError):
        contents.find(session, registrar, project.id, clause.id, Finding.OK, "普惠", now=NOW)


def test_consultation_and_landing_conditions_are_waited_for(session: Session, office: Office, project: Project) -> None:
    row = approvals.sent(session, office, project)
    for station in (Station.LEGALITY, Station.FAIR):
        approvals.passed(session, office, row, station)
    assert why(lambda: approvals.passed(session, office, row, Station.CONSULT)) == ["approval.consult"]


def test_one_paper_of_a_kind_runs_at_a_time_and_a_withdrawn_one_makes_room(
    session: Session, office: Office, project: Project
) -> None:
    officer = office.actor(session, office.officer)
    row = approvals.sent(session, office, project)
    assert why(lambda: approvals.sent(session, office, project)) == ["approval.running"]
    assert why(lambda: services.withdraw(session, officer, project.id, row.id, " ", now=NOW)) == ["approval.withdraw"]
    services.withdraw(session, officer, project.id, row.id, "协议重谈", now=NOW)
    assert approvals.sent(session, office, project).number == 2
    facts = {"project_id": project.id, "category": Category.FULL, "framework": False, "station": Station.FAIR}
    facts |= {"station_since": TODAY, "chain": [], "checklist": [], "started_by": 1, "started_at": NOW}
    assert refuses(session, Approval(number=9, title="x", **facts))


def test_an_officer_sends_but_keeps_no_minutes_and_strangers_find_nothing(
    session: Session, office: Office, project: Project
) -> None:
    row = approvals.sent(session, office, project)
    draft = StepDraft(Station.LEGALITY, StepResult.PASSED, TODAY, text="可行", has_file=True)
    for user, kind in ((office.officer, ForbiddenError), (office.outsider, NotFoundError)):
        actor = office.actor(session, user)
        with pytest.raises(kind):
            services.take(session, actor, project.id, row.id, draft, now=NOW, today=TODAY)


def test_a_failed_second_review_shuts_the_way_although_papers_have_arrived(
    session: Session, office: Office, project: Project
) -> None:
    approvals.approved(session, office, project)
    agreed(session, office, project)
    reviewed(session, office, project, economy="fail")
    assert "gate.review" in refused(session, office.actor(session, office.officer), project, Stage.SIGNED)


def test_the_owner_records_no_station_of_the_own_paper(session: Session, office: Office, project: Project) -> None:
    row = approvals.sent(session, office, project)
    project.owner_id = office.registrar.id
    session.flush()
    actor = office.actor(session, office.registrar)
    draft = StepDraft(Station.LEGALITY, StepResult.PASSED, TODAY, text="合法", has_file=True)
    act = lambda: services.take(session, actor, project.id, row.id, draft, now=NOW, today=TODAY)  # noqa: E731 (shown once)
    assert why(act) == ["approval.own"]
