"""Reads of delivery plans: one plan with its nodes and facts, the list by light, what is due for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.auth.models import User
from crm.core.errors import NotFoundError, Problem
from crm.core.files import Attachment
from crm.delivery.plans import setting
from crm.delivery.plans.halves import half_of
from crm.delivery.plans.lights import SEVERITY, Light, Standing, Verdict, judge
from crm.delivery.plans.models import PlanCheck, PlanOpinion
from crm.pipeline.landing.models import DeliveryPlan, PlanFact, PlanNode
from crm.pipeline.landing.nodes import NODE_LABELS, NodeKind, NodeState
from crm.pipeline.models import Agreement, Project
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import ORDER, Stage
from crm.pipeline.words import AgreementKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("plan.absent", "这个项目还没有推进计划。")
NODE_ABSENT = Problem("node.absent", "没有这个节点。")
NODE = "plan_node"
MOST, MOST_FACTS, MOST_DUE, PAGE = 20_000, 200, 6, 30
SIGNED_ON = ORDER[ORDER.index(Stage.SIGNED) :]
WAITING = PlanNode.state.in_((NodeState.OPEN, NodeState.ACCEPTED))


@dataclass(frozen=True, slots=True)
class Row:
    """A plan in the list: its project, who serves it, its light, how far it is, when it was last checked."""

    plan: DeliveryPlan
    project: Project
    agent: str | None
    standing: Standing
    verdict: Verdict
    checked_on: date | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to.

    ``unit_id``: of the project, or of a node still to be done; ``unchecked``: no check in this half of the month.
    """

    light: Light | None = None
    unit_id: int | None = None
    agent_id: int | None = None
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of plans with how many there are of each light."""

    rows: tuple[Row, ...]
    counts: dict[Light, int]
    total: int
    page: int
    more: bool


def plan_of(session: Session, project_id: int, *, lock: bool = False) -> DeliveryPlan | None:
    """Return the plan of a project already found to be visible."""
    statement = select(DeliveryPlan).where(DeliveryPlan.project_id == project_id)
    if lock:
        statement = statement.with_for_update(of=DeliveryPlan)
    return session.scalar(statement.options(joinedload(DeliveryPlan.agent)) if not lock else statement)


def nodes(session: Session, plan_id: int) -> list[PlanNode]:
    """Nodes of a plan in their order, with the units that answer for them."""
    statement = select(PlanNode).where(PlanNode.plan_id == plan_id).options(joinedload(PlanNode.unit))
    return list(session.scalars(statement.order_by(PlanNode.position)))


def files(session: Session, node_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Evidence by node, oldest first."""
    statement = select(Attachment).where(Attachment.subject_type == NODE, Attachment.subject_id.in_(node_ids))
    found: dict[int, list[Attachment]] = {}
    for one in session.scalars(statement.order_by(Attachment.id)):
        found.setdefault(one.subject_id, []).append(one)
    return found


def file_count(session: Session, node_id: int) -> int:
    """How many pieces of evidence a node has."""
    statement = select(func.count(Attachment.id)).where(
        Attachment.subject_type == NODE, Attachment.subject_id == node_id
    )
    return session.scalar(statement) or 0


def evidence_words(session: Session, node: PlanNode) -> str:
    """Write the evidence of a node as the history of the project keeps it."""
    names = "、".join(one.name for one in files(session, [node.id]).get(node.id, []))
    number = f"编号{node.number}，" if node.number else ""
    return f"{NODE_LABELS[node.kind]}节点于{node.done_on}办结：{number}佐证材料{names}"


def facts(session: Session, plan_id: int, *, after: int = 0) -> list[tuple[PlanFact, str | None]]:
    """What happened after a fact, newest first, with who wrote it down."""
    statement = (
        select(PlanFact, User.name)
        .outerjoin(User, User.id == PlanFact.by)
        .where(PlanFact.plan_id == plan_id, PlanFact.id > after)
    )
    return [(row, name) for row, name in session.execute(statement.order_by(PlanFact.id.desc()).limit(MOST_FACTS))]


