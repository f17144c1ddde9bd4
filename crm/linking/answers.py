"""What people say of mentions: the one place where a mention is confirmed, refused, redirected, or given back.

An answer is kept with the words around the name, so that the machine can learn from it after the article is
gone, and holds for the same name of the same enterprise in the whole story. Signals follow in
``crm.signals.answers``, which pages call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from crm.auth.rules import Actor, Permission
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.text import fold
from crm.enterprises import queries as enterprises
from crm.linking import answers_names as names
from crm.linking.answers_models import MentionAnswer
from crm.linking.models import Mention, MentionState
from crm.linking.thresholds import LINK
from crm.news.models import Article

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

WINDOW = 60
MOST_SIBLINGS = 500
ANSWERED = (MentionState.CONFIRMED, MentionState.REFUSED)
NOT_YOURS = Problem("mention.right", "您的角色不能确认动态里的企业，请联系招商办。")
MISSING = Problem("mention.missing", "这处企业名称已不存在，报道可能刚被重新分析，请刷新后再看。")
TAKEN = Problem("mention.answered", "刚刚已有人判断过这处名称，请刷新后再看；要改判请先撤销。")
SAME = Problem("mention.same", "这就是原来认定的企业，请选另一家，或点“是”。", "enterprise_id")
NOT_NEEDED = Problem("mention.instead", "确认正确时不用再选企业。", "enterprise_id")
NO_ANSWER = Problem("mention.no_answer", "这个判断已被撤销，或不存在。")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with what it touched: the story, the enterprises, and the mentions that changed with it."""

    answer: MentionAnswer
    cluster_id: int
    article_ids: tuple[int, ...]
    surfaces: frozenset[str]
    enterprise_ids: tuple[int, ...] = field(default=())


def answer(
    session: Session, actor: Actor, mention_id: int, *, right: bool, enterprise_id: int | None = None, now: datetime
) -> Said:
    """Confirm a mention, refuse it, or (``enterprise_id``) say which enterprise is meant instead.

    What the answers together say of the name is for the caller to ask (``answers_names.learn``), once for a group.

    Raises:
        ForbiddenError: the actor may not decide on signals.
        ConflictError: somebody answered before.
        DomainError: the enterprise named is the one the machine meant, or is not in the register.

    """
    mention, article = _asked(session, actor, mention_id)
    if mention.state in ANSWERED:
        raise ConflictError(TAKEN)
    _check(session, mention, right=right, enterprise_id=enterprise_id)
    row = _kept(actor, mention, article, now)
    row.right_one, row.enterprise_id = right, enterprise_id
    session.add(row)
    session.flush()
    touched = [mention, *_siblings(session, mention, article, row)]
    for one in touched:
        one.state = MentionState.CONFIRMED if right or enterprise_id else MentionState.REFUSED
        one.enterprise_id = enterprise_id or row.proposed_id
    session.flush()
    action = "mention.confirmed" if right else "mention.redirected" if enterprise_id else "mention.refused"
    detail = {"surface": row.surface, "enterprise_id": row.proposed_id, "instead": enterprise_id}
    audit.record(session, actor.user_id, action, ("mention", mention_id), now=now, article_id=article.id, **detail)
    return _said(row, article, touched)


def undo(session: Session, actor: Actor, answer_id: int, *, now: datetime) -> Said:
    """Take an answer back: the mentions stand again as the machine left them."""
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)
    statement = select(MentionAnswer).where(MentionAnswer.id == answer_id, MentionAnswer.undone_at.is_(None))
    row = session.scalar(statement.with_for_update())
    article = session.get(Article, row.article_id) if row and row.article_id else None
    if row is None or article is None:
        raise NotFoundError(NO_ANSWER)
    row.undone_by, row.undone_at = actor.user_id, now
    session.flush()
    touched = _of_answer(session, row, article)
    for one in touched:
        one.enterprise_id = row.proposed_id
        one.state = MentionState.LINKED if one.confidence >= LINK else MentionState.REVIEW
    session.flush()
    detail = {"surface": row.surface, "enterprise_id": row.proposed_id, "instead": row.enterprise_id}
    audit.record(session, actor.user_id, "mention.undone", ("mention_answer", row.id), now=now, **detail)
    names.unlearn(session, row.proposed_id, row.surface)
    return _said(row, article, touched)


def last_of(session: Session, mention: Mention) -> MentionAnswer | None:
    """Return the answer that a mention stands on, if a person gave one that was not taken back."""
    place = (MentionAnswer.article_id == mention.article_id, MentionAnswer.in_title == mention.in_title)
    here = select(MentionAnswer).where(*place, MentionAnswer.start == mention.start, MentionAnswer.undone_at.is_(None))
    return session.scalar(here.order_by(MentionAnswer.id.desc()).limit(1))


