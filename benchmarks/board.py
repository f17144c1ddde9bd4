"""Measure the board: first paint, a segment of the bar, more cards, forecast, calendar, moving a card.

    python -m benchmarks.board [--projects 20000] [--databases postgresql sqlite] [--rounds 40]

Each database is fresh and holds that many open projects on half as many enterprises, two follow-ups for every
three of them, a touch each, and one confidential project in fifty (PostgreSQL: the server of the tests, or the
one ``DATABASE_URL_TEST`` names). Queries are counted in this process, one request after another; the clients at
once are measured on PostgreSQL against gunicorn (two processes of four threads) over HTTP on this machine, so
that clients and server share its processors.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

import config
from benchmarks import invented
from benchmarks.bulk_load import PASSWORD, USERNAME, Deal, Firm, Promise, Visit, loading
from benchmarks.register import HEAD, measure
from crm.app import create_app
from crm.cli.database import migrate
from crm.core import clock
from crm.core.db import Database
from crm.fieldwork.rules import TouchKind
from crm.pipeline.models import Project
from crm.pipeline.rules import ORDER, Stage
from tests.conftest import Browser
from tests.support import postgres
from tests.support.queries import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bulk_load import Loader

DATABASES = ("postgresql", "sqlite")
CLIENTS = (1, 8)
MOST_PAINT, MOST_MOVE = 8, 12
PATHS = {
    "board, first paint": "/projects",
    "board, overdue only": "/projects?due=overdue",
    "board, due today only": "/projects?due=today",
    "board, one unit": "/projects?unit=3",
    "forecast": "/projects?view=forecast",
    "calendar": "/projects?view=calendar",
    "list": "/projects?view=list",
}
NAMED = (
    "INSERT INTO project_insider (project_id, user_id, added_by, at) "
    "SELECT id, 1 + id % 20, 1, created_at FROM project WHERE id % 50 = 0"
)
ACCEPTED = (
    "INSERT INTO lead_intake (project_id, state, since, first_by, version) "
    "SELECT id, 'accepted', created_at, owner_id, 1 FROM project "
    "WHERE id NOT IN (SELECT project_id FROM lead_intake)"
)
# One confidential project in fifty, each with a person named; expected days for two thirds.
AFTERWARDS = (
    "UPDATE project SET confidential = {true}, code_name = 'x' WHERE id % 50 = 0",
    NAMED,
    ACCEPTED,
    "UPDATE project SET expected_sign_on = {day} WHERE id % 3 > 0",
    "ANALYZE",
)
DAY = {"postgresql": "current_date + (id % 240)::int - 20", "sqlite": "date('now', (id % 240 - 20) || ' days')"}


def fill(loader: Loader, count: int) -> None:
    """Write an office with so many open projects on the way."""
    source, now = random.Random(invented.SEED), clock.now()  # noqa: S311 (no secret)
    loader.office(invented.COLLEAGUES, now - timedelta(days=400))
    names = list(invented.names(count // 2, invented.SEED))
    for number, name in enumerate(names, 1):
        at = now - timedelta(days=source.randrange(30, 380))
        loader.firm(Firm(number, name, by=1 + number % invented.COLLEAGUES, at=at, industry="储能"))
    for number in range(1, count + 1):
        firm, by = 1 + number % len(names), 1 + number % invented.COLLEAGUES
        at = now - timedelta(minutes=source.randrange(60, 150_000))
        stage = ORDER[min(int(source.triangular(0, 8, 1)), 8)]
        loader.deal(
            Deal(number, firm, names[firm - 1], f"年产设备{number}号项目", stage, by, at, 100 + number % 90_000)
        )
        loader.visit(Visit(number, firm, TouchKind.VISIT, "谈了用地和配套。", by, at, deal_id=number))
        if number % 3:
            due = (now + timedelta(days=source.randrange(-20, 40))).date()
            loader.promise(Promise(number, firm, "送测算表", by, at, due, deal_id=number))


def moving(browser: Browser, database: Database, rounds: int) -> tuple[str, int]:
    """Move cards forward by a step that their gates let pass; say how long it took and how many queries."""
    with database.reading() as session:
        wanted = session.query(Project.id, Project.version).filter_by(stage=Stage.VISITING, confidential=False)
        cards = wanted.limit(rounds).all()
    walls, most = [], 0
    token = browser.token()
    for number, version in cards:
        body = {"stage": "inspecting", "version": version, "csrf_token": token}
        with counted(database) as statements:
            began = time.perf_counter()
            answer = browser.client.post(f"/projects/{number}/move", data=body, headers={"HX-Request": "true"})
            walls.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:  # noqa: PLR2004 (the moved card)
            sys.exit(f"moving {number} answered {answer.status_code}")
        most = max(most, sum(not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE")) for one in statements))
    return f"{'moving a card':<34}{statistics.median(walls):>8.1f}{p95(walls):>8.1f}{'':>8}{most:>9}", most


def p95(walls: list[float]) -> float:
    """Return the value that nineteen of twenty stay under."""
    return sorted(walls)[max(0, round(0.95 * len(walls)) - 1)]


@contextmanager
def serving(url: str, folder: Path) -> Iterator[int]:
    """Serve the application with gunicorn; yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}"]
    environment = {**os.environ, "DATABASE_URL": url, "YINFENG_DATA": str(folder)}
    with subprocess.Popen([*command, "--log-level", "error", "wsgi:app"], env=environment) as server:  # noqa: S603 (our own command)
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)


