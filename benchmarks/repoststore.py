"""The part of benchmarks.reposts that places documents in a database."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from crm.cli.database import migrate
from crm.core.db import Database
from crm.news import similar, stories
from crm.news.models import Article, ArticleBand, ArticleCluster, Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

NOW = datetime(2026, 11, 20, tzinfo=UTC)
AT_ONCE, PIECE = 5000, 200
BAND_INDEX = "ix_article_band_band"


def measure(path: Path, known: int, texts: Sequence[str]) -> None:
    """Fill a file with known stories, then place documents in it piece by piece; print time and size."""
    database = Database(f"sqlite:///{path}")
    migrate(database)
    begun = time.monotonic()
    fill(database, known)
    print(f"{known} stories known, {path.stat().st_size / 2**30:.2f} GiB, filled in {time.monotonic() - begun:.0f} s")
    cpu, begun = time.process_time(), time.monotonic()
    for start in range(0, len(texts), PIECE):
        with database.transaction() as session:
            for body in texts[start : start + PIECE]:
                store(session, body)
    spent, took = time.process_time() - cpu, time.monotonic() - begun
    count = len(texts)
    print(f"{count} placed: {spent / count * 1000:.2f} ms CPU, {took / count * 1000:.2f} ms a document")


def store(session: Session, body: str) -> None:
    """Place and store one article."""
    placed = stories.place(session, "标题", body, now=NOW)
    row = article(stories.open_cluster(session, placed, now=NOW), body, placed.text.hash)
    row |= {"relation": placed.relation, "signature": similar.to_bytes(placed.text.signature)}
    article_id = session.execute(insert(Article).returning(Article.id), [row]).scalar_one()
    stories.settle(session, article_id, placed)


def article(cluster_id: int, body: str, text_hash: str) -> dict[str, Any]:
    """One row."""
    number = random.getrandbits(64)
    return {
        "source_id": 1, "cluster_id": cluster_id, "url": f"https://news.example/{number}", "url_hash": str(number),
        "title": "标题", "body": body, "fetched_at": NOW, "recorded_at": NOW, "page_sha256": "", "encoding": "utf-8",
        "text_hash": text_hash, "problems": {}, "fresh": [],
    }  # fmt: skip


def fill(database: Database, known: int) -> None:
    """Write stories with bands drawn at random; the index over the bands is built at the end."""
    drawn = random.Random(5)  # noqa: S311 (invented data)
    with database.transaction() as session:
        session.execute(text(f"DROP INDEX {BAND_INDEX}"))
        source = {"name": "s", "kind": SourceKind.RSS, "url": "https://news.example/", "options": {}, "created_at": NOW}
        session.execute(insert(Source), [source])
    for start in range(1, known + 1, AT_ONCE):
        ids = range(start, min(start + AT_ONCE, known + 1))
        with database.transaction() as session:
            session.execute(insert(ArticleCluster), [{"id": number, "created_at": NOW} for number in ids])
            session.execute(insert(Article), [{**article(number, "", str(number)), "id": number} for number in ids])
            _write_bands(session, ids, drawn)
    with database.transaction() as session:
        session.execute(text(f"CREATE INDEX {BAND_INDEX} ON {ArticleBand.__tablename__} (band)"))


def _write_bands(session: Session, ids: range, drawn: random.Random) -> None:
    rows = [(number, place, drawn.getrandbits(63)) for number in ids for place in range(similar.BANDS)]
    connection = session.connection()
    connection.exec_driver_sql("INSERT INTO article_band (article_id, position, band) VALUES (?, ?, ?)", rows)
