"""Writes of news: sources, crawl runs, articles and repost clusters."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from crm.core import audit, jobs
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, Problem
from crm.core.tasks import enqueue
from crm.news import feedfile, queries, similar
from crm.news.models import Article, ArticleBand, ArticleCluster, CrawlRun, FailedPage, RunState, Source, SourceKind
from crm.news.pages import FeedPage, KnownPage, LostPage, ReadPage
from crm.news.sources import SourceDraft, crawl_problem, next_run, source_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ANALYSE_BATCH = 25
LOST_AFTER = timedelta(hours=6)
NAME_TAKEN = Problem("source.name_taken", "已有同名信源，请换一个名称。", "name")


def save_source(
    session: Session, actor: Actor | None, draft: SourceDraft, *, source_id: int | None = None, now: datetime
) -> Source:
    """Add a source, or change one; it is crawled at the next opportunity."""
    problems = source_problems(draft)
    namesake = queries.source_by_name(session, draft.name)
    if namesake is not None and namesake.id != source_id:
        problems.append(NAME_TAKEN)
    if problems:
        raise DomainError(*problems)
    row = Source(created_at=now) if source_id is None else queries.source(session, source_id)
    row.name, row.kind, row.url = draft.name, SourceKind(draft.kind), draft.url
    row.options = {key: value for key, value in draft.options.items() if value is not None and value != ""}
    row.interval_minutes = draft.interval_minutes
    session.add(row)
    session.flush()
    action = "source.create" if source_id is None else "source.edit"
    audit.record(session, _id(actor), action, ("source", row.id), now=now, name=row.name, url=row.url)
    return row


def switch_source(session: Session, actor: Actor, source_id: int, *, enabled: bool, now: datetime) -> Source:
    """Put a source into use or out of use; back in use it starts without old failures."""
    row = queries.source(session, source_id)
    row.enabled = enabled
    if enabled:
        row.failures_in_row, row.next_run_at = 0, None
    audit.record(session, actor.user_id, "source.switch", ("source", row.id), now=now, enabled=enabled)
    return row


def request_crawl(session: Session, actor: Actor | None, source_id: int, *, now: datetime) -> CrawlRun | None:
    """Ask for a crawl now; None when one already waits for this source."""
    row = queries.source(session, source_id)
    run = CrawlRun(source_id=row.id, state=RunState.QUEUED, started_at=now, stats={})
    session.add(run)
    session.flush()
    payload = {"run_id": run.id, "source_id": row.id}
    if not enqueue(session, jobs.CRAWL, payload, now=now, queue=jobs.CRAWL_QUEUE, dedupe_key=f"crawl:{row.id}"):
        session.delete(run)
        session.flush()
        return None
    row.next_run_at = next_run(now, row.interval_minutes, row.failures_in_row)
    audit.record(session, _id(actor), "source.crawl", ("source", row.id), now=now, run=run.id)
    return run


def request_due_crawls(session: Session, *, now: datetime) -> list[int]:
    """Ask for a crawl of every source whose time has come; give up runs whose task was lost."""
    for run in queries.unfinished_runs(session, now - LOST_AFTER):
        fail_run(session, run, "lost", "", now=now)
    runs = [request_crawl(session, None, row.id, now=now) for row in queries.due_sources(session, now)]
    return [run.source_id for run in runs if run is not None]


def record_crawl(
    session: Session,
    run_id: int,
    exit_status: int,
    summary: Mapping[str, Any] | None,
    *,
    feed_file: str,
    detail: str,
    now: datetime,
) -> CrawlRun:
    """Note how a crawl ended, and have what it brought taken in."""
    run = queries.run(session, run_id)
    problem = crawl_problem(exit_status, summary)
    if summary is None:
        fail_run(session, run, problem or "no_feed", detail, now=now)
        return run
    run.state, run.feed_file, run.error = RunState.INGESTING, feed_file, problem
    run.fetched = int(summary.get("pages") or 0)
    run.stats = {**summary, "detail": detail}
    _note_health(queries.source(session, run.source_id), problem, now)
    enqueue(session, jobs.INGEST, {"run_id": run.id}, now=now)
    return run


def fail_run(session: Session, run: CrawlRun, problem: str, detail: str, *, now: datetime) -> None:
    """End a run that brought nothing; its source is tried again, later each time."""
    run.state, run.error, run.finished_at = RunState.FAILED, problem, now
    run.stats = {**run.stats, "detail": detail}
    _note_health(queries.source(session, run.source_id), problem, now)


def request_ingest(session: Session, actor: Actor, run_id: int, *, now: datetime) -> CrawlRun:
    """Take the feed of a run in once more (after better extraction, say); known articles stay as they are."""
    run = queries.run(session, run_id)
    if not run.feed_file:
        raise DomainError(Problem("run.no_feed", "这次抓取没有留下结果文件，无法重新入库，请重新抓取。"))
    run.state = RunState.INGESTING
    enqueue(session, jobs.INGEST, {"run_id": run.id}, now=now, dedupe_key=f"ingest:{run.id}")
    audit.record(session, actor.user_id, "run.replay", ("crawl_run", run.id), now=now)
    return run


def ingest_feed(session: Session, run: CrawlRun, path: Path, *, now: datetime) -> dict[str, int]:
    """Take a feed file in; the same file again stores nothing new."""
    known = queries.known_hashes(session, feedfile.url_hashes(path))
    return ingest(session, run, feedfile.pages(path, known), now=now)


def ingest(session: Session, run: CrawlRun, pages: Iterable[FeedPage], *, now: datetime) -> dict[str, int]:
    """Store the pages of a run and have the new articles analysed; return the counts.

    Counts: stored, known, failed. Failed pages of an earlier round of this run are replaced.
    """
    session.execute(delete(FailedPage).where(FailedPage.run_id == run.id))
    counts: Counter[str] = Counter()
    fresh: list[int] = []
    for page in pages:
        if isinstance(page, ReadPage):
            article, new = store_article(session, run, page, now=now)
            fresh += [article.id] if new else []
            counts["stored" if new else "known"] += 1
        elif isinstance(page, KnownPage):
            counts["known"] += 1
        else:
            _keep_failure(session, run, page, now)
            counts["failed"] += 1
    for start in range(0, len(fresh), ANALYSE_BATCH):
        batch = fresh[start : start + ANALYSE_BATCH]
        enqueue(session, jobs.ANALYSE, {"run_id": run.id, "article_ids": batch}, now=now)
    _close_run(session, run, counts, now)
    return {key: counts[key] for key in ("stored", "known", "failed")}


def store_article(session: Session, run: CrawlRun, page: ReadPage, *, now: datetime) -> tuple[Article, bool]:
    """Keep a page as an article of its story; False with the old article when its address is known."""
    text_hash, signature = similar.exact_hash(page.body), similar.signature(page.body)
    told = queries.same_story(session, text_hash, signature, now)
    cluster_id = told.cluster_id if told else _new_cluster(session, now)
    values = {
        "source_id": run.source_id, "run_id": run.id, "cluster_id": cluster_id, "url": page.url,
        "url_hash": page.url_hash, "request_hash": page.request_hash or None, "title": page.title, "body": page.body,
        "publisher": page.publisher, "author": page.author, "published_at": page.published_at,
        "fetched_at": page.fetched_at, "recorded_at": now, "page_sha256": page.page_sha256, "text_hash": text_hash,
        "signature": similar.to_bytes(signature), "encoding": page.encoding, "problems": {"keys": list(page.problems)},
    }  # fmt: skip
    new = insert_ignore(session, Article, [values], ["url_hash"]) == 1
    article = session.scalars(select(Article).where(Article.url_hash == page.url_hash)).one()
    if not new:
        if told is None:
            session.execute(delete(ArticleCluster).where(ArticleCluster.id == cluster_id))
        return article, False
    if told:
        grown = update(ArticleCluster).where(ArticleCluster.id == cluster_id).values(size=ArticleCluster.size + 1)
        session.execute(grown, execution_options={"synchronize_session": False})
    bands = enumerate(similar.bands(signature))
    session.execute(insert(ArticleBand), [{"article_id": article.id, "position": n, "band": band} for n, band in bands])
    return article, True


def _new_cluster(session: Session, now: datetime) -> int:
    cluster = ArticleCluster(created_at=now)
    session.add(cluster)
    session.flush()
    return cluster.id


def _keep_failure(session: Session, run: CrawlRun, page: LostPage, now: datetime) -> None:
    session.add(
        FailedPage(
            run_id=run.id, url=page.url, reason=page.reason, detail=page.detail or None, size=page.size, recorded_at=now
        )
    )


def _close_run(session: Session, run: CrawlRun, counts: Counter[str], now: datetime) -> None:
    """Write the run's figures; replayed, the articles it stored before still count as its own."""
    own = session.scalar(select(func.count()).select_from(Article).where(Article.run_id == run.id)) or 0
    skipped = int(run.stats.get("skipped_seen") or 0)
    run.stored, run.failed = own, counts["failed"]
    run.known = counts["stored"] + counts["known"] - own + skipped
    run.state = RunState.FAILED if run.error else RunState.DONE
    run.finished_at = now
    session.flush()


def _note_health(source: Source, problem: str | None, now: datetime) -> None:
    source.last_run_at = now
    if problem is None:
        source.last_success_at, source.failures_in_row = now, 0
    else:
        source.failures_in_row += 1
    source.next_run_at = next_run(now, source.interval_minutes, source.failures_in_row)


def _id(actor: Actor | None) -> int | None:
    return actor.user_id if actor else None
