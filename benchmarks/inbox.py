"""The inbox of signals with many of them: statements, time, processor time and size of each page.

``python -m benchmarks.inbox [SIGNALS]`` builds an office with 2,000 companies and 10,000 new signals on SQLite.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

import config
from crm.app import create_app
from crm.cli.database import migrate
from crm.core import vault
from crm.core.db import Database
from crm.enterprises.models import Enterprise, ListEdition, ListEntry, TargetList
from crm.news.models import Article, ArticleCluster
from crm.signals.kinds import KIND_LABELS
from crm.signals.models import Signal, SignalState
from crm.signals.triage_models import SignalFollow, SignalSnooze
from tests.conftest import Browser
from tests.support import builders
from tests.support.builders import NOW, TODAY
from tests.support.queries import counted

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FIRMS, LISTED, FOLLOWED, PUT_OFF, ROUNDS, FIRST = 2000, 500, 100, 500, 5, 10
CURSOR = re.compile(r'cursor=([^"&]+)')
PAGES = (
    "/signals",
    "/signals?order=newest",
    "/signals?order=amount",
    "/signals?kind=RELO&place=江苏&amount=1000&days=30",
    "/signals?list=own&industry=汽车",
    "/signals?followed=1",
    "/signals?state=all",
    "/signals/bulk?verb=dismiss&all=1",
    f"/signals/digest/{TODAY}",
    "/signals/77",
)


def main() -> None:
    """Build the office and measure."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load({"YINFENG_DATA": folder})
        vault.use(settings.data_key)
        database = Database(settings.database_url)
        migrate(database)
        with database.transaction() as session:
            furnish(session, number, Random(1))  # noqa: S311 (invented data, the same each time)
        browser = Browser(create_app(settings, database, now=lambda: NOW).test_client()).sign_in("chen")
        following = CURSOR.search(browser.get("/signals").text)
        second = f"/signals?cursor={following[1]}" if following else "/signals"
        print(f"{number} signals of {FIRMS} companies")
        for page in (PAGES[0], second, *PAGES[1:]):
            measure(database, browser, page)
        database.dispose()


def measure(database: Database, browser: Browser, page: str) -> None:
    """Open a page some times and print the middle of what it took."""
    taken, worked, size, selects = [], [], 0, 0
    for _round in range(ROUNDS):
        with counted(database) as statements:
            begun, used = time.perf_counter(), time.process_time()
            answer = browser.get(page)
            taken.append(time.perf_counter() - begun)
            worked.append(time.process_time() - used)
        size, selects = len(answer.data), sum(one.startswith(("SELECT", "WITH")) for one in statements)
    print(
        f"{page[:52]:54}{selects:4} statements {statistics.median(taken) * 1000:6.0f} ms"
        f" {statistics.median(worked) * 1000:6.0f} ms cpu {size // 1024:5} kB"
    )


def furnish(session: Session, number: int, chance: Random) -> None:
    """Add companies, a list, what the officer follows and has put off, and the signals."""
    office = builders.office(session)
    office.east.region = "长三角"
    session.execute(insert(Enterprise), [_firm(one, chance) for one in range(1, FIRMS + 1)])
    source_id = builders.article(session).source_id
    ids = range(FIRST, FIRST + number)
    session.execute(insert(ArticleCluster), [{"id": one, "created_at": NOW, "size": 1} for one in ids])
    session.execute(insert(Article), [_article(one, source_id) for one in ids])
    session.execute(insert(Signal), [_signal(one, chance) for one in ids])
    roll = TargetList(key="own", name="本地名录")
    session.add(roll)
    session.flush()
    edition = ListEdition(list_id=roll.id, year=TODAY.year, imported_at=NOW)
    session.add(edition)
    session.flush()
    listed = [{"edition_id": edition.id, "enterprise_id": one, "printed_name": "x"} for one in range(1, LISTED + 1)]
    session.execute(insert(ListEntry), listed)
    mine = {"user_id": office.officer.id, "made_at": NOW}
    session.execute(insert(SignalFollow), [{**mine, "enterprise_id": one} for one in range(1, FOLLOWED + 1)])
    later = {**mine, "until": NOW + timedelta(days=3)}
    session.execute(
        insert(SignalSnooze), [{**later, "signal_id": one} for one in session.scalars(select(Signal.id).limit(PUT_OFF))]
    )


def _firm(number: int, chance: Random) -> dict[str, Any]:
    name = f"第{number}号企业有限公司"
    return {
        "id": number, "name": name, "folded_name": name, "sort_key": str(number), "stem": "", "version": 1,
        "region": chance.choice(["江苏省苏州市", "广东省深圳市", None]),
        "industry": chance.choice(["汽车制造业", "医药制造业"]), "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip


def _article(number: int, source_id: int) -> dict[str, Any]:
    return {
        "id": number, "source_id": source_id, "cluster_id": number, "url": f"https://news.example/{number}",
        "url_hash": f"h{number}", "title": f"报道{number}", "body": "正文" * 400, "fetched_at": NOW, "recorded_at": NOW,
        "published_at": NOW, "page_sha256": "0", "text_hash": f"t{number}", "encoding": "utf-8", "problems": {},
    }  # fmt: skip


def _signal(number: int, chance: Random) -> dict[str, Any]:
    return {
        "enterprise_id": chance.randint(1, FIRMS), "article_id": number, "cluster_id": number,
        "kind": chance.choice([kind.value for kind in KIND_LABELS]), "quote": f"第{number}号计划投资。", "weight": 1.0,
        "reasons": [], "amount": Decimal(chance.randint(1, 200_000)) if chance.random() < 1 / 2 else None,
        "confidence": 0.6 + chance.random() * 0.4, "place": chance.choice(["江苏省苏州市", "四川省宜宾市", None]),
        "happened_at": NOW - timedelta(hours=chance.randint(0, 2000)), "recorded_at": NOW, "state": SignalState.NEW,
    }  # fmt: skip


if __name__ == "__main__":
    main()
