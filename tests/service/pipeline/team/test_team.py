from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from crm.auth.rules import Permission
from crm.core.errors import DomainError, ForbiddenError, NotFoundError
from crm.pipeline import queries as projects
from crm.pipeline.facts import facts_of
from crm.pipeline.team import queries, services
from crm.pipeline.team.models import ProjectRole
from crm.pipeline.team.rules import ForceDraft, ForceRole, Seat, TeamRole
from tests.service.pipeline.helpers import lead, staffed
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.models import User
    from crm.pipeline.models import Project
    from crm.pipeline.team.models import TaskForce
    from tests.conftest import Browser
    from tests.support.builders import Office


def give(
    session: Session, office: Office, project: Project, role: TeamRole, holder: int, day: date = TODAY
) -> ProjectRole:
    actor = office.actor(session, office.officer)
    return services.set_role(session, actor, project.id, Seat(role, holder, day), now=NOW, today=TODAY)


def force(session: Session, office: Office, project: Project, *people: User, whole: bool = False) -> TaskForce:
    draft = ForceDraft("京东对接专班", "每周碰头", office.lead.id, TODAY, None, tuple(one.id for one in people))
    actor = office.actor(session, office.registrar)
    return services.form_force(session, actor, project.id, draft, whole_enterprise=whole, now=NOW)


def test_the_gate_counts_the_roles_that_are_filled_now(session: Session, office: Office) -> None:
    project = lead(session, office)
    assert facts_of(session, project).roles_open == 6
    staffed(session, office, project)
    assert facts_of(session, project).roles_open == 0


def test_a_new_holder_leaves_the_old_one_in_the_history(session: Session, office: Office) -> None:
    project = lead(session, office)
    give(session, office, project, TeamRole.MANAGER, office.officer.id, TODAY - timedelta(days=9))
    give(session, office, project, TeamRole.MANAGER, office.lead.id)
    found = queries.roles(session, project.id, TODAY)
    assert [(entry.name, entry.row.valid_to) for entry in found] == [
        (office.lead.name, None),
        (office.officer.name, TODAY - timedelta(days=1)),
    ]
    assert facts_of(session, project).roles_open == 5


@pytest.mark.parametrize(
    ("role", "day", "key"),
    [
        (TeamRole.ASSISTANT, TODAY, "team.clash"),
        (TeamRole.LEADER, TODAY + timedelta(days=1), "team.future"),
    ],
)
def test_a_role_is_refused_for_the_same_person_or_a_later_day(
    session: Session, office: Office, role: TeamRole, day: date, key: str
) -> None:
    project = lead(session, office)
    give(session, office, project, TeamRole.MANAGER, office.officer.id)
    with pytest.raises(DomainError) as caught:
        give(session, office, project, role, office.officer.id, day)
    assert caught.value.problems[0].key == key


def test_somebody_who_left_is_flagged(session: Session, office: Office) -> None:
    project = lead(session, office)
    give(session, office, project, TeamRole.ASSISTANT, office.colleague.id)
    assert [entry.gone for entry in queries.roles(session, project.id, TODAY)] == [False]
    office.colleague.active = False
    session.flush()
    assert [entry.gone for entry in queries.roles(session, project.id, TODAY)] == [True]


def test_the_database_keeps_one_holder_a_role_and_people_apart_from_units(session: Session, office: Office) -> None:
    project = lead(session, office)
    row = give(session, office, project, TeamRole.MANAGER, office.officer.id)
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(update(ProjectRole).values(role="lead_unit"))
    session.rollback()
    twin = {"project_id": project.id, "role": row.role, "user_id": office.lead.id, "valid_from": TODAY}
    session.add(ProjectRole(**twin, set_by=office.lead.id, set_at=NOW))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("whole", [False, True])
