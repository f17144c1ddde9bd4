from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.fieldwork.models import FollowUp
from crm.pipeline import record, services
from crm.pipeline.exits import services as exits
from crm.pipeline.landing.nodes import PROOF
from crm.pipeline.limits import Exit
from crm.pipeline.models import StageEntry
from crm.pipeline.rules import ORDER, AgreementKind, ExitKind, ExitReason, ReviewResult, Stage
from tests.service.pipeline.helpers import (
    agreed,
    at_signing,
    go,
    inspected,
    lead,
    proved,
    refused,
    reviewed,
    visited,
)
from tests.support.builders import NOW, TODAY, touch

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office


def test_a_project_walks_the_whole_road_and_every_step_is_a_row(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = at_signing(session, office)
    agreed(session, office, project)
    for stage in ORDER[ORDER.index(Stage.SIGNED) :]:
        if stage in PROOF:
            proved(session, project, stage)
        go(session, officer, project, stage, "证照编号 3302" if stage is not Stage.SIGNED else "")
    entries = session.scalars(select(StageEntry).order_by(StageEntry.id)).all()
    assert [entry.to_stage for entry in entries] == list(ORDER)
    assert [entry.from_stage for entry in entries] == [None, *ORDER[:-1]]
    assert all(entry.first for entry in entries)
    moved = select(AuditEvent).where(AuditEvent.action == "project.move").order_by(AuditEvent.id)
    assert [event.detail["to"] for event in session.scalars(moved)] == list(ORDER[1:])


def test_the_gate_before_inspecting_wants_a_visit_of_this_project(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = go(session, officer, lead(session, office), Stage.VISITING)
    touch(session, project.enterprise, office.east, office.officer)
    assert refused(session, officer, project, Stage.INSPECTING) == ["gate.visit"]
    visited(session, office, project)
    assert refused(session, officer, project, Stage.INSPECTING) == []


def test_a_voided_visit_does_not_open_the_gate(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = go(session, officer, lead(session, office), Stage.VISITING)
    visited(session, office, project, voided_at=NOW, void_reason="重复录入")
    assert refused(session, officer, project, Stage.INSPECTING) == ["gate.visit"]


def test_an_inspection_without_a_report_does_not_reach_the_review(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = go(session, officer, lead(session, office), Stage.VISITING)
    visited(session, office, project)
    go(session, officer, project, Stage.INSPECTING)
    assert refused(session, officer, project, Stage.REVIEWING) == ["gate.inspection", "gate.inspection_report"]
    inspected(session, office, project, report="  ")
    assert refused(session, officer, project, Stage.REVIEWING) == ["gate.inspection_report"]
    inspected(session, office, project)
    assert refused(session, officer, project, Stage.REVIEWING) == []


def test_the_newest_review_decides(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = at_signing(session, office)
    agreed(session, office, project)
    reviewed(session, office, project, environment="fail")
    assert refused(session, officer, project, Stage.SIGNED) == ["gate.review"]
    reviewed(session, office, project)
    assert refused(session, officer, project, Stage.SIGNED) == []


@pytest.mark.parametrize("kind", [AgreementKind.INTENT, AgreementKind.FRAMEWORK])
def test_intent_and_framework_do_not_open_the_gate_to_signing(
    session: Session, office: Office, kind: AgreementKind
) -> None:
    officer = office.actor(session, office.officer)
    project = at_signing(session, office)
    agreed(session, office, project, kind)
    assert refused(session, officer, project, Stage.SIGNED) == ["gate.contract"]


def test_after_signing_each_step_names_its_evidence(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = at_signing(session, office)
    agreed(session, office, project)
    go(session, officer, project, Stage.SIGNED)
    assert refused(session, officer, project, Stage.REGISTERED, "营业执照 91330000") == ["gate.node_registered"]
    proved(session, project, Stage.REGISTERED)
    assert refused(session, officer, project, Stage.REGISTERED, "  ") == ["gate.evidence"]
    assert refused(session, officer, project, Stage.REGISTERED, "营业执照 91330000") == []


def test_an_officer_cannot_send_a_project_back_but_the_team_lead_can(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    officer, team_lead = office.actor(session, office.officer), office.actor(session, office.lead)
    assert refused(session, officer, project, Stage.VISITING, "材料不实") == ["stage.back_role"]
    assert refused(session, team_lead, project, Stage.VISITING) == ["stage.back_reason"]
    go(session, team_lead, project, Stage.VISITING, "材料不实")
    again = go(session, officer, project, Stage.INSPECTING)
    last_two = session.scalars(select(StageEntry).order_by(StageEntry.id)).all()[-2:]
    assert [(entry.first, entry.reason) for entry in last_two] == [(False, "材料不实"), (False, None)]
    assert again.stage is Stage.INSPECTING


def test_a_stale_version_is_a_conflict_and_writes_nothing(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = lead(session, office)
    seen = project.version
    go(session, officer, project, Stage.VISITING)
    with pytest.raises(ConflictError):
        services.move(session, officer, project.id, Stage.INSPECTING, reason="", version=seen, now=NOW)
    assert project.stage is Stage.VISITING


def test_another_units_officer_finds_nothing_and_a_reader_may_not_move(session: Session, office: Office) -> None:
    project = lead(session, office)
    with pytest.raises(NotFoundError):
        go(session, office.actor(session, office.outsider), project, Stage.VISITING)
    with pytest.raises(ForbiddenError):
        go(session, office.actor(session, office.leader), project, Stage.VISITING)


def test_a_project_leaves_with_a_reason_and_comes_back_where_it_was(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project = go(session, officer, lead(session, office), Stage.VISITING)
    moment = {"now": NOW, "today": TODAY}
    pause = Exit(ExitKind.SUSPENDED, ExitReason.FUNDING, "等母公司融资到位", TODAY + timedelta(days=60))
    exits.leave(session, officer, project.id, pause, version=project.version, **moment)  # type: ignore[arg-type]  # a moment is two values
    reminder = session.scalars(select(FollowUp)).one()
    assert (reminder.project_id, reminder.due_on, reminder.owner_id) == (project.id, pause.review_on, officer.user_id)
    assert refused(session, officer, project, Stage.INSPECTING) == ["stage.left"]
    exits.restore(session, officer, project.id, version=project.version, now=NOW)
    assert (project.stage, project.exit_kind, project.review_on) == (Stage.VISITING, None, None)
    with pytest.raises(DomainError):
        exits.restore(session, officer, project.id, version=project.version, now=NOW)


def test_voided_touches_empty_reports_and_framework_agreements_are_no_facts(session: Session, office: Office) -> None:
    project = at_signing(session, office)
    inspected(session, office, project, report="  ")
    visited(session, office, project, voided_at=NOW, void_reason="重复录入")
    reviewed(session, office, project, economy="fail")
    agreed(session, office, project, AgreementKind.FRAMEWORK)
    agreed(session, office, project)
    shown = record.load(session, office.actor(session, office.officer), project.id).facts
    assert (shown.visits, shown.inspections, shown.inspection_reports) == (1, 2, 1)
    assert (shown.review, shown.contracts) == (ReviewResult.FAILED, 1)