def window(text: str, start: int, stop: int, size: int = WINDOW) -> tuple[str, int]:
    """Cut the words around a name; return them and where the name begins in them."""
    first = max(0, start - size)
    return text[first : stop + size], start - first


def _asked(session: Session, actor: Actor, mention_id: int) -> tuple[Mention, Article]:
    if not actor.may(Permission.SIGNAL_READ):
        raise NotFoundError(MISSING)
    if not actor.may(Permission.SIGNAL_TRIAGE):
        raise ForbiddenError(NOT_YOURS)
    mention = session.scalar(select(Mention).where(Mention.id == mention_id).with_for_update())
    if mention is None:
        raise NotFoundError(MISSING)
    return mention, session.get_one(Article, mention.article_id)


def _check(session: Session, mention: Mention, *, right: bool, enterprise_id: int | None) -> None:
    if enterprise_id is None:
        return
    if right:
        raise DomainError(NOT_NEEDED)
    if enterprise_id == mention.enterprise_id:
        raise DomainError(SAME)
    enterprises.enterprise(session, enterprise_id)


def _kept(actor: Actor, mention: Mention, article: Article, now: datetime) -> MentionAnswer:
    text = article.title if mention.in_title else article.body
    context, offset = window(text, mention.start, mention.stop)
    return MentionAnswer(
        article_id=article.id, in_title=mention.in_title, start=mention.start, stop=mention.stop,
        surface=mention.surface, folded=fold(mention.surface)[:200], context=context, offset=offset,
        proposed_id=mention.enterprise_id, confidence=mention.confidence, reasons=list(mention.reasons), features={},
        before=mention.state.value, answered_by=actor.user_id, answered_at=now,
    )  # fmt: skip


def _siblings(session: Session, mention: Mention, article: Article, row: MentionAnswer) -> list[Mention]:
    """Find the same name of the same enterprise elsewhere in the story that nobody judged by itself."""
    same = [
        one
        for one in _named(session, article.cluster_id, row.proposed_id)
        if one.id != mention.id and one.state not in ANSWERED and fold(one.surface) == row.folded
    ]
    return same if same and not _disputed(session, article.cluster_id, row) else []


def _named(session: Session, cluster_id: int, enterprise_id: int) -> Sequence[Mention]:
    statement = select(Mention).join(Article, Article.id == Mention.article_id)
    here = statement.where(Article.cluster_id == cluster_id, Mention.enterprise_id == enterprise_id)
    return session.scalars(here.order_by(Mention.id).limit(MOST_SIBLINGS)).all()


def _disputed(session: Session, cluster_id: int, row: MentionAnswer) -> bool:
    """Whether the same name was answered otherwise in the same story: then each place speaks for itself."""
    return any(one.id != row.id and _differs(one, row) for one in of_story(session, cluster_id, row))


def of_story(session: Session, cluster_id: int, row: MentionAnswer) -> list[MentionAnswer]:
    """Answers that hold on this name of this enterprise in a story."""
    there = aliased(Article)
    statement = select(MentionAnswer).join(there, there.id == MentionAnswer.article_id)
    same = (MentionAnswer.proposed_id == row.proposed_id, MentionAnswer.folded == row.folded)
    holding = statement.where(there.cluster_id == cluster_id, *same, MentionAnswer.undone_at.is_(None))
    return list(session.scalars(holding.order_by(MentionAnswer.id)))


def _differs(one: MentionAnswer, other: MentionAnswer) -> bool:
    return (one.right_one, one.enterprise_id) != (other.right_one, other.enterprise_id)


def _of_answer(session: Session, row: MentionAnswer, article: Article) -> list[Mention]:
    """Find the mentions an answer had changed: those of the story with its name and no answer of their own."""
    stands = row.enterprise_id or row.proposed_id
    own = {(one.article_id, one.in_title, one.start) for one in of_story(session, article.cluster_id, row)}
    return [
        one
        for one in _named(session, article.cluster_id, stands)
        if fold(one.surface) == row.folded
        and one.state in ANSWERED
        and (one.article_id, one.in_title, one.start) not in own
    ]


def _said(row: MentionAnswer, article: Article, touched: Sequence[Mention]) -> Said:
    ids = [row.proposed_id, *([row.enterprise_id] if row.enterprise_id else [])]
    articles = {one.article_id for one in touched} | {article.id}
    surfaces = {one.surface for one in touched} | {row.surface}
    return Said(row, article.cluster_id, tuple(sorted(articles)), frozenset(surfaces), tuple(ids))
