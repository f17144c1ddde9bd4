"""The feed file: gzip JSON Lines, one line per page or failure, a summary at the end.

Written beside its name and renamed when complete, so a file with the final name always ends in a summary.
"""

import json
import resource
import sys
import time
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from twisted.python.failure import Failure

from scrapers.items import ArticlePage, FailedPage, Reason, url_hash
from scrapers.reports import ListingReport

FORMAT = 1
_GZIP = 31  # zlib's window of a gzip stream
_LINES, _BYTES, _SECONDS = 50, 4 * 1024 * 1024, 10.0
_BLOCK = 256 * 1024
_FINISH = {"finished": "finished", "closespider_timeout": "limit", "terminated": "terminated", "shutdown": "terminated"}


class FeedFile:
    """A feed being written; `close` adds the summary and gives the file its name.

    The file is a row of gzip members of some lines each: it is read in pieces, and a crawl that was killed goes on
    behind the last whole member.
    """

    def __init__(self, path: Path) -> None:
        """Open `path` + ".part", behind what a killed crawl left in it."""
        self._path, self._part = path, path.with_name(path.name + ".part")
        self.left = salvage(self._part)
        self._out = self._part.open("ab")
        self._lines: list[bytes] = []
        self._bytes, self._begun = 0, time.monotonic()
        self.items = self.left.items
        self.failures: Counter[str] = Counter(self.left.failures)
        self.closed = False

    def write(self, page: ArticlePage | FailedPage | ListingReport) -> None:
        """Append one page, failure or report of a test run."""
        self._line(page.row())
        if isinstance(page, FailedPage):
            self.failures[page.reason] += 1
        elif isinstance(page, ArticlePage):
            self.items += 1
        if len(self._lines) >= _LINES or self._bytes >= _BYTES or time.monotonic() - self._begun > _SECONDS:
            self._member()

    def close(self, summary: Mapping[str, Any]) -> None:
        """Append the summary with the counts of this file and rename; a second call does nothing."""
        if self.closed:
            return
        self.closed = True
        self._member()
        counts = {"items": self.items, "failed": self.failures.total(), "failures": dict(self.failures)}
        self._line({"type": "summary", "format": FORMAT, **summary, **counts})
        self._member()
        self._out.close()
        self._part.replace(self._path)

    def _line(self, row: Mapping[str, Any]) -> None:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass") + b"\n"
        self._lines.append(line)
        self._bytes += len(line)

    def _member(self) -> None:
        """Write what has gathered as it is: bodies are packed already, and squeezing base64 costs more than that."""
        if self._lines:
            member = zlib.compressobj(0, zlib.DEFLATED, _GZIP)
            self._out.write(member.compress(b"".join(self._lines)) + member.flush())
            self._out.flush()
        self._lines, self._bytes, self._begun = [], 0, time.monotonic()


@dataclass(slots=True)
class Left:
    """What a killed crawl of the same run brought home: request hashes, counts."""

    hashes: set[str] = field(default_factory=set)
    items: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one line."""
        if row["type"] == "failed":
            self.failures[row["reason"]] += 1
            self.hashes.add(url_hash(row["url"]))
        elif row["type"] == "article":
            self.items += 1
            self.hashes.add(row["request_hash"])


def salvage(part: Path) -> Left:
    """Read the whole members of an unfinished feed and cut off the rest, and its summary if it has one."""
    left, good = Left(), 0
    if not part.exists():
        return left
    with part.open("rb+") as file:
        while member := _next_member(file):
            rows = [json.loads(line) for line in member.splitlines()]
            if any(row["type"] == "summary" for row in rows):
                break
            for row in rows:
                left.add(row)
            good = file.tell()
        file.truncate(good)
    return left


def _next_member(file: BinaryIO) -> bytes:
    """Give the next gzip member unpacked and stand behind it; b"" at the end or where the file breaks off."""
    begun, inflate, parts, taken = file.tell(), zlib.decompressobj(_GZIP), [], 0
    while not inflate.eof:
        block = file.read(_BLOCK)
        if not block:
            return b""
        try:
            parts.append(inflate.decompress(block))
        except zlib.error:
            return b""
        taken += len(block)
    file.seek(begun + taken - len(inflate.unused_data))
    return b"".join(parts)


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

    def open(self, spider: Spider) -> None:
        """Start the file with the crawl; what a killed crawl of this run brought is not asked for again."""
        self._file = FeedFile(self._path)
        spider.brought = frozenset(self._file.left.hashes)  # type: ignore[attr-defined]  # a field of our spiders

    def keep(self, item: ArticlePage | FailedPage | ListingReport) -> None:
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
