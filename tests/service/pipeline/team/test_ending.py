from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, NotFoundError
from crm.pipeline import queries as projects
from crm.pipeline.facts import facts_of
from crm.pipeline.team import services
from crm.pipeline.team.rules import ForceDraft, Seat, TeamRole
from tests.service.pipeline.helpers import lead, staffed
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_a_task_force_past_its_planned_end_grants_no_reading(session: Session, office: Office) -> None:
    project, outsider = lead(session, office), office.actor(session, office.outsider)
    draft = ForceDraft("京东对接专班", "每周碰头", office.lead.id, TODAY, TODAY, (office.outsider.id,))
    registrar = office.actor(session, office.registrar)
    made = services.form_force(session, registrar, project.id, draft, whole_enterprise=False, now=NOW)
    assert services.end_due(session, now=NOW, today=TODAY) == 0
    assert projects.get(session, outsider, project.id).id == project.id
    day = timedelta(days=1)
    assert [services.end_due(session, now=NOW + day, today=TODAY + day) for _twice in range(2)] == [1, 0]
    with pytest.raises(NotFoundError):
        projects.get(session, outsider, project.id)
    assert session.query(AuditEvent).filter_by(action="force.end", subject_id=made.id).count() == 1


def test_a_role_whose_holder_lost_the_account_is_open_for_the_gate(session: Session, office: Office) -> None:
    project = lead(session, office)
    staffed(session, office, project)
    assert facts_of(session, project).roles_open == 0
    office.leader.active = False
    session.flush()
    assert facts_of(session, project).roles_open == 1


def test_only_a_leader_leads_a_project_from_above(session: Session, office: Office) -> None:
    project, officer = lead(session, office), office.actor(session, office.officer)
    seat = Seat(TeamRole.LEADER, office.colleague.id, TODAY)
    with pytest.raises(DomainError) as refused:
        services.set_role(session, officer, project.id, seat, now=NOW, today=TODAY)
    assert refused.value.problems[0].key == "team.holder"
