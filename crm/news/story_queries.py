"""Reads for the page of an article: the roundup it stands in or what it holds, and texts its page had before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import defer, joinedload

from crm.news.models import Article
from crm.news.story_models import Containment, Revision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SHOWN = 50


def beside(session: Session, article_id: int) -> list[tuple[bool, Article]]:
    """Roundups an article stands in (True) and short pieces it holds (False), the newest first."""
    statement = (
        select(Containment.article_id == article_id, Article)
        .join(
            Article,
            or_(
                (Containment.article_id == article_id) & (Article.id == Containment.roundup_id),
                (Containment.roundup_id == article_id) & (Article.id == Containment.article_id),
            ),
        )
        .options(joinedload(Article.source), defer(Article.body), defer(Article.signature))
        .order_by(Article.id.desc())
        .limit(SHOWN)
    )
    return [(bool(holds), row) for holds, row in session.execute(statement)]


def earlier_texts(session: Session, article_id: int) -> list[Revision]:
    """The texts a page had before, the newest first."""
    statement = select(Revision).where(Revision.article_id == article_id).order_by(Revision.replaced_at.desc())
    return list(session.scalars(statement.order_by(Revision.id.desc()).limit(SHOWN)))
