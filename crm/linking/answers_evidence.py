"""The answers of people on mentions as examples: what spoke for and against each, and what the person said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.linking.answers_models import MentionAnswer
from crm.linking.queries import alias_index
from crm.news.models import Article

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.linking.matcher import AliasIndex

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Example:
    """An occurrence of a name as numbers with names, whether the enterprise was meant, and its story."""

    evidence: dict[str, float]
    right: bool
    story: int


def number(session: Session) -> int:
    """How many answers hold."""
    return session.scalar(select(func.count()).where(MentionAnswer.undone_at.is_(None))) or 0


def examples(session: Session) -> list[Example]:
    """Read again what stood around each name that was answered, the newest :data:`MOST`."""
    statement = select(MentionAnswer).where(MentionAnswer.undone_at.is_(None))
    rows = session.scalars(statement.order_by(MentionAnswer.id.desc()).limit(MOST)).all()
    by_text: defaultdict[tuple[int | None, bool, str], list[MentionAnswer]] = defaultdict(list)
    for row in rows:
        by_text[row.article_id, row.in_title, "" if row.article_id else row.context].append(row)
    index = alias_index(session)
    return [one for key, group in by_text.items() for one in _of_text(session, index, key, group)]


def _of_text(
    session: Session, index: AliasIndex, key: tuple[int | None, bool, str], rows: list[MentionAnswer]
) -> list[Example]:
    article_id, in_title, context = key
    article = session.get(Article, article_id) if article_id else None
    text = context if article is None else article.title if in_title else article.body
    found = {one.raw: one.evidence for one in index.candidates(text)}
    made = []
    for row in rows:
        start = row.start if article is not None else row.offset
        evidence = found.get((start, start + row.stop - row.start))
        if evidence:
            story = article.cluster_id if article is not None else -row.id
            made.append(Example(dict(evidence), row.right_one, story))
    return made
