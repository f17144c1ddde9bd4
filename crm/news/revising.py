"""A page whose text its publisher changed: the article takes the new text, the old one is kept beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from crm.core.db import insert_ignore
from crm.news import nearby, similar, stories
from crm.news.models import Article, ArticleBand, Relation
from crm.news.story_models import Revision

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.news.pages import ReadPage

MOST = 20
_WHOLE = 0.3


def revise(session: Session, pages: Mapping[int, ReadPage], *, now: datetime) -> list[int]:
    """Give articles the text their page has now, by id; return the ids of those that changed."""
    rows = session.scalars(select(Article).where(Article.id.in_(pages)).order_by(Article.id)).all()
    counted = select(Revision.article_id, func.count()).where(Revision.article_id.in_(pages))
    kept = dict(session.execute(counted.group_by(Revision.article_id)).all())
    changed = []
    for row in rows:
        page = pages[row.id]
        if _is_another_text(row, page) and kept.get(row.id, 0) < MOST:
            _keep(session, row, now)
            _take(session, row, page)
            changed.append(row.id)
    session.flush()
    return changed


def _is_another_text(row: Article, page: ReadPage) -> bool:
    """Whether the page says something else, and the reading of it is whole: a broken layout takes nothing away."""
    if page.fetched_at <= row.fetched_at or page.page_sha256 == row.page_sha256 or "thin_body" in page.problems:
        return False
    return len(page.body) >= _WHOLE * len(row.body) and similar.exact_hash(page.body) != row.text_hash


def _keep(session: Session, row: Article, now: datetime) -> None:
    names = ("title", "body", "text_hash", "page_sha256", "fetched_at")
    old = {name: getattr(row, name) for name in names}
    insert_ignore(session, Revision, [{**old, "article_id": row.id, "replaced_at": now}], ["article_id", "text_hash"])


def _take(session: Session, row: Article, page: ReadPage) -> None:
    text = nearby.text(page.title, page.body)
    row.title, row.body, row.text_hash, row.signature = (
        page.title,
        page.body,
        text.hash,
        similar.to_bytes(text.signature),
    )
    row.page_sha256, row.fetched_at, row.encoding = page.page_sha256, page.fetched_at, page.encoding
    row.problems, row.analysed_at = {"keys": list(page.problems)}, None
    if row.relation is not Relation.REPOST:
        session.execute(delete(ArticleBand).where(ArticleBand.article_id == row.id))
        stories.keep_bands(session, row.id, (*text.bands, *text.item_bands))
