"""What every write of a plan needs: the plan or node with its right and its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.delivery.plans import queries
from crm.delivery.plans.rules import NodeFacts
from crm.pipeline import queries as projects
from crm.pipeline.landing.nodes import NodeKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.landing.models import DeliveryPlan, PlanNode
    from crm.pipeline.models import Project

P = Permission


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
    permit = next((one for one in nodes.values() if one.kind is NodeKind.PERMIT), None)
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
