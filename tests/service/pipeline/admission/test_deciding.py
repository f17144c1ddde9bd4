from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.models import Roster
from crm.auth.rules import Role
from crm.core import options
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline import decisions
from crm.pipeline.admission import queries, services, sittings
from crm.pipeline.admission import terms as settings
from crm.pipeline.admission.closing import DecisionDraft
from crm.pipeline.admission.models import CaseDecision, Opinion, OpinionAnswer, ReviewCase
from crm.pipeline.admission.rules import Ballot, CaseState, Outcome, Verdict
from crm.pipeline.models import Review
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import lead, refused, walk
from tests.support import admission
from tests.support.admission import refuses
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office


@pytest.fixture
def project(session: Session, office: Office) -> Project:
    """Return a project in review, its case open."""
    made = walk(session, office, lead(session, office, fixed_investment=Decimal(9000), land_mu=60), Stage.REVIEWING)
    admission.opened(session, office, made, annual_tax=Decimal(300))
    return made


def why(act: Callable[[], object]) -> list[str]:
    """Return the keys of a refusal."""
    with pytest.raises(DomainError) as refusal:
        act()
    return [problem.key for problem in refusal.value.problems]


def test_a_case_asks_six_departments_and_waits_five_working_days(session: Session, project: Project) -> None:
    case = queries.open_case(session, project.id)
    assert case is not None
    asked = queries.opinions(session, case.id)
    assert [row.opinion.dimension for row in asked] == list(admission.NAMES)
    assert {row.opinion.due_on for row in asked} == {date(2026, 11, 27)}
    assert [row.department for row in asked] == list(admission.NAMES.values())


def test_a_complete_case_passes_and_opens_the_gate(session: Session, office: Office, project: Project) -> None:
    officer = office.actor(session, office.officer)
    assert refused(session, officer, project, Stage.PRE_SIGNING) == ["gate.review"]
    admission.answered(session, office, project, law="conditional")
    admission.scored(session, office, project)
    admission.voted(session, office, project, "agree", "agree", "disagree")
    made = admission.decided(session, office, project, "pass")
    case = session.scalars(select(ReviewCase)).one()
    assert (case.state, made.score) == (CaseState.PASSED, Decimal(100))
    assert made.tally["agree"] == 2
    assert session.scalars(select(Review)).one().opinions["law"] == "conditional"
    assert refused(session, officer, project, Stage.PRE_SIGNING) == []


@pytest.mark.parametrize(
    ("missing", "key"), [("opinion", "case.opinion"), ("score", "case.score"), ("votes", "case.quorum")]
)
def test_nothing_is_decided_while_something_is_missing(
    session: Session, office: Office, project: Project, missing: str, key: str
) -> None:
    admission.answered(session, office, project, **({"planning": ""} if missing == "opinion" else {}))
    if missing != "score":
        admission.scored(session, office, project)
    admission.voted(session, office, project, *(["agree"] if missing == "votes" else ["agree"] * 3))
    for outcome in ("pass", "fail"):
        assert key in why(lambda outcome=outcome: admission.decided(session, office, project, outcome))  # type: ignore[misc]  # bound in the loop
    assert session.scalars(select(Review)).all() == []


def test_one_failed_opinion_forbids_a_pass_whatever_the_votes(
    session: Session, office: Office, project: Project
) -> None:
    admission.answered(session, office, project, environment="fail")
    admission.scored(session, office, project)
    admission.voted(session, office, project, "agree", "agree", "agree")
    assert why(lambda: admission.decided(session, office, project, "pass")) == ["case.failed_opinion"]
    later = TODAY + timedelta(days=20)
    assert why(lambda: admission.decided(session, office, project, "defer", due_on=later)) == ["case.veto"]
    admission.decided(session, office, project, "fail")
    assert session.scalars(select(Review)).one().result == "failed"


def test_a_deferred_case_sits_again_with_new_votes(session: Session, office: Office, project: Project) -> None:
    admission.answered(session, office, project)
    admission.scored(session, office, project)
    admission.voted(session, office, project, "agree", "disagree", "disagree")
    assert why(lambda: admission.decided(session, office, project, "pass")) == ["case.majority"]
    assert why(lambda: admission.decided(session, office, project, "defer", due_on=TODAY)) == ["case.defer_due"]
    admission.decided(session, office, project, "defer", due_on=TODAY + timedelta(days=10))
    admission.voted(session, office, project, "agree", "agree", "agree")
    admission.decided(session, office, project, "pass")
    assert [row.outcome for row in session.scalars(select(CaseDecision))] == [Outcome.DEFER, Outcome.ADMIT]


