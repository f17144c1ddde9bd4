"""What people do with one signal besides deciding on it: put it off, correct its kind or its enterprise."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import ConflictError, DomainError, Problem
from crm.core.scheduling import SHANGHAI
from crm.linking import queries as linking
from crm.linking.models import COUNTING, Mention
from crm.signals import answers, deciding
from crm.signals.dismissal import Why
from crm.signals.kinds import SignalKind
from crm.signals.learning_models import SignalAnswer
from crm.signals.models import Signal, SignalState
from crm.signals.triage_models import SignalSnooze

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.linking.answers import Said

BACK_AT = time(8, 0)
LONGEST = timedelta(days=366)
BY_PERSON = "named_by_person"  # among the reasons of a signal whose kind a person gave
EVIDENCE = (
    *("article_id", "cluster_id", "enterprise_id", "quote", "weight", "amount", "confidence", "amount_value"),
    *("amount_currency", "place", "event_date", "industry", "happened_at"),
)
TOO_SOON = Problem("snooze.past", "请选今天以后的日期。", "until")
TOO_LATE = Problem("snooze.far", "最多推迟一年，请选近一些的日期。", "until")
NOT_OFF = Problem("snooze.none", "这条动态没有被推迟，或者已经回来了。")
SAME_KIND = Problem("kind.same", "这就是现在的类型；请选别的类型，或选“不算动态”。", "kind")
NO_KIND = Problem("kind.none", "请选正确的类型，或选“不算动态”。", "kind")
NO_NAME = Problem("company.unnamed", "这条动态的原文里没有直接点名这家企业，无法改正；可以用“不采用”说明理由。")
SAME_FIRM = Problem("company.same", "这就是现在认定的企业，请选另一家。", "enterprise_id")


def snooze(session: Session, actor: Actor, signal_id: int, until: date, *, now: datetime, today: date) -> SignalSnooze:
    """Put a signal off for oneself until the morning of a day; it comes back by itself."""
    row = deciding.triaged(session, actor, signal_id)
    if row.state is not SignalState.NEW:
        raise ConflictError(deciding.DECIDED)
    check_until(until, today)
    mark = session.get(SignalSnooze, (row.id, actor.user_id)) or SignalSnooze(signal_id=row.id, user_id=actor.user_id)
    mark.until, mark.made_at, mark.batch_id = morning(until), now, None
    session.add(mark)
    session.flush()
    audit.record(session, actor.user_id, "signal.snooze", ("signal", row.id), now=now, until=until.isoformat())
    return mark


def wake(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> Signal:
    """Have a signal one put off come back at once."""
    row = deciding.triaged(session, actor, signal_id)
    mark = session.get(SignalSnooze, (row.id, actor.user_id))
    if mark is None:
        raise ConflictError(NOT_OFF)
    session.delete(mark)
    session.flush()
    audit.record(session, actor.user_id, "signal.wake", ("signal", row.id), now=now)
    return row


def check_until(until: date, today: date) -> None:
    """Raise unless a day is one to put something off to."""
    if until <= today:
        raise DomainError(TOO_SOON)
    if until - today > LONGEST:
        raise DomainError(TOO_LATE)


def morning(day: date) -> datetime:
    """The moment of a day at which things come back."""
    return datetime.combine(day, BACK_AT, tzinfo=SHANGHAI)


def correct_kind(
    session: Session, actor: Actor, signal_id: int, right: Sequence[str], *, now: datetime
) -> tuple[Signal, list[int]]:
    """Say which kinds the sentence of a signal has, none when empty; return the old signal and the ids of new ones.

    The wrong one is put aside and kept, so that the article read again does not bring it back.
    """
    row = deciding.triaged(session, actor, signal_id)
    kinds = [kind for kind in dict.fromkeys(right) if kind in set(SignalKind)]
    if row.state is not SignalState.NEW:
        raise ConflictError(deciding.DECIDED)
    if right and not kinds:
        raise DomainError(NO_KIND)
    if kinds == [row.kind]:
        raise DomainError(SAME_KIND)
    answers.kind_answer(session, actor, row, kinds, now=now)
    if row.kind not in kinds:
        deciding.reject(session, actor, row.id, why=Why.WRONG_KIND, now=now)
    made = [kind for kind in kinds if kind != row.kind and _renamed(session, row, kind, now)]
    found = select(Signal.id).where(*_beside(row), Signal.kind.in_(made)).order_by(Signal.id)
    return row, list(session.scalars(found))


def undo(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> Signal:
    """Take the decision on a signal back, and what an answer on its kind brought with it."""
    row = deciding.triaged(session, actor, signal_id)
    corrected = row.decision_reason == Why.WRONG_KIND
    deciding.undo(session, actor, signal_id, now=now)
    if not corrected:
        return row
    said = session.scalars(
        select(SignalAnswer).where(SignalAnswer.signal_id == row.id, SignalAnswer.undone_at.is_(None))
    ).all()
    for one in said:
        one.undone_at, one.undone_by = now, actor.user_id
    kinds = {kind for one in said for kind in one.right_kinds}
    beside = session.scalars(select(Signal).where(*_beside(row), Signal.kind.in_(kinds), Signal.id != row.id))
    gone = [one.id for one in beside if one.state is SignalState.NEW and BY_PERSON in one.reasons]
    session.execute(delete(Signal).where(Signal.id.in_(gone)), execution_options={"synchronize_session": "fetch"})
    session.flush()
    return row


def correct_company(
    session: Session, actor: Actor, signal_id: int, enterprise_id: int | None, *, now: datetime
) -> Said:
    """Say that a signal is about another enterprise, or (None) about none of the register's.

    The name in the article is answered for, so that other signals of the story follow and the machine learns.
    """
    row = deciding.triaged(session, actor, signal_id)
    if enterprise_id == row.enterprise_id:
        raise DomainError(SAME_FIRM)
    mention_id = named_by(session, row)
    if mention_id is None:
        raise DomainError(NO_NAME)
    return answers.answer(session, actor, mention_id, right=False, enterprise_id=enterprise_id, now=now)


def named_by(session: Session, row: Signal) -> int | None:
    """The mention a signal rests on: one in the quoted sentence, else the first that counts in the article."""
    mine = [
        one
        for one in linking.mentions(session, row.article_id)
        if one.enterprise_id == row.enterprise_id and one.state in COUNTING
    ]
    quoted = [one for one in mine if one.surface in row.quote]
    return next((one.id for one in (*quoted, *mine)), None)


def rivals(session: Session, row: Signal) -> list[int]:
    """Other enterprises the story names, whatever was made of them."""
    named = select(Mention.enterprise_id).where(Mention.article_id == row.article_id)
    return list(session.scalars(named.where(Mention.enterprise_id != row.enterprise_id).distinct().limit(8)))


def _renamed(session: Session, row: Signal, kind: str, now: datetime) -> bool:
    """Keep the evidence under another kind; False when the story has that signal already."""
    values = {name: getattr(row, name) for name in EVIDENCE}
    values |= {"kind": kind, "reasons": [*row.reasons, BY_PERSON], "recorded_at": now, "state": SignalState.NEW}
    return bool(insert_ignore(session, Signal, [values], ["cluster_id", "enterprise_id", "kind"]))


def _beside(row: Signal) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Signal.cluster_id == row.cluster_id, Signal.enterprise_id == row.enterprise_id
