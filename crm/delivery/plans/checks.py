"""Half-monthly checks (每半月跟踪): only what changed since the last one, filled in and kept as a dated fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from crm.core import audit
from crm.core.errors import ConflictError, DomainError, Problem
from crm.core.scheduling import local_day
from crm.delivery.capital.models import CapitalVoucher
from crm.delivery.capital.queries import COUNTED
from crm.delivery.plans import queries
from crm.delivery.plans.keeping import plan_for
from crm.delivery.plans.lights import LIGHT_LABELS
from crm.delivery.plans.models import PlanCheck
from crm.delivery.plans.wording import pack, said
from crm.pipeline.landing.making import SUBJECT
from crm.pipeline.landing.models import PlanFact
from crm.pipeline.landing.nodes import NODE_LABELS, NodeState
from crm.pipeline.models import StageEntry
from crm.pipeline.rules import STAGE_LABELS, Stage

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.delivery.plans.lights import Verdict
    from crm.delivery.plans.wording import Said
    from crm.pipeline.landing.models import DeliveryPlan, PlanNode

SHORTEST = 4
STALE = Problem("check.stale", "刚刚有人填过这次跟踪，请刷新页面，只填之后的变化。")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed: the day, and a sentence with its parameters."""

    on: date
    said: Said


@dataclass(frozen=True, slots=True)
class Sheet:
    """The form of a check: since when, what changed, what is due next, and the light today."""

    since: date
    last: PlanCheck | None
    changes: tuple[Change, ...]
    ahead: tuple[PlanNode, ...]
    verdict: Verdict
    upto: int

    @property
    def after(self) -> int:
        """The check it follows, 0 for the first."""
        return self.last.id if self.last else 0


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """What a person fills in: how it goes, what stands in the way, what comes next."""

    progress: str
    problem: str
    next_step: str


def sheet(session: Session, plan: DeliveryPlan, *, today: date) -> Sheet:
    """Gather what changed since the last check of a plan: nodes, stages, money, dates that passed."""
    last = session.scalar(select(PlanCheck).where(PlanCheck.plan_id == plan.id).order_by(PlanCheck.id.desc()).limit(1))
    nodes = queries.nodes(session, plan.id)
    names = {node.id: NODE_LABELS[node.kind] for node in nodes}
    rows = queries.facts(session, plan.id, after=last.upto if last else 0)
    since = last.checked_on if last else plan.opened_on
    changes = [Change(row.on, said(row, names.get(row.node_id or 0, ""))) for row, _name in rows]
    changes += _stages(session, plan, last.at if last else plan.opened_at)
    changes += _money(session, plan, last.at if last else plan.opened_at)
    changes += _late(nodes, last.checked_on if last else plan.signed_on, today)
    changes.sort(key=lambda change: change.on)
    waiting = (NodeState.OPEN, NodeState.ACCEPTED)
    ahead = sorted((node for node in nodes if node.state in waiting), key=lambda node: (node.due_on, node.position))
    _standing, verdict = queries.verdict_of(session, plan.id, today)
    return Sheet(since, last, tuple(changes), tuple(ahead[:3]), verdict, _newest(session, plan.id))


def _newest(session: Session, plan_id: int) -> int:
    return session.scalar(select(func.max(PlanFact.id)).where(PlanFact.plan_id == plan_id)) or 0


def _stages(session: Session, plan: DeliveryPlan, since: datetime) -> list[Change]:
    statement = select(StageEntry).where(StageEntry.project_id == plan.project_id, StageEntry.at > since)
    return [
        Change(local_day(row.at), ("项目阶段变为%(stage)s", {"stage": STAGE_LABELS[Stage(row.to_stage)]}))
        for row in session.scalars(statement.order_by(StageEntry.seq).limit(queries.MOST_FACTS))
    ]


def _money(session: Session, plan: DeliveryPlan, since: datetime) -> list[Change]:
    statement = select(CapitalVoucher).where(
        CapitalVoucher.project_id == plan.project_id,
        CapitalVoucher.reported_at > since,
        CapitalVoucher.state.in_(COUNTED),
    )
    return [
        Change(row.arrived_on, ("上报到位资金%(amount)s万元", {"amount": f"{row.amount.normalize():f}"}))
        for row in session.scalars(statement.order_by(CapitalVoucher.id).limit(queries.MOST_FACTS))
    ]


def _late(nodes: list[PlanNode], since: date, today: date) -> list[Change]:
    """Nodes whose date passed since the last check without being done; what was late before is not news."""
    waiting = (NodeState.OPEN, NodeState.ACCEPTED)
    return [
        Change(node.due_on, ("%(node)s到期未办结", {"node": NODE_LABELS[node.kind]}))
        for node in nodes
        if node.state in waiting and since <= node.due_on < today
    ]


def fill(
    session: Session, actor: Actor, project_id: int, draft: CheckDraft, *, after: int, now: datetime, today: date
) -> PlanCheck:
    """Keep a filled-in check with the changes it showed; ``after`` is the check the form followed."""
    _project, plan = plan_for(session, actor, project_id)
    form = sheet(session, plan, today=today)
    if form.after != after:
        raise ConflictError(STALE)
    problems = []
    if len(draft.progress.strip()) < SHORTEST:
        text = "请写明这半个月的进展；没有进展的，写明原因。"
        problems.append(Problem("check.progress", text, "progress"))
    if len(draft.next_step.strip()) < SHORTEST:
        problems.append(Problem("check.next", "请写明下步打算、谁来办、何时办好。", "next_step"))
    if problems:
        raise DomainError(*problems)
    row = PlanCheck(
        plan_id=plan.id,
        after=after,
        checked_on=today,
        progress=draft.progress.strip(),
        problem=draft.problem.strip() or None,
        next_step=draft.next_step.strip(),
        light=form.verdict.light,
        changes=[[change.on.isoformat(), pack(change.said)] for change in form.changes],
        upto=form.upto,
        by=actor.user_id,
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # the same form sent twice at once
        raise ConflictError(STALE) from error
    detail = {"project": plan.project_id, "light": LIGHT_LABELS[row.light], "changes": len(row.changes)}
    audit.record(session, actor.user_id, "plan.check", (SUBJECT, plan.id), now=now, **detail)
    return row
