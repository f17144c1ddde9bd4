"""What each node of a chain calls for: told anew after every change, set aside by a person with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, Problem
from crm.core.tasks import enqueue
from crm.resources.chains import queries
from crm.resources.chains.models import IndustryPlace, IndustryVerdict
from crm.resources.chains.rights import may_change
from crm.resources.chains.rules import Call, Side, judge, reason_problems

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.resources.chains.models import IndustryNode
    from crm.resources.chains.rules import Judgement

ONE_BY_ONE = 100  # targets; beyond that everybody is scored anew
NOT_BY_HAND = Problem("verdict.rule", "这个环节现在就是按规则定的。")


def rejudge(session: Session, chain_id: int, *, by: int | None, now: datetime) -> None:
    """Tell anew what the nodes of a chain call for; what a person has set stays. The caller holds the chain."""
    session.flush()
    whole = queries.whole(session, chain_id)
    moved = [node.id for node in whole.nodes if _renew(session, node, whole, by, now)]
    rescore(session, moved, now)


def _renew(session: Session, node: IndustryNode, whole: queries.Whole, by: int | None, now: datetime) -> bool:
    found, before = judge(whole.facts(node)), whole.verdicts.get(node.id)
    if before is not None and (before.by_hand or _same(before, found)):
        return False
    _open(session, before, _row(node.id, found, by, now))
    return before is None or before.call is not found.call


def _same(row: IndustryVerdict, found: Judgement) -> bool:
    return (row.call, row.points, row.reasons) == (found.call, found.points, [one.plain() for one in found.reasons])


def _row(node_id: int, found: Judgement, by: int | None, now: datetime) -> IndustryVerdict:
    return IndustryVerdict(
        node_id=node_id,
        call=found.call,
        points=found.points,
        reasons=[one.plain() for one in found.reasons],
        recorded_at=now,
        recorded_by=by,
    )


def _open(session: Session, before: IndustryVerdict | None, after: IndustryVerdict) -> None:
    if before is not None:
        before.ended_at = after.recorded_at
        session.flush()
    session.add(after)
    session.flush()


def override(session: Session, actor: Actor, node_id: int, call: Call, reason: str, *, now: datetime) -> None:
    """Let a person say what a node calls for; the points stay those of the rule."""
    node = queries.node(session, node_id)
    chain = queries.chain(session, node.chain_id, lock=True)
    may_change(actor, chain.unit_id)
    problems = reason_problems(reason)
    if problems:
        raise DomainError(*problems)
    found = judge(queries.whole(session, chain.id).facts(node))
    row = _row(node.id, found, actor.user_id or None, now)
    row.call, row.by_hand, row.reason = call, True, reason.strip()
    _open(session, queries.verdicts(session, [node.id]).get(node.id), row)
    detail = {"node": node.name, "call": call.value, "reason": reason.strip()}
    audit.record(session, actor.user_id or None, "chain.override", (queries.CHAIN, chain.id), now=now, **detail)
    rescore(session, [node.id], now)


def follow_rule(session: Session, actor: Actor, node_id: int, *, now: datetime) -> None:
    """Let the rule speak again."""
    node = queries.node(session, node_id)
    chain = queries.chain(session, node.chain_id, lock=True)
    may_change(actor, chain.unit_id)
    before = queries.verdicts(session, [node.id]).get(node.id)
    if before is None or not before.by_hand:
        raise ConflictError(NOT_BY_HAND)
    _open(session, before, _row(node.id, judge(queries.whole(session, chain.id).facts(node)), actor.user_id, now))
    audit.record(session, actor.user_id, "chain.follow_rule", (queries.CHAIN, chain.id), now=now, node=node.name)
    rescore(session, [node.id], now)


def rescore(session: Session, node_ids: Collection[int], now: datetime) -> None:
    """Ask for new scores of the targets on nodes that call for something else than before."""
    if not node_ids:
        return
    wanted = select(IndustryPlace.enterprise_id).where(
        IndustryPlace.node_id.in_(node_ids), *queries.confirmed(Side.TARGET)
    )
    firms = session.scalars(wanted.distinct().order_by(IndustryPlace.enterprise_id).limit(ONE_BY_ONE + 1)).all()
    if len(firms) > ONE_BY_ONE:
        enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key="rescore_all:0")
        return
    for firm in firms:
        ask(session, firm, now)


def ask(session: Session, enterprise_id: int, now: datetime) -> None:
    """Ask for a new score of one enterprise."""
    enqueue(session, jobs.RESCORE, {"enterprise_id": enterprise_id}, now=now, dedupe_key=f"rescore:{enterprise_id}")
