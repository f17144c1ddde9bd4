"""Reading a feed file: gzip JSON Lines with a summary at the end. Replayable; nothing in it is trusted."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

from crm.news.pages import FeedPage, KnownPage, LostPage, read_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

MISSING, BROKEN = "feed_missing", "feed_broken"
LONGEST_LINE = 16 * 1024 * 1024


class FeedError(Exception):
    """The file as a whole cannot be read; ``key`` says why (feed_missing, feed_broken)."""

    def __init__(self, key: str) -> None:
        """Keep the stable key."""
        super().__init__(key)
        self.key = key


def summary(path: Path) -> dict[str, Any] | None:
    """Give the summary a complete feed ends with, None when there is none."""
    last: dict[str, Any] | None = None
    try:
        for row in rows(path):
            last = row if row is not None and row.get("type") == "summary" else last
    except FeedError:
        return None
    return last


def url_hashes(path: Path) -> list[str]:
    """Give the address hashes of all article lines."""
    return [str(row["url_hash"]) for row in rows(path) if row and row.get("type") == "article" and row.get("url_hash")]


def pages(path: Path, known: Collection[str] = ()) -> Iterator[FeedPage]:
    """Read the pages of a feed; those whose hash is ``known`` are not extracted again."""
    for row in rows(path):
        if row is None:
            yield LostPage("", "bad_row", "not a JSON object")
        elif row.get("type") == "article" and row.get("url_hash") in known:
            yield KnownPage(str(row["url_hash"]))
        elif row.get("type") in {"article", "failed"}:
            yield read_row(row)


def rows(path: Path) -> Iterator[dict[str, Any] | None]:
    """Give the lines of a feed as objects, None for a line that is none; FeedError for no feed at all.

    A file that breaks off in the middle gives what was readable and then None.
    """
    begun = False
    try:
        with gzip.open(path, "rb") as file:
            while line := file.readline(LONGEST_LINE):
                begun = True
                yield _object(line)
    except FileNotFoundError as error:
        raise FeedError(MISSING) from error
    except (OSError, EOFError, zlib.error) as error:
        if not begun:
            raise FeedError(BROKEN) from error
        yield None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
