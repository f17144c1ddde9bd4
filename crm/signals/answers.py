"""What follows for signals when a person says which enterprise a mention means.

Undecided signals that rested on a wrong mention move to the right enterprise or go away; decided ones are kept
and marked. The story is read again by a job, which finds what the answer makes possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from crm.core import jobs
from crm.core.tasks import enqueue
from crm.core.text import fold
from crm.linking import answers as linking
from crm.linking import answers_names as names
from crm.linking.answers_models import NameVerdict, Verdict
from crm.linking.models import COUNTING, Mention, MentionState
from crm.news.models import Article
from crm.signals.deciding import have_scored
from crm.signals.learning_models import SignalAnswer
from crm.signals.models import Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.linking.answers import Said

WRONG_COMPANY = "wrong_company"  # among the reasons of a decided signal whose enterprise turned out wrong
MOVED = "moved_by_answer"  # among the reasons of a signal that a person's answer brought to its enterprise
READ_AGAIN = 25
MOST_ARTICLES = 2000


def answer(
    session: Session, actor: Actor, mention_id: int, *, right: bool, enterprise_id: int | None = None, now: datetime
) -> Said:
    """Confirm, refuse or redirect a mention, and have the signals of its story follow; see ``linking.answers``."""
    said = _answer(session, actor, mention_id, right=right, enterprise_id=enterprise_id, now=now)
    _after(session, actor, [said], now)
    return said


def undo(session: Session, actor: Actor, answer_id: int, *, now: datetime) -> Said:
    """Take an answer back; what it moved or took away is read again from the story."""
    said = linking.undo(session, actor, answer_id, now=now)
    if said.answer.enterprise_id is not None:
        _drop_baseless(session, said.cluster_id, said.answer.enterprise_id)
    for row in _of_story(session, said.cluster_id, said.answer.proposed_id):
        if WRONG_COMPANY in row.reasons:
            row.reasons = [reason for reason in row.reasons if reason != WRONG_COMPANY]
    _settle(session, said.article_ids, said.enterprise_ids, now)
    return said


def answer_all(
    session: Session,
    actor: Actor,
    mention_ids: Collection[int],
    *,
    right: bool,
    enterprise_id: int | None = None,
    now: datetime,
) -> list[Said]:
    """Answer all mentions of a group alike; those that an answer before already settled are passed over."""
    said = []
    for mention_id in mention_ids:
        state = session.scalar(select(Mention.state).where(Mention.id == mention_id))
        if state is not None and state not in linking.ANSWERED:
            said.append(_answer(session, actor, mention_id, right=right, enterprise_id=enterprise_id, now=now))
    _after(session, actor, said, now)
    return said


def _answer(
    session: Session, actor: Actor, mention_id: int, *, right: bool, enterprise_id: int | None, now: datetime
) -> Said:
    said = linking.answer(session, actor, mention_id, right=right, enterprise_id=enterprise_id, now=now)
    _follow(session, said, moved_to=enterprise_id)
    return said


def _after(session: Session, actor: Actor, said: Sequence[Said], now: datetime) -> None:
    """Once for a group: read the stories again, and have what waits follow when the answers settle a name as such."""
    articles = {article_id for one in said for article_id in one.article_ids}
    _settle(session, articles, sorted({firm for one in said for firm in one.enterprise_ids}), now)
    for enterprise_id, surface in sorted({(one.answer.proposed_id, one.answer.surface) for one in said}):
        verdict = names.learn(session, actor, enterprise_id, surface, now=now)
        if verdict is not None:
            _apply(session, verdict, now)


def decree(
    session: Session, actor: Actor, enterprise_id: int, surface: str, verdict: Verdict, *, now: datetime
) -> NameVerdict:
    """Say how a name is always to be read; mentions that wait follow at once."""
    row = names.decree(session, actor, enterprise_id, surface, verdict, now=now)
    _apply(session, row, now)
    return row


def revoke(session: Session, actor: Actor, verdict_id: int, *, now: datetime) -> None:
    """Take a verdict on a name back; the articles with that name are read again."""
    row = session.get(NameVerdict, verdict_id)
    known = _with_name(session, row.enterprise_id, row.folded) if row is not None else []
    names.revoke(session, actor, verdict_id, now=now)
    _read_again(session, {article_id for article_id, _surface in known}, now)


def kind_answer(
    session: Session, actor: Actor, signal: Signal, right_kinds: Sequence[str], *, now: datetime
) -> SignalAnswer:
    """Keep what a person said of the kind of a signal, with its sentence, for the machine to learn from."""
    row = SignalAnswer(
        signal_id=signal.id, article_id=signal.article_id, enterprise_id=signal.enterprise_id, quote=signal.quote,
        kind=signal.kind, right_kinds=list(right_kinds), reasons=list(signal.reasons), answered_by=actor.user_id,
        answered_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _follow(session: Session, said: Said, *, moved_to: int | None) -> None:
    """Move or take away the undecided signals that rested on a mention which was wrong; mark decided ones."""
    if said.answer.right_one:
        return
    wrong = said.answer.proposed_id
    rows = _of_story(session, said.cluster_id, wrong)
    others = _surfaces(session, {row.article_id for row in rows}, wrong)
    taken = {row.kind for row in _of_story(session, said.cluster_id, moved_to)} if moved_to else set()
    for row in rows:
        if _stands(row.quote, said.surfaces, others.get(row.article_id, frozenset())):
            continue
        if row.state is not SignalState.NEW:
            row.reasons = [*(one for one in row.reasons if one != WRONG_COMPANY), WRONG_COMPANY]
        elif moved_to is None or row.kind in taken:
            session.delete(row)
        else:
            row.enterprise_id = moved_to
            row.reasons = [*row.reasons, MOVED]
    session.flush()


def _stands(quote: str, wrong: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a signal rests on another name of the enterprise that still counts in its article."""
    others = list(others)
    if not others:
        return False
    return any(name in quote for name in others) or not any(name in quote for name in wrong)


