"""Kill spider, workers, relay and queue in the middle of a crawl; count what was lost, doubled or is still owed.

    python -m benchmarks.chaos [PAGES] [--folder PAGES] [--databases sqlite,postgresql] [--seed N] [--limit SECONDS]

A site of 5,000 pages on loopback is crawled through the whole road on SQLite and on PostgreSQL. Real pages are used
when the folder of them is there, else invented ones; every tenth page speaks of a firm and is owed one signal.
"""

from __future__ import annotations

import argparse
import base64
import random
import sys
import tempfile
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from benchmarks.edition import FIRST_NUMBER, PER_LIST, Edition, edition
from benchmarks.newsroom import DEFAULT, server
from crm.cli.database import migrate
from crm.core import clock, jobs
from crm.core.db import Database
from crm.core.tasks import Task, TaskState
from crm.enterprises.models import Enterprise
from crm.enterprises.rules import AliasKind
from crm.linking.matcher import Alias, AliasIndex
from crm.news import services as news
from crm.news.models import Article, CrawlRun, FailedPage, RunState, Source, SourceKind
from crm.news.pages import ReadPage, read_row
from crm.signals.models import Signal
from crm.signals.rules import detect
from tests.support import builders, postgres, stack
from tests.support.stack import Yard, descendants, kill
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SPIDER_STRIKES = (0.1, 0.3, 0.5, 0.7, 0.9)
INGEST_STRIKES = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
LIMIT_SECONDS = 290.0  # of one database
HEAD = (
    "database", "pages owed", "stored", "doubled", "lost", "failed", "signals owed", "present", "doubled",
    "dead tasks", "kills: spider", "crawl worker", "workers/relay", "queue", "seconds",
)  # fmt: skip


@dataclass(slots=True)
class Strikes:
    """What was killed how often."""

    spider: int = 0
    crawler: int = 0
    fleet: int = 0
    queue: int = 0


@dataclass(slots=True)
class Served:
    """The site with a count of the pages it has served."""

    site: Edition
    seen: set[str] = field(default_factory=set)

    def answer(self, path: str, site: str) -> tuple[str, bytes] | None:
        """Answer and count."""
        if path.startswith("/page/"):
            self.seen.add(path)
        return self.site.answer(path, site)


