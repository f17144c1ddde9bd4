"""Measure the register: import, search, list, record, at two sizes on both databases.

    python -m benchmarks.register [--sizes 10000 100000] [--databases postgresql sqlite] [--rounds 60]

Each size gets a fresh database with that many invented enterprises, three contacts each, lists, touches
and projects (PostgreSQL: the server of the tests, or the one ``DATABASE_URL_TEST`` names). Times are of the
server alone: one request after another, without a network. The processor's time is printed beside the wall's,
because other work on the machine hardly touches it.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import config
from benchmarks import invented
from benchmarks.bulk_load import PASSWORD, USERNAME, loading
from crm.app import create_app
from crm.auth.models import User
from crm.auth.queries import actor_for
from crm.cli.database import migrate
from crm.core import clock
from crm.core.db import Database
from crm.core.paging import PAGE_SIZE
from crm.register import list_queries
from crm.register.list_state import State
from tests.conftest import Browser
from tests.support import postgres
from tests.support.queries import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FAR_PAGE = 1_000
IMPORTED = 5_000
POLL_SECONDS = 0.05
WARM = 8
DATABASES = ("postgresql", "sqlite")
HEAD = f"{'step':<34}{'p50 ms':>8}{'p95 ms':>8}{'cpu ms':>8}{'queries':>9}{'kB':>6}"


@dataclass
class Step:
    """What one page cost, request by request."""

    walls: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    queries: int = 0
    size: int = 0

    def line(self, name: str) -> str:
        """One row of the table."""
        last = sorted(self.walls)[max(0, round(0.95 * len(self.walls)) - 1)]
        middle, busy = statistics.median(self.walls), statistics.median(self.processor)
        return f"{name:<34}{middle:>8.1f}{last:>8.1f}{busy:>8.1f}{self.queries:>9}{self.size / 1024:>6.0f}"


def measure(browser: Browser, database: Database, paths: Sequence[str], rounds: int) -> Step:
    """Open pages one after another, in turn."""
    step = Step()
    for number in range(WARM + rounds):
        path = paths[number % len(paths)]
        fragment = {"HX-Request": "true"} if path.startswith("/palette") else {}
        with counted(database) as statements:
            wall, busy = time.perf_counter(), time.process_time()
            answer = browser.get(path, headers=fragment)
            size = len(answer.data)
            wall, busy = time.perf_counter() - wall, time.process_time() - busy
        if answer.status_code != 200:  # noqa: PLR2004 (the page)
            sys.exit(f"{path} answered {answer.status_code}")
        if number >= WARM:
            step.walls.append(wall * 1000)
            step.processor.append(busy * 1000)
            asked = sum(not one.startswith("BEGIN") for one in statements)
            step.queries, step.size = max(step.queries, asked), max(step.size, size)
    return step


def far(database: Database, page: int) -> str:
    """Return the address of a page far down the list: the cursor that following the pages would lead to."""
    with database.reading() as session:
        user = session.query(User).filter_by(username=USERNAME).one()
        actor = actor_for(session, user, clock.now().date())
        size = PAGE_SIZE * (page - 1)
        found, _lines = list_queries.page(session, actor, State(), cursor=None, now=clock.now(), size=size)
    return f"/enterprises?cursor={found.next}"


def pages(database: Database, count: int) -> dict[str, list[str]]:
    """Addresses of each step; terms are pairs of characters that names hold."""
    source = random.Random(invented.SEED)  # noqa: S311 (no secret)
    firms = [source.randrange(1, count + 1) for _ in range(40)]
    rare = [source.choice(invented.FIRST) + source.choice(invented.SECOND) for _ in range(20)]
    common = [trade[:2] for trade in invented.TRADES] + ["科技", "集团", "实业"]
    last = min(FAR_PAGE, count // PAGE_SIZE - 1)
    return {
        "list, first page": ["/enterprises"],
        f"list, page {last:,}": [far(database, last)],
        "list, by last touch": ["/enterprises?sort=touch"],
        "list, touched in 30 days on a list": ["/enterprises?f=touched:90&f=list:private_500"],
        "search page, rare pair": [f"/search?q={term}" for term in rare],
        "search page, frequent pair": [f"/search?q={term}" for term in common],
        "palette, pairs": [f"/palette?q={term}" for term in rare + common],
        "palette, pinyin initials": ["/palette?q=ylhq", "/palette?q=hcls", "/palette?q=apcw"],
        "record": [f"/enterprises/{firm}" for firm in firms],
        "record, key account": [f"/enterprises/{firm // 100 * 100 or 100}" for firm in firms],
        "history of a record": [f"/enterprises/{firm}/history" for firm in firms],
    }


def sheet(path: Path, rows: int) -> None:
    """Write a list of enterprises the register does not hold, in two columns more than names."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["企业名称", "行业", "总部地区"])
        for number, name in enumerate(invented.names(rows, invented.SEED + 2)):
            writer.writerow([f"新{name}", invented.TRADES[number % 12], invented.REGIONS[number % 8]])


