"""Reads of sources, crawl runs and articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.core import jobs
from crm.core import options as office
from crm.core.errors import NotFoundError, Problem
from crm.core.tasks import Task, TaskState
from crm.news.models import Article, CrawlRun, FailedPage, RunState, Source, SourceKind
from crm.news.options import AGENT, SCHEDULE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

SEEN_LIMIT = 5000
NO_SOURCE = Problem("source.missing", "这个信源不存在，可能已被删除。")
NO_PAGE = Problem("page.missing", "这条失败记录不存在，可能已被重新读取的结果替换。")
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
    crawled = Source.kind != SourceKind.EXPORT
    return list(session.scalars(select(Source).where(Source.enabled, crawled, due).order_by(Source.id)))


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


def failed_page(session: Session, page_id: int) -> FailedPage:
    """Find a failed page or say that there is none."""
    found = session.get(FailedPage, page_id)
    if found is None:
        raise NotFoundError(NO_PAGE)
    return found


def failure_counts(session: Session, run_ids: Collection[int]) -> dict[str, int]:
    """How many pages of these runs failed, by reason, most frequent first."""
    statement = (
        select(FailedPage.reason, func.count())
        .where(FailedPage.run_id.in_(run_ids))
        .group_by(FailedPage.reason)
        .order_by(func.count().desc(), FailedPage.reason)
    )
    return dict(session.execute(statement).all())


def seen(session: Session) -> list[str]:
    """Hashes of listed addresses that need not be fetched again, the newest articles' first."""
    statement = select(Article.request_hash).where(Article.request_hash.is_not(None))
    found = session.scalars(statement.order_by(Article.id.desc()).limit(SEEN_LIMIT))
    return [row for row in found if row]


def crawl_specification(session: Session, found: CrawlRun, allow: Sequence[str]) -> dict[str, Any]:
    """Everything a spider has to know, as JSON; ``allow`` are hosts the operator lets through the guard."""
    place = source(session, found.source_id)
    kept_apart = {"allow", *SCHEDULE}
    told = {key: value for key, value in place.options.items() if key not in kept_apart}
    own = [str(entry) for entry in place.options.get("allow") or ()]
    return {
        "source": place.name,
        "kind": place.kind.value,
        "url": place.url,
        "allow": [*allow, *own],
        "seen": seen(session),
        **told,
        **(place.validators or {}),
        **agent(session),
        **({"only": only} if (only := found.stats.get("only")) else {}),
    }


def agent(session: Session) -> dict[str, str]:
    """How the office calls itself to the sites it reads, as a key of a specification; nothing when it set none."""
    name = str(office.read(session, AGENT).get(AGENT, {}).get("user_agent") or "")
    return {"user_agent": name} if name else {}


def unfinished_runs(session: Session, before: datetime) -> list[CrawlRun]:
    """Runs that began before a moment and never ended: their task died."""
    open_states = (RunState.QUEUED, RunState.CRAWLING, RunState.INGESTING)
    return list(session.scalars(select(CrawlRun).where(CrawlRun.state.in_(open_states), CrawlRun.started_at < before)))
