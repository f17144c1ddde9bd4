"""The uploaded file itself: told by its content, refused before it is kept, unpacked within bounds.

A zip is read entry by entry, never to disk; names in it are labels only. What it declares is checked at upload, what
it really unpacks to is counted again while reading.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.news.exported.records import Record, from_csv, from_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_ENTRIES, MOST_ARTICLES = 20_000, 5_000
LARGEST_ENTRY, LARGEST_WHOLE = 8 * 1024 * 1024, 300 * 1024 * 1024
MOST_SQUEEZED = 200  # times smaller than unpacked; saved pages reach 20
PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # other packings may ask for any amount of memory
KINDS = ("zip", "html", "json", "csv")
READ = {".html": "html", ".htm": "html", ".json": "json", ".jsonl": "json", ".csv": "csv"}
_LINK = re.compile(
    rb"""(?:var\s+msg_link\s*=\s*|rel=["']canonical["']\s+href=|property=["']og:url["']\s+content=)["'](https?:[^"'\s]{1,1900})""",
    re.IGNORECASE,
)
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?:\S{1,1900})", re.IGNORECASE)
EMPTY = Problem("export.empty", "文件是空的，请重新选择。", "file")
WRONG_KIND = Problem("export.kind", "只接受 zip、html、json、csv 文件，而且内容要与扩展名一致。", "file")
BROKEN = Problem("export.broken", "压缩包打不开：可能没有传完，或者设了密码。请重新导出后再传。", "file")
BOMB = Problem("export.bomb", "压缩包里的内容太多或太大（最多2万个文件、300 MB），请分几次上传。", "file")
NOTHING = Problem("export.nothing", "压缩包里没有 html、json 或 csv 文件。", "file")


def check(name: str, data: bytes) -> str:
    """Return the kind of an upload (zip, html, json, csv), or refuse it with one sentence."""
    if not data.strip():
        raise DomainError(EMPTY)
    ending = PurePosixPath(name.lower().replace("\\", "/")).suffix
    kind = "zip" if ending == ".zip" else READ.get(ending)
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    fits = {
        "zip": data.startswith(b"PK"),
        "html": b"<" in start and b"\0" not in start,
        "json": start[:1] in {b"[", b"{"},
        "csv": b"\0" not in start and not data.startswith(b"PK"),
    }
    if kind is None or not fits[kind]:
        raise DomainError(WRONG_KIND)
    if kind == "zip":
        _check_zip(data)
    return kind


def records(path: Path, kind: str, name: str) -> Iterator[Record]:
    """Give the articles of a kept upload, one by one, up to the most there may be."""
    found = _zipped(path) if kind == "zip" else _plain(path.read_bytes(), kind, name)
    for number, record in enumerate(found):
        if number >= MOST_ARTICLES:
            yield Record(problem="too_large", name=name)
            return
        yield record


def _check_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise DomainError(BROKEN) from error
    if any(entry.flag_bits & 1 or entry.compress_type not in PLAIN for entry in entries):
        raise DomainError(BROKEN)
    whole = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or whole > LARGEST_WHOLE or whole > MOST_SQUEEZED * len(data):
        raise DomainError(BOMB)
    if not any(_wanted(entry) for entry in entries):
        raise DomainError(NOTHING)


def _zipped(path: Path) -> Iterator[Record]:
    room = LARGEST_WHOLE
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist()[:MOST_ENTRIES]:
                if not _wanted(entry):
                    continue
                raw = _unpacked(archive, entry, min(room, LARGEST_ENTRY))
                if raw is None:
                    yield Record(problem="too_large" if room else "bad_export", name=_label(entry))
                    continue
                room -= len(raw)
                yield from _plain(raw, READ[PurePosixPath(entry.filename.lower()).suffix], _label(entry))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        yield Record(problem="bad_export", name=path.name)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes | None:
    """Unpack an entry up to a limit; None when it is larger or broken."""
    try:
        with archive.open(entry) as file:
            raw = file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError):
        return None
    return raw if len(raw) <= limit else None


def _plain(raw: bytes, kind: str, name: str) -> Iterator[Record]:
    if kind == "json":
        yield from from_json(raw, name)
    elif kind == "csv":
        yield from from_csv(raw, name)
    else:
        match = _LINK.search(raw) or _SAVED_FROM.search(raw[:4096])
        url = match.group(1).decode("ascii", errors="ignore").replace("&amp;", "&") if match else ""
        yield Record(url=url, page=raw, name=name)


def _wanted(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not entry.is_dir() and not hidden and path.suffix.lower() in READ


def _label(entry: zipfile.ZipInfo) -> str:
    return entry.filename[-150:]