def test_a_member_votes_once(session: Session, office: Office, project: Project) -> None:
    admission.voted(session, office, project, "agree")
    assert why(lambda: admission.voted(session, office, project, "disagree")) == ["vote.again"]


def test_a_member_with_a_conflict_neither_votes_nor_counts(session: Session, office: Office, project: Project) -> None:
    leader = office.actor(session, office.leader)
    sittings.recuse(session, leader, project.id, "配偶在该企业任职", now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        sittings.vote(session, leader, project.id, Ballot.AGREE, "", now=NOW, today=TODAY)
    admission.answered(session, office, project)
    admission.scored(session, office, project)
    for member in admission.panel(session, office).members[1:]:
        sittings.vote(session, office.actor(session, member), project.id, Ballot.AGREE, "", now=NOW, today=TODAY)
    assert admission.decided(session, office, project, "pass").tally["eligible"] == 2


def test_people_of_the_projects_unit_and_who_registered_it_may_not_vote(
    session: Session, office: Office, project: Project
) -> None:
    registrar = office.actor(session, office.registrar)
    for who in (office.officer, office.lead):
        sittings.appoint(session, registrar, who.id, chair=False, valid_from=TODAY, now=NOW)
        with pytest.raises(ForbiddenError):
            sittings.vote(session, office.actor(session, who), project.id, Ballot.AGREE, "", now=NOW, today=TODAY)
    case = session.scalars(select(ReviewCase)).one()
    conflicts = {seat.name: seat.conflict for seat in queries.seats(session, project, case.id, TODAY)}
    assert (conflicts["陈晓"], conflicts["林涛"], conflicts["沈立"]) == ("owner", "unit", "")


def test_who_is_not_on_the_board_may_not_vote(session: Session, office: Office, project: Project) -> None:
    with pytest.raises(ForbiddenError):
        sittings.vote(
            session, office.actor(session, office.registrar), project.id, Ballot.AGREE, "", now=NOW, today=TODAY
        )


def test_a_reviewer_speaks_for_the_own_department_only_and_sees_nothing_else(
    session: Session, office: Office, project: Project
) -> None:
    other = walk(session, office, lead(session, office, name="另一个项目"), Stage.REVIEWING)
    people = admission.panel(session, office).reviewers
    law = office.actor(session, people["law"])
    planning = session.scalars(select(Opinion).where(Opinion.dimension == "planning")).one()
    with pytest.raises(ForbiddenError):
        services.give_opinion(session, law, project.id, planning.id, Verdict.CLEAR, "可行", now=NOW)
    assert queries.get_project(session, law, project.id).id == project.id
    with pytest.raises(NotFoundError):
        queries.get_project(session, law, other.id)


def test_a_corrected_opinion_is_a_new_row_with_its_reason(session: Session, office: Office, project: Project) -> None:
    admission.answered(session, office, project, law="fail")
    reviewer = office.actor(session, admission.panel(session, office).reviewers["law"])
    opinion = session.scalars(select(Opinion).where(Opinion.dimension == "law")).one()

    def again(reason: str) -> None:
        services.give_opinion(
            session, reviewer, project.id, opinion.id, Verdict.CLEAR, "补充材料后符合", now=NOW, reason=reason
        )

    assert why(lambda: again("")) == ["opinion.reason"]
    again("企业补交了材料")
    rows = session.scalars(select(OpinionAnswer).where(OpinionAnswer.opinion_id == opinion.id)).all()
    assert [row.verdict for row in rows] == [Verdict.FAIL, Verdict.CLEAR]


def test_a_figure_under_the_floor_passes_only_with_a_reason_that_is_kept(session: Session, office: Office) -> None:
    registrar = office.actor(session, office.registrar)
    value = settings.dump(settings.current(session)) | {"intensity_floor": "180"}
    options.write(session, registrar.user_id, settings.KEY, value, now=NOW)
    project = walk(session, office, lead(session, office, fixed_investment=Decimal(9000), land_mu=60), Stage.REVIEWING)
    admission.opened(session, office, project)
    admission.answered(session, office, project)
    admission.scored(session, office, project)
    admission.voted(session, office, project, "agree", "agree", "agree")
    assert why(lambda: admission.decided(session, office, project, "pass")) == ["case.override"]
    made = admission.decided(session, office, project, "pass", override="补链关键环节，县长专题会同意")
    assert (made.override, made.tally["under_floor"]) == ("补链关键环节，县长专题会同意", ["floor.intensity"])


def test_whoever_owns_or_registered_a_project_cannot_decide_on_it(
    session: Session, office: Office, project: Project
) -> None:
    session.add(
        Roster(user_id=office.officer.id, unit_id=office.bureau.id, role=Role.REGISTRAR, valid_from=date(2026, 1, 1))
    )
    session.flush()
    owner = office.actor(session, office.officer)
    draft = DecisionDraft(Outcome.ADMIT, "纪要2号", TODAY)
    assert why(lambda: services.decide(session, owner, project.id, draft, now=NOW, today=TODAY)) == ["review.own"]
    case = session.scalars(select(ReviewCase)).one()
    act = lambda: decisions.add_review(session, owner, project.id, case, draft, now=NOW, today=TODAY)  # noqa: E731 (one call)
    assert why(act) == ["review.own"]


def test_an_officer_holds_no_right_to_decide_or_score(session: Session, office: Office, project: Project) -> None:
    colleague = office.actor(session, office.colleague)
    with pytest.raises(ForbiddenError):
        services.score(session, colleague, project.id, admission.FULL_MARKS, now=NOW)
    draft = DecisionDraft(Outcome.ADMIT, "纪要2号", TODAY)
    with pytest.raises(ForbiddenError):
        services.decide(session, colleague, project.id, draft, now=NOW, today=TODAY)


def test_a_second_case_waits_for_the_first_and_the_owner_may_ask_for_it(
    session: Session, office: Office, project: Project
) -> None:
    assert why(lambda: admission.opened(session, office, project)) == ["case.running"]
    admission.answered(session, office, project, law="fail")
    admission.scored(session, office, project)
    admission.voted(session, office, project, "disagree", "disagree", "disagree")
    admission.decided(session, office, project, "fail")
    asked = admission.panel(session, office).asked
    ask = {"annual_tax": None, "now": NOW, "today": TODAY}
    with pytest.raises(ForbiddenError):
        services.open_case(session, office.actor(session, office.colleague), project.id, asked, **ask)  # type: ignore[arg-type]  # named values
    again = services.open_case(session, office.actor(session, office.officer), project.id, asked, **ask)  # type: ignore[arg-type]  # named values
    assert again.number == 2


def test_a_decided_case_takes_no_more_opinions(session: Session, office: Office, project: Project) -> None:
    opinion = session.scalars(select(Opinion).where(Opinion.dimension == "law")).one()
    admission.answered(session, office, project)
    admission.scored(session, office, project)
    admission.voted(session, office, project, "agree", "agree", "agree")
    admission.decided(session, office, project, "pass")
    reviewer = office.actor(session, admission.panel(session, office).reviewers["law"])
    with pytest.raises(ConflictError):
        services.give_opinion(session, reviewer, project.id, opinion.id, Verdict.FAIL, "反悔", now=NOW, reason="改")


def test_the_database_knows_no_second_open_case_and_no_deemed_statutory_opinion(
    session: Session, office: Office, project: Project
) -> None:
    case = session.scalars(select(ReviewCase)).one()
    same = {"project_id": project.id, "decision_due": TODAY, "terms": {}, "opened_by": 1, "opened_at": NOW}
    assert refuses(session, ReviewCase(number=9, **same))
    law = session.scalars(select(Opinion).where(Opinion.case_id == case.id, Opinion.dimension == "law")).one()
    for dimension in ("law", "economy"):
        facts = {"opinion_id": law.id, "dimension": dimension, "body": "x", "by": 1, "at": NOW}
        assert refuses(session, OpinionAnswer(verdict=Verdict.DEEMED, **facts))
