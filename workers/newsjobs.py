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

from crm.news import feedfile, queries
from crm.news import services as news
from crm.news.models import CrawlRun
from crm.scoring import services as scoring
from crm.signals import services as signals
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
    """The pages of a feed, read outside the transaction; ``problem`` when there is no feed."""

    pages: tuple[FeedPage, ...] = ()
    problem: str = ""


def fetch(payload: Payload, context: Context) -> Crawled:
    """Crawl one source in a child process; a crawl that is complete already is not repeated."""
    with context.database.reading() as session:
        run = queries.run(session, payload["run_id"])
        specification = queries.crawl_specification(session, run, context.settings.crawl_allow)
        name = f"{run.source_id}/{run.started_at:%Y%m%d-%H%M%S}-{run.id}.jsonl.gz"
    out = context.settings.feeds_dir / name
    out.parent.mkdir(parents=True, exist_ok=True)
    status, detail = (0, "") if out.exists() else _crawl(specification, out, context)
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
    """Decode and extract the pages of a feed that are not known yet."""
    with context.database.reading() as session:
        run = queries.run(session, payload["run_id"])
        path = context.settings.feeds_dir / (run.feed_file or "none")
    try:
        hashes = feedfile.url_hashes(path)
        with context.database.reading() as session:
            known = queries.known_hashes(session, hashes)
        return Reading(tuple(feedfile.pages(path, known)))
    except feedfile.FeedError as error:
        return Reading(problem=error.key)


def ingest(session: Session, payload: Payload, data: Reading, context: Context) -> Result:
    """Store what was read."""
    run = session.get_one(CrawlRun, payload["run_id"])
    if data.problem:
        news.fail_run(session, run, data.problem, "", now=context.now)
        return {"error": data.problem}
    return dict(news.ingest(session, run, data.pages, now=context.now))


def analyse(session: Session, payload: Payload, context: Context) -> Result:
    """Find mentions and signals in a batch of articles."""
    return dict(signals.analyse(session, payload["article_ids"], now=context.now))


def rescore(session: Session, payload: Payload, context: Context) -> Result:
    """Score one enterprise anew."""
    cause = str(payload.get("cause") or "change")
    changed = scoring.rescore(session, payload["enterprise_id"], now=context.now, cause=cause)
    return {"changed": changed}


def rescore_all(session: Session, payload: Payload, context: Context) -> Result:
    """Score the next chunk of all enterprises; the rest follows as tasks of its own."""
    after, done = int(payload.get("after") or 0), int(payload.get("changed") or 0)
    return dict(scoring.rescore_all(session, after=after, done=done, now=context.now))


def due_sources(session: Session, payload: Payload, context: Context) -> Result:  # noqa: ARG001 (the shape of a job)
    """Ask for a crawl of every source whose time has come."""
    return {"sources": news.request_due_crawls(session, now=context.now)}


def _crawl(specification: dict[str, Any], out: Path, context: Context) -> tuple[int, str]:
    """Run the spider to its end or its time limit; return exit status and the last words on stderr."""
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