def checks(session: Session, plan_id: int) -> list[tuple[PlanCheck, str]]:
    """Half-monthly checks, newest first, with who filled them in."""
    statement = select(PlanCheck, User.name).join(User, User.id == PlanCheck.by).where(PlanCheck.plan_id == plan_id)
    return [(row, name) for row, name in session.execute(statement.order_by(PlanCheck.id.desc()).limit(MOST_FACTS))]


def opinions(session: Session, plan_id: int) -> list[PlanOpinion]:
    """Opinions asked of departments, newest first."""
    statement = select(PlanOpinion).where(PlanOpinion.plan_id == plan_id).options(joinedload(PlanOpinion.unit))
    return list(session.scalars(statement.order_by(PlanOpinion.id.desc()).limit(MOST_FACTS)))


def without_plan(session: Session, *, project_id: int | None, limit: int) -> list[Project]:
    """Projects with a contract that were signed before signing made the plan, oldest first."""
    contract = exists().where(Agreement.project_id == Project.id, Agreement.kind == AgreementKind.CONTRACT)
    statement = select(Project).where(
        Project.stage.in_(SIGNED_ON),
        Project.exit_kind.is_(None),
        contract,
        ~exists().where(DeliveryPlan.project_id == Project.id),
    )
    if project_id is not None:
        statement = statement.where(Project.id == project_id)
    return list(session.scalars(statement.order_by(Project.id).limit(limit)))


def _standing(today: date) -> list[Any]:
    """Columns of a grouped read that make a :class:`Standing`."""
    needed = PlanNode.state != NodeState.EXEMPT
    start, statistics = PlanNode.kind == NodeKind.START, PlanNode.kind == NodeKind.STATISTICS
    return [
        func.sum(case((needed, 1), else_=0)),
        func.sum(case((and_(needed, PlanNode.due_on < today), 1), else_=0)),
        func.sum(case((PlanNode.state == NodeState.DONE, 1), else_=0)),
        func.max(case((and_(start, WAITING), PlanNode.due_on))),
        func.max(case((and_(start, PlanNode.state == NodeState.DONE), PlanNode.done_on))),
        func.max(case((and_(statistics, WAITING), 1), else_=0)),
        func.min(case((WAITING, PlanNode.due_on))),
    ]


def _stand(columns: Sequence[Any]) -> Standing:
    total, planned, done, start_due, started, unlisted, next_due = columns
    return Standing(total, planned, done, start_due, started if unlisted else None, next_due)


def verdict_of(session: Session, plan_id: int, today: date) -> tuple[Standing, Verdict]:
    """How one plan stands, and its light."""
    row = session.execute(select(*_standing(today)).where(PlanNode.plan_id == plan_id)).one()
    standing = _stand(row)
    return standing, judge(standing, setting.current(session).limits, today)


