"""Time the pages of figures on an office of 100,000 enterprises, 100,000 projects and a million touches.

    python -m benchmarks.peers.load FOLDER --database URL      # once: fill an empty database
    python -m benchmarks.reports --database URL [--rounds 20]

Prints wall and processor time of the server for each page, statements, and the time to build a weekly report, which is
taken back. Bounds: funnel p95 300 ms, at most 15 statements a dashboard, a weekly report in 5 s.
``benchmarks.assessment`` times
assessments of 500 units by 40 rules.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

import config
from benchmarks.bulk_load import PASSWORD, USERNAME
from crm.app import create_app
from crm.auth.rules import SYSTEM
from crm.core import clock
from crm.core.db import Database
from crm.reports import services
from crm.reports.period import week_at
from tests.conftest import Browser
from tests.support.queries import counted

PAGES = {
    "funnel": "/reports/funnel?from={from_}&to={to}",
    "funnel, counted anew": "/reports/funnel?from={from_}&to={to}&asof={asof}",
    "groups by unit": "/insight/groups?from={from_}&to={to}",
    "groups by industry": "/insight/groups?by=industry&from={from_}&to={to}",
    "time in stage": "/insight/stays?from={from_}&to={to}",
    "cohorts": "/insight/cohorts?from={from_}&to={to}",
    "big screen": "/insight/screen?from={from_}&to={to}",
    "rates": "/measures/rates?from={from_}&to={to}",
    "rows of visits": "/reports/rows?measure=visits&from={from_}&to={to}",
}
FUNNEL, WEEKLY, STATEMENTS = 300, 5, 15
OWN = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")


def p95(walls: list[float]) -> float:
    """Return the value that nineteen of twenty stay under."""
    return sorted(walls)[max(0, round(0.95 * len(walls)) - 1)]


def page(browser: Browser, database: Database, path: str, rounds: int) -> tuple[list[float], float, int]:
    """Ask for a page so many times: walls in ms, mean processor ms, statements of the last."""
    walls, most = [], 0
    began = time.process_time()
    for _round in range(rounds):
        with counted(database) as statements:
            start = time.perf_counter()
            answer = browser.client.get(path)
            walls.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:  # noqa: PLR2004 (a page)
            sys.exit(f"{path} answered {answer.status_code}")
        most = max(most, sum(not one.startswith(OWN) for one in statements))
    return walls, (time.process_time() - began) * 1000 / rounds, most


def weekly(database: Database) -> float:
    """Build the report of this week and take it back; seconds."""
    now = clock.now()
    session = Session(database.engine)
    start = time.perf_counter()
    services.build_weekly(session, SYSTEM, *week_at(now), now=now)
    took = time.perf_counter() - start
    session.rollback()
    session.close()
    return took


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"DATABASE_URL": given.database, "YINFENG_DATA": str(Path(folder)), "SECRET_KEY": "k" * 48}
        app = create_app(config.load(environment), Database(given.database))
        database = app.extensions["database"]
        browser = Browser(app.test_client()).sign_in(USERNAME, PASSWORD)
        now = clock.now()
        days = {
            "from_": (now - timedelta(days=365)).date(),
            "to": now.date(),
            "asof": now.isoformat().replace("+", "%2B"),
        }
        print(f"{'page':<26}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>9}{'queries':>9}")
        for name, path in PAGES.items():
            walls, cpu, queries = page(browser, database, path.format(**days), given.rounds)
            print(f"{name:<26}{statistics.median(walls):>9.0f}{p95(walls):>9.0f}{cpu:>9.0f}{queries:>9}")
        print(f"weekly report built in {weekly(database):.1f} s (bound {WEEKLY} s)")
        database.dispose()


if __name__ == "__main__":
    main()
