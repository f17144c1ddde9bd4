"""The plan of a project is made in the very write that signs it: a dozen rows of the office's template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core import audit, options
from crm.core.scheduling import local_day
from crm.core.workdays import add_workdays
from crm.pipeline.landing.models import DeliveryPlan, PlanFact, PlanNode
from crm.pipeline.landing.nodes import FactKind, NodeState, is_behind
from crm.pipeline.landing.template import KEY, nodes_from
from crm.pipeline.queries import first_contract

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project

SUBJECT = "delivery_plan"


def at_signing(session: Session, project: Project, *, by: int, now: datetime) -> None:
    """Make the plan of a project that was signed just now; one signed anew keeps the plan it has."""
    if session.scalar(select(DeliveryPlan.id).where(DeliveryPlan.project_id == project.id)) is None:
        make(session, project, by=by, now=now, today=local_day(now))


def make(session: Session, project: Project, *, by: int | None, now: datetime, today: date) -> DeliveryPlan:
    """Write the plan of a project: nodes by the template, those that lie behind taken as done."""
    since = local_day(project.stage_since)
    signed_on = first_contract(session, project.id) or since
    plan = DeliveryPlan(project_id=project.id, signed_on=signed_on, opened_by=by, opened_on=today, opened_at=now)
    session.add(plan)
    session.flush()
    for place, one in enumerate(nodes_from(options.read(session, KEY).get(KEY, {}))):
        if not one.used:
            continue
        behind = is_behind(one.kind, project.stage)
        node = PlanNode(
            plan_id=plan.id,
            project_id=project.id,
            kind=one.kind,
            position=place,
            unit_id=one.unit_id or project.unit_id,
            due_on=add_workdays(signed_on, one.days),
            clock_days=one.clock,
            state=NodeState.DONE if behind else NodeState.OPEN,
            done_on=max(signed_on, since) if behind else None,
            carried=behind,
        )
        session.add(node)
    session.flush()
    keep(session, plan, None, FactKind.OPENED, today, by=by, now=now, signed_on=signed_on.isoformat())
    return plan


def keep(
    session: Session,
    plan: DeliveryPlan,
    node: PlanNode | None,
    kind: FactKind,
    on: date,
    *,
    by: int | None,
    now: datetime,
    **detail: Any,  # noqa: ANN401 (any JSON value)
) -> PlanFact:
    """Keep what happened, and its row of the audit trail."""
    row = PlanFact(plan_id=plan.id, node_id=node.id if node else None, kind=kind, on=on, detail=detail, by=by, at=now)
    session.add(row)
    session.flush()
    more = {"project": plan.project_id, "node": str(node.kind) if node else None, **detail}
    audit.record(session, by, f"plan.{kind}", (SUBJECT, plan.id), now=now, **more)
    return row
