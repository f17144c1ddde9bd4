"""The feed file: gzip JSON Lines, one line per page or failure, a summary at the end.

Written beside its name and renamed when complete, so a file with the final name always ends in a summary.
"""

import gzip
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from twisted.python.failure import Failure

from scrapers.items import ArticlePage, FailedPage, Reason

FORMAT = 1
_FINISH = {"finished": "finished", "closespider_timeout": "limit", "terminated": "terminated", "shutdown": "terminated"}


class FeedFile:
    """A feed being written; `close` adds the summary and gives the file its name."""

    def __init__(self, path: Path) -> None:
        """Open `path` + ".part"."""
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._out = gzip.open(self._part, "wt", encoding="utf-8", compresslevel=1)  # noqa: SIM115 - open for the whole crawl
        self.items = 0
        self.failures: Counter[str] = Counter()
        self.closed = False

    def write(self, page: ArticlePage | FailedPage) -> None:
        """Append one page or failure."""
        self._line(page.row())
        if isinstance(page, FailedPage):
            self.failures[page.reason] += 1
        else:
            self.items += 1

    def close(self, summary: Mapping[str, Any]) -> None:
        """Append the summary with the counts of this file and rename; a second call does nothing."""
        if self.closed:
            return
        self.closed = True
        counts = {"items": self.items, "failed": self.failures.total(), "failures": dict(self.failures)}
        self._line({"type": "summary", "format": FORMAT, **summary, **counts})
        self._out.close()
        self._part.replace(self._path)

    def _line(self, row: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


class FeedWriter:
    """Scrapy extension: write every item and every crash of a callback into the feed file."""

    def __init__(self, crawler: Crawler, path: Path) -> None:
        """Listen to the crawl's signals."""
        self._crawler, self._path = crawler, path
        self._file: FeedFile | None = None
        self._started, self._clock = datetime.now(UTC), time.monotonic()
        crawler.signals.connect(self.open, signals.spider_opened)
        crawler.signals.connect(self.keep, signals.item_scraped)
        crawler.signals.connect(self.crashed, signals.spider_error)
        crawler.signals.connect(self.finish, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the path from the settings; without one the extension stays off."""
        path = crawler.settings.get("FEED_PATH")
        if not path:
            raise NotConfigured
        return cls(crawler, Path(path))

    @property
    def complete(self) -> bool:
        """Tell whether the file has its summary and name."""
        return self._file is not None and self._file.closed

    def open(self) -> None:
        """Start the file with the crawl."""
        self._file = FeedFile(self._path)

    def keep(self, item: ArticlePage | FailedPage) -> None:
        """Write one item."""
        if self._file and not self._file.closed:
            self._file.write(item)

    def crashed(self, failure: Failure, response: Response) -> None:
        """Turn an exception in a callback into a failed page."""
        detail = f"{failure.type.__name__ if failure.type else 'error'}: {failure.getErrorMessage()}"[:500]
        self.keep(FailedPage(url=response.url, reason=Reason.SPIDER_ERROR, detail=detail, status=response.status))

    def finish(self, spider: Spider, reason: str) -> None:
        """End the file with the summary of the crawl."""
        if self._file:
            self._file.close(self._summary(spider, reason))

    def _summary(self, spider: Spider, reason: str) -> dict[str, Any]:
        stats = self._crawler.stats.get_stats() if self._crawler.stats else {}
        finish = _FINISH.get(reason, "aborted")
        return {
            **getattr(spider, "summary", dict)(),
            "finish": "limit" if finish == "finished" and getattr(spider, "limited", False) else finish,
            "requests": stats.get("downloader/request_count", 0),
            "pages": stats.get("downloader/response_count", 0),
            "bytes": stats.get("downloader/response_bytes", 0),
            "robots_denied": stats.get("robotstxt/forbidden", 0),
            "seconds": round(time.monotonic() - self._clock, 3),
            "peak_memory_kb": _peak_memory_kb(),
            "started_at": self._started.isoformat(),
            "finished_at": datetime.now(UTC).isoformat(),
        }


def _peak_memory_kb() -> int:
    """Give the most memory this program held; on Linux without what its parent held before it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak
