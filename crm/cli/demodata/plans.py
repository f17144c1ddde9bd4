"""Delivery plans of the demonstration: permits with their clocks, evidence, checks twice a month, an opinion."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from crm.cli.demodata.office import REGISTRAR
from crm.core.filestore import Upload
from crm.core.scheduling import local_day
from crm.core.workdays import add_workdays
from crm.delivery.plans import checks, opinions, queries, services, setting
from crm.delivery.plans.checks import CheckDraft
from crm.delivery.plans.opinions import Question
from crm.delivery.plans.rules import Finish
from crm.delivery.plans.services import Files
from crm.delivery.plans.template import Template
from crm.pipeline.landing.nodes import NODE_LABELS, NODE_ORDER, STAGE_OF, STATUTORY, NodeKind, NodeState
from crm.pipeline.landing.template import TemplateNode
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk
    from crm.cli.demodata.projects import Walk
    from crm.pipeline.landing.models import PlanNode

K = NodeKind
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
# Working days after signing, clock, unit: a county in a hurry.
NODES: dict[NodeKind, tuple[int, int | None, str | None]] = {
    K.REGISTRATION: (10, 3, None),
    K.FILING: (15, 3, "planning"),
    K.LAND: (30, 20, "land"),
    K.PLANNING: (35, 15, "land"),
    K.ENVIRONMENT: (40, 20, "environment"),
    K.ENERGY: (40, 15, "planning"),
    K.PERMIT: (50, 7, "industry"),
    K.START: (55, None, None),
    K.STATISTICS: (70, None, "planning"),
    K.COMPLETION: (200, None, None),
    K.PRODUCTION: (220, None, None),
    K.CAPACITY: (360, None, None),
}
PERMITS = (K.FILING, K.LAND, K.PLANNING, K.ENVIRONMENT, K.ENERGY, K.PERMIT)
TOOK = (3, 9, 6, 16, 11, 4)  # calendar days from acceptance to the end, more for some
SLOW, HALF_WAY = 3, 3
LAGGING = ("晗岭钛业", "椒屿调味")
EXEMPT = "年综合能耗低于1000吨标准煤，不单独进行节能审查"
PROGRESS = ("手续按计划推进，责任单位已对接。", "企业设计方案已定稿，正在报批。", "现场三通一平基本完成。")
PROBLEMS = ("", "园区东片施工便道未通，影响设备进场。", "")
NEXT = ("本月底前办结下一个节点，由代办员盯办。", "下周会同部门现场办公一次。", "协调施工单位排出作业计划。")


def set_up(desk: Desk, now: datetime) -> None:
    """Set the office's template: days, clocks, units."""
    nodes = tuple(
        TemplateNode(kind, days, clock, desk.units[unit].id if unit else None)
        for kind, (days, clock, unit) in NODES.items()
    )
    setting.change(desk.session, desk.actor(REGISTRAR), Template(nodes), now=now, today=local_day(now))


def plan(walk: Walk, stage: Stage, since: int) -> None:
    """Write into the diary what belongs to the plan in a stage."""
    if stage is Stage.SIGNED:
        walk.step(since - 1, 9, partial(_staff, walk))
        if walk.number % SLOW == 0:
            walk.step(since - 6, 14, partial(_ask, walk))
    if stage is Stage.LANDING:
        stops = walk.plan.short in LAGGING
        for place, kind in enumerate(PERMITS[: HALF_WAY if stops else None]):
            walk.step(since - 3 - 3 * place, 15, partial(_permit, walk, kind, place))
    if stage is Stage.STARTED and walk.number % SLOW:
        walk.step(since - 12, 10, partial(_done, walk, (K.STATISTICS,)))
    if stage in {Stage.SIGNED, Stage.REGISTERED, Stage.LANDING, Stage.STARTED, Stage.IN_PRODUCTION}:
        walk.step(since - 13, 16, partial(_check, walk))


def proves(walk: Walk, stage: Stage) -> bool:
    """Whether the project has a plan whose node moves it to the stage."""
    return stage in STAGE_OF.values() and queries.plan_of(walk.desk.session, walk.row.id) is not None


def prove(walk: Walk, stage: Stage, now: datetime) -> None:
    """Finish every node up to the one that proves a stage; that moves the project."""
    last = next(kind for kind, reached in STAGE_OF.items() if reached is stage)
    _done(walk, NODE_ORDER[: NODE_ORDER.index(last) + 1], now)


def _staff(walk: Walk, now: datetime) -> None:
    desk, row = walk.desk, walk.row
    agent = desk.people[REGISTRAR if walk.number % 2 else walk.owner]
    services.set_agent(desk.session, desk.actor(walk.owner), row.id, agent.id, now=now, today=local_day(now))


def _nodes(walk: Walk) -> dict[NodeKind, PlanNode]:
    found = queries.plan_of(walk.desk.session, walk.row.id)
    return {node.kind: node for node in queries.nodes(walk.desk.session, found.id)} if found else {}


def _permit(walk: Walk, kind: NodeKind, place: int, now: datetime) -> None:
    node = _nodes(walk).get(kind)
    if node is None:
        return
    session, actor, today = walk.desk.session, walk.desk.actor(walk.owner), local_day(now)
    if kind is K.ENERGY and walk.number % SLOW == 0:
        services.exempt(session, actor, walk.row.id, node.id, EXEMPT, now=now, today=today)
        return
    took = TOOK[place] * (2 if walk.number % 4 == place % 4 else 1)
    accepted = min(add_workdays(max(node.plan.signed_on, today - timedelta(days=took)), 0), today)
    services.accept(session, actor, walk.row.id, node.id, accepted, now=now, today=today)
    _finish(walk, node, now)


def _done(walk: Walk, kinds: tuple[NodeKind, ...], now: datetime) -> None:
    nodes = _nodes(walk)
    for kind in kinds:
        node = nodes.get(kind)
        if node is not None and node.state not in {NodeState.DONE, NodeState.EXEMPT}:
            _finish(walk, node, now)


def _finish(walk: Walk, node: PlanNode, now: datetime) -> None:
    desk, today = walk.desk, local_day(now)
    label = NODE_LABELS[node.kind]
    number = f"云溪{label[:2]}〔{now.year}〕{walk.number + 11}号" if node.kind in STATUTORY else ""
    files = Files([Upload(f"{label}佐证.pdf", PDF)], desk.folder)
    draft = Finish(today, number, begun=True)
    actor = desk.actor(walk.owner)
    services.finish(desk.session, actor, walk.row.id, node.id, draft, files=files, now=now, today=today)


def _check(walk: Walk, now: datetime) -> None:
    desk, today, place = walk.desk, local_day(now), walk.number % len(PROGRESS)
    found = queries.plan_of(desk.session, walk.row.id)
    if found is None:
        return
    sheet = checks.sheet(desk.session, found, today=today)
    draft = CheckDraft(PROGRESS[place], PROBLEMS[place], NEXT[place])
    actor = desk.actor(walk.owner)
    checks.fill(desk.session, actor, walk.row.id, draft, after=sheet.after, now=now, today=today)


def _ask(walk: Walk, now: datetime) -> None:
    if not _nodes(walk):
        return
    desk, today = walk.desk, local_day(now)
    question = Question(desk.units["environment"].id, "园区污水管网接入意见", "微信工作群通知截图", today, 5)
    opinions.ask(desk.session, desk.actor(walk.owner), walk.row.id, question, now=now, today=today)
