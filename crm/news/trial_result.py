"""What a test run shows: the lists it read, the first links, a few articles, and why nothing came."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm.news.dates import find_moment
from crm.news.extract import CHINA
from crm.news.pages import LostPage, ReadPage, clean, read_row
from crm.news.sources import crawl_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

MOST_LINKS, MOST_LISTS, MOST_ARTICLES, MOST_FAILURES = 12, 3, 3, 20
SHOWN_BODY = 1500
_LINE = 300
_REFUSED = re.compile(r"url: .*(?:not a public address|is a local name|in disguise|is not 80 or 443)")  # the guard


def result(
    rows: Iterable[Mapping[str, Any] | None], exit_status: int, detail: str, options: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Boil the feed of a test run down to what its page shows; everything in it is bounded."""
    lists, articles, failures = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    summary: Mapping[str, Any] | None = None
    for row in rows:
        kind = row.get("type") if row else None
        if row is None or kind is None:
            continue
        if kind == "listing" and len(lists) < MOST_LISTS:
            lists.append(_listing(row, _zone(options), now))
        elif kind == "summary":
            summary = row
        elif kind in {"article", "failed"}:
            read = read_row(row)
            if isinstance(read, LostPage):
                failures.append(_failure(read))
            elif len(articles) < MOST_ARTICLES:
                articles.append(_article(read, row))
    problem = crawl_problem(exit_status, summary)
    if problem == "bad_spec" and _REFUSED.search(detail):
        problem = "refused_address"
    if problem is None and not articles:
        problem = failures[0]["reason"] if failures else "nothing_found"
    return {
        "problem": problem,
        "detail": clean(detail, _LINE),
        "lists": lists,
        "articles": articles,
        "failures": failures[:MOST_FAILURES],
        **_figures(summary or {}),
    }


def _figures(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {key: summary.get(key) or 0 for key in ("requests", "seconds", "bytes", "robots_denied")}


def _listing(row: Mapping[str, Any], tz: tzinfo, now: datetime) -> dict[str, Any]:
    links = [link for link in row.get("links") or () if isinstance(link, dict)]
    return {
        "url": clean(row.get("url"), _LINE),
        "found": int(row.get("found") or 0),
        "excluded": int(row.get("excluded") or 0),
        "size": int(row.get("size") or 0),
        "page_links": int(row.get("page_links") or 0),
        "scripts": int(row.get("scripts") or 0),
        "drawn_by_scripts": bool(row.get("drawn_by_scripts")),
        "further": [clean(url, _LINE) for url in row.get("further") or ()],
        "feeds": [clean(url, _LINE) for url in row.get("feeds") or ()],
        "suggestions": [_suggestion(found) for found in row.get("suggestions") or () if isinstance(found, dict)],
        "links": [_link(link, tz, now) for link in links[:MOST_LINKS]],
    }


def _suggestion(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "selector": clean(found.get("selector"), _LINE),
        "count": int(found.get("count") or 0),
        "timed": int(found.get("timed") or 0),
        "examples": [clean(text, 60) for text in found.get("examples") or ()][:3],
    }


def _link(link: Mapping[str, Any], tz: tzinfo, now: datetime) -> dict[str, Any]:
    raw = clean(link.get("time"), 60)
    moment = find_moment(raw, base=now, tz=tz) if raw else None
    return {
        "url": clean(link.get("url"), _LINE),
        "title": clean(link.get("title"), 120),
        "time": raw,
        "at": moment.when.isoformat() if moment else None,
    }


def _article(read: ReadPage, row: Mapping[str, Any]) -> dict[str, Any]:
    fields = row.get("fields") or {}
    return {
        "url": read.url,
        "title": read.title,
        "publisher": read.publisher,
        "at": read.published_at.isoformat() if read.published_at else None,
        "body": read.body[:SHOWN_BODY],
        "length": len(read.body),
        "encoding": read.encoding,
        "parts": 1 + len(row.get("parts") or ()),
        "problems": list(read.problems),
        "picked": sorted(key for key in ("title_css", "body_css", "time_css") if fields.get(key)),
    }


def _failure(read: LostPage) -> dict[str, Any]:
    return {"url": clean(read.url, _LINE), "reason": read.reason, "detail": clean(read.detail, _LINE)}


def _zone(options: Mapping[str, Any]) -> tzinfo:
    name = str(options.get("timezone") or "")
    return ZoneInfo(name) if name else CHINA