def test_people_of_a_task_force_read_the_project_while_they_are_in_it(
    session: Session, office: Office, *, whole: bool
) -> None:
    project, outsider = lead(session, office), office.actor(session, office.outsider)
    with pytest.raises(NotFoundError):
        projects.get(session, outsider, project.id)
    made = force(session, office, project, office.outsider, whole=whole)
    assert projects.get(session, outsider, project.id).id == project.id
    with pytest.raises(ForbiddenError):
        projects.get_for(session, outsider, project.id, Permission.PROJECT_WRITE)
    registrar = office.actor(session, office.registrar)
    services.remove_member(session, registrar, project.id, made.id, office.outsider.id, now=NOW)
    session.flush()
    with pytest.raises(NotFoundError):
        projects.get(session, outsider, project.id)
    services.add_member(session, registrar, project.id, made.id, office.outsider.id, now=NOW)
    assert projects.get(session, outsider, project.id).id == project.id
    services.end_force(session, registrar, project.id, made.id, now=NOW)
    with pytest.raises(NotFoundError):
        projects.get(session, outsider, project.id)


def test_a_task_force_shows_on_list_board_and_search_and_its_count(
    as_outsider: Browser, session: Session, office: Office
) -> None:
    project = lead(session, office, name="港澳医药研发中心")
    session.commit()
    pages = ("/projects?view=list", "/projects", "/search?q=港澳医药")
    assert not any(f"/projects/{project.id}" in as_outsider.get(page).text for page in pages)
    force(session, office, project, office.outsider)
    session.commit()
    assert [f"/projects/{project.id}" in as_outsider.get(page).text for page in pages] == [True, True, True]
    assert "data-count>1</span>" in as_outsider.get("/projects").text
    assert as_outsider.get(f"/projects/{project.id}").status_code == 200
    assert as_outsider.post(f"/projects/{project.id}/notes", {"body": "看看"}).status_code == 403


def test_the_page_gives_roles_and_forms_a_force(
    as_officer: Browser, as_registrar: Browser, session: Session, office: Office
) -> None:
    project = lead(session, office)
    session.commit()
    page = f"/projects/{project.id}/team"
    assert "签约前要定全" in as_officer.get(page).text
    form = {"role": "manager", "holder": office.officer.id, "valid_from": "2026-11-20"}
    assert as_officer.post(page, {**form, "valid_from": "2026-11-21"}).status_code == 422
    assert as_officer.post(page, form).status_code == 303
    assert as_officer.post(f"/projects/{project.id}/forces", {"name": "专班"}).status_code == 403
    forming = {"name": "专班", "leader_id": office.lead.id, "purpose": "盯用地", "starts_on": "2026-11-20"}
    assert as_registrar.post(f"/projects/{project.id}/forces", {**forming, "purpose": ""}).status_code == 422
    assert as_registrar.post(f"/projects/{project.id}/forces", forming).status_code == 303
    assert "盯用地" in as_officer.get(page).text


def test_the_page_offers_owner_and_unit_and_nobody_by_chance(
    as_officer: Browser, session: Session, office: Office
) -> None:
    project = lead(session, office)
    session.commit()
    page = as_officer.get(f"/projects/{project.id}/team").text
    assert f'<option value="{office.officer.id}" selected>{office.officer.name}</option>' in page
    assert page.count('<option value="">请选择</option>') == 4


def test_a_task_force_has_a_sponsor_a_liaison_and_people_of_departments(session: Session, office: Office) -> None:
    project, registrar = lead(session, office), office.actor(session, office.registrar)
    draft = ForceDraft(
        "拆迁专班", "腾地", office.lead.id, TODAY, None, (office.outsider.id,), office.leader.id, office.officer.id
    )
    row = services.form_force(session, registrar, project.id, draft, whole_enterprise=False, now=NOW)
    services.add_member(session, registrar, project.id, row.id, office.outsider.id, ForceRole.DEPARTMENT, now=NOW)
    roles = queries.forces(session, project)[0].roles
    assert roles == {
        office.leader.id: ForceRole.LEADER,
        office.officer.id: ForceRole.LIAISON,
        office.lead.id: ForceRole.MEMBER,
        office.outsider.id: ForceRole.DEPARTMENT,
    }
