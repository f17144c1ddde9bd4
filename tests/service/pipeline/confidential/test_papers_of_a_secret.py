"""The same walk for a confidential project with a claim, a dispute, papers and a task force."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.core.errors import NotFoundError
from crm.pipeline.approval.rules import Category
from crm.pipeline.claims.models import ClaimDispute
from crm.pipeline.confidential import services as confidential
from crm.pipeline.exceptions import services as exceptions
from crm.pipeline.exceptions.rules import ExceptionKind, Request
from crm.pipeline.instructions import services as instructions
from crm.pipeline.instructions.rules import InstructionDraft, Urgency
from crm.pipeline.intake import handovers, leaders, tips
from crm.pipeline.intake.dimensions import LinkKind
from crm.pipeline.intake.handovers import Receiver
from crm.pipeline.intake.tips import TipDraft
from crm.pipeline.models import Project
from crm.pipeline.rules import Stage
from crm.pipeline.team import services as team
from crm.pipeline.team.rules import ForceDraft
from tests.conftest import Browser
from tests.service.pipeline.claims.helpers import filed
from tests.service.pipeline.confidential.test_nobody_else_knows import OUTSIDE, Secret, addresses, read
from tests.service.pipeline.helpers import accepted, walk
from tests.support import approvals, builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

WORDS = ("磐石", "青竹", "密谈", "密因", "密任", "密批", "密文")


@pytest.fixture
def secret(session: Session, office: Office) -> Secret:
    """Return a project with papers of every kind that became confidential afterwards."""
    officer, registrar = office.actor(session, office.officer), office.actor(session, office.registrar)
    firm = builders.enterprise(session, "云岭磐新材料有限公司")
    first = filed(session, office, firm, office.officer, "磐石项目")
    project = session.get_one(Project, first.project_id)
    accepted(session, office, project)
    walk(session, office, project, Stage.VISITING)
    filed(session, office, firm, office.outsider, "云母项目")
    dispute = session.scalars(select(ClaimDispute)).one()
    until = TODAY + timedelta(days=30)
    request = Request(ExceptionKind.SPECIAL, "密因", until, demand="inspection")
    asked = exceptions.ask(session, officer, project.id, request, now=NOW, today=TODAY, zone=NOW.tzinfo)  # type: ignore[arg-type]  # an aware instant
    force = ForceDraft("磐石专班", "密任务", office.lead.id, TODAY, None, (office.outsider.id, office.colleague.id))
    made = team.form_force(session, registrar, project.id, force, whole_enterprise=False, now=NOW)
    order = InstructionDraft("密批", until, Urgency.URGENT, office.leader.id, office.east.id, project_id=project.id)
    given = instructions.give(session, office.actor(session, office.leader), order, now=NOW, today=TODAY)
    paper = approvals.sent(session, office, project, Category.FRAMEWORK)
    paper.title = "密文一份"
    link = leaders.LinkDraft(office.leader.id, LinkKind.PROJECT, project.id, TODAY)
    linked = leaders.link(session, registrar, link, now=NOW)
    tip = tips.report(session, office.actor(session, office.colleague), TipDraft("云岭要扩产"), client_id="t1", now=NOW)
    tips.attach(session, office.actor(session, office.lead), tip.id, project, now=NOW)
    to = Receiver(office.south.id, office.outsider.id)
    hand = handovers.ask(session, officer, project.id, to, "密谈后换组", now=NOW, today=TODAY)
    by = office.actor(session, office.lead)
    confidential.classify(session, by, project.id, "青竹计划", version=project.version, now=NOW)
    session.commit()
    values: dict[str, Any] = {
        "project_id": project.id,
        "enterprise_id": firm.id,
        "dispute_id": dispute.id,
        "claim_id": first.id,
        "exception_id": asked.id,
        "force_id": made.id,
        "instruction_id": given.id,
        "approval_id": paper.id,
        "link_id": linked.id,
        "tip_id": tip.id,
        "handover_id": hand.id,
        "year": 2026,
        "week": 47,
    }
    return Secret(project.id, values)


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_page_tells_of_its_papers(app: Flask, office: Office, secret: Secret, role: str) -> None:
    browser = Browser(app.test_client()).sign_in(getattr(office, role).username)
    for address, _own in addresses(app, secret):
        answer = browser.get(address)
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, address
        assert not [word for word in WORDS if word in read(answer)], address


def test_a_link_of_a_leader_to_it_is_not_there_for_others(session: Session, office: Office, secret: Secret) -> None:
    registrar = office.actor(session, office.registrar)
    with pytest.raises(NotFoundError):
        leaders.end(session, registrar, secret.values["link_id"], today=TODAY, now=NOW)
