"""Hand-overs are no way around the named people of a project, nor around a transfer between units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm.core.errors import DomainError, NotFoundError
from crm.pipeline.confidential import services as confidential
from crm.pipeline.intake import handovers, queries
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.rules import Stage
from tests.service.pipeline.helpers import lead, walk
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project
    from tests.support.builders import Office


def classified(session: Session, office: Office, project: Project) -> None:
    by = office.actor(session, office.lead)
    confidential.classify(session, by, project.id, "青竹", version=project.version, now=NOW)


def test_who_was_asked_before_a_project_became_confidential_neither_sees_nor_takes_it(
    session: Session, office: Office
) -> None:
    project, outsider = lead(session, office), office.actor(session, office.outsider)
    to = Receiver(office.south.id, office.outsider.id)
    officer = office.actor(session, office.officer)
    asked = handovers.ask(session, officer, project.id, to, "项目转去珠三角", now=NOW, today=TODAY)
    assert queries.to_accept(session, outsider) == [asked]
    classified(session, office, project)
    assert queries.to_accept(session, outsider) == []
    with pytest.raises(NotFoundError):
        handovers.accept(session, outsider, asked.id, now=NOW, today=TODAY)
    with pytest.raises(NotFoundError):
        handovers.decline(session, outsider, asked.id, "不熟", now=NOW)


@pytest.mark.parametrize("named", ["south", "outsider"])
def test_a_confidential_project_is_offered_to_named_people_only(session: Session, office: Office, named: str) -> None:
    project, officer = lead(session, office), office.actor(session, office.officer)
    classified(session, office, project)
    to = Receiver(office.south.id, office.outsider.id if named == "outsider" else None)
    with pytest.raises(DomainError) as refused:
        handovers.ask(session, officer, project.id, to, "换组", now=NOW, today=TODAY)
    assert refused.value.problems[0].key == "handover.secret"
    knows = Receiver(office.east.id, office.lead.id)
    assert handovers.ask(session, officer, project.id, knows, "出差", now=NOW, today=TODAY).to_user_id == knows.user_id


def test_after_the_inspection_another_unit_gets_a_project_by_transfer_only(session: Session, office: Office) -> None:
    project = walk(session, office, lead(session, office), Stage.REVIEWING)
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    to = Receiver(office.south.id, office.outsider.id)
    for act, by in ((handovers.ask, officer), (handovers.decide, registrar)):
        with pytest.raises(DomainError) as refused:
            act(session, by, project.id, to, "换组", now=NOW, today=TODAY)
        assert refused.value.problems[0].key == "handover.transfer"
    inside = Receiver(office.east.id, office.colleague.id)
    assert handovers.ask(session, officer, project.id, inside, "出差", now=NOW, today=TODAY).answered_at is None
