"""Writes of delivery plans: made at signing, arranged, finished node by node. Nothing here commits.

A node that proves a stage moves the project by the one function that moves projects, through its gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from crm.auth import queries as people
from crm.auth.models import User
from crm.auth.rules import Permission, Role
from crm.core import filestore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.delivery.plans import queries
from crm.delivery.plans.keeping import node_for, plan_for
from crm.delivery.plans.queries import NODE
from crm.delivery.plans.rules import (
    Finish,
    accept_problems,
    arrange_problems,
    exempt_problems,
    finish_problems,
    reopen_problems,
)
from crm.pipeline import queries as projects
from crm.pipeline import services as pipeline
from crm.pipeline.landing.making import keep, make
from crm.pipeline.landing.nodes import STAGE_OF, STATUTORY, FactKind, NodeState
from crm.pipeline.limits import is_signed
from crm.pipeline.rules import ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.filestore import Upload
    from crm.delivery.plans.rules import Arrangement
    from crm.pipeline.landing.models import DeliveryPlan, PlanNode
    from crm.pipeline.models import Project

P = Permission
UNSIGNED = Problem("plan.unsigned", "项目还没有签约：登记正式合同、推进到签约之后才有推进计划。")
TWICE = Problem("plan.twice", "这个项目已经有推进计划，请刷新页面。")
UNIT = Problem("node.unit", "请选择责任单位。", "unit_id")
AGENT = Problem("plan.agent", "代办员须是能办理这个项目的在编人员。", "agent_id")
BATCH = 200
HEADS = frozenset({Role.TEAM_LEAD, Role.REGISTRAR})


@dataclass(frozen=True, slots=True)
class Files:
    """Evidence as it arrived, and where files are kept."""

    uploads: Sequence[Upload]
    folder: Path


def open_plan(session: Session, actor: Actor, project_id: int, *, now: datetime, today: date) -> DeliveryPlan:
    """Make by hand the plan of a project that was signed before signing made it."""
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    if queries.plan_of(session, project.id) is not None:
        raise ConflictError(TWICE)
    if not is_signed(project.stage):
        raise DomainError(UNSIGNED)
    try:
        with session.begin_nested():
            return make(session, project, by=actor.user_id, now=now, today=today)
    except IntegrityError as error:  # the nightly job made it just now
        raise ConflictError(TWICE) from error


def make_missing(session: Session, *, now: datetime, today: date, project_id: int | None = None) -> int:
    """Make the plans of signed projects that have none, a batch at a time; return how many."""
    found = queries.without_plan(session, project_id=project_id, limit=BATCH)
    for project in found:
        make(session, project, by=None, now=now, today=today)
    return len(found)


def set_agent(
    session: Session, actor: Actor, project_id: int, agent_id: int | None, *, now: datetime, today: date
) -> DeliveryPlan:
    """Name who runs the errands of a project (全程代办), or nobody; the person must be able to open and write it."""
    project, plan = plan_for(session, actor, project_id)
    agent = session.get(User, agent_id) if agent_id else None
    if agent_id and (agent is None or not _may_serve(session, agent, project, today)):
        raise DomainError(AGENT)
    before = plan.agent.name if plan.agent else None
    plan.agent_id, plan.agent = agent.id if agent else None, agent
    detail = {"from": before, "to": agent.name if agent else None}
    keep(session, plan, None, FactKind.AGENT, today, by=actor.user_id, now=now, **detail)
    return plan


def _may_serve(session: Session, agent: User, project: Project, today: date) -> bool:
    if not agent.active:
        return False
    try:
        projects.get_for(session, people.actor_for(session, agent, today), project.id, P.PROJECT_WRITE)
    except (NotFoundError, ForbiddenError):
        return False
    return True


def arrange(
    session: Session,
    actor: Actor,
    project_id: int,
    node_id: int,
    arranged: Arrangement,
    *,
    now: datetime,
    today: date,
) -> PlanNode:
    """Set who answers for a node, until when, and its clock; a moved date needs a reason."""
    plan, node, facts = node_for(session, actor, project_id, node_id)
    moved = arranged.due_on != node.due_on
    problems = arrange_problems(facts, arranged, moved=moved)
    units = {unit.id: unit for unit in people.units(session, today)}
    if arranged.unit_id not in units:
        problems.append(UNIT)
    _refuse(problems)
    detail: dict[str, Any] = {"reason": arranged.reason.strip()}
    if moved:
        detail |= {"from": node.due_on.isoformat(), "to": arranged.due_on.isoformat()}
    if arranged.unit_id != node.unit_id:
        detail["unit"] = units[arranged.unit_id].name
    if arranged.clock_days != node.clock_days:
        detail["clock"] = arranged.clock_days
    node.unit_id, node.unit = arranged.unit_id, units[arranged.unit_id]
    node.due_on, node.clock_days = arranged.due_on, arranged.clock_days
    keep(session, plan, node, FactKind.ARRANGED, today, by=actor.user_id, now=now, **detail)
    return node


def accept(
    session: Session, actor: Actor, project_id: int, node_id: int, accepted_on: date, *, now: datetime, today: date
) -> PlanNode:
    """Record that the department accepted the application (受理): its clock begins."""
    plan, node, facts = node_for(session, actor, project_id, node_id)
    _refuse(accept_problems(facts, accepted_on, today=today))
    node.state, node.accepted_on = NodeState.ACCEPTED, accepted_on
    keep(session, plan, node, FactKind.ACCEPTED, accepted_on, by=actor.user_id, now=now)
    return node


def add_files(
    session: Session, actor: Actor, project_id: int, node_id: int, files: Files, *, now: datetime, today: date
) -> PlanNode:
    """Add evidence to a node, before or after it is done."""
    plan, node, _facts = node_for(session, actor, project_id, node_id)
    if not files.uploads:
        raise DomainError(Problem("node.no_file", "请选择要上传的文件。", "file"))
    _store(session, actor, plan, node, files, now=now, today=today)
    return node


def finish(  # noqa: PLR0913 (the evidence belongs to the finish and may have come before)
    session: Session,
    actor: Actor,
    project_id: int,
    node_id: int,
    draft: Finish,
    *,
    files: Files | None,
    now: datetime,
    today: date,
) -> PlanNode:
    """Finish a node with its evidence; one that proves a stage moves the project there, through the gate."""
    plan, node, facts = node_for(session, actor, project_id, node_id, coming=len(files.uploads) if files else 0)
    _refuse(finish_problems(facts, draft, today=today))
    if files is not None and files.uploads:
        _store(session, actor, plan, node, files, now=now, today=today)
    node.state, node.done_on, node.number = NodeState.DONE, draft.done_on, draft.number.strip() or None
    node.paused_days, node.pause_reason = draft.paused_days, draft.pause_reason.strip() or None
    session.flush()
    detail = {"number": node.number or "", "paused": draft.paused_days}
    keep(session, plan, node, FactKind.DONE, draft.done_on, by=actor.user_id, now=now, **detail)
    _advance(session, actor, node, queries.evidence_words(session, node), now=now)
    return node


def _advance(session: Session, actor: Actor, node: PlanNode, evidence: str, *, now: datetime) -> None:
    """Move the project to the stage its nodes now prove, one step at a time, as far as every gate lets it."""
    target = STAGE_OF.get(node.kind)
    project = projects.get(session, actor, node.project_id)
    if target is None or ORDER.index(project.stage) >= ORDER.index(target):
        return
    for stage in ORDER[ORDER.index(project.stage) + 1 : ORDER.index(target) + 1]:
        pipeline.move(session, actor, project.id, stage, reason=evidence, version=project.version, now=now)


def exempt(
    session: Session, actor: Actor, project_id: int, node_id: int, reason: str, *, now: datetime, today: date
) -> PlanNode:
    """Set a node aside as not needed (不涉及), with the reason; the permit only by a lead or the office, on paper."""
    plan, node, facts = node_for(session, actor, project_id, node_id)
    _refuse(exempt_problems(facts, reason, heads=bool(actor.roles & HEADS)))
    node.state, node.reason = NodeState.EXEMPT, reason.strip()
    keep(session, plan, node, FactKind.EXEMPTED, today, by=actor.user_id, now=now, reason=node.reason)
    return node


def reopen(
    session: Session, actor: Actor, project_id: int, node_id: int, reason: str, *, now: datetime, today: date
) -> PlanNode:
    """Take up a node again that was finished or set aside by mistake; its evidence stays."""
    plan, node, facts = node_for(session, actor, project_id, node_id)
    stage = STAGE_OF.get(node.kind)
    here = projects.get(session, actor, project_id).stage
    passed = stage is not None and ORDER.index(here) >= ORDER.index(stage)
    _refuse(reopen_problems(facts, reason, passed=passed))
    back = node.accepted_on is not None and node.kind in STATUTORY
    node.state = NodeState.ACCEPTED if back else NodeState.OPEN
    node.done_on, node.reason, node.carried = None, None, False
    node.paused_days, node.pause_reason = 0, None
    keep(session, plan, node, FactKind.REOPENED, today, by=actor.user_id, now=now, reason=reason.strip())
    return node


def _store(
    session: Session, actor: Actor, plan: DeliveryPlan, node: PlanNode, files: Files, *, now: datetime, today: date
) -> None:
    for upload in files.uploads:
        filestore.check(upload, "file")
    names = [
        filestore.store(session, files.folder, (NODE, node.id), upload, by=actor.user_id, now=now).name
        for upload in files.uploads
    ]
    keep(session, plan, node, FactKind.EVIDENCE, today, by=actor.user_id, now=now, files=names)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DomainError(*problems)
