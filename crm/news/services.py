"""Writes of news: sources, crawl runs, articles and repost clusters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, Problem
from crm.core.tasks import enqueue
from crm.news import feedfile, healing, knowing, queries
from crm.news import ingest as taking
from crm.news.models import CrawlRun, RunState, Source, SourceKind
from crm.news.rhythm import next_run
from crm.news.sources import SourceDraft, crawl_problem, source_problems, validators

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.news.pages import FeedPage

LOST_AFTER = timedelta(hours=6)
NO_FEED = Problem("run.no_feed", "这次抓取没有留下结果文件，无法重新读取，请重新抓取。")
BEING_READ = Problem("run.busy", "正在读取，请等它完成后再试。")
NO_ADDRESS = Problem("page.no_address", "这一条没有可以访问的网址，无法重试。")
NOT_CRAWLED = Problem("source.export", "公众号导出不用抓取，请上传导出的文件。")
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
    row.interval_minutes, row.validators = draft.interval_minutes, None
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
    if row.kind is SourceKind.EXPORT:
        raise DomainError(NOT_CRAWLED)
    run = CrawlRun(source_id=row.id, state=RunState.QUEUED, started_at=now, stats={})
    session.add(run)
    session.flush()
    payload = {"run_id": run.id, "source_id": row.id}
    if not enqueue(session, jobs.CRAWL, payload, now=now, queue=jobs.CRAWL_QUEUE, dedupe_key=f"crawl:{row.id}"):
        session.delete(run)
        session.flush()
        return None
    row.next_run_at = next_run(now, row.interval_minutes, row.failures_in_row, row.options)
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
    only = {"only": run.stats["only"]} if run.stats.get("only") else {}
    run.stats = {**summary, "detail": detail, **only}
    if not only:
        place = queries.source(session, run.source_id)
        _note_health(place, problem, now)
        place.validators = validators(summary, problem, place.validators)
    enqueue(session, jobs.INGEST, {"run_id": run.id}, now=now, max_attempts=taking.ATTEMPTS)
    return run


def fail_run(session: Session, run: CrawlRun, problem: str, detail: str, *, now: datetime) -> None:
    """End a run that brought nothing; its source is tried again, later each time."""
    run.state, run.error, run.finished_at = RunState.FAILED, problem, now
    run.stats = {**run.stats, "detail": detail}
    if not run.stats.get("only"):
        _note_health(queries.source(session, run.source_id), problem, now)
        healing.note(session, run, {}, now=now)


def request_ingest(session: Session, actor: Actor, run_id: int, *, now: datetime) -> CrawlRun:
    """Read the feed of a run once more without fetching (after better extraction, say): nothing is stored twice."""
    run = queries.run(session, run_id)
    if not run.feed_file:
        raise DomainError(NO_FEED)
    if run.state is RunState.INGESTING:
        raise ConflictError(BEING_READ)
    _read_again(session, run, now)
    audit.record(session, actor.user_id, "run.replay", ("crawl_run", run.id), now=now)
    return run


def request_replay(session: Session, actor: Actor, source_id: int, *, now: datetime) -> int:
    """Read the kept feeds of a source's last runs once more; return how many."""
    row = queries.source(session, source_id)
    ended = (RunState.DONE, RunState.FAILED)
    runs = [run for run in queries.runs(session, row.id) if run.feed_file and run.state in ended]
    if not runs:
        raise DomainError(NO_FEED)
    for run in reversed(runs):
        _read_again(session, run, now)
    audit.record(session, actor.user_id, "source.replay", ("source", row.id), now=now, runs=len(runs))
    return len(runs)


def retry_page(session: Session, actor: Actor, page_id: int, *, now: datetime) -> CrawlRun:
    """Fetch one failed page again, as a crawl of its own that asks for nothing else."""
    page = queries.failed_page(session, page_id)
    if not page.url.startswith(("http://", "https://")):
        raise DomainError(NO_ADDRESS)
    source_id = queries.run(session, page.run_id).source_id
    run = CrawlRun(source_id=source_id, state=RunState.QUEUED, started_at=now, stats={"only": [page.url]})
    session.add(run)
    session.flush()
    page.retry_run_id = run.id
    payload = {"run_id": run.id, "source_id": source_id}
    key = f"retry:{page.id}"
    if not enqueue(session, jobs.CRAWL, payload, now=now, queue=jobs.CRAWL_QUEUE, dedupe_key=key):
        raise ConflictError(BEING_READ)
    audit.record(session, actor.user_id, "page.retry", ("failed_page", page.id), now=now, run=run.id)
    return run


def _read_again(session: Session, run: CrawlRun, now: datetime) -> None:
    run.state = RunState.INGESTING
    enqueue(session, jobs.INGEST, {"run_id": run.id, "again": True}, now=now, dedupe_key=f"ingest:{run.id}")


def ingest_feed(session: Session, run: CrawlRun, path: Path, *, now: datetime) -> dict[str, int]:
    """Take a feed file in; the same file again stores nothing new."""
    known = knowing.unchanged(session, feedfile.rows(path))
    return ingest(session, run, feedfile.pages(path, known), now=now)


def ingest(session: Session, run: CrawlRun, pages: Iterable[FeedPage], *, now: datetime) -> dict[str, int]:
    """Store all pages of a run in one piece and have the new articles analysed; return the counts.

    Counts: stored, known, failed. Failed pages of an earlier round of this run are replaced.
    """
    taking.begin(session, run)
    taking.take(session, run, pages, now=now)
    return taking.close(session, run, now=now)


def _note_health(source: Source, problem: str | None, now: datetime) -> None:
    source.last_run_at = now
    if problem is None:
        source.last_success_at, source.failures_in_row = now, 0
    else:
        source.failures_in_row += 1
    source.next_run_at = next_run(now, source.interval_minutes, source.failures_in_row, source.options)


def _id(actor: Actor | None) -> int | None:
    return actor.user_id if actor else None