def _surfaces(session: Session, article_ids: Collection[int], enterprise_id: int) -> dict[int, frozenset[str]]:
    columns = (Mention.article_id, Mention.surface)
    here = select(*columns).where(Mention.article_id.in_(article_ids), Mention.enterprise_id == enterprise_id)
    found: dict[int, frozenset[str]] = {}
    for article_id, surface in session.execute(here.where(Mention.state.in_(COUNTING)).distinct()):
        found[article_id] = found.get(article_id, frozenset()) | {surface}
    return found


def _of_story(session: Session, cluster_id: int, enterprise_id: int) -> Sequence[Signal]:
    statement = select(Signal).where(Signal.cluster_id == cluster_id, Signal.enterprise_id == enterprise_id)
    return session.scalars(statement.order_by(Signal.id)).all()


def _drop_baseless(session: Session, cluster_id: int, enterprise_id: int) -> None:
    """Take away undecided signals of an enterprise that the story no longer names."""
    named = select(Mention.id).join(Article, Article.id == Mention.article_id)
    still = named.where(
        Article.cluster_id == cluster_id, Mention.enterprise_id == enterprise_id, Mention.state.in_(COUNTING)
    )
    if session.scalar(still.limit(1)) is None:
        gone = (Signal.cluster_id == cluster_id, Signal.enterprise_id == enterprise_id, Signal.state == SignalState.NEW)
        session.execute(delete(Signal).where(*gone), execution_options={"synchronize_session": "fetch"})


def _settle(session: Session, article_ids: Iterable[int], enterprise_ids: Iterable[int], now: datetime) -> None:
    _read_again(session, article_ids, now)
    for enterprise_id in enterprise_ids:
        have_scored(session, enterprise_id, now)


def _read_again(session: Session, article_ids: Iterable[int], now: datetime) -> None:
    ids = sorted(article_ids)[:MOST_ARTICLES]
    for start in range(0, len(ids), READ_AGAIN):
        batch = ids[start : start + READ_AGAIN]
        key = f"analyse-again:{batch[0]}-{batch[-1]}-{len(batch)}"
        enqueue(session, jobs.ANALYSE, {"article_ids": batch}, now=now, dedupe_key=key)


def _with_name(session: Session, enterprise_id: int, folded: str) -> list[tuple[int, str]]:
    """Articles that name an enterprise so, with the spelling, the newest first and bounded."""
    spelled = session.scalars(select(Mention.surface).where(Mention.enterprise_id == enterprise_id).distinct())
    surfaces = [surface for surface in spelled if fold(surface) == folded]
    if not surfaces:
        return []
    here = select(Mention.article_id, Mention.surface).where(
        Mention.enterprise_id == enterprise_id, Mention.surface.in_(surfaces)
    )
    newest = here.distinct().order_by(Mention.article_id.desc()).limit(MOST_ARTICLES)
    return [(row[0], row[1]) for row in session.execute(newest)]


def _apply(session: Session, verdict: NameVerdict, now: datetime) -> None:
    """Have the mentions that stand on the machine's word follow a verdict, and their signals with them."""
    found = _with_name(session, verdict.enterprise_id, verdict.folded)
    if not found or verdict.verdict is Verdict.CUE:
        return
    never = verdict.verdict is Verdict.NEVER
    articles = {article_id for article_id, _surface in found}
    waiting = (MentionState.REVIEW, MentionState.LINKED) if never else (MentionState.REVIEW,)
    statement = update(Mention).where(
        Mention.enterprise_id == verdict.enterprise_id,
        Mention.surface.in_({surface for _article_id, surface in found}),
        Mention.state.in_(waiting),
    )
    state = MentionState.REFUSED if never else MentionState.LINKED
    session.execute(statement.values(state=state), execution_options={"synchronize_session": "fetch"})
    if never:
        clusters = session.scalars(select(Article.cluster_id).where(Article.id.in_(articles)).distinct()).all()
        for cluster_id in clusters:
            _drop_baseless(session, cluster_id, verdict.enterprise_id)
    _settle(session, articles, [verdict.enterprise_id], now)
