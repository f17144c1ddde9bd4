from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.pipeline import queries, services
from crm.pipeline.confidential import services as confidential
from crm.pipeline.confidential.models import ProjectInsider
from crm.pipeline.limits import ProjectDraft
from tests.service.pipeline.helpers import lead, registered
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.pipeline.models import Project
    from tests.conftest import Browser
    from tests.support.builders import Office


def classified(session: Session, office: Office, project: Project, by: User | None = None) -> Project:
    actor = office.actor(session, by or office.lead)
    return confidential.classify(session, actor, project.id, "青竹", version=project.version, now=NOW)


def sees(session: Session, office: Office, user: User, project: Project) -> bool:
    try:
        queries.get(session, office.actor(session, user), project.id)
    except NotFoundError:
        return False
    return True


def test_only_the_owner_and_who_decided_know_of_it_at_first(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    who = (office.officer, office.lead, office.colleague, office.registrar, office.leader, office.supervisor)
    assert [sees(session, office, user, project) for user in who] == [True, True, False, False, False, False]


def test_a_person_who_is_named_sees_it_until_struck_off(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    actor = office.actor(session, office.lead)
    confidential.name_person(session, actor, project.id, office.leader.id, now=NOW, today=TODAY)
    assert sees(session, office, office.leader, project)
    assert confidential.name_person(session, actor, project.id, office.leader.id, now=NOW, today=TODAY) is None
    confidential.strike_person(session, actor, project.id, office.leader.id, now=NOW)
    assert not sees(session, office, office.leader, project)
    with pytest.raises(NotFoundError):
        confidential.strike_person(session, actor, project.id, office.leader.id, now=NOW)


def test_nobody_is_named_who_could_not_read_the_unit(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    for user in (office.outsider, office.administrator):
        with pytest.raises(DomainError) as refused:
            confidential.name_person(
                session, office.actor(session, office.lead), project.id, user.id, now=NOW, today=TODAY
            )
        assert refused.value.problems[0].key == "confidential.person"


def test_an_officer_neither_decides_nor_strikes_but_the_owner_may_name(session: Session, office: Office) -> None:
    project = lead(session, office)
    with pytest.raises(ForbiddenError):
        classified(session, office, project, office.officer)
    classified(session, office, project)
    owner = office.actor(session, office.officer)
    confidential.name_person(session, owner, project.id, office.colleague.id, now=NOW, today=TODAY)
    with pytest.raises(ForbiddenError):
        confidential.strike_person(session, owner, project.id, office.colleague.id, now=NOW)
    with pytest.raises(ForbiddenError):
        confidential.name_person(
            session, office.actor(session, office.colleague), project.id, office.leader.id, now=NOW, today=TODAY
        )


def test_who_decides_stays_named_and_cannot_strike_themselves(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    with pytest.raises(DomainError) as refused:
        confidential.strike_person(session, office.actor(session, office.lead), project.id, office.lead.id, now=NOW)
    assert refused.value.problems[0].key == "confidential.yourself"


def test_a_registrar_who_is_not_named_cannot_lift_it(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    with pytest.raises(NotFoundError):
        confidential.declassify(
            session, office.actor(session, office.registrar), project.id, version=project.version, now=NOW
        )


def test_lifting_opens_it_and_forgets_who_was_named(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    actor = office.actor(session, office.lead)
    with pytest.raises(ConflictError):
        confidential.declassify(session, actor, project.id, version=project.version - 1, now=NOW)
    confidential.declassify(session, actor, project.id, version=project.version, now=NOW)
    assert sees(session, office, office.colleague, project)
    assert session.scalars(select(ProjectInsider)).all() == []


def test_every_change_is_in_the_trail(session: Session, office: Office) -> None:
    project = classified(session, office, registered(session, office))
    actor = office.actor(session, office.lead)
    confidential.name_person(session, actor, project.id, office.leader.id, now=NOW, today=TODAY)
    confidential.strike_person(session, actor, project.id, office.leader.id, now=NOW)
    confidential.declassify(session, actor, project.id, version=project.version, now=NOW)
    session.flush()
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.actor_id == office.lead.id).order_by(AuditEvent.id)
    ).all()
    assert actions == [
        "project.classify",
        "project.insider_add",
        "project.insider_remove",
        "project.declassify",
    ]


def test_a_second_registration_is_refused_without_a_word_of_the_first(session: Session, office: Office) -> None:
    project = classified(session, office, lead(session, office))
    with pytest.raises(DomainError) as refused:
        services.register_lead(
            session,
            office.actor(session, office.outsider),
            project.enterprise_id,
            ProjectDraft(name=project.name),
            now=NOW,
        )
    (problem,) = refused.value.problems
    assert problem.key == "project.name_taken"
    assert problem.params == {}


def test_the_database_refuses_a_confidential_project_without_a_code_name(session: Session, office: Office) -> None:
    project = lead(session, office)
    project.confidential = True
    with pytest.raises(IntegrityError, match="code_name"):
        session.flush()


def test_the_page_sets_names_and_lifts(as_registrar: Browser, session: Session, office: Office) -> None:
    project = lead(session, office)
    session.commit()
    path = f"/projects/{project.id}/confidential"
    assert "没有设密" in as_registrar.get(path).text
    refused = as_registrar.post(path, {"code_name": project.name, "version": project.version})
    assert refused.status_code == 422
    assert "不能取自项目名称" in refused.text
    assert as_registrar.post(path, {"code_name": "青竹", "version": project.version}).status_code == 303
    page = as_registrar.get(path).text
    assert "代号：青竹" in page
    assert office.leader.name in page
    assert as_registrar.post(f"{path}/people", {"user_id": office.leader.id}).status_code == 303
    assert as_registrar.post(f"{path}/people", {"user_id": office.outsider.id}).status_code == 422
    assert f"people/{office.leader.id}/remove" in as_registrar.get(path).text
    assert as_registrar.post(f"{path}/people/{office.leader.id}/remove").status_code == 303
    assert as_registrar.post(f"{path}/lift", {"version": 2}).status_code == 303
    assert "没有设密" in as_registrar.get(path).text
