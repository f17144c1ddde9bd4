"""Find the story of an article among those of the last 90 days, and keep what it needs to be found itself.

Only the piece that leads a story or one of its chapters has bands, so a story of a thousand reposts is found as fast as
one of two. A near copy (five-character shingles, J of at least 0.5) belongs to the earliest story it is near to, and
within it to the chapter it is nearest to. Items of a roundup have bands of their own beside those of the whole text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, delete, func, insert, inspect, select, update

from crm.news import similar
from crm.news.models import Article, ArticleBand, ArticleCluster, Relation
from crm.news.nearby import Met, Nearby, Text, text
from crm.news.story_models import Containment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Insert, Table, Update
    from sqlalchemy.orm import Session

WINDOW = timedelta(days=90)
CANDIDATES = 24
WHOLE = 0.75
_LONGEST_ITEM = 1500
_HOPELESS = 0.32  # four standard errors below 0.5


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs: its story, what it is to it, and which articles hold it or are held by it."""

    text: Text
    cluster_id: int
    relation: Relation
    held: tuple[tuple[int, float], ...] = ()
    holding: tuple[tuple[int, float], ...] = ()


def nearby(session: Session, texts: Collection[Text], *, now: datetime) -> Nearby:
    """Look up what some texts may be near to; each of them can then be placed."""
    return Nearby(session, texts, since=now - WINDOW)


def place(session: Session, title: str, body: str, *, now: datetime) -> Placed:
    """Find the story of an article that is about to be stored; a story of its own when nobody told it yet."""
    own = text(title, body)
    return place_text(own, nearby(session, [own], now=now))


def place_text(own: Text, near: Nearby) -> Placed:
    """Find the story of a text that was looked up."""
    if not own.sketch.size:
        return Placed(own, 0, Relation.FIRST)
    cluster_id = near.equal(own)
    if cluster_id is not None:
        return Placed(own, cluster_id, Relation.REPOST)
    met = near.met(own.bands, CANDIDATES)
    cluster_id = _story(near, own, [row for row in met if row.whole])
    held, holding = _held(near, own, met), _holding(near, own)
    if cluster_id is not None:
        return Placed(own, cluster_id, Relation.REPOST, held, holding)
    return Placed(own, 0, Relation.FIRST, held, holding)


def open_cluster(session: Session, placed: Placed, *, now: datetime) -> int:
    """Give the story of an article, begun now when it is the first report."""
    if placed.relation is Relation.REPOST:
        return placed.cluster_id
    return session.execute(insert(ArticleCluster).returning(ArticleCluster.id), [{"created_at": now}]).scalar_one()


def give_up(session: Session, placed: Placed, cluster_id: int) -> None:
    """Take back a story begun for an article that was not stored after all."""
    if placed.relation is not Relation.REPOST:
        session.execute(delete(ArticleCluster).where(ArticleCluster.id == cluster_id))


def settle(session: Session, article_id: int, placed: Placed) -> None:
    """Keep what a stored article needs: its place in the count, or bands to be found by; what holds what."""
    settle_all(session, {article_id: placed})


def settle_all(session: Session, stored: Mapping[int, Placed]) -> None:
    """Keep what stored articles need, in a few statements whatever their number."""
    reposts = Counter(placed.cluster_id for placed in stored.values() if placed.relation is Relation.REPOST)
    bands: list[dict[str, int]] = []
    holds: list[dict[str, Any]] = []
    for article_id, placed in stored.items():
        if placed.relation is not Relation.REPOST:
            bands += _band_rows(article_id, (*placed.text.bands, *placed.text.item_bands))
        holds += [{"roundup_id": other, "article_id": article_id, "share": share} for other, share in placed.held]
        holds += [{"roundup_id": article_id, "article_id": other, "share": share} for other, share in placed.holding]
    if reposts:  # in order of the stories, so that two workers never wait for each other
        grown = [{"story": cluster_id, "by": change} for cluster_id, change in sorted(reposts.items())]
        session.connection().execute(_growing(), grown)
    if bands:
        session.execute(_new_band(), bands)
    if holds:
        session.execute(insert(Containment), holds)


def resize(session: Session, cluster_id: int, change: int) -> None:
    """Count an article in or out."""
    grown = update(ArticleCluster).where(ArticleCluster.id == cluster_id).values(size=ArticleCluster.size + change)
    session.execute(grown, execution_options={"synchronize_session": False})


def keep_bands(session: Session, article_id: int, bands: Iterable[int]) -> None:
    """Have an article found by its bands: those of its text, then those of the items it consists of."""
    session.execute(_new_band(), _band_rows(article_id, bands))


def _band_rows(article_id: int, bands: Iterable[int]) -> list[dict[str, int]]:
    return [{"article_id": article_id, "position": position, "band": band} for position, band in enumerate(bands)]


@cache
def _new_band() -> Insert:
    return insert(cast("Table", inspect(ArticleBand).local_table))


@cache
def _growing() -> Update:
    table = cast("Table", inspect(ArticleCluster).local_table)
    return update(table).where(table.c.id == bindparam("story")).values(size=table.c.size + bindparam("by"))


def forget_bands(session: Session, *, now: datetime) -> int:
    """Delete the bands of articles that are too old to be found; return how many."""
    old = select(func.max(Article.id)).where(Article.recorded_at < now - WINDOW)
    last = session.scalar(old)
    if last is None:
        return 0
    gone = session.execute(delete(ArticleBand).where(ArticleBand.article_id <= last))
    return int(gone.rowcount or 0)  # type: ignore[attr-defined]  # a DELETE gives a cursor result


def _story(near: Nearby, own: Text, met: Sequence[Met]) -> int | None:
    """The earliest story the text is near to, in it the nearest chapter."""
    likely = {row.id: row for row in met if _estimate(own, row) >= _HOPELESS}
    alike: dict[int, list[tuple[float, int, int]]] = {}
    for other, sketch in near.sketches(likely.values()).items():
        row, likeness = likely[other], similar.resemblance(own.sketch, sketch)
        if likeness >= similar.SAME_STORY:
            alike.setdefault(row.root_id, []).append((likeness, -other, row.cluster_id))
    return max(next(iter(alike.values())))[2] if alike else None


def _estimate(own: Text, row: Met) -> float:
    return similar.jaccard(own.signature, similar.from_bytes(row.signature)) if row.signature else 0.0


def _held(near: Nearby, own: Text, met: Sequence[Met]) -> tuple[tuple[int, float], ...]:
    """The roundups a short text stands in whole."""
    if own.length > _LONGEST_ITEM:
        return ()
    sketches = near.sketches(row for row in met if row.item)
    large = {other: sketch for other, sketch in sketches.items() if not _same(sketch, own.sketch)}
    shares = ((other, similar.containment(own.sketch, sketch)) for other, sketch in large.items())
    return tuple((other, share) for other, share in shares if share >= WHOLE)


def _holding(near: Nearby, own: Text) -> tuple[tuple[int, float], ...]:
    """The short articles a roundup holds whole."""
    sketches = near.sketches(row for row in near.met(own.item_bands, CANDIDATES * 2) if row.whole)
    small = {other: sketch for other, sketch in sketches.items() if not _same(sketch, own.sketch)}
    shares = ((other, similar.containment(sketch, own.sketch)) for other, sketch in small.items())
    return tuple((other, share) for other, share in shares if share >= WHOLE)


def _same(one: similar.Sketch, other: similar.Sketch) -> bool:
    return similar.resemblance(one, other) >= similar.SAME_STORY
