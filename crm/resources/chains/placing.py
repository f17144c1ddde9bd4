"""Enterprises on nodes: placed, refused, changed, taken off. A change ends the row and opens another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core import audit
from crm.core.changes import FORM, Door
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.enterprises import queries as register
from crm.resources.chains import judging, queries
from crm.resources.chains.models import IndustryPlace
from crm.resources.chains.rights import may_change
from crm.resources.chains.rules import PlaceState, Side, goal_problems, reason_problems

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.resources.chains.models import IndustryNode

MISSING = Problem("place.missing", "这家企业已经不在这个环节上，请刷新页面。")
ENDED = Problem("place.until", "有效至须晚于今天。", "until")
LATER = Problem("place.since", "起始日期不能晚于今天。", "since")
HERE = Problem("place.here", "“%(name)s”已是这个环节的本地企业，不能再列为目标。", "enterprise_id")


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """An enterprise for a node: on which side, its yearly output there in 万元, whether it leads (链主、龙头).

    ``reasons`` are those of the proposal it came from; ``since`` when it was already so in the world, ``until``
    how long a target is one.
    """

    enterprise_id: int
    side: Side
    leading: bool = False
    scale: Decimal | None = None
    note: str = ""
    since: datetime | None = None
    until: datetime | None = None
    reasons: tuple[dict[str, Any], ...] = ()


def place(
    session: Session, actor: Actor, node_id: int, draft: PlaceDraft, *, now: datetime, door: Door = FORM
) -> IndustryPlace:
    """Put an enterprise on a node, or change what is said of it there; the same words twice change nothing."""
    node, chain_id = _held(session, actor, node_id)
    firm = register.enterprise(session, draft.enterprise_id)
    problems = goal_problems(draft.scale, "scale")
    if draft.since is not None and draft.since > now:
        problems.append(LATER)
    if draft.until is not None and draft.until <= now:
        problems.append(ENDED)
    if draft.side is Side.TARGET and _stands(session, node.id, firm.id, Side.LOCAL):
        problems.append(Problem(HERE.key, HERE.message, HERE.field, {"name": firm.name}))
    if problems:
        raise DomainError(*problems)
    before = _standing(session, node.id, firm.id, draft.side)
    if before is not None and _same(before, draft):
        return before
    row = _open(session, actor, before, _row(node.id, draft, actor, now, door.run_id))
    detail = {"node": node.name, "enterprise": firm.name, "enterprise_id": firm.id, "side": draft.side.value}
    audit.record(session, actor.user_id or None, "chain.place", (queries.CHAIN, chain_id), now=now, **detail)
    if draft.side is Side.LOCAL:
        _no_target_any_more(session, actor, node.id, firm.id, now)
        if door.run_id is None:  # an import judges once, at its end
            judging.rejudge(session, chain_id, by=actor.user_id or None, now=now)
    else:
        judging.ask(session, firm.id, now)
    return row


def refuse(session: Session, actor: Actor, node_id: int, enterprise_id: int, side: Side, *, now: datetime) -> None:
    """Say that an enterprise does not belong on a node, so that it is not proposed again."""
    node, chain_id = _held(session, actor, node_id)
    firm = register.enterprise(session, enterprise_id)
    before = _standing(session, node.id, firm.id, side)
    if before is not None and before.state is PlaceState.REFUSED:
        return
    row = _row(node.id, PlaceDraft(firm.id, side), actor, now, None)
    row.state = PlaceState.REFUSED
    _open(session, actor, before, row)
    detail = {"node": node.name, "enterprise": firm.name, "enterprise_id": firm.id, "side": side.value}
    audit.record(session, actor.user_id or None, "chain.refuse", (queries.CHAIN, chain_id), now=now, **detail)
    if before is not None:
        _after(session, actor, chain_id, firm.id, side, now)


def take_off(session: Session, actor: Actor, place_id: int, reason: str, *, now: datetime) -> IndustryPlace:
    """Take an enterprise off a node with a reason; a refused one may be proposed again."""
    row = session.get(IndustryPlace, place_id)
    if row is None or row.ended_at is not None:
        raise NotFoundError(MISSING)
    node, chain_id = _held(session, actor, row.node_id)
    session.refresh(row)
    if row.ended_at is not None:
        raise NotFoundError(MISSING)
    problems = [] if row.state is PlaceState.REFUSED else reason_problems(reason)
    if problems:
        raise DomainError(*problems)
    row.ended_at, row.ended_by = now, actor.user_id or None
    session.flush()
    detail = {"node": node.name, "enterprise_id": row.enterprise_id, "side": row.side.value, "reason": reason.strip()}
    audit.record(session, actor.user_id or None, "chain.take_off", (queries.CHAIN, chain_id), now=now, **detail)
    _after(session, actor, chain_id, row.enterprise_id, row.side, now)
    return row


def _after(session: Session, actor: Actor, chain_id: int, enterprise_id: int, side: Side, now: datetime) -> None:
    if side is Side.LOCAL:
        judging.rejudge(session, chain_id, by=actor.user_id or None, now=now)
    else:
        judging.ask(session, enterprise_id, now)


def _held(session: Session, actor: Actor, node_id: int) -> tuple[IndustryNode, int]:
    node = queries.node(session, node_id)
    chain = queries.chain(session, node.chain_id, lock=True)
    may_change(actor, chain.unit_id)
    return node, chain.id


def _standing(session: Session, node_id: int, enterprise_id: int, side: Side) -> IndustryPlace | None:
    return session.scalar(
        select(IndustryPlace).where(
            IndustryPlace.node_id == node_id,
            IndustryPlace.enterprise_id == enterprise_id,
            IndustryPlace.side == side,
            IndustryPlace.ended_at.is_(None),
        )
    )


def _stands(session: Session, node_id: int, enterprise_id: int, side: Side) -> bool:
    found = _standing(session, node_id, enterprise_id, side)
    return found is not None and found.state is PlaceState.CONFIRMED


def _same(row: IndustryPlace, draft: PlaceDraft) -> bool:
    said = (draft.leading, draft.scale, draft.note.strip() or None, draft.until)
    kept = (row.leading, row.scale, row.note, row.until)
    return row.state is PlaceState.CONFIRMED and said == kept and draft.since in {None, row.since}


def _row(node_id: int, draft: PlaceDraft, actor: Actor, now: datetime, run_id: int | None) -> IndustryPlace:
    return IndustryPlace(
        node_id=node_id,
        enterprise_id=draft.enterprise_id,
        side=draft.side,
        state=PlaceState.CONFIRMED,
        leading=draft.leading,
        scale=draft.scale,
        reasons=list(draft.reasons),
        note=draft.note.strip() or None,
        since=draft.since or now,
        until=draft.until if draft.side is Side.TARGET else None,
        recorded_at=now,
        recorded_by=actor.user_id or None,
        run_id=run_id,
    )


def _open(session: Session, actor: Actor, before: IndustryPlace | None, after: IndustryPlace) -> IndustryPlace:
    if before is not None:
        before.ended_at, before.ended_by = after.recorded_at, actor.user_id or None
        if before.state is after.state:
            after.since = min(after.since, before.since)
            after.reasons = after.reasons or before.reasons
        session.flush()
    session.add(after)
    session.flush()
    return after


def _no_target_any_more(session: Session, actor: Actor, node_id: int, enterprise_id: int, now: datetime) -> None:
    """An enterprise that is here is no target any more."""
    before = _standing(session, node_id, enterprise_id, Side.TARGET)
    if before is not None:
        before.ended_at, before.ended_by = now, actor.user_id or None
        session.flush()
        judging.ask(session, enterprise_id, now)
