"""Reads of sources, crawl runs and articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.core import jobs
from crm.core.errors import NotFoundError, Problem
from crm.core.tasks import Task, TaskState
from crm.news import similar
from crm.news.models import Article, ArticleBand, CrawlRun, FailedPage, RunState, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

REPOST_WINDOW = timedelta(days=90)
SEEN_LIMIT = 5000
CANDIDATES = 30
NO_SOURCE = Problem("source.missing", "这个信源不存在，可能已被删除。")
NO_RUN = Problem("run.missing", "这次抓取的记录不存在。")


def source(session: Session, source_id: int) -> Source:
    """Find a source or say that there is none."""
    found = session.get(Source, source_id)
    if found is None:
        raise NotFoundError(NO_SOURCE)
    return found


def run(session: Session, run_id: int) -> CrawlRun:
    """Find a crawl run or say that there is none."""
    found = session.get(CrawlRun, run_id)
    if found is None:
        raise NotFoundError(NO_RUN)
    return found


def sources(session: Session) -> list[Source]:
    """All sources, those in use first, by name."""
    return list(session.scalars(select(Source).order_by(Source.enabled.desc(), Source.name)))


def source_by_name(session: Session, name: str) -> Source | None:
    """Find a source by its name."""
    return session.scalar(select(Source).where(Source.name == name))


def due_sources(session: Session, now: datetime) -> list[Source]:
    """Sources in use whose time has come."""
    due = Source.next_run_at.is_(None) | (Source.next_run_at <= now)
    return list(session.scalars(select(Source).where(Source.enabled, due).order_by(Source.id)))


def last_runs(session: Session, source_ids: Collection[int]) -> dict[int, CrawlRun]:
    """The newest run of each source."""
    newest = select(func.max(CrawlRun.id)).where(CrawlRun.source_id.in_(source_ids)).group_by(CrawlRun.source_id)
    return {row.source_id: row for row in session.scalars(select(CrawlRun).where(CrawlRun.id.in_(newest)))}


def runs(session: Session, source_id: int, limit: int = 30) -> list[CrawlRun]:
    """The newest runs of a source."""
    statement = select(CrawlRun).where(CrawlRun.source_id == source_id).order_by(CrawlRun.id.desc()).limit(limit)
    return list(session.scalars(statement))


def crawling(session: Session, run_ids: Collection[int]) -> dict[int, str]:
    """Progress notes of those runs whose crawl is in the hands of a worker just now."""
    if not run_ids:
        return {}
    statement = select(Task.payload, Task.progress_note).where(Task.kind == jobs.CRAWL, Task.state == TaskState.RUNNING)
    found = {int(payload.get("run_id", 0)): note or "" for payload, note in session.execute(statement)}
    return {run_id: found[run_id] for run_id in run_ids if run_id in found}


def failed_pages(session: Session, run_id: int, limit: int = 200) -> list[FailedPage]:
    """Pages of a run that gave no article."""
    statement = select(FailedPage).where(FailedPage.run_id == run_id).order_by(FailedPage.reason, FailedPage.id)
    return list(session.scalars(statement.limit(limit)))


def failure_counts(session: Session, run_ids: Collection[int]) -> dict[str, int]:
    """How many pages of these runs failed, by reason, most frequent first."""
    statement = (
        select(FailedPage.reason, func.count())
        .where(FailedPage.run_id.in_(run_ids))
        .group_by(FailedPage.reason)
        .order_by(func.count().desc(), FailedPage.reason)
    )
    return dict(session.execute(statement).all())


def known_hashes(session: Session, hashes: Sequence[str]) -> set[str]:
    """Those address hashes that have an article already."""
    known: set[str] = set()
    for start in range(0, len(hashes), 500):
        chunk = hashes[start : start + 500]
        known |= set(session.scalars(select(Article.url_hash).where(Article.url_hash.in_(chunk))))
    return known


def seen(session: Session) -> list[str]:
    """Hashes of listed addresses that need not be fetched again, the newest articles' first."""
    statement = select(Article.request_hash).where(Article.request_hash.is_not(None))
    found = session.scalars(statement.order_by(Article.id.desc()).limit(SEEN_LIMIT))
    return [row for row in found if row]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a text's story: its cluster and how similar the nearest text is."""

    cluster_id: int
    similarity: float


def same_story(session: Session, text_hash: str, signature: similar.Signature, now: datetime) -> Told | None:
    """Find the cluster that tells this story already: the same text, or J of at least 0.5, within 90 days."""
    recent = Article.recorded_at >= now - REPOST_WINDOW
    equal = select(Article.cluster_id).where(Article.text_hash == text_hash, recent).order_by(Article.id).limit(1)
    cluster_id = session.scalar(equal)
    if cluster_id is not None:
        return Told(cluster_id, 1.0)
    meeting = (
        select(ArticleBand.article_id)
        .where(ArticleBand.band.in_(similar.bands(signature)))
        .group_by(ArticleBand.article_id)
        .order_by(func.count().desc(), ArticleBand.article_id)
        .limit(CANDIDATES)
    )
    statement = select(Article.cluster_id, Article.signature).where(Article.id.in_(meeting), recent)
    scored = [
        Told(candidate, similar.jaccard(signature, similar.from_bytes(raw)))
        for candidate, raw in session.execute(statement.order_by(Article.id))
        if raw
    ]
    best = max(scored, key=lambda told: told.similarity, default=None)
    return best if best and best.similarity >= similar.SAME_STORY else None


def crawl_specification(session: Session, found: CrawlRun, allow: Sequence[str]) -> dict[str, Any]:
    """Everything a spider has to know, as JSON; ``allow`` are hosts the operator lets through the guard."""
    place = source(session, found.source_id)
    options = {key: value for key, value in place.options.items() if key != "allow"}
    own = [str(entry) for entry in place.options.get("allow") or ()]
    return {
        "source": place.name,
        "kind": place.kind.value,
        "url": place.url,
        "allow": [*allow, *own],
        "seen": seen(session),
        **options,
    }


def unfinished_runs(session: Session, before: datetime) -> list[CrawlRun]:
    """Runs that began before a moment and never ended: their task died."""
    open_states = (RunState.QUEUED, RunState.CRAWLING, RunState.INGESTING)
    return list(session.scalars(select(CrawlRun).where(CrawlRun.state.in_(open_states), CrawlRun.started_at < before)))
