"""Sources of the demonstration with a past: one that is well, one whose layout broke, one that fell silent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crm.news import healing, packing, snapshots
from crm.news.models import CrawlRun, FailedPage, RunState, Source, SourceKind
from crm.news.pages import Packed

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk

BROKEN = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>云溪经开区快讯</title></head>
<body><div id="app" data-article="8842"></div><script src="/assets/app.js"></script></body></html>
"""


@dataclass(frozen=True, slots=True)
class Past:
    """An invented source and what its runs brought: listed, stored, read, empty."""

    name: str
    url: str
    hours: int
    runs: tuple[tuple[int, int, int, int], ...]


PASTS = (
    Past(
        "临江日报·经济（演示）",
        "https://news.linjiang.example/jj/",
        6,
        tuple((20, stored, stored, 0) for stored in (6, 4, 7, 5, 3, 8, 6, 2, 5, 7, 6, 4)),
    ),
    Past(
        "云溪经开区·要闻（演示）",
        "https://www.yunxi-kfq.example/xwzx/",
        12,
        (*((15, stored, stored, 0) for stored in (4, 3, 5, 4, 2, 4, 3, 5)), (15, 0, 4, 4), (15, 0, 5, 5)),
    ),
    Past(
        "长桥商会通讯（演示）",
        "https://www.changqiao.example/tx/",
        24,
        (*((9, stored, stored, 0) for stored in (2, 1, 2, 1)), *((9, 0, 0, 0) for _ in range(10))),
    ),
)


def add_pasts(desk: Desk, now: datetime) -> None:
    """Add the sources with their runs, judged as they ended; nothing is crawled for a week."""
    for past in PASTS:
        begun = now - timedelta(hours=past.hours * len(past.runs))
        source = Source(
            name=past.name, kind=SourceKind.LIST, url=past.url, options={}, created_at=begun,
            interval_minutes=past.hours * 60, next_run_at=now + timedelta(days=7),
        )  # fmt: skip
        desk.session.add(source)
        desk.session.flush()
        for number, figures in enumerate(past.runs, 1):
            _run(desk, source, figures, begun + timedelta(hours=past.hours * number))


def _run(desk: Desk, source: Source, figures: tuple[int, int, int, int], at: datetime) -> None:
    listed, stored, read, empty = figures
    stats = {"finish": "finished", "items": read, "skipped_seen": listed - read, "failures": {}, "seconds": 12.4}
    run = CrawlRun(
        source_id=source.id, state=RunState.DONE, started_at=at - timedelta(minutes=1), finished_at=at, stats=stats,
        fetched=read + 1, stored=stored, known=listed - read, failed=empty,
    )  # fmt: skip
    desk.session.add(run)
    desk.session.flush()
    source.last_run_at = source.last_success_at = at
    for number in range(empty):
        _lost(desk, run, f"{source.url}{run.id}{number:02}.html", at)
    healing.note(desk.session, run, {"read": read, "empty": empty, "lost.empty_body": empty}, now=at)


def _lost(desk: Desk, run: CrawlRun, url: str, at: datetime) -> None:
    """Keep a page without a body, with its bytes."""
    raw = BROKEN.encode()
    digest = hashlib.sha256(raw).hexdigest()
    snapshots.keep(desk.session, [Packed(digest, packing.pack(raw), len(raw), "utf-8")], now=at)
    row = FailedPage(run_id=run.id, url=url, reason="empty_body", size=len(raw), status=200, page_sha256=digest)
    row.recorded_at = at
    desk.session.add(row)
