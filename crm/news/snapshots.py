"""The bytes of pages as they came: kept once for each content, compressed, bounded in size and in age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from crm.core.db import insert_ignore
from crm.news import packing
from crm.news.decode import decode
from crm.news.health_models import Snapshot
from crm.news.models import FailedPage
from crm.news.pages import LARGEST_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.news.pages import Packed

KEEP_PAGES = timedelta(days=400)
KEEP_FAILED = timedelta(days=30)
KEEP_FEEDS = timedelta(days=60)
LARGEST_PACKED = 4 * 1024 * 1024
SWEEP_BATCH = 500


@dataclass(frozen=True, slots=True)
class Page:
    """A saved page: its bytes, and the text they stand for."""

    sha256: str
    raw: bytes
    charset: str | None
    kept_at: datetime

    @property
    def text(self) -> str:
        """Decode the bytes the way the reader of articles does."""
        return decode(self.raw, self.charset).text


def keep(session: Session, pages: Iterable[Packed], *, now: datetime) -> None:
    """Keep the bytes of pages in one statement; content that is kept already is not kept twice."""
    rows: dict[str, dict[str, Any]] = {
        page.sha256: {
            "sha256": page.sha256, "packed": page.packed, "size": page.size, "charset": page.charset, "kept_at": now
        }
        for page in pages
        if len(page.packed) <= LARGEST_PACKED
    }  # fmt: skip
    insert_ignore(session, Snapshot, list(rows.values()), ["sha256"])


def read(session: Session, sha256: str) -> Page | None:
    """Give a page as it came; None when it was never kept or has gone with age."""
    row = session.get(Snapshot, sha256)
    if row is None:
        return None
    try:
        raw = packing.unpack(row.packed, LARGEST_PAGE)
    except ValueError:
        return None
    return Page(row.sha256, raw, row.charset, row.kept_at)


def sweep(session: Session, *, now: datetime) -> int:
    """Forget a batch of pages past their age: those that became articles after 400 days, failed ones after 30."""
    failed = select(FailedPage.page_sha256).where(FailedPage.recorded_at < now - KEEP_FAILED)
    spent = Snapshot.kept_at < now - KEEP_PAGES
    old_failed = (Snapshot.kept_at < now - KEEP_FAILED) & Snapshot.sha256.in_(failed)
    chosen = select(Snapshot.sha256).where(spent | old_failed).order_by(Snapshot.kept_at).limit(SWEEP_BATCH)
    gone = delete(Snapshot).where(Snapshot.sha256.in_(chosen)).returning(Snapshot.sha256)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def sweep_feeds(folder: Path, *, now: datetime) -> int:
    """Delete feed files older than 60 days; what was read from them stays."""
    edge = (now - KEEP_FEEDS).timestamp()
    old = [path for path in folder.glob("*/*") if path.is_file() and path.stat().st_mtime < edge]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
