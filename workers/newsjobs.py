"""Jobs from the news page to the score: crawl, take in, analyse, score."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm.core import jobs
from crm.core.tasks import enqueue
from crm.news import feedfile, healing, knowing, queries
from crm.news import ingest as taking
from crm.news import services as news
from crm.news.models import CrawlRun
from crm.signals import services as signals
from crm.signals import watching
from workers import lifeline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.news.pages import FeedPage
    from workers.contract import Context, Payload, Result

ROOT = Path(__file__).resolve().parents[1]
CRAWL_SECONDS = 900
GRACE_SECONDS = 90
POLL_SECONDS = 0.2
NOTE_SECONDS = 5
DETAIL_LENGTH = 500
MOST_KILLS = 5
CUT_OFF = "terminated"
CUT_SHORT = 3
# What a spider needs of our environment; it gets no key and no database.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "YINFENG_USER_AGENT")


@dataclass(frozen=True, slots=True)
class Crawled:
    """How the child ended, and what lies in the feeds folder because of it."""

    exit_status: int
    feed_file: str
    summary: dict[str, Any] | None
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of a feed, read outside the transaction; the next begins ``after`` it; ``problem`` without a feed."""

    pages: tuple[FeedPage, ...] = ()
    after: int | None = None
    problem: str = ""


def fetch(payload: Payload, context: Context) -> Crawled:
    """Crawl one source in a child process; a crawl that is complete already is not repeated."""
    with context.database.reading() as session:
        run = queries.run(session, payload["run_id"])
        specification = queries.crawl_specification(session, run, context.settings.crawl_allow)
        name = f"{run.source_id}/{run.started_at:%Y%m%d-%H%M%S}-{run.id}.jsonl.gz"
    out = context.settings.feeds_dir / name
    out.parent.mkdir(parents=True, exist_ok=True)
    found = feedfile.summary(out)
    if found is not None and (found.get("finish") != CUT_OFF or context.attempt == 1):
        return Crawled(0, name, found, "")
    if out.exists():
        out.replace(out.with_name(out.name + ".part"))  # the worker was killed and the spider with it: it goes on
    status, detail = _crawl(specification, out, context)
    return Crawled(status, name, feedfile.summary(out), detail)


def record(session: Session, payload: Payload, data: Crawled, context: Context) -> Result:
    """Note how the crawl ended and have its pages taken in."""
    run = news.record_crawl(
        session,
        payload["run_id"],
        data.exit_status,
        data.summary,
        feed_file=data.feed_file,
        detail=data.detail,
        now=context.now,
    )
    return {"run_id": run.id, "state": run.state.value, "error": run.error, "pages": run.fetched}


def read(payload: Payload, context: Context) -> Reading:
    """Decode and extract a piece of a feed: the pages that are not known yet, or all when it is read again."""
    with context.database.reading() as session:
        run = queries.run(session, payload["run_id"])
        path = context.settings.feeds_dir / (run.feed_file or "none")
    try:
        piece = feedfile.piece(path, int(payload.get("offset") or 0))
    except feedfile.FeedError as error:
        return Reading(problem=error.key)
    known: set[str] = set()
    if not payload.get("again"):
        with context.database.reading() as session:
            known = knowing.unchanged(session, piece.rows)
    return Reading(tuple(feedfile.read(piece.rows, known)), piece.after)


def ingest(session: Session, payload: Payload, data: Reading, context: Context) -> Result:
    """Store what was read, and have the next piece read, or end the run."""
    run = session.get_one(CrawlRun, payload["run_id"])
    if data.problem:
        news.fail_run(session, run, data.problem, "", now=context.now)
        return {"error": data.problem}
    again = bool(payload.get("again"))
    if not payload.get("offset"):
        taking.begin(session, run)
    counts = taking.take(session, run, data.pages, again=again, now=context.now)
    if data.after is None:
        taking.close(session, run, now=context.now)
    else:
        following = {"run_id": run.id, "offset": data.after, "again": again}
        enqueue(session, jobs.INGEST, following, now=context.now, max_attempts=taking.ATTEMPTS)
    return dict(counts)


def analyse(session: Session, payload: Payload, context: Context) -> Result:
    """Find mentions and signals in a batch of articles."""
    counts = signals.analyse(session, payload["article_ids"], now=context.now)
    watching.ask(session, payload["article_ids"], now=context.now)
    return dict(counts)


def due_sources(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (the shape of a job)
    """Ask for a crawl of every source whose time has come."""
    return {"sources": news.request_due_crawls(session, now=context.now)}


def sweep_sources(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (the shape of a job)
    """Judge the health of all sources: silence grows without any run."""
    return dict(healing.sweep(session, now=context.now))


def _crawl(specification: dict[str, Any], out: Path, context: Context) -> tuple[int, str]:
    """Run the spider to its end or its time limit; one that was killed goes on with what it has, a few times."""
    for _ in range(MOST_KILLS):
        status, detail = crawl_once(specification, out, context)
        if status >= 0 or out.exists():
            break
    return status, detail


def crawl_once(specification: dict[str, Any], out: Path, context: Context) -> tuple[int, str]:
    """Run the spider once; return exit status (negative for a signal) and the last words on stderr."""
    spec, words = out.with_suffix(".spec.json"), out.with_suffix(".log")
    spec.write_text(json.dumps(specification, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "scrapers.run", str(spec), str(out)]
    environment = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    with words.open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 (our own module, arguments are paths we made)
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=lifeline.tied(),  # noqa: PLW1509 (one prctl call: the child must not outlive the worker)
        )  # fmt: skip
        try:
            status = _wait(child, context)
        finally:
            _end(child)
    detail = words.read_text(encoding="utf-8", errors="replace").strip()[-DETAIL_LENGTH:]
    for path in (spec, words):
        path.unlink(missing_ok=True)
    return status, detail if status else ""


def _wait(child: subprocess.Popen[bytes], context: Context) -> int:
    """Wait with progress notes; past the limit the child is asked to end, which leaves a usable feed."""
    begun = noted = time.monotonic()
    while (status := child.poll()) is None:
        now = time.monotonic()
        if now - begun > CRAWL_SECONDS - GRACE_SECONDS:
            return _end(child)
        if now - noted > NOTE_SECONDS:
            noted = now
            context.progress(0, f"{int(now - begun)} s")
        time.sleep(POLL_SECONDS)
    return status


def _end(child: subprocess.Popen[bytes]) -> int:
    if child.poll() is not None:
        return child.returncode
    child.terminate()
    try:
        return child.wait(timeout=GRACE_SECONDS / 3)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
