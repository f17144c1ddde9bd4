"""How much of Scrapy's bare fetch rate is left when pages are kept, extracted and stored: processor time, same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.edition import PER_LIST, Edition, edition
from benchmarks.newsroom import server
from crm.cli.database import migrate
from crm.core import clock
from crm.core.db import Database
from crm.news import feedfile, ingest
from crm.news.models import CrawlRun, RunState, Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds of one round."""

    bare: float
    crawler: float
    reading: float
    storing: float

    @property
    def share(self) -> float:
        """What is left of the bare rate."""
        return self.bare / (self.crawler + self.reading + self.storing)


def child(*words: str) -> float:
    """Run a module to its end and give its processor seconds."""
    process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT)  # noqa: S603 (our own modules)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{words[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def crawl(site: Edition, address: str, folder: Path) -> tuple[float, Path]:
    """Crawl the site with our spider; give processor seconds and the feed."""
    spec, out = folder / "job.json", folder / "feed.jsonl.gz"
    job = {
        "source": "rate", "kind": "list", "url": f"http://{address}/list/1", "link_css": "ul.news a",
        "next_css": "a.next", "allow": [address], "delay": 0, "obey_robots": False, "max_items": site.size,
        "max_pages": site.size + site.size // PER_LIST + 10, "max_lists": site.size,
    }  # fmt: skip
    spec.write_text(json.dumps(job), encoding="utf-8")
    return child("scrapers.run", str(spec), str(out)), out


def take_in(feed: Path, folder: Path) -> tuple[float, float, int]:
    """Take a feed into a fresh database; give processor seconds of reading and of storing, and the articles stored."""
    database = Database(f"sqlite:///{folder}/rate.db")
    migrate(database)
    now = clock.now()
    with database.transaction() as session:
        source = Source(name="rate", kind=SourceKind.LIST, url="http://x/", options={}, created_at=now)
        session.add(source)
        session.flush()
        run = CrawlRun(source_id=source.id, state=RunState.INGESTING, started_at=now, stats={})
        session.add(run)
        session.flush()
        run_id = run.id
    reading = storing = 0.0
    offset: int | None = 0
    while offset is not None:
        begun = time.process_time()
        piece = feedfile.piece(feed, offset)
        pages = tuple(feedfile.read(piece.rows))
        reading, begun = reading + time.process_time() - begun, time.process_time()
        with database.transaction() as session:
            run = session.get_one(CrawlRun, run_id)
            if not offset:
                ingest.begin(session, run)
            ingest.take(session, run, pages, now=now)
            offset = piece.after
            if offset is None:
                ingest.close(session, run, now=now)
                stored = run.stored
        storing += time.process_time() - begun
    database.dispose()
    return reading, storing, stored


def measure(site: Edition) -> Spent:
    """Fetch everything twice, bare and with all that belongs to it."""
    built = server(site, 0)
    threading.Thread(target=built.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{built.server_address[1]}"
    with tempfile.TemporaryDirectory() as name:
        bare = child("benchmarks.bare", f"http://{address}", str(site.size))
        crawler, feed = crawl(site, address, Path(name))
        reading, storing, stored = take_in(feed, Path(name))
    built.shutdown()
    if stored != site.size:
        print(f"{site.size - stored} of {site.size} pages gave no article")
    return Spent(bare, crawler, reading, storing)


def main(folder: Path, size: int, rounds: int) -> None:
    """Print each round and the middle of all."""
    site, kind = edition(folder, size)
    print(f"{size} pages out of {len(site.bases)} {kind} ones; processor milliseconds a page", flush=True)
    spent = []
    for _ in range(rounds):
        one = measure(site)
        spent.append(one)
        parts = (one.bare, one.crawler, one.reading, one.storing)
        told = ", ".join(
            f"{word} {1000 * part / size:.2f}"
            for word, part in zip(("bare Scrapy", "our crawler", "reading", "storing"), parts, strict=True)
        )
        print(f"{told}: {one.share:.1%} of the bare rate", flush=True)
    print(f"middle of {rounds}: {_middle([one.share for one in spent]):.1%}")


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