def at_once(port: int, cookie: str, path: str, clients: int, rounds: int) -> list[float]:
    """Open a page from several clients at once; return the times in milliseconds."""
    walls: list[float] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(rounds + 2):
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:  # noqa: PLR2004 (the page)
                sys.exit(f"{path} answered {answer.status}")
            if number > 1:
                walls.append((time.perf_counter() - began) * 1000)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return walls


def run(url: str, folder: Path, options: argparse.Namespace) -> bool:
    """Build one office and measure it; say whether the counts hold."""
    settings = config.load({"YINFENG_DATA": str(folder), "DATABASE_URL": url})
    database = Database(url)
    migrate(database)
    app = create_app(settings, database)
    app.testing = False
    kind = database.engine.dialect.name
    began = time.monotonic()
    with loading(database) as loader:
        fill(loader, options.projects)
    with database.transaction() as session:
        for statement in AFTERWARDS:
            session.execute(text(statement.format(true="true" if kind == "postgresql" else "1", day=DAY[kind])))
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{kind}, {options.projects:,} open projects, loaded in {time.monotonic() - began:.0f} s (load {load})")
    browser = Browser(app.test_client()).sign_in(USERNAME, PASSWORD)
    print(HEAD)
    paint = 0
    for name, path in PATHS.items():
        step = measure(browser, database, [path], options.rounds)
        paint = paint or step.queries
        print(step.line(name), flush=True)
    line, moves = moving(browser, database, options.rounds)
    print(line)
    if kind == "postgresql":
        cookies = "; ".join(f"{one.key}={one.value}" for one in (browser.client._cookies or {}).values())  # noqa: SLF001 (no other list)
        with serving(url, folder) as port:
            for clients in CLIENTS:
                walls = at_once(port, cookies, "/projects", clients, options.rounds)
                middle = statistics.median(walls)
                print(f"first paint, {clients} clients: p50 {middle:.0f} ms, p95 {p95(walls):.0f} ms", flush=True)
    database.dispose()
    print(f"queries: first paint {paint} (at most {MOST_PAINT}), moving a card {moves} (at most {MOST_MOVE})")
    return paint <= MOST_PAINT and moves <= MOST_MOVE


def main() -> None:
    """Measure what was asked for; exit with 1 when a page asks more than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=20_000)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="leave the database bench_board behind, to look at plans")
    options = parser.parse_args()
    held = True
    with ExitStack() as stack:
        admin = stack.enter_context(postgres.server()) if "postgresql" in options.databases else ""
        for kind in options.databases:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            if kind == "sqlite":
                held &= run(f"sqlite:///{folder / 'board.db'}", folder, options)
                continue
            postgres.drop_database(admin, "bench_board")
            held &= run(postgres.create_database(admin, "bench_board"), folder, options)
            if not options.keep:
                postgres.drop_database(admin, "bench_board")
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
