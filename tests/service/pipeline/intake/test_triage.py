from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Role
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline import services as projects
from crm.pipeline.intake import handovers, services
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.intake.models import Handover, LeadEvent, LeadIntake
from crm.pipeline.intake.rules import Answer, LeadState
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import go, lead, refused, registered
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office


def state(session: Session, project: Project) -> LeadState:
    found = session.scalar(select(LeadIntake.state).where(LeadIntake.project_id == project.id))
    assert found is not None
    return found


def key_of(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refusal:
        call()
    return refusal.value.problems[0].key


def assigned(session: Session, office: Office) -> tuple[Project, Handover]:
    """Assign a fresh lead of the officer to the colleague."""
    project = registered(session, office)
    to = Receiver(office.east.id, office.colleague.id)
    handovers.assign(session, office.actor(session, office.lead), project.id, to, "熟悉电解液", now=NOW, today=TODAY)
    return project, session.scalars(select(Handover)).one()


def test_a_lead_passes_triage_and_is_accepted_before_anybody_visits(session: Session, office: Office) -> None:
    project, asked = assigned(session, office)
    officer, colleague = office.actor(session, office.officer), office.actor(session, office.colleague)
    assert refused(session, officer, project, Stage.VISITING) == ["gate.accepted"]
    assert project.owner_id == officer.user_id  # first taker stays responsible until the answer
    handovers.accept(session, colleague, asked.id, now=NOW, today=TODAY)
    assert (project.owner_id, state(session, project)) == (colleague.user_id, LeadState.ACCEPTED)
    assert refused(session, colleague, project, Stage.VISITING) == []
    steps = [(event.from_state, event.to_state) for event in session.scalars(select(LeadEvent).order_by(LeadEvent.id))]
    assert steps == [(None, "registered"), ("registered", "assigned"), ("assigned", "accepted")]


def test_whoever_has_the_lead_already_need_not_accept_it(session: Session, office: Office) -> None:
    project = lead(session, office)
    assert (state(session, project), project.owner_id) == (LeadState.ACCEPTED, office.officer.id)
    asked = session.scalars(select(Handover)).one()
    assert (asked.answer, asked.answered_by) == (Answer.ACCEPTED, office.lead.id)


def test_an_officer_cannot_pass_the_own_triage(session: Session, office: Office) -> None:
    project = registered(session, office)
    officer, to = office.actor(session, office.officer), Receiver(office.east.id, office.officer.id)
    call = lambda: handovers.assign(session, officer, project.id, to, "", now=NOW, today=TODAY)  # noqa: E731 (shown once)
    assert key_of(call) == "lead.party"
    assert key_of(lambda: services.begin(session, officer, project.id, now=NOW)) == "lead.party"


def test_a_refusal_needs_a_reason_and_sends_the_lead_back_to_triage(session: Session, office: Office) -> None:
    project, asked = assigned(session, office)
    colleague = office.actor(session, office.colleague)
    assert key_of(lambda: handovers.decline(session, colleague, asked.id, " ", now=NOW)) == "handover.why"
    handovers.decline(session, colleague, asked.id, "手上已有五个项目", now=NOW)
    assert (state(session, project), project.owner_id) == (LeadState.TRIAGE, office.officer.id)
    assert (asked.answer, asked.answer_reason) == (Answer.REFUSED, "手上已有五个项目")


def test_nobody_else_answers_a_hand_over(session: Session, office: Office) -> None:
    _project, asked = assigned(session, office)
    for person in (office.officer, office.outsider, office.lead, office.registrar):
        with pytest.raises(NotFoundError):
            handovers.accept(session, office.actor(session, person), asked.id, now=NOW, today=TODAY)


def test_a_second_answer_is_a_conflict(session: Session, office: Office) -> None:
    _project, asked = assigned(session, office)
    colleague = office.actor(session, office.colleague)
    handovers.accept(session, colleague, asked.id, now=NOW, today=TODAY)
    with pytest.raises(ConflictError):
        handovers.decline(session, colleague, asked.id, "晚了", now=NOW)


def test_a_returned_lead_comes_back_when_it_was_mended(session: Session, office: Office) -> None:
    project = registered(session, office)
    team_lead, officer = office.actor(session, office.lead), office.actor(session, office.officer)
    services.return_lead(session, team_lead, project.id, "请补用地需求", now=NOW)
    assert refused(session, officer, project, Stage.VISITING) == ["gate.accepted"]
    services.resubmit(session, officer, project.id, now=NOW)
    assert state(session, project) is LeadState.REGISTERED
    events = session.scalars(select(LeadEvent).order_by(LeadEvent.id)).all()
    assert [event.reason for event in events] == [None, "请补用地需求", None]


def test_a_change_of_owner_waits_for_the_other_side(session: Session, office: Office) -> None:
    project = lead(session, office)
    officer, outsider = office.actor(session, office.officer), office.actor(session, office.outsider)
    to = Receiver(office.south.id, office.outsider.id)
    asked = handovers.ask(session, officer, project.id, to, "项目转去珠三角", now=NOW, today=TODAY)
    assert (project.owner_id, project.unit_id) == (officer.user_id, office.east.id)
    again = lambda: handovers.ask(session, officer, project.id, to, "再问", now=NOW, today=TODAY)  # noqa: E731 (shown once)
    assert key_of(again) == "handover.open"
    handovers.accept(session, outsider, asked.id, now=NOW, today=TODAY)
    assert (project.owner_id, project.unit_id) == (outsider.user_id, office.south.id)
    with pytest.raises(NotFoundError):
        go(session, officer, project, Stage.VISITING)


def test_a_unit_asked_answers_through_its_triage_and_names_the_person(session: Session, office: Office) -> None:
    project = lead(session, office)
    south_lead = builders.user(session, "lan", "蓝岚", (office.south, Role.TEAM_LEAD))
    officer = office.actor(session, office.officer)
    asked = handovers.ask(session, officer, project.id, Receiver(office.south.id), "换组", now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        handovers.accept(session, office.actor(session, office.outsider), asked.id, now=NOW, today=TODAY)
    lan = office.actor(session, south_lead)
    handovers.accept(session, lan, asked.id, now=NOW, today=TODAY, user_id=office.outsider.id)
    assert (project.owner_id, project.unit_id) == (office.outsider.id, office.south.id)


def test_the_team_lead_may_decide_at_once_and_it_is_kept(session: Session, office: Office) -> None:
    project = lead(session, office)
    to = Receiver(office.east.id, office.colleague.id)
    handovers.decide(session, office.actor(session, office.lead), project.id, to, "陈晓出差", now=NOW, today=TODAY)
    assert project.owner_id == office.colleague.id
    newest = session.scalars(select(Handover).order_by(Handover.id.desc())).first()
    assert newest is not None
    assert (newest.answer, newest.asked_by, newest.answered_by) == (Answer.ACCEPTED, office.lead.id, office.lead.id)
    officer = office.actor(session, office.officer)
    with pytest.raises(ForbiddenError):
        handovers.decide(session, officer, project.id, to, "自己定", now=NOW, today=TODAY)


def test_a_team_lead_cannot_assign_beyond_the_own_units(session: Session, office: Office) -> None:
    project = registered(session, office)
    to = Receiver(office.south.id, office.outsider.id)
    team_lead, registrar = office.actor(session, office.lead), office.actor(session, office.registrar)
    call = lambda: handovers.assign(session, team_lead, project.id, to, "", now=NOW, today=TODAY)  # noqa: E731 (shown once)
    assert key_of(call) == "assign.unit"
    handovers.assign(session, registrar, project.id, to, "", now=NOW, today=TODAY)
    assert state(session, project) is LeadState.ASSIGNED


def test_a_withdrawn_assignment_is_triaged_again(session: Session, office: Office) -> None:
    project, asked = assigned(session, office)
    handovers.withdraw(session, office.actor(session, office.lead), project.id, now=NOW)
    assert (asked.answer, state(session, project)) == (Answer.WITHDRAWN, LeadState.TRIAGE)


def test_the_first_note_makes_an_accepted_lead_one_that_is_worked_on(session: Session, office: Office) -> None:
    project = lead(session, office)
    projects.add_note(session, office.actor(session, office.officer), project.id, "已约下周面谈", now=NOW)
    assert state(session, project) is LeadState.WORKING


def test_a_key_project_needs_a_reason_and_the_right(session: Session, office: Office) -> None:
    project = lead(session, office)
    leader, officer = office.actor(session, office.leader), office.actor(session, office.officer)
    assert key_of(lambda: services.set_key(session, leader, project.id, on=True, reason=" ", now=NOW)) == "key.reason"
    with pytest.raises(ForbiddenError):
        services.set_key(session, officer, project.id, on=True, reason="我看重", now=NOW)
    services.set_key(session, leader, project.id, on=True, reason="月调度会定", now=NOW)
    assert (project.key_project, project.key_reason) == (True, "月调度会定")
    services.set_key(session, leader, project.id, on=False, reason="", now=NOW)
    assert (project.key_project, project.key_reason) == (False, None)


def test_the_database_keeps_one_open_hand_over_and_one_lead_of_a_project(session: Session, office: Office) -> None:
    project, asked = assigned(session, office)
    session.commit()
    session.add(LeadIntake(project_id=project.id, state=LeadState.REGISTERED, since=NOW))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    twin = {name: getattr(asked, name) for name in ("project_id", "from_unit_id", "to_unit_id", "reason", "asked_by")}
    session.add(Handover(**twin, asked_at=NOW))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


@pytest.mark.parametrize(
    "values",
    [{"state": LeadState.POOLED}, {"pooled_at": NOW}, {"claimed_at": NOW}],
    ids=["pooled without a time", "a time without the pool", "claimed by nobody"],
)
def test_the_database_refuses_a_lead_that_contradicts_itself(
    session: Session, office: Office, values: dict[str, object]
) -> None:
    project = lead(session, office)
    row = session.scalars(select(LeadIntake).where(LeadIntake.project_id == project.id)).one()
    for name, value in values.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
