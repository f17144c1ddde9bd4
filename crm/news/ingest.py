"""Taking pages of a feed in: piece by piece, each piece in a few statements whatever its length."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from crm.core import jobs
from crm.core.db import insert_new
from crm.core.tasks import enqueue
from crm.news import healing, nearby, revising, similar, snapshots, stories
from crm.news.knowing import KnownPages
from crm.news.models import Article, CrawlRun, FailedPage, Relation, RunState
from crm.news.pages import FeedPage, LostPage, ReadPage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.news.nearby import Text
    from crm.news.stories import Placed

ANALYSE_BATCH = 25
ATTEMPTS = 12  # doing it again is harmless, and a worker may be killed more than once
TAKING = "taking"
RENEWED = ("title", "body", "publisher", "author", "published_at", "encoding")
COUNTED = {"no_title": "untitled", "no_time": "untimed", "damaged_bytes": "damaged"}


def begin(session: Session, run: CrawlRun) -> None:
    """Prepare a round of taking in: failed pages and figures of an earlier round are replaced."""
    session.execute(delete(FailedPage).where(FailedPage.run_id == run.id))
    run.stats = {**run.stats, TAKING: {}}


def take(
    session: Session, run: CrawlRun, pages: Iterable[FeedPage], *, again: bool = False, now: datetime
) -> Counter[str]:
    """Store one piece of a run's pages and have the new articles analysed; add to the figures of the run.

    Taken in ``again``, articles made from the very same bytes get what is read from them now.
    Counts: stored, known, failed, renewed, and for health read, empty, untitled, untimed, damaged.
    """
    found = list(pages)
    read = {page.url_hash: page for page in found if isinstance(page, ReadPage)}
    lost = [page for page in found if isinstance(page, LostPage)]
    fresh, revised = _store(session, run, list(read.values()), now)
    renewed = _renew(session, list(read.values()), {*fresh, *revised}) if again else []
    _keep_failures(session, run, lost, now)
    saved = [*(page.saved for page in read.values()), *(page.saved for page in lost)]
    snapshots.keep(session, filter(None, saved), now=now)
    counts = Counter(stored=len(fresh), known=len(found) - len(lost) - len(fresh), failed=len(lost))
    counts += _quality(read.values(), lost) + Counter(renewed=len(renewed))
    run.stats = {**run.stats, TAKING: dict(Counter(run.stats.get(TAKING) or {}) + counts)}
    changed = [*fresh, *revised, *renewed]
    for start in range(0, len(changed), ANALYSE_BATCH):
        batch = changed[start : start + ANALYSE_BATCH]
        enqueue(session, jobs.ANALYSE, {"run_id": run.id, "article_ids": batch}, now=now, max_attempts=ATTEMPTS)
    return counts


def close(session: Session, run: CrawlRun, *, now: datetime) -> dict[str, int]:
    """Write the run's figures at the end of a round; replayed, the articles it stored before still count as its own."""
    counts = Counter(run.stats.get(TAKING) or {})
    own = session.scalar(select(func.count()).select_from(Article).where(Article.run_id == run.id)) or 0
    skipped = int(run.stats.get("skipped_seen") or 0)
    run.stored, run.failed = own, counts["failed"]
    run.known = counts["stored"] + counts["known"] - own + skipped
    run.state = RunState.FAILED if run.error else RunState.DONE
    run.finished_at = now
    session.flush()
    if not run.stats.get("only"):
        healing.note(session, run, counts, now=now)
    return {key: counts[key] for key in ("stored", "known", "failed")}


def _renew(session: Session, pages: Sequence[ReadPage], fresh: set[int]) -> list[int]:
    """Give articles made from these bytes what is read from them now; return the ids of those that changed."""
    read = {page.url_hash: page for page in pages}
    rows = session.scalars(select(Article).where(Article.url_hash.in_(list(read)), Article.id.not_in(fresh)))
    changed = []
    for row in rows:
        page = read[row.url_hash]
        new = {name: getattr(page, name) for name in RENEWED}
        if page.page_sha256 != row.page_sha256 or all(getattr(row, name) == new[name] for name in RENEWED):
            continue
        for name, value in new.items():
            setattr(row, name, value)
        row.text_hash, row.problems, row.analysed_at = (
            similar.exact_hash(page.body),
            {"keys": list(page.problems)},
            None,
        )
        changed.append(row.id)
    return changed


def _quality(read: Iterable[ReadPage], lost: Sequence[LostPage]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for page in read:
        counts["read"] += 1
        counts["empty"] += "thin_body" in page.problems
        counts.update(COUNTED[key] for key in page.problems if key in COUNTED)
    unread = sum(page.reason in {"empty_body", "bad_encoding"} for page in lost)
    return counts + Counter(read=unread, empty=unread) + Counter(f"{healing.LOST}{page.reason}" for page in lost)


def _keep_failures(session: Session, run: CrawlRun, lost: Sequence[LostPage], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "run_id": run.id, "url": page.url, "reason": page.reason, "detail": page.detail or None, "size": page.size,
            "status": page.status, "page_sha256": page.saved.sha256 if page.saved else None, "recorded_at": now,
        }
        for page in lost
    ]  # fmt: skip
    if rows:
        session.execute(insert(FailedPage), rows)


def _store(session: Session, run: CrawlRun, pages: Sequence[ReadPage], now: datetime) -> tuple[list[int], list[int]]:
    """Keep those pages as articles of their stories that are new; give the ids of new and of changed articles."""
    known, later = KnownPages(session, pages), dict[int, ReadPage]()
    unknown: list[tuple[ReadPage, Text]] = []
    for page in pages:
        stored = known.own(page)
        if stored is not None:
            later[stored] = page
        else:
            unknown.append((page, nearby.text(page.title, page.body)))
    fresh = _store_new(session, run, known, unknown, now)
    return fresh, revising.revise(session, later, now=now) if later else []


def _store_new(
    session: Session, run: CrawlRun, known: KnownPages, pages: Sequence[tuple[ReadPage, Text]], now: datetime
) -> list[int]:
    """Keep pages nobody has stored, looked up and settled together; give the ids of their articles."""
    near = stories.nearby(session, [own for _, own in pages], now=now)
    kept: dict[int, Placed] = {}
    for page, own in pages:
        if known.other(page) is not None:
            continue
        placed = stories.place_text(own, near)
        cluster_id = stories.open_cluster(session, placed, now=now)
        article_id = insert_new(session, Article, _values(run, page, placed, cluster_id, now), ["url_hash"])
        if article_id is None:  # another worker has stored the address meanwhile
            stories.give_up(session, placed, cluster_id)
            continue
        known.add(page, article_id)
        near.add(own, article_id, cluster_id, leads=placed.relation is not Relation.REPOST)
        kept[article_id] = placed
    stories.settle_all(session, kept)
    return list(kept)


def _values(run: CrawlRun, page: ReadPage, placed: Placed, cluster_id: int, now: datetime) -> dict[str, Any]:
    return {
        "source_id": run.source_id, "run_id": run.id, "cluster_id": cluster_id, "relation": placed.relation,
        "url": page.url, "url_hash": page.url_hash, "request_hash": page.request_hash or None, "title": page.title,
        "body": page.body, "publisher": page.publisher, "author": page.author, "published_at": page.published_at,
        "fetched_at": page.fetched_at, "recorded_at": now, "page_sha256": page.page_sha256,
        "text_hash": placed.text.hash, "signature": similar.to_bytes(placed.text.signature),
        "encoding": page.encoding, "problems": {"keys": list(page.problems)},
    }  # fmt: skip
