"""Feed files for tests, written the way the spiders write them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any

from crm.news.models import CrawlRun, RunState, Source, SourceKind
from tests.support.builders import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

STORY = (
    "云岭电子股份有限公司11月18日公告，公司拟投资12亿元在云溪县新建智能终端工厂，项目占地200亩，分两期建设。",
    "一期工程计划明年三月开工，建设六条自动化产线，达产后年产值可达三十亿元，新增就业岗位一千五百个。",
    "公司董事长表示，选择云溪县是看中当地完整的电子元器件配套和便利的铁路货运，二期将视市场情况启动。",
    "云溪县有关负责人介绍，县里为项目配备了专班，从签约到拿地预计不超过六十天，用工和用能方案已经落实。",
)
SUMMARY = {"finish": "finished", "pages": 3, "seconds": 1.5, "skipped_seen": 0, "peak_memory_kb": 90000}


def page(title: str = "云岭电子拟投资12亿元建新工厂", paragraphs: Sequence[str] = STORY) -> str:
    """Return a small news page."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<html><head><meta charset='utf-8'><title>{title}_云岭日报</title></head><body><h1>{title}</h1>"
        f"<div class='info'>2026年11月18日 09:30 来源：云岭日报</div><div class='content'>{body}</div></body></html>"
    )


def article(url: str, html: str | bytes = "", **fields: Any) -> dict[str, Any]:
    """Return one article line."""
    raw = html if isinstance(html, bytes) else (html or page()).encode()
    digest = hashlib.sha256(url.encode()).hexdigest()
    row = {
        "type": "article", "url": url, "canonical_url": url, "url_hash": digest, "request_hash": digest,
        "listed_title": "", "listed_time": "", "status": 200, "headers": {}, "http_charset": None,
        "fetched_at": "2026-11-19T01:00:00+00:00", "body": base64.b64encode(zlib.compress(raw)).decode(),
        "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw), "via": "", "fields": {},
    }  # fmt: skip
    return row | fields


def failed(url: str, reason: str = "http_status", detail: str = "404") -> dict[str, Any]:
    """Return one line of a failed page."""
    return {"type": "failed", "url": url, "reason": reason, "detail": detail, "status": 404, "body": None}


def write(path: Path, rows: Sequence[dict[str, Any] | str], **summary: Any) -> Path:
    """Write a feed file; a string stands as a raw line."""
    items = sum(isinstance(row, dict) and row["type"] == "article" for row in rows)
    last = {"type": "summary", **SUMMARY, "items": items, "failed": len(rows) - items, "failures": {}, **summary}
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for row in (*rows, last):
            file.write((row if isinstance(row, str) else json.dumps(row)) + "\n")
    return path


def source(session: Session, name: str = "云岭日报", **fields: Any) -> Source:
    """Add a source."""
    values: dict[str, Any] = {"kind": SourceKind.RSS, "url": "https://news.example/rss", "options": {}}
    row = Source(name=name, created_at=NOW, **{**values, **fields})
    session.add(row)
    session.flush()
    return row


def run(session: Session, place: Source | None = None, **fields: Any) -> CrawlRun:
    """Add a run that waits to be taken in."""
    owner = place or source(session)
    row = CrawlRun(source_id=owner.id, **{"state": RunState.INGESTING, "started_at": NOW, "stats": {}, **fields})
    session.add(row)
    session.flush()
    return row