@contextmanager
def running(site: Served) -> Iterator[str]:
    """Serve the site; give its host:port."""
    built = server(site, 0)
    threading.Thread(target=built.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{built.server_address[1]}"
    finally:
        built.shutdown()
        built.server_close()


def prepare(database: Database, site: Edition, address: str) -> int:
    """Add the firms and the source, and ask for the crawl; return the run."""
    now = clock.now()
    options = {
        "allow": [address], "delay": 0, "link_css": "ul.news a", "next_css": "a.next", "obey_robots": False,
        "max_pages": site.size + site.size // PER_LIST + 10, "max_lists": site.size,
        "max_items": site.size, "max_seconds": 800,
    }  # fmt: skip
    with database.transaction() as session:
        for firm in site.firms.values():
            builders.enterprise(session, firm)
        url = f"http://{address}/list/1"
        source = Source(name="chaos", kind=SourceKind.LIST, url=url, options=options, created_at=now)
        source.interval_minutes = 10_000
        session.add(source)
        session.flush()
        run = news.request_crawl(session, None, source.id, now=now)
        if run is None:
            sys.exit("the crawl could not be asked for")
        return run.id


Owed = set[tuple[str, str]]


def owed(site: Edition) -> Owed:
    """Read the pages that speak of a firm without crawler, queue and database; give the signals owed: firm and kind."""
    index = AliasIndex.build([Alias(name, number, AliasKind.FULL) for number, name in site.firms.items()])
    fetched, found = "2026-11-20T01:00:00+00:00", Owed()
    for number, name in site.firms.items():
        body = base64.b64encode(zlib.compress(site.page(number), 1)).decode()
        page = read_row({"type": "article", "url": "x", "url_hash": "x", "fetched_at": fetched, "body": body})
        if isinstance(page, ReadPage):
            parts = index.find(page.title), index.find(page.body)
            told = detect(page.title, page.body, *parts, published=clock.now().date())
            found |= {(name, signal.kind.value) for signal in told if signal.enterprise_id == number and signal.sure}
    return found


def strike(yard: Yard, served: Served, dice: random.Random, done: threading.Event) -> Strikes:
    """Kill something at each mark of the way, until the end."""
    strikes, spider, ingest = Strikes(), list(SPIDER_STRIKES), list(INGEST_STRIKES)
    while not done.wait(0.2):
        if spider and len(served.seen) >= spider[0] * served.site.size:
            spider.pop(0)
            _strike_crawl(yard, len(spider), strikes)
        elif ingest and _count(yard.database, Article) >= ingest[0] * served.site.size:
            ingest.pop(0)
            _strike_fleet(yard, dice, strikes, queue=len(ingest) % 4 == 1)
    return strikes


def _strike_crawl(yard: Yard, left: int, strikes: Strikes) -> None:
    """Kill the spider, or the worker it belongs to, or the queue."""
    spiders = [pid for pid in descendants(yard.fleet.pid if yard.fleet else 0) if b"scrapers.run" in _command(pid)]
    workers = [pid for pid in yard.fleet_children() if set(spiders) & set(descendants(pid))]
    if left == 1:
        yard.kill_queue()
        yard.start_queue()
        strikes.queue += 1
    elif left == 3 and workers:  # noqa: PLR2004 (the second of five)
        kill(workers[0])
        strikes.crawler += 1
    elif spiders:
        kill(spiders[0])
        strikes.spider += 1


def _strike_fleet(yard: Yard, dice: random.Random, strikes: Strikes, *, queue: bool) -> None:
    """Kill a busy worker, the relay or another program of the fleet, or the queue with all it holds."""
    if queue:
        yard.kill_queue()
        yard.start_queue()
        strikes.queue += 1
        return
    victims = yard.busy_workers() or yard.fleet_children()
    if victims:
        kill(dice.choice(victims))
        strikes.fleet += 1


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _count(database: Database, model: type[Article | FailedPage]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def measure(label: str, url: str, site: Edition, wanted: Owed, given: argparse.Namespace) -> bool:
    """Crawl on one database and print a row; True if nothing was lost, doubled or owed at the end."""
    begun = time.monotonic()
    database = Database(url)
    migrate(database)
    database.dispose()
    served, done = Served(site), threading.Event()
    with tempfile.TemporaryDirectory() as folder, stack.yard(Path(folder), url) as yard, running(served) as address:
        run_id = prepare(yard.database, site, address)
        yard.start_fleet("default", "default", "crawl", module="benchmarks.chaosfleet")
        with ThreadPoolExecutor(1) as pool:
            striking = pool.submit(strike, yard, served, random.Random(given.seed), done)  # noqa: S311 (an experiment)
            try:
                wait_until(lambda: not _under_way(yard, run_id), given.limit)
            except AssertionError:
                _explain(yard)
            finally:
                done.set()
            strikes = striking.result()
        return _report(label, yard.database, site, wanted, strikes, time.monotonic() - begun)


def _under_way(yard: Yard, run_id: int) -> bool:
    with yard.database.reading() as session:
        run = session.get_one(CrawlRun, run_id)
        if run.state not in {RunState.DONE, RunState.FAILED}:
            return True
        chain = (jobs.CRAWL, jobs.INGEST, jobs.ANALYSE)
        left = select(func.count()).where(Task.kind.in_(chain), Task.state.not_in(stack.ENDED))
        return bool(session.scalar(left))


def _explain(yard: Yard) -> None:
    """Say what was still open when the time was over."""
    with yard.database.reading() as session:
        for task in session.scalars(select(Task).where(Task.state.not_in(stack.ENDED)).limit(10)):
            print(task.id, task.kind, task.state, task.attempt, task.sends, task.run_after, task.last_error, flush=True)


def _report(label: str, database: Database, site: Edition, wanted: Owed, strikes: Strikes, seconds: float) -> bool:
    with database.reading() as session:
        urls = session.scalars(select(Article.url))
        numbers = [int(url.rsplit("/", 1)[1].removesuffix(".html")) - FIRST_NUMBER for url in urls]
        failed = session.scalar(select(func.count(FailedPage.id))) or 0
        told = select(Enterprise.name, Signal.kind, func.count(Signal.id)).join(
            Signal, Signal.enterprise_id == Enterprise.id
        )
        rows = session.execute(told.group_by(Enterprise.name, Signal.kind)).all()
        signals = {(name, kind): times for name, kind, times in rows}
        dead = session.scalar(select(func.count()).where(Task.state == TaskState.DEAD)) or 0
    lost, doubled = set(range(site.size)) - set(numbers), len(numbers) - len(set(numbers))
    missing, twice = wanted - set(signals), [key for key, times in signals.items() if times > 1]
    row: list[object] = [label, site.size, len(set(numbers)), doubled, len(lost), failed]
    row += [len(wanted), len(wanted & set(signals)), len(twice), dead]
    row += [strikes.spider, strikes.crawler, strikes.fleet, strikes.queue, round(seconds)]
    print(" | ".join(str(cell).rjust(len(name)) for cell, name in zip(row, HEAD, strict=True)), flush=True)
    for words, found in (("lost pages", sorted(lost)), ("missing signals", sorted(missing)), ("twice", twice)):
        if found:
            print(f"{label}: {words}: {found[:10]}", flush=True)
    return not (lost or doubled or missing or twice or dead)


def main() -> int:
    """Run the databases one after the other."""
    parser = argparse.ArgumentParser(description="Kill everything in the middle of a crawl and count.")
    parser.add_argument("pages", nargs="?", type=int, default=5000)
    parser.add_argument("--folder", type=Path, default=DEFAULT)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="seconds for one database")
    given = parser.parse_args()
    site, kind = edition(given.folder, given.pages)
    wanted = owed(site)
    print(f"{site.size} pages out of {len(site.bases)} {kind} ones, {len(wanted)} signals are owed, seed {given.seed}")
    print(" | ".join(HEAD), flush=True)
    fine = True
    with tempfile.TemporaryDirectory() as folder, postgres.server() as admin:
        if "sqlite" in given.databases:
            fine &= measure("sqlite", f"sqlite:///{folder}/chaos.db", site, wanted, given)
        if "postgresql" in given.databases:
            name = f"chaos_{given.seed}"
            fine &= measure("postgresql", postgres.create_database(admin, name), site, wanted, given)
            postgres.drop_database(admin, name)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