def imported(url: str, folder: Path, rows: int) -> str:
    """Import a list in a process of its own; say how fast it was and how much memory it took at most."""
    path = folder / "import.csv"
    sheet(path, rows)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "enterprises", "import", str(path)]
    began = time.monotonic()
    pid = os.posix_spawn(sys.executable, command, {**os.environ, "DATABASE_URL": url, "YINFENG_DATA": str(folder)})
    peak = 0.0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = _high_water(pid) or peak
        time.sleep(POLL_SECONDS)
    _pid, status, used = os.wait4(pid, 0)
    took = time.monotonic() - began
    if status:
        return f"import of {rows:,} rows failed"
    speed = rows / took
    return f"import of {rows:,} rows: {took:.1f} s, {speed:,.0f} rows/s, peak {peak:.0f} MiB, cpu {used.ru_utime:.1f} s"


def _high_water(pid: int) -> float:
    """Most memory a process held since it began, in MiB; what ``wait4`` says includes that of whoever started it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024 if "VmHWM:" in status else 0.0


def run(url: str, folder: Path, count: int, options: argparse.Namespace) -> None:
    """Build one register and measure it."""
    settings = config.load({"YINFENG_DATA": str(folder), "DATABASE_URL": url})
    database = Database(url)
    app = create_app(settings, database)
    app.testing = False
    migrate(database)
    began = time.monotonic()
    with loading(database) as loader:
        invented.fill(loader, count)
    kind = database.engine.dialect.name
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{kind}, {count:,} enterprises, loaded in {time.monotonic() - began:.0f} s (load of the machine {load})")
    browser = Browser(app.test_client()).sign_in(USERNAME, PASSWORD)
    print(HEAD)
    for name, paths in pages(database, count).items():
        print(measure(browser, database, paths, options.rounds).line(name), flush=True)
    if options.import_rows:
        print(imported(url, folder, options.import_rows), flush=True)
    database.dispose()


def places(options: argparse.Namespace, stack: ExitStack) -> Iterator[tuple[str, Path, int]]:
    """A fresh database and data folder for each size and kind."""
    admin = stack.enter_context(postgres.server()) if "postgresql" in options.databases else ""
    for kind in options.databases:
        for count in options.sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            name = f"bench_register_{count}"
            if kind == "sqlite":
                yield f"sqlite:///{folder / 'register.db'}", folder, count
                continue
            postgres.drop_database(admin, name)
            yield postgres.create_database(admin, name), folder, count
            postgres.drop_database(admin, name)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--import-rows", type=int, default=IMPORTED, help="0 leaves the import out")
    options = parser.parse_args()
    with ExitStack() as stack:
        for url, folder, count in places(options, stack):
            run(url, folder, count, options)


if __name__ == "__main__":
    main()
