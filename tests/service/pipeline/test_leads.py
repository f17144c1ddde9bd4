from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from crm.auth.models import Roster
from crm.auth.rules import Role
from crm.core import searchindex
from crm.core.audit import AuditEvent
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.tasks import Task
from crm.pipeline import fromsignals, services
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.models import Project
from crm.pipeline.rules import Channel, Stage
from crm.signals.models import Signal, SignalState
from tests.service.pipeline.helpers import at_signing, lead, registered
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.support.builders import Office

CRM = Path(__file__).resolve().parents[3] / "crm"


def test_a_lead_belongs_to_who_registered_it_and_can_be_found_and_scored(session: Session, office: Office) -> None:
    project = registered(session, office, name="年产5万吨电解液项目", content="建设三条产线")
    assert (project.owner_id, project.unit_id, project.stage) == (office.officer.id, office.east.id, Stage.LEAD)
    for words in ("电解液", "产线", project.enterprise.name):
        ids = searchindex.matching(session, "project", words)
        assert ids is not None
        assert session.scalars(ids).all() == [project.id]
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.payload) == ("rescore", {"enterprise_id": project.enterprise_id})
    assert session.scalars(select(AuditEvent.action)).all() == ["project.register"]


def test_the_same_project_of_an_enterprise_is_registered_once_whoever_comes_second(
    session: Session, office: Office
) -> None:
    first = lead(session, office, name="年产５万吨电解液项目")
    outsider = office.actor(session, office.outsider)
    draft = ProjectDraft(name=" 年产5万噸電解液項目 ")
    with pytest.raises(DomainError) as refusal:
        services.register_lead(session, outsider, first.enterprise_id, draft, now=NOW)
    problem = refusal.value.problems[0]
    assert (problem.key, problem.params["project_id"], problem.params["unit"]) == (
        "project.duplicate",
        first.id,
        "长三角小分队",
    )
    other = builders.enterprise(session)
    services.register_lead(session, outsider, other.id, ProjectDraft(name=first.name), now=NOW)


def test_somebody_who_only_reads_registers_nothing(session: Session, office: Office) -> None:
    firm = builders.enterprise(session)
    with pytest.raises(ForbiddenError):
        services.register_lead(session, office.actor(session, office.leader), firm.id, ProjectDraft(name="x"), now=NOW)


def test_a_signal_becomes_one_lead_however_often_it_is_clicked(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    signal = builders.signal(session, builders.enterprise(session, "星河新材料"), amount=Decimal(50000))
    project, made = fromsignals.register_from_signal(session, officer, signal.id, now=NOW)
    again, made_again = fromsignals.register_from_signal(session, officer, signal.id, now=NOW)
    assert (made, made_again, again.id) == (True, False, project.id)
    assert project.name == "星河新材料资本扩张项目（2026年11月）"
    assert (project.total_investment, project.channel, project.content) == (Decimal(50000), Channel.NEWS, signal.quote)
    kept = session.get_one(Signal, signal.id)
    assert (kept.state, kept.decided_by) == (SignalState.ACCEPTED, office.officer.id)


def test_a_signal_taken_by_another_unit_is_refused_with_its_name(session: Session, office: Office) -> None:
    signal = builders.signal(session, builders.enterprise(session))
    fromsignals.register_from_signal(session, office.actor(session, office.officer), signal.id, now=NOW)
    with pytest.raises(DomainError) as refusal:
        fromsignals.register_from_signal(session, office.actor(session, office.outsider), signal.id, now=NOW)
    assert refusal.value.problems[0].params == {"unit": "长三角小分队"}


def test_a_sum_no_project_could_have_is_left_out(session: Session, office: Office) -> None:
    signal = builders.signal(session, builders.enterprise(session), amount=Decimal(10**9))
    project, _made = fromsignals.register_from_signal(
        session, office.actor(session, office.officer), signal.id, now=NOW
    )
    assert project.total_investment is None


def test_a_signal_put_aside_or_absent_becomes_nothing(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    state: dict[str, Any] = {"state": SignalState.REJECTED, "decided_by": office.registrar.id, "decided_at": NOW}
    signal = builders.signal(session, builders.enterprise(session), **state)
    with pytest.raises(DomainError):
        fromsignals.register_from_signal(session, officer, signal.id, now=NOW)
    with pytest.raises(NotFoundError):
        fromsignals.register_from_signal(session, officer, 999, now=NOW)
    assert session.scalars(select(Project)).all() == []


def test_a_change_keeps_key_index_and_version_right(session: Session, office: Office) -> None:
    officer = office.actor(session, office.officer)
    project, twin = lead(session, office, name="甲项目"), ProjectDraft(name="乙 项目")
    services.register_lead(session, officer, project.enterprise_id, ProjectDraft(name="乙项目"), now=NOW)
    seen = project.version
    with pytest.raises(DomainError) as refusal:
        services.update_project(session, officer, project.id, twin, version=seen, now=NOW)
    assert refusal.value.problems[0].key == "project.duplicate"
    draft = ProjectDraft(name="高端轴承项目", total_investment=Decimal("8000.5"))
    services.update_project(session, officer, project.id, draft, version=seen, now=NOW)
    ids = searchindex.matching(session, "project", "轴承")
    assert ids is not None
    assert session.scalars(ids).all() == [project.id]
    with pytest.raises(ConflictError):
        services.update_project(session, officer, project.id, draft, version=seen, now=NOW)


def test_the_owner_comes_from_the_unit_of_the_project(session: Session, office: Office) -> None:
    team_lead = office.actor(session, office.lead)
    project = lead(session, office)
    moment = {"now": NOW, "today": TODAY}
    services.assign_owner(session, team_lead, project.id, office.colleague.id, version=project.version, **moment)  # type: ignore[arg-type]  # a moment is two values
    assert project.owner_id == office.colleague.id
    with pytest.raises(DomainError):
        services.assign_owner(session, team_lead, project.id, office.outsider.id, version=project.version, **moment)  # type: ignore[arg-type]  # a moment is two values


def test_an_officer_cannot_change_an_owner_at_once(session: Session, office: Office) -> None:
    project = lead(session, office)
    officer = office.actor(session, office.officer)
    with pytest.raises(DomainError) as refusal:
        services.assign_owner(
            session, officer, project.id, office.colleague.id, version=project.version, now=NOW, today=TODAY
        )
    assert refusal.value.problems[0].key == "owner.ask"
    assert project.owner_id == office.officer.id


def test_a_reviewer_cannot_become_the_owner_of_what_they_reviewed(session: Session, office: Office) -> None:
    session.add(
        Roster(user_id=office.registrar.id, unit_id=office.east.id, role=Role.OFFICER, valid_from=date(2026, 1, 1))
    )
    project = at_signing(session, office)
    team_lead = office.actor(session, office.lead)
    with pytest.raises(DomainError) as refusal:
        services.assign_owner(
            session, team_lead, project.id, office.registrar.id, version=project.version, now=NOW, today=TODAY
        )
    assert refusal.value.problems[0].key == "owner.reviewer"


def test_nothing_but_the_move_assigns_a_stage() -> None:
    writers = set()
    for path in CRM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            names = [part for target in targets for part in ast.walk(target)]
            if any(isinstance(name, ast.Attribute) and name.attr == "stage" for name in names):
                writers.add(path.relative_to(CRM).as_posix())
    assert writers == {"pipeline/services.py"}
