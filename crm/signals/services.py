"""Writes of mentions and signals, and what people decide about a signal."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from crm.auth.rules import Permission
from crm.core import audit, jobs
from crm.core.db import insert_ignore
from crm.core.errors import ConflictError, ForbiddenError, Problem
from crm.core.tasks import enqueue
from crm.news.models import Article, CrawlRun
from crm.signals import matcher, queries
from crm.signals.models import Mention, Signal, SignalState
from crm.signals.rules import Signal as Found
from crm.signals.rules import detect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.signals.matcher import AliasIndex

NOT_YOURS = Problem("signal.triage", "您的角色不能采用或退回动态，请联系招商办。")
NOT_YOUR_UNIT = Problem("signal.unit", "这是别的单位作出的决定，请由该单位或招商办撤销。")
DECIDED = Problem("signal.decided", "这条动态刚刚已被他人处理，请刷新后再看。")
NOT_DECIDED = Problem("signal.undecided", "这条动态还没有处理过，不需要撤销。")
NOTE_LENGTH = 200
FEN = Decimal("0.000001")
LARGEST_WAN = Decimal(10**10)


def analyse(session: Session, article_ids: Sequence[int], *, now: datetime) -> dict[str, int]:
    """Find mentions and signals in articles and have the enterprises scored anew; safe to repeat.

    Returns counts: mentions, signals (new ones), enterprises (to be scored).
    """
    index = queries.alias_index(session)
    articles = session.scalars(select(Article).where(Article.id.in_(article_ids)).order_by(Article.id)).all()
    mentions = signals = 0
    touched: set[int] = set()
    for article in articles:
        found, named = _read(index, article)
        mentions += _keep_mentions(session, article, named)
        for signal in found:
            new, moved = _keep_signal(session, article, signal, now)
            signals += new
            touched |= {int(signal.enterprise_id)} if moved else set()
        article.analysed_at = now
    for enterprise_id in sorted(touched):
        _have_scored(session, enterprise_id, now)
    return {"mentions": mentions, "signals": signals, "enterprises": len(touched)}


def accept(session: Session, actor: Actor, signal_id: int, *, note: str = "", now: datetime) -> Signal:
    """Take a signal up (采用)."""
    return _decide(session, actor, signal_id, SignalState.ACCEPTED, note, now)


def reject(session: Session, actor: Actor, signal_id: int, *, note: str = "", now: datetime) -> Signal:
    """Put a signal aside (不采用); it no longer counts in the score."""
    return _decide(session, actor, signal_id, SignalState.REJECTED, note, now)


def undo(session: Session, actor: Actor, signal_id: int, *, now: datetime) -> Signal:
    """Take a decision back: the signal is new again."""
    row = _triaged(session, actor, signal_id)
    if row.state is SignalState.NEW:
        raise ConflictError(NOT_DECIDED)
    if not may_undo(actor, row):
        raise ForbiddenError(NOT_YOUR_UNIT)
    before = row.state
    row.state, row.decided_by, row.decided_at = SignalState.NEW, None, None
    row.decided_unit_id = row.decision_note = None
    _note(session, actor, row, "signal.undo", now, before.value)
    return row


def may_undo(actor: Actor, row: Signal) -> bool:
    """Whether the decision was made in a unit whose signals the actor may decide."""
    return row.state is not SignalState.NEW and actor.reaches(Permission.SIGNAL_TRIAGE, row.decided_unit_id)


def _decide(session: Session, actor: Actor, signal_id: int, state: SignalState, note: str, now: datetime) -> Signal:
    row = _triaged(session, actor, signal_id)
    if row.state is state:
        return row
    if row.state is not SignalState.NEW:
        raise ConflictError(DECIDED)
    row.state, row.decided_by, row.decided_at = state, actor.user_id, now
    row.decided_unit_id = next(iter(actor.unit_ids), None)
    row.decision_note = note[:NOTE_LENGTH] or None
    _note(session, actor, row, f"signal.{state.value}", now, SignalState.NEW.value)
    return row


def _triaged(session: Session, actor: Actor, signal_id: int) -> Signal:
    row = queries.signal(session, actor, signal_id)
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)
    return row


def _note(session: Session, actor: Actor, row: Signal, action: str, now: datetime, before: str) -> None:
    audit.record(session, actor.user_id, action, ("signal", row.id), now=now, before=before, kind=row.kind)
    session.flush()
    _have_scored(session, row.enterprise_id, now)


def _have_scored(session: Session, enterprise_id: int, now: datetime) -> None:
    payload = {"enterprise_id": enterprise_id, "cause": "signal"}
    enqueue(session, jobs.RESCORE, payload, now=now, dedupe_key=f"rescore:{enterprise_id}")


def _read(index: AliasIndex, article: Article) -> tuple[list[Found], list[tuple[bool, matcher.Mention]]]:
    title, body = index.find(article.title), index.find(article.body)
    strongest: dict[tuple[str, int | str], Found] = {}
    for signal in detect(article.title, article.body, title, body):
        key = (signal.kind.value, signal.enterprise_id)
        if key not in strongest or _better(signal, strongest[key]):
            strongest[key] = signal
    return list(strongest.values()), [(True, m) for m in title] + [(False, m) for m in body]


def _better(new: Found, known: Found) -> bool:
    """Prefer the stronger evidence; between equals the sentence of the body, which says more than a headline."""
    return (new.weight, new.part == "body") > (known.weight, known.part == "body")


def _keep_mentions(session: Session, article: Article, named: Sequence[tuple[bool, matcher.Mention]]) -> int:
    session.execute(delete(Mention).where(Mention.article_id == article.id))
    rows = [
        {
            "article_id": article.id,
            "enterprise_id": mention.enterprise_id,
            "surface": mention.surface[:200],
            "in_title": in_title,
            "start": mention.start,
            "stop": mention.end,
        }
        for in_title, mention in named
    ]
    if rows:
        session.execute(insert(Mention), rows)
    return len(rows)


def _keep_signal(session: Session, article: Article, found: Found, now: datetime) -> tuple[bool, bool]:
    """Keep a signal once per story, enterprise and kind; tell whether it is new, and whether anything changed.

    A stronger sentence replaces a weaker one until somebody has decided.
    """
    happened = min(article.published_at or article.fetched_at, now)
    evidence = {
        "article_id": article.id, "quote": found.quote, "weight": found.weight, "reasons": list(found.reasons),
        "amount": _storable(found.amount_wan),
    }  # fmt: skip
    key = {"cluster_id": article.cluster_id, "enterprise_id": int(found.enterprise_id), "kind": found.kind.value}
    fixed = {"happened_at": happened, "recorded_at": now, "state": SignalState.NEW}
    if insert_ignore(session, Signal, [{**key, **evidence, **fixed}], ["cluster_id", "enterprise_id", "kind"]):
        _count(session, article)
        return True, True
    row = session.scalars(select(Signal).filter_by(**key)).one()
    if row.state is not SignalState.NEW or row.weight >= found.weight:
        return False, False
    for name, value in evidence.items():
        setattr(row, name, value)
    row.happened_at = min(row.happened_at, happened)
    session.flush()
    return False, True


def _storable(amount: Decimal | None) -> Decimal | None:
    """Round to one fen; a sum no deal could have is a misread number."""
    return None if amount is None or abs(amount) > LARGEST_WAN else amount.quantize(FEN)


def _count(session: Session, article: Article) -> None:
    statement = update(CrawlRun).where(CrawlRun.id == article.run_id).values(signals=CrawlRun.signals + 1)
    session.execute(statement, execution_options={"synchronize_session": False})
