"""Look up, for some texts at once, the stored articles they may be near to: by equal text, and by shared bands.

A piece of a feed is looked up in three queries whatever its length; what is stored meanwhile is remembered here, so the
texts of a piece meet each other as if they came one by one.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import bindparam, func, select

from crm.news import roundup, similar
from crm.news.models import Article, ArticleBand, ArticleCluster

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

ITEM_BANDS = 12
AT_ONCE = 5000
_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Text:
    """What a text is compared by: itself, and the items it consists of."""

    hash: str
    signature: similar.Signature
    sketch: similar.Sketch
    bands: tuple[int, ...]
    item_bands: tuple[int, ...]
    length: int


class Met(NamedTuple):
    """An article that shares bands with a text: how many of its own, and of its items."""

    id: int
    cluster_id: int
    root_id: int
    text_hash: str
    signature: bytes | None
    whole: int
    item: int


class _Known(NamedTuple):
    """A stored article that can be met."""

    id: int
    cluster_id: int
    root_id: int
    text_hash: str
    signature: bytes | None


def text(title: str, body: str) -> Text:
    """Work out what a text is compared by."""
    digest, signature, sketch = similar.measured(body)
    items = map(similar.signature, roundup.items(title, body))
    item_bands = tuple(band for item in items for band in similar.bands(item)[:ITEM_BANDS])
    return Text(digest, signature, sketch, tuple(similar.bands(signature)), item_bands, len(body))


class Nearby:
    """The stored articles that some texts may be near to, and those stored since."""

    def __init__(self, session: Session, texts: Collection[Text], *, since: datetime) -> None:
        """Look all texts up among the articles recorded since then."""
        self._session = session
        told = [one for one in texts if one.sketch.size]
        self._equal = dict(_equal(session, {one.hash for one in told}, since))
        self._sharing: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for band, article_id, position in _sharing(session, {band for one in told for band in _asked(one)}):
            self._sharing[band].append((article_id, position))
        ids = {article_id for sharing in self._sharing.values() for article_id, _ in sharing}
        self._known = {row.id: row for row in _known(session, ids, since)}

    def equal(self, own: Text) -> int | None:
        """The story of the earliest article with the same text."""
        return self._equal.get(own.hash)

    def met(self, bands: Iterable[int], most: int) -> list[Met]:
        """Those articles that share most of the bands, by id."""
        shared: Counter[int] = Counter()
        items: Counter[int] = Counter()
        for band in dict.fromkeys(bands):
            for article_id, position in self._sharing.get(band, ()):
                shared[article_id] += 1
                items[article_id] += position >= similar.BANDS
        best = sorted(sorted(shared), key=shared.__getitem__, reverse=True)[:most]
        found = sorted(self._known[article_id] for article_id in best if article_id in self._known)
        return [Met(*row, shared[row.id] - items[row.id], items[row.id]) for row in found]

    def sketches(self, met: Iterable[Met]) -> dict[int, similar.Sketch]:
        """The sketches of articles, by id; bodies are read only where no sketch of the same text is remembered."""
        rows = sorted(met)
        found = {row.id: kept for row in rows if (kept := _SKETCHES.get(row.text_hash)) is not None}
        wanted = {row.id: row.text_hash for row in rows if row.id not in found}
        if wanted:
            bodies = select(Article.id, Article.body).where(Article.id.in_(wanted))
            for article_id, body in self._session.execute(bodies):
                found[article_id] = similar.sketch(body)
                _SKETCHES.keep(wanted[article_id], found[article_id])
        return {row.id: found[row.id] for row in rows if row.id in found}

    def add(self, own: Text, article_id: int, cluster_id: int, *, leads: bool) -> None:
        """Remember an article that was stored; one that leads its story can be met."""
        if not own.sketch.size:
            return
        self._equal.setdefault(own.hash, cluster_id)
        if leads:
            self._known[article_id] = _Known(
                article_id, cluster_id, cluster_id, own.hash, similar.to_bytes(own.signature)
            )
            for position, band in enumerate(_asked(own)):
                self._sharing[band].append((article_id, position))
            _SKETCHES.keep(own.hash, own.sketch)


class _Sketches(OrderedDict[str, similar.Sketch]):
    """The sketches needed lately, by the hash of their text: a text is the same wherever it is stored."""

    def keep(self, digest: str, sketch: similar.Sketch) -> None:
        """Remember a sketch, and forget the oldest beyond some megabytes."""
        self[digest] = sketch
        while len(self) > _REMEMBERED:
            self.popitem(last=False)


_SKETCHES = _Sketches()


def _asked(own: Text) -> tuple[int, ...]:
    return own.bands + own.item_bands


def _equal(session: Session, hashes: Collection[str], since: datetime) -> Iterator[tuple[str, int]]:
    return _many(session, _equals(), hashes, since=since)


def _sharing(session: Session, bands: Collection[int]) -> Iterator[tuple[int, int, int]]:
    return _many(session, _sharers(), bands)


def _known(session: Session, ids: Collection[int], since: datetime) -> Iterator[_Known]:
    return map(_Known._make, _many(session, _leaders(), ids, since=since))


def _many(session: Session, statement: Select[Any], values: Collection[Any], **more: Any) -> Iterator[Any]:  # noqa: ANN401 (rows of any statement)
    asked = sorted(values)
    for start in range(0, len(asked), AT_ONCE):
        yield from session.execute(statement, {"asked": asked[start : start + AT_ONCE], **more}).all()


# The statements are kept: building one costs more than asking.
@cache
def _equals() -> Select[Any]:
    first = (
        select(func.min(Article.id))
        .where(Article.text_hash.in_(bindparam("asked", expanding=True)), Article.recorded_at >= bindparam("since"))
        .group_by(Article.text_hash)
    )
    return cast("Select[Any]", select(Article.text_hash, Article.cluster_id).where(Article.id.in_(first)))


@cache
def _sharers() -> Select[Any]:
    asked = ArticleBand.band.in_(bindparam("asked", expanding=True))
    return cast("Select[Any]", select(ArticleBand.band, ArticleBand.article_id, ArticleBand.position).where(asked))


@cache
def _leaders() -> Select[Any]:
    root = func.coalesce(ArticleCluster.follows_id, ArticleCluster.id)
    statement = (
        select(Article.id, Article.cluster_id, root, Article.text_hash, Article.signature)
        .join(ArticleCluster, ArticleCluster.id == Article.cluster_id)
        .where(Article.id.in_(bindparam("asked", expanding=True)), Article.recorded_at >= bindparam("since"))
    )
    return cast("Select[Any]", statement)
