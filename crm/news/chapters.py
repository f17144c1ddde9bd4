"""Chapters of a story: a piece that brings a new fact begins one; stories begun twice by a race become one."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from crm.news import similar, stories
from crm.news.models import Article, ArticleBand, ArticleCluster, Relation
from crm.news.story_models import Containment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.core.types import JsonList

RECENT = 20
LOOK_BACK = timedelta(hours=2)
PAIRS = 1000


def family(session: Session, article: Article) -> list[int]:
    """The story of an article with all its chapters, the first one first."""
    own = session.get_one(ArticleCluster, article.cluster_id)
    root = own.follows_id or own.id
    later = select(ArticleCluster.id).where(ArticleCluster.follows_id == root).order_by(ArticleCluster.id)
    return [root, *session.scalars(later)]


def relatives(session: Session, article: Article) -> list[int]:
    """The stories that stand in this roundup, or the roundups this short piece stands in."""
    held = select(Containment.article_id).where(Containment.roundup_id == article.id)
    holding = select(Containment.roundup_id).where(Containment.article_id == article.id)
    statement = select(Article.cluster_id).where(or_(Article.id.in_(held), Article.id.in_(holding)))
    return sorted(set(session.scalars(statement)) - {article.cluster_id})


def told_before(session: Session, article: Article, cluster_ids: Sequence[int]) -> str:
    """The texts of a story from before an article: of the first report and of the newest others."""
    statement = (
        select(Article.title, Article.body)
        .where(Article.cluster_id.in_(cluster_ids), Article.id < article.id)
        .order_by(Article.relation == Relation.REPOST, Article.id.desc())
        .limit(RECENT)
    )
    return "\n".join(f"{title}\n{body}" for title, body in session.execute(statement))


def begin(session: Session, article: Article, *, now: datetime) -> int:
    """Give a piece that brings a new fact a chapter of its own in its story; return the chapter."""
    if article.relation is not Relation.REPOST:
        return article.cluster_id
    old = session.get_one(ArticleCluster, article.cluster_id)
    chapter = {"created_at": now, "follows_id": old.follows_id or old.id}
    cluster_id = session.execute(insert(ArticleCluster).returning(ArticleCluster.id), [chapter]).scalar_one()
    stories.resize(session, old.id, -1)
    article.cluster_id, article.relation = cluster_id, Relation.UPDATE
    session.flush()
    if article.signature:
        stories.keep_bands(session, article.id, similar.bands(similar.from_bytes(article.signature)))
    return cluster_id


def mark(article: Article, facts: JsonList) -> None:
    """Note what a piece brings that earlier ones did not."""
    article.fresh = [*article.fresh, *(fact for fact in facts if fact not in article.fresh)]


def doubles(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """Find stories that two workers began at the same time, not long ago: (later, earlier), to be joined in turn."""
    first = session.scalar(select(func.min(Article.id)).where(Article.recorded_at >= now - LOOK_BACK))
    if first is None:
        return []
    met = [(int(later), int(earlier)) for later, earlier in session.execute(_meeting(first))]
    leaders = {row.id: row for row in session.scalars(select(Article).where(Article.id.in_({*chain(*met)})))}
    sketches: dict[int, similar.Sketch] = {}
    found: dict[int, int] = {}
    for later, earlier in met:
        pair = leaders[later], leaders[earlier]
        if pair[0].cluster_id not in found and _near(*pair, sketches):
            found[pair[0].cluster_id] = pair[1].cluster_id
    return list(found.items())


def _meeting(first: int) -> Select[Any]:
    """Pairs of leaders that share bands, the later one recorded lately."""
    later, earlier = aliased(ArticleBand), aliased(ArticleBand)
    one, other = aliased(Article), aliased(Article)
    statement = (
        select(later.article_id, earlier.article_id)
        .join(earlier, (earlier.band == later.band) & (earlier.article_id < later.article_id))
        .join(one, one.id == later.article_id)
        .join(other, other.id == earlier.article_id)
        .where(later.article_id >= first, later.position < similar.BANDS, earlier.position < similar.BANDS)
        .where(one.relation == Relation.FIRST, other.relation == Relation.FIRST)
        .group_by(later.article_id, earlier.article_id)
        .order_by(later.article_id, earlier.article_id)
        .limit(PAIRS)
    )
    return cast("Select[Any]", statement)


def _near(one: Article, other: Article, sketches: dict[int, similar.Sketch]) -> bool:
    for row in (one, other):
        if row.id not in sketches:
            sketches[row.id] = similar.sketch(row.body)
    return similar.resemblance(sketches[one.id], sketches[other.id]) >= similar.SAME_STORY


def join(session: Session, later: int, earlier: int) -> None:
    """Make the articles of a story reposts of an earlier one; what is left of it follows that one, empty."""
    root = session.get_one(ArticleCluster, earlier)
    root_id = root.follows_id or root.id
    first = select(Article.id).where(Article.cluster_id == later, Article.relation == Relation.FIRST)
    session.execute(delete(ArticleBand).where(ArticleBand.article_id.in_(first)))
    moved = session.scalar(select(func.count()).select_from(Article).where(Article.cluster_id == later)) or 0
    reposts = update(Article).where(Article.cluster_id == later).values(cluster_id=earlier, relation=Relation.REPOST)
    session.execute(reposts, execution_options={"synchronize_session": False})
    stories.resize(session, earlier, moved)
    chapters = update(ArticleCluster).where(ArticleCluster.follows_id == later).values(follows_id=root_id)
    emptied = update(ArticleCluster).where(ArticleCluster.id == later).values(follows_id=root_id, size=0)
    for statement in (chapters, emptied):
        session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
