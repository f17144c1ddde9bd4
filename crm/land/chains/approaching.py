"""From a gap to a lead in one click: the firm becomes a target of the node, the lead says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.land.chains import finding
from crm.land.chains.gathering import talks
from crm.pipeline import services as pipeline
from crm.pipeline.intake.dimensions import CHAIN_LABELS, ChainRole
from crm.pipeline.limits import ProjectDraft
from crm.pipeline.rules import Channel
from crm.resources.chains import matching, placing, queries, rights
from crm.resources.chains.placing import PlaceDraft
from crm.resources.chains.rules import GAPS, Call, Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.models import Project
    from crm.resources.chains.models import IndustryNode
    from crm.resources.chains.queries import Whole
    from crm.resources.chains.rules import Reason

NAME_LENGTH, FIRM_LENGTH = 200, 80
NO_GAP = Problem("approach.sound", "这个环节现在不缺企业，不用再找；要继续找，请先写理由改判。")
NOBODY = Problem("approach.strange", "这家企业和这个环节对不上，请从推荐里选，或先把它列为目标企业。")


def make_target(session: Session, actor: Actor, node_id: int, enterprise_id: int, *, now: datetime) -> None:
    """Confirm a proposal: the firm is a target of the node, with those reasons of this moment that all may read."""
    node = queries.node(session, node_id)
    whole = queries.whole(session, node.chain_id)
    reasons = _reasons(session, actor, whole, node, enterprise_id, now)
    draft = PlaceDraft(enterprise_id, Side.TARGET, reasons=matching.shared(reasons))
    placing.place(session, actor, node.id, draft, now=now)


def make_lead(session: Session, actor: Actor, node_id: int, enterprise_id: int, *, now: datetime) -> Project:
    """Register a lead in the person's unit that says which gap it is for and why this firm.

    Whoever may change the chain makes the firm a target of the node with the same click.
    """
    node = queries.node(session, node_id)
    whole = queries.whole(session, node.chain_id)
    verdict = whole.verdicts.get(node.id)
    if verdict is None or verdict.call not in GAPS:
        raise DomainError(NO_GAP)
    known = talks(session, actor, [enterprise_id]).get(enterprise_id)
    if known is not None:
        text = "这家企业已经在谈“%(name)s”，请在那个项目里继续。"
        raise DomainError(Problem("approach.talk", text, params={"name": known.name, "project_id": known.id}))
    reasons = _reasons(session, actor, whole, node, enterprise_id, now)
    targets = {one.place.enterprise_id: one for one in whole.of(node.id, Side.TARGET)}
    if not reasons and enterprise_id not in targets:
        raise DomainError(NOBODY)
    if enterprise_id not in targets and rights.may(actor, whole.chain.unit_id):
        draft = PlaceDraft(enterprise_id, Side.TARGET, reasons=matching.shared(reasons))
        placing.place(session, actor, node.id, draft, now=now)
    project = pipeline.register_lead(
        session, actor, enterprise_id, _draft(session, whole, node, enterprise_id, verdict.call, reasons), now=now
    )
    detail = {"node": node.name, "project_id": project.id, "enterprise_id": enterprise_id}
    audit.record(session, actor.user_id, "chain.lead", (queries.CHAIN, whole.chain.id), now=now, **detail)
    return project


def _reasons(
    session: Session, actor: Actor, whole: Whole, node: IndustryNode, enterprise_id: int, now: datetime
) -> Sequence[Reason]:
    found = finding.targets(session, actor, whole, node, now=now, only=enterprise_id)
    return found[0].reasons if found else ()


def _draft(
    session: Session, whole: Whole, node: IndustryNode, enterprise_id: int, call: Call, reasons: Sequence[Reason]
) -> ProjectDraft:
    role = ChainRole(call.value)
    firm = finding.name_of(session, enterprise_id)
    why = "；".join(
        f"{one.message % dict(one.params)}（{one.points:+d}）"
        for one in reasons
        if one.points and one.message not in matching.OWN
    )
    content = f"对准产业链“{whole.chain.name}”的环节“{node.name}”（{CHAIN_LABELS[role]}）。"
    return ProjectDraft(
        name=f"{firm[:FIRM_LENGTH]}{node.name}{CHAIN_LABELS[role]}项目"[:NAME_LENGTH],
        content=content + (f"推荐理由：{why}。" if why else ""),
        channel=Channel.CHAIN,
        industry=(whole.chain.industry or whole.chain.name)[:NAME_LENGTH],
        product_line=node.name,
        chain_role=role,
    )


def may_lead(actor: Actor) -> bool:
    """Whether a person may register leads at all."""
    return actor.may(Permission.PROJECT_WRITE)
