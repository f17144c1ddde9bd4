"""Reading a feed file: gzip JSON Lines with a summary at the end. Replayable; nothing in it is trusted.

The file is a row of gzip members of some lines each, so that it is taken in piece by piece: a piece begins at the
offset of a member, and neither the memory it takes nor the work a killed worker loses grows with the file.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from crm.news.pages import FeedPage, KnownPage, LostPage, read_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

MISSING, BROKEN = "feed_missing", "feed_broken"
LONGEST_LINE = 16 * 1024 * 1024
LARGEST_MEMBER = 256 * 1024 * 1024
PIECE_LINES = 50  # a member; on SQLite nobody else writes while a piece is stored
_GZIP = 31  # zlib's window of a gzip stream
_MAGIC = b"\x1f\x8b\x08"
_BLOCK, _TAIL = 256 * 1024, 64 * 1024


class FeedError(Exception):
    """The file as a whole cannot be read; ``key`` says why (feed_missing, feed_broken)."""

    def __init__(self, key: str) -> None:
        """Keep the stable key."""
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a feed (None for a line that is no object) and the offset behind them, None at the end."""

    rows: tuple[dict[str, Any] | None, ...]
    after: int | None


def piece(path: Path, offset: int = 0, lines: int = PIECE_LINES) -> Piece:
    """Read whole members from an offset on until they hold enough lines; FeedError for no feed at all.

    A file that breaks off in the middle gives what was readable and then None.
    """
    found: list[dict[str, Any] | None] = []
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while len(found) < lines:
                raw, whole = _member(file)
                if not whole:
                    readable = raw[: raw.rfind(b"\n") + 1]
                    return Piece((*found, *map(_object, readable.splitlines()), None), None)
                found += map(_object, raw.splitlines())
                if not file.peek(1):
                    return Piece(tuple(found), None)
            return Piece(tuple(found), file.tell())
    except FileNotFoundError as error:
        raise FeedError(MISSING) from error
    except (OSError, zlib.error) as error:
        if found or offset:
            return Piece((*found, None), None)
        raise FeedError(BROKEN) from error


def summary(path: Path) -> dict[str, Any] | None:
    """Give the summary a complete feed ends with, None when there is none."""
    try:
        found = _last_member(path)
        rows_ = [_object(line) for line in found.splitlines()] if found else list(rows(path))
    except (FeedError, OSError):
        return None
    last = rows_[-1] if rows_ else None
    return last if last is not None and last.get("type") == "summary" else None


def read(rows_: Sequence[dict[str, Any] | None], known: Collection[str] = ()) -> Iterator[FeedPage]:
    """Read lines as pages; those whose hash is ``known`` are not extracted again."""
    for row in rows_:
        if row is None:
            yield LostPage("", "bad_row", "not a JSON object")
        elif row.get("type") == "article" and row.get("url_hash") in known:
            yield KnownPage(str(row["url_hash"]))
        elif row.get("type") in {"article", "failed"}:
            yield read_row(row)


def pages(path: Path, known: Collection[str] = ()) -> Iterator[FeedPage]:
    """Read the pages of a whole feed."""
    for row in rows(path):
        yield from read((row,), known)


def rows(path: Path) -> Iterator[dict[str, Any] | None]:
    """Give the lines of a whole feed as objects, piece by piece."""
    offset: int | None = 0
    while offset is not None:
        found = piece(path, offset)
        yield from found.rows
        offset = found.after


def _member(file: BinaryIO) -> tuple[bytes, bool]:
    """Unpack one gzip member and stand behind it; False when it breaks off, zlib.error when it never was one."""
    begun, inflate, parts = file.tell(), zlib.decompressobj(_GZIP), list[bytes]()
    taken = size = 0
    while not inflate.eof:
        block = file.read(_BLOCK)
        try:
            part = inflate.decompress(block, LARGEST_MEMBER + 1 - size) if block else b""
        except zlib.error:
            if not parts:
                raise
            return b"".join(parts), False
        size += len(part)
        if not block or size > LARGEST_MEMBER:
            if not size:
                message = "no data"
                raise zlib.error(message)
            return b"".join(parts), False
        parts.append(part)
        taken += len(block)
    file.seek(begun + taken - len(inflate.unused_data))
    return b"".join(parts), True


def _last_member(path: Path) -> bytes:
    """Unpack the small member a feed ends with, b"" when its last member is no small one."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    begun = tail.rfind(_MAGIC)
    while begun >= 0:
        inflate = zlib.decompressobj(_GZIP)
        try:
            found = inflate.decompress(tail[begun:], LONGEST_LINE)
            if inflate.eof and not inflate.unused_data:
                return found
        except zlib.error:
            pass  # These bytes only looked like the beginning of a member.
        begun = tail.rfind(_MAGIC, 0, begun)
    return b""


def _object(line: bytes) -> dict[str, Any] | None:
    if len(line) > LONGEST_LINE:
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
