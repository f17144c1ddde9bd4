"""Write exported articles as a feed file, so that they go the same road as crawled pages."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from crm.news import packing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from crm.news.exported.records import Record

WECHAT = "mp.weixin.qq.com"
_OF_AN_ARTICLE = ("__biz", "mid", "idx", "sn")
_LINES = 40


def write(
    records: Iterable[Record], path: Path, *, upload: str, now: datetime, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Write the articles of an upload as a feed; return its summary. The file gets its name only when it is whole."""
    part = path.with_name(path.name + ".part")
    counts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    lines: list[str] = []
    with part.open("wb") as out:
        for record in records:
            row = line(record, now)
            counts[row["type"]] += 1
            failures.update([row["reason"]] if row["type"] == "failed" else [])
            lines.append(_dump(row))
            if len(lines) >= _LINES:
                _member(out, lines)
                progress(counts.total())
        _member(out, lines)
        summary = {
            "type": "summary", "finish": "finished", "items": counts["article"], "failed": counts["failed"],
            "failures": dict(failures), "pages": counts.total(), "kind": "export", "upload": upload,
            "finished_at": now.isoformat(),
        }  # fmt: skip
        _member(out, [_dump(summary)])
    part.replace(path)
    return summary


def line(record: Record, now: datetime) -> dict[str, Any]:
    """Give the line of one article; one that cannot be read is a failed page with its name."""
    if record.problem:
        url = record.url if record.url.startswith(("http://", "https://")) else f"export:{record.name}"
        return {"type": "failed", "url": url, "reason": record.problem, "detail": record.name, "body": None}
    digest = hashlib.sha256(record.page).hexdigest()
    url = address(record.url) or f"export:{digest[:16]}/{record.name}"[:1900]
    key = hashlib.sha256(url.encode()).hexdigest()
    picked = {"title_css": record.title, "time_css": record.time}
    return {
        "type": "article", "url": url, "canonical_url": url, "url_hash": key, "request_hash": key,
        "listed_title": record.title, "listed_time": record.time, "status": 200, "headers": {}, "http_charset": None,
        "fetched_at": now.isoformat(), "body": base64.b64encode(packing.pack(record.page)).decode(),
        "sha256": digest, "size": len(record.page), "via": record.name,
        "fields": {name: value for name, value in picked.items() if value},
    }  # fmt: skip


def address(url: str) -> str:
    """Give one spelling of an article's address, "" for none: of 公众号 only what names the article."""
    try:
        parts = urlsplit(url.strip())
        url.encode()
        usable = url.isprintable() and parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    if not usable:
        return ""
    query = parse_qsl(parts.query, keep_blank_values=True)
    if parts.hostname == WECHAT:
        query = [(key, value) for key, value in query if key in _OF_AN_ARTICLE]
        parts = parts._replace(scheme="https")
    return parts._replace(query=urlencode(sorted(query)), fragment="").geturl()


def _member(out: Any, lines: list[str]) -> None:  # noqa: ANN401 - a binary file
    if lines:
        out.write(gzip.compress("".join(lines).encode(errors="replace"), 1))
    lines.clear()


def _dump(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
