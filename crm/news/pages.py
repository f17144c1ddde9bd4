"""From one line of a feed file to what is kept of a page: decoded, extracted, bounded."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree

from crm.news import packing, reading
from crm.news.dates import find_moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from crm.news.extract import Extracted

LARGEST_PAGE = 8 * 1024 * 1024
LONGEST_TITLE, LONGEST_BODY, LONGEST_NAME, LONGEST_URL = 200, 100_000, 80, 2000
LONGEST_DETAIL = 500
TITLE_FROM_BODY = 40
MOST_SPOILED = 0.02
_REPLACED = "\ufffd"
NO_PAGE = frozenset({"no_title", "thin_body"})
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# What parsers raise on bytes no browser would show either; anything else is a fault of ours.
_PARSER_FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, etree.LxmlError)


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes of a page as they came, packed (see `crm.news.packing`)."""

    sha256: str
    packed: bytes
    size: int
    charset: str | None


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with a body: everything an article row needs."""

    url: str
    url_hash: str
    request_hash: str
    title: str
    body: str
    publisher: str | None
    author: str | None
    published_at: datetime | None
    fetched_at: datetime
    page_sha256: str
    encoding: str
    problems: tuple[str, ...] = field(default=())
    saved: Packed | None = None


@dataclass(frozen=True, slots=True)
class LostPage:
    """A page that gave no article, with a stable reason and its bytes when any came."""

    url: str
    reason: str
    detail: str = ""
    size: int | None = None
    status: int | None = None
    saved: Packed | None = None


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page whose address is in the database already: not read again."""

    url_hash: str


FeedPage: TypeAlias = ReadPage | LostPage | KnownPage


def read_row(row: Mapping[str, Any]) -> ReadPage | LostPage:
    """Read one line of a feed; a line that makes no sense becomes a lost page, never an exception."""
    url = clean(row.get("url") or row.get("canonical_url"), LONGEST_URL)
    if row.get("type") == "failed":
        return _failed(row, url)
    try:
        packed = base64.b64decode(row["body"], validate=True)
        raw = _unpack(packed)
        fetched = _aware(row["fetched_at"])
        hashes = str(row["url_hash"])[:80], str(row.get("request_hash") or "")[:80]
    except (KeyError, TypeError, ValueError) as error:
        return LostPage(url, "bad_row", clean(f"{type(error).__name__}: {error}", LONGEST_DETAIL))
    if raw is None or not hashes[0]:
        return LostPage(url, "too_large" if raw is None else "bad_row", size=_whole(row.get("size")))
    address = str(row.get("canonical_url") or url)
    if len(address) > LONGEST_URL:
        return LostPage(url, "bad_url", size=len(raw))
    saved = _saved(raw, packed, row.get("http_charset"))
    read = _extracted(row, raw, address, hashes, fetched)
    if isinstance(read, ReadPage):
        return replace(read, saved=saved, page_sha256=saved.sha256)
    return replace(read, saved=saved, status=_whole(row.get("status")))


def _failed(row: Mapping[str, Any], url: str) -> LostPage:
    """Read the line of a page that could not be fetched, with the beginning of its bytes if any came."""
    try:
        packed = base64.b64decode(row.get("body") or "", validate=True)
        raw = _unpack(packed) if packed else None
    except (TypeError, ValueError):
        raw = None
    return LostPage(
        url,
        clean(row.get("reason"), 40) or "bad_row",
        clean(row.get("detail"), LONGEST_DETAIL),
        size=len(raw) if raw else None,
        status=_whole(row.get("status")),
        saved=_saved(raw, packed, None) if raw else None,
    )


def _saved(raw: bytes, packed: bytes, charset: object) -> Packed:
    return Packed(hashlib.sha256(raw).hexdigest(), packed, len(raw), clean(charset, 40) or None)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def clean(value: object, limit: int) -> str:
    """Give one storable line of at most ``limit`` characters, cut with an ellipsis."""
    line = " ".join(_UNSTORABLE.sub("", str(value or "")).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def clean_body(value: str) -> str:
    """Give storable text with its lines, cut at 100,000 characters."""
    return _UNSTORABLE.sub("", value).strip()[:LONGEST_BODY]


def _extracted(
    row: Mapping[str, Any], raw: bytes, address: str, hashes: tuple[str, str], fetched: datetime
) -> ReadPage | LostPage:
    try:
        read = reading.read(row, raw, address, fetched)
    except _PARSER_FAULTS as error:
        return LostPage(address, "empty_body", clean(f"{type(error).__name__}: {error}", LONGEST_DETAIL), len(raw))
    decoded, found = read.decoded, read.found
    fields = row["fields"] if isinstance(row.get("fields"), dict) else {}
    body = clean_body(str(fields.get("body_css") or "") or found.body)
    if not body or NO_PAGE.issubset(found.problems):
        return LostPage(address, "empty_body", size=len(raw))
    spoiled = body.count(_REPLACED) if decoded.damaged else 0
    if spoiled > len(body) * MOST_SPOILED:
        detail = f"{decoded.encoding}: {spoiled} of {len(body)} characters cannot be decoded"
        return LostPage(address, "bad_encoding", detail, len(raw))
    title = clean(fields.get("title_css") or found.title or row.get("listed_title"), LONGEST_TITLE)
    problems = (*found.problems, *(("damaged_bytes",) if decoded.damaged else ()))
    return ReadPage(
        url=address,
        url_hash=hashes[0],
        request_hash=hashes[1],
        title=title or clean(body, TITLE_FROM_BODY),
        body=body,
        publisher=clean(found.publisher, LONGEST_NAME) or None,
        author=clean(found.author, LONGEST_NAME) or None,
        published_at=_published(found, str(row.get("listed_time") or ""), fetched, reading.zone(row), fields),
        fetched_at=fetched,
        page_sha256="",
        encoding=decoded.encoding[:40],
        problems=problems,
    )


def _published(
    found: Extracted, listed: str, fetched: datetime, tz: tzinfo, fields: Mapping[str, Any]
) -> datetime | None:
    """Take the moment the source's selector picks, else the page's own.

    The listing fills a missing one, or a missing time of the same day.
    """
    picked = find_moment(str(fields.get("time_css") or ""), base=fetched, tz=tz)
    if picked:
        return picked.when
    if found.published_at and found.has_time:
        return found.published_at
    moment = find_moment(listed, base=fetched, tz=tz)
    if moment is None or found.published_at is None:
        return moment.when if moment else found.published_at
    same_day = moment.when.astimezone(tz).date() == found.published_at.astimezone(tz).date()
    return moment.when if same_day and moment.has_time else found.published_at


def _unpack(packed: bytes) -> bytes | None:
    """Unpack a page, None when it is larger than any real one."""
    raw = packing.unpack(packed, LARGEST_PAGE + 1)
    return raw if len(raw) <= LARGEST_PAGE else None


def _aware(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
