from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.rules import Actor
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline.intake import queries, tips
from crm.pipeline.intake.models import LeadIntake, LeadTip
from crm.pipeline.intake.rules import LeadState, TipState
from crm.pipeline.limits import ProjectDraft
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from tests.support.builders import Office

EVERYBODY = ("officer", "lead", "registrar", "recognizer", "supervisor", "leader", "administrator")
WORDS = "听商会李会长说，云岭电子想在长三角建第二工厂"


def tip(session: Session, office: Office, user: User, client_id: str = "page-0001") -> LeadTip:
    actor = office.actor(session, user)
    return tips.report(session, actor, tips.TipDraft(WORDS, "云岭电子"), client_id=client_id, now=NOW)


@pytest.mark.parametrize("person", EVERYBODY)
def test_every_person_with_a_post_may_report_and_sees_what_became_of_it(
    session: Session, office: Office, person: str
) -> None:
    user = getattr(office, person)
    told = tip(session, office, user)
    registrar = office.actor(session, office.registrar)
    tips.send_back(session, registrar, told.id, "已在别的园区签约", now=NOW)
    row = queries.my_tips(session, office.actor(session, user), cursor=None).rows[0]
    assert (row.tip.state, row.tip.answer, row.project_id) == (TipState.RETURNED, "已在别的园区签约", None)


def test_a_double_tap_keeps_one_tip(session: Session, office: Office) -> None:
    assert tip(session, office, office.officer).id == tip(session, office, office.officer).id
    with pytest.raises(DomainError):
        tip(session, office, office.colleague)


def test_nobody_without_a_post_reports(session: Session, office: Office) -> None:
    stranger = Actor(user_id=office.officer.id, name="陈晓", posts=())
    with pytest.raises(ForbiddenError):
        tips.report(session, stranger, tips.TipDraft(WORDS), client_id="page-0002", now=NOW)


def test_a_tip_becomes_a_registered_lead_that_waits_for_triage(session: Session, office: Office) -> None:
    told, firm = tip(session, office, office.leader), builders.enterprise(session, "云岭电子股份有限公司")
    registrar = office.actor(session, office.registrar)
    draft = ProjectDraft(name="云岭电子第二工厂", content=told.text)
    project = tips.register(session, registrar, told.id, firm.id, draft, now=NOW)
    assert (told.state, told.project_id, told.enterprise_id) == (TipState.REGISTERED, project.id, firm.id)
    assert session.scalars(select(LeadIntake.state)).one() is LeadState.REGISTERED
    row = queries.my_tips(session, office.actor(session, office.leader), cursor=None).rows[0]
    assert (row.state, row.project_id) == (LeadState.REGISTERED, project.id)


def test_a_tip_is_answered_once(session: Session, office: Office) -> None:
    told, registrar = tip(session, office, office.officer), office.actor(session, office.registrar)
    tips.send_back(session, registrar, told.id, "消息不实", now=NOW)
    with pytest.raises(ConflictError):
        tips.send_back(session, registrar, told.id, "再答一次", now=NOW)


def test_a_tip_that_is_not_used_needs_a_reason(session: Session, office: Office) -> None:
    told, registrar = tip(session, office, office.officer), office.actor(session, office.registrar)
    with pytest.raises(DomainError) as refusal:
        tips.send_back(session, registrar, told.id, " ", now=NOW)
    assert refusal.value.problems[0].key == "tip.reason"
    assert told.state is TipState.NEW


def test_a_tip_is_read_by_its_reporter_and_the_triage_of_the_unit_and_nobody_else(
    session: Session, office: Office
) -> None:
    told = tip(session, office, office.officer)
    for user in (office.officer, office.lead, office.registrar):
        assert tips.get(session, office.actor(session, user), told.id) is told
    for user in (office.colleague, office.outsider, office.leader):
        with pytest.raises(NotFoundError):
            tips.get(session, office.actor(session, user), told.id)
    with pytest.raises(ForbiddenError):
        tips.send_back(session, office.actor(session, office.officer), told.id, "自己答", now=NOW)


def test_a_reporter_of_another_unit_is_not_shown_the_project(session: Session, office: Office) -> None:
    told, firm = tip(session, office, office.outsider), builders.enterprise(session)
    registrar = office.actor(session, office.registrar)
    tips.register(session, registrar, told.id, firm.id, ProjectDraft(name="某项目"), now=NOW)
    row = queries.my_tips(session, office.actor(session, office.outsider), cursor=None).rows[0]
    assert (row.state, row.project_id) == (LeadState.REGISTERED, None)
