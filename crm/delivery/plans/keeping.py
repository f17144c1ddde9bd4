"""What every write of a plan needs: the plan or node with its right and its lock, and the fact that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.delivery.plans import queries
from crm.delivery.plans.models import PlanFact
from crm.delivery.plans.rules import NodeFacts
from crm.pipeline import queries as projects
from crm.pipeline.landing.nodes import NodeKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.plans.rules import FactKind
    from crm.pipeline.landing.models import DeliveryPlan, PlanNode
    from crm.pipeline.models import Project

P = Permission
PLAN = "delivery_plan"


def plan_for(session: Session, actor: Actor, project_id: int) -> tuple[Project, DeliveryPlan]:
    """Return the locked plan of a project the actor may write and that has not left."""
    project = projects.get_for(session, actor, project_id, P.PROJECT_WRITE)
    if project.exit_kind is not None:
        raise DomainError(Problem("stage.left", "项目已退出，请先恢复再推进。"))
    plan = queries.plan_of(session, project.id, lock=True)
    if plan is None:
        raise NotFoundError(queries.ABSENT)
    return project, plan


def node_for(
    session: Session, actor: Actor, project_id: int, node_id: int, *, coming: int = 0
) -> tuple[DeliveryPlan, PlanNode, NodeFacts]:
    """Return a node to be written with what the rules look at; ``coming``: files that come with the form."""
    _project, plan = plan_for(session, actor, project_id)
    nodes = {node.id: node for node in queries.nodes(session, plan.id)}
    node = nodes.get(node_id)
    if node is None:
        raise NotFoundError(queries.NODE_ABSENT)
    permit = next((one for one in nodes.values() if one.kind is NodeKind.PERMIT and not one.carried), None)
    facts = NodeFacts(
        kind=node.kind,
        state=node.state,
        signed_on=plan.signed_on,
        accepted_on=node.accepted_on,
        files=coming + queries.file_count(session, node.id),
        others={one.kind: one.state for one in nodes.values() if one.id != node_id},
        permit_on=permit.done_on if permit else None,
    )
    return plan, node, facts


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
    audit.record(session, by, f"plan.{kind}", (PLAN, plan.id), now=now, **more)
    return row
