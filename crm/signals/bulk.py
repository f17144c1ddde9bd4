"""Decide on many signals at once, and take it back at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from crm.auth.rules import Permission
from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.signals import dismissal, triage
from crm.signals.deciding import NOT_YOURS, have_scored
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import visible_to
from crm.signals.triage_models import BulkVerb, SignalBatch, SignalSnooze

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 500
NONE_CHOSEN = Problem("bulk.none", "没有选中待处理的动态；它们可能刚被他人处理，请刷新后再选。")
TOO_MANY = Problem("bulk.many", "一次最多处理500条，请先用条件缩小范围。")
ABSENT = Problem("bulk.absent", "没有这次批量处理，或者不是您做的。")
UNDONE = Problem("bulk.undone", "这次批量处理已经撤销过了。")
STATES = {BulkVerb.ACCEPT: SignalState.ACCEPTED, BulkVerb.DISMISS: SignalState.REJECTED}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with many signals."""

    verb: BulkVerb
    why: str = ""
    note: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would touch: ids that can be decided, how many cannot, and what they are."""

    ids: tuple[int, ...]
    passed_over: int
    kinds: dict[str, int] = field(default_factory=dict)
    enterprises: int = 0


def preview(session: Session, actor: Actor, ids: Sequence[int]) -> Preview:
    """Say how many of these signals can still be decided, and of which kinds."""
    wanted = list(dict.fromkeys(ids))[: MOST + 1]
    open_ones = (Signal.id.in_(wanted), Signal.state == SignalState.NEW, visible_to(actor))
    rows = session.execute(
        select(Signal.id, Signal.kind, Signal.enterprise_id).where(*open_ones).order_by(Signal.id)
    ).all()
    kinds = Counter(row.kind for row in rows)
    return Preview(
        ids=tuple(row.id for row in rows[:MOST]),
        passed_over=len(wanted) - len(rows),
        kinds=dict(kinds.most_common()),
        enterprises=len({row.enterprise_id for row in rows}),
    )


def decide(
    session: Session, actor: Actor, ids: Sequence[int], wish: Wish, *, now: datetime, today: date
) -> SignalBatch:
    """Do the same with many signals; those that somebody decided meanwhile are passed over."""
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)
    _check(wish, today)
    if len(set(ids)) > MOST:
        raise DomainError(TOO_MANY)
    open_ones = (Signal.id.in_(ids), Signal.state == SignalState.NEW, visible_to(actor))
    found = session.execute(select(Signal.id, Signal.enterprise_id).where(*open_ones).with_for_update()).all()
    if not found:
        raise DomainError(NONE_CHOSEN)
    batch = SignalBatch(verb=wish.verb, size=len(found), made_by=actor.user_id, made_at=now)
    session.add(batch)
    session.flush()
    chosen = [row.id for row in found]
    if wish.verb is BulkVerb.SNOOZE and wish.until is not None:
        _put_off(session, actor, chosen, wish.until, batch, now)
    else:
        _settle(session, actor, chosen, wish, batch, now)
        _have_all_scored(session, {row.enterprise_id for row in found}, now)
    detail = {"verb": str(wish.verb), "why": wish.why, "signals": chosen}
    audit.record(session, actor.user_id, "signal.bulk", ("signal_batch", batch.id), now=now, **detail)
    return batch


def undo(session: Session, actor: Actor, batch_id: int, *, kept: Collection[int] = (), now: datetime) -> int:
    """Take a bulk decision back, except for signals in ``kept`` (they became leads); return how many came back."""
    batch = session.scalar(select(SignalBatch).where(SignalBatch.id == batch_id).with_for_update())
    if batch is None or batch.made_by != actor.user_id:
        raise NotFoundError(ABSENT)
    if batch.undone_at is not None:
        raise ConflictError(UNDONE)
    batch.undone_at = now
    if batch.verb is BulkVerb.SNOOZE:
        gone = delete(SignalSnooze).where(SignalSnooze.batch_id == batch.id)
        back = session.execute(gone, execution_options={"synchronize_session": "fetch"}).rowcount  # type: ignore[attr-defined]  # CursorResult of a DELETE
    else:
        back = _take_back(session, batch, kept, now)
    session.flush()
    audit.record(session, actor.user_id, "signal.bulk_undo", ("signal_batch", batch.id), now=now, signals=back)
    return int(back)


def members(session: Session, batch_id: int) -> list[int]:
    """Signals that still stand as a bulk decision left them."""
    return list(session.scalars(select(Signal.id).where(Signal.batch_id == batch_id)))


def _check(wish: Wish, today: date) -> None:
    if wish.verb is BulkVerb.DISMISS:
        problems = dismissal.problems(wish.why, wish.note)
        if problems:
            raise DomainError(*problems)
    if wish.verb is BulkVerb.SNOOZE:
        if wish.until is None:
            raise DomainError(triage.TOO_SOON)
        triage.check_until(wish.until, today)


def _put_off(
    session: Session, actor: Actor, ids: Sequence[int], until: date, batch: SignalBatch, now: datetime
) -> None:
    mine = (SignalSnooze.user_id == actor.user_id, SignalSnooze.signal_id.in_(ids))
    session.execute(delete(SignalSnooze).where(*mine), execution_options={"synchronize_session": "fetch"})
    rows = [
        {
            "signal_id": one,
            "user_id": actor.user_id,
            "until": triage.morning(until),
            "made_at": now,
            "batch_id": batch.id,
        }
        for one in ids
    ]
    insert_ignore(session, SignalSnooze, rows, ["signal_id", "user_id"])


def _settle(session: Session, actor: Actor, ids: Sequence[int], wish: Wish, batch: SignalBatch, now: datetime) -> None:
    values = {
        "state": STATES[wish.verb],
        "decided_by": actor.user_id,
        "decided_at": now,
        "decided_unit_id": next(iter(actor.unit_ids), None),
        "decision_reason": wish.why or None,
        "decision_note": wish.note.strip() or None,
        "batch_id": batch.id,
    }
    statement = update(Signal).where(Signal.id.in_(ids)).values(**values)
    session.execute(statement, execution_options={"synchronize_session": "fetch"})


def _take_back(session: Session, batch: SignalBatch, kept: Collection[int], now: datetime) -> int:
    mine = (Signal.batch_id == batch.id, Signal.decided_by == batch.made_by, Signal.state == STATES[batch.verb])
    rows = session.execute(select(Signal.id, Signal.enterprise_id).where(*mine, Signal.id.not_in(kept))).all()
    cleared = dict.fromkeys(
        ("decided_by", "decided_at", "decided_unit_id", "decision_reason", "decision_note", "batch_id")
    )
    statement = update(Signal).where(Signal.id.in_([row.id for row in rows]))
    session.execute(
        statement.values(state=SignalState.NEW, **cleared), execution_options={"synchronize_session": "fetch"}
    )
    _have_all_scored(session, {row.enterprise_id for row in rows}, now)
    return len(rows)


def _have_all_scored(session: Session, enterprise_ids: Collection[int], now: datetime) -> None:
    for enterprise_id in sorted(enterprise_ids):
        have_scored(session, enterprise_id, now)