def listed(session: Session, actor: Actor, wanted: Wanted, *, today: date, page: int = 1) -> Found:
    """Give plans of projects the actor may see and that have not left, worst light first, then what is due first.

    Lights hang on the day: all are judged in one grouped read of at most :data:`MOST` plans, a page is then fetched.
    """
    statement = (
        select(DeliveryPlan.id, *_standing(today))
        .join(Project, Project.id == DeliveryPlan.project_id)
        .join(PlanNode, PlanNode.plan_id == DeliveryPlan.id)
        .where(visible_to(actor), Project.exit_kind.is_(None))
        .group_by(DeliveryPlan.id)
        .order_by(DeliveryPlan.id.desc())
        .limit(MOST)
    )
    for clause in _narrowing(wanted, today):
        statement = statement.where(clause)
    limits = setting.current(session).limits
    judged: list[tuple[int, Standing, Verdict]] = []
    for plan_id, *columns in session.execute(statement):
        standing = _stand(columns)
        judged.append((plan_id, standing, judge(standing, limits, today)))
    counts = {light: sum(one[2].light is light for one in judged) for light in Light}
    kept = [one for one in judged if wanted.light is None or one[2].light is wanted.light]
    kept.sort(key=lambda one: (SEVERITY[one[2].light], one[1].next_due or today, one[0]))
    page = max(1, min(page, -(-len(kept) // PAGE) or 1))
    shown = kept[(page - 1) * PAGE : page * PAGE]
    return Found(tuple(_rows(session, shown)), counts, len(kept), page, more=page * PAGE < len(kept))


def _narrowing(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.unit_id is not None:
        other = aliased(PlanNode)
        waits = other.state.in_((NodeState.OPEN, NodeState.ACCEPTED))
        answers = select(other.plan_id).where(other.unit_id == wanted.unit_id, waits)
        found.append(or_(Project.unit_id == wanted.unit_id, DeliveryPlan.id.in_(answers)))
    if wanted.agent_id is not None:
        found.append(DeliveryPlan.agent_id == wanted.agent_id)
    if wanted.unchecked:
        recent = PlanCheck.checked_on >= half_of(today).first
        found.append(~exists().where(PlanCheck.plan_id == DeliveryPlan.id, recent))
    return found


def _rows(session: Session, shown: Sequence[tuple[int, Standing, Verdict]]) -> list[Row]:
    checked = select(func.max(PlanCheck.checked_on)).where(PlanCheck.plan_id == DeliveryPlan.id).correlate(DeliveryPlan)
    statement = (
        select(DeliveryPlan, Project, User.name, checked.scalar_subquery())
        .join(Project, Project.id == DeliveryPlan.project_id)
        .outerjoin(User, User.id == DeliveryPlan.agent_id)
        .where(DeliveryPlan.id.in_([one[0] for one in shown]))
        .options(joinedload(Project.unit), joinedload(Project.enterprise))
    )
    found = {row[0].id: row for row in session.execute(statement)}
    rows = []
    for plan_id, standing, verdict in shown:
        plan, project, agent, checked_on = found[plan_id]
        rows.append(Row(plan, project, agent, standing, verdict, checked_on))
    return rows


def agents(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """People who run errands of plans the actor may see, as (id, name)."""
    statement = (
        select(User.id, User.name)
        .join(DeliveryPlan, DeliveryPlan.agent_id == User.id)
        .join(Project, Project.id == DeliveryPlan.project_id)
        .where(visible_to(actor), Project.exit_kind.is_(None))
        .distinct()
        .order_by(User.name, User.id)
    )
    return [(user_id, name) for user_id, name in session.execute(statement.limit(MOST_FACTS))]


def mine(actor: Actor) -> ColumnElement[bool]:
    """Condition: the actor owns the project or runs its errands."""
    return or_(DeliveryPlan.agent_id == actor.user_id, Project.owner_id == actor.user_id)


def due_count(actor: Actor, until: date) -> Select[int]:
    """Count the open nodes of the actor's own plans that are due until a day, in sight or not."""
    return (
        select(func.count(PlanNode.id))
        .join(DeliveryPlan, DeliveryPlan.id == PlanNode.plan_id)
        .join(Project, Project.id == DeliveryPlan.project_id)
        .where(mine(actor), WAITING, PlanNode.due_on <= until)
    )


def due_for(session: Session, actor: Actor, until: date) -> list[tuple[PlanNode, Project]]:
    """Open nodes of the actor's own plans that are due until a day, the latest first."""
    statement = (
        select(PlanNode, Project)
        .join(DeliveryPlan, DeliveryPlan.id == PlanNode.plan_id)
        .join(Project, Project.id == DeliveryPlan.project_id)
        .where(visible_to(actor), Project.exit_kind.is_(None), mine(actor), WAITING, PlanNode.due_on <= until)
        .order_by(PlanNode.due_on, PlanNode.id)
        .limit(MOST_DUE)
    )
    return [(node, project) for node, project in session.execute(statement)]


def evidence(session: Session, actor: Actor, project_id: int, file_id: int) -> Attachment:
    """Return a piece of evidence of a project the actor may see."""
    statement = (
        select(Attachment)
        .join(PlanNode, and_(Attachment.subject_type == NODE, Attachment.subject_id == PlanNode.id))
        .join(Project, Project.id == PlanNode.project_id)
        .where(Attachment.id == file_id, Project.id == project_id, visible_to(actor))
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(Problem("file.absent", "没有这个文件。"))
    return found
