"""Articles exported from 公众号 as rows (JSON, JSON lines, CSV): which column is what, and a page out of a row."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from crm.news.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_CELLS = 2 * 1024 * 1024
DEEPEST = 6
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "标题", "文章标题", "name"),
    "url": ("url", "link", "链接", "文章链接", "原文链接", "content_url", "short_link", "article_url"),
    "time": (
        "发布时间", "发布日期", "publish_time", "publishtime", "pub_time", "create_time", "createtime", "update_time",
        "datetime", "date", "time", "时间", "日期",
    ),
    "account": (
        "公众号", "公众号名称", "account", "account_name", "nickname", "nick_name", "mp_name", "来源", "source",
    ),
    "content": (
        "content", "html", "content_noencode", "正文", "内容", "全文", "文章内容", "text", "body", "markdown",
    ),
}  # fmt: skip
_SECONDS, _MILLISECONDS = 946_684_800, 1_000_000_000_000  # from the year 2000


@dataclass(frozen=True, slots=True)
class Record:
    """One exported article: what its row says of it; a page of its own when it came as one."""

    url: str = ""
    title: str = ""
    time: str = ""
    page: bytes = b""
    problem: str = ""
    name: str = ""


def from_json(raw: bytes, name: str) -> Iterator[Record]:
    """Read a JSON file: a list of articles, at any place in it, or one article a line."""
    text = decode(raw).text.lstrip("\ufeff")
    try:
        rows = _rows(json.loads(text), 0)
    except (ValueError, RecursionError):
        rows = _lines(text)
    if not rows:
        yield Record(problem="bad_export", name=name)
    for row in rows:
        yield of_row(row, name)


def from_csv(raw: bytes, name: str) -> Iterator[Record]:
    """Read a CSV file with a head of column names."""
    text = decode(raw).text.lstrip("\ufeff")
    csv.field_size_limit(MOST_CELLS)
    head = text.partition("\n")[0]
    divider = max((",", "\t", ";"), key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=divider)
    try:
        if not _knows(rows.fieldnames or ()):
            yield Record(problem="bad_export", name=name)
            return
        for row in rows:
            yield of_row(row, name)
    except csv.Error:
        yield Record(problem="bad_export", name=name)


def of_row(row: Mapping[Any, Any], name: str) -> Record:
    """Make a page out of one row; a row without a text says so."""
    told = {key: _cell(row, names) for key, names in _COLUMNS.items()}
    when, content = moment(told["time"]), told["content"]
    problem = "" if content else "no_content"
    page = _page(told["title"], when, told["account"], content).encode(errors="replace") if content else b""
    return Record(told["url"], " ".join(told["title"].split()), when, page, problem, name)


def moment(value: str) -> str:
    """Give a moment counted in seconds or milliseconds as a written one."""
    plain = value.strip()
    if not plain.isascii() or not plain.isdigit() or len(plain) not in {10, 13}:
        return plain
    number = int(plain)
    number = number // 1000 if number >= _MILLISECONDS else number
    return datetime.fromtimestamp(number, UTC).isoformat() if number >= _SECONDS else plain


def _page(title: str, when: str, account: str, content: str) -> str:
    looks_marked = "<" in content and ">" in content
    lines = content.splitlines() if not looks_marked else []
    body = content if looks_marked else "".join(f"<p>{escape(line)}</p>" for line in lines if line.strip())
    source = f" 来源：{escape(account)}" if account else ""
    return (
        f"<html><head><meta charset='utf-8'><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>"
        f"<div class='info'>{escape(when)}{source}</div>"
        f"<div id='js_content' class='rich_media_content'>{body}</div></body></html>"
    )


def _cell(row: Mapping[Any, Any], names: tuple[str, ...]) -> str:
    folded = {str(key).strip().lower(): value for key, value in row.items() if key is not None}
    for name in names:
        value = folded.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _knows(heads: Any) -> bool:  # noqa: ANN401 - names of columns
    folded = {str(head).strip().lower() for head in heads}
    return bool(folded & {*_COLUMNS["title"], *_COLUMNS["content"]})


def _rows(data: Any, depth: int) -> list[dict[Any, Any]]:  # noqa: ANN401 - JSON
    """Find the longest list of objects that look like articles; a lone object is one."""
    if depth > DEEPEST:
        return []
    if isinstance(data, list):
        rows = [row for row in data if isinstance(row, dict) and _knows(row)]
        return rows or max((_rows(row, depth + 1) for row in data[:100]), key=len, default=[])
    if not isinstance(data, dict):
        return []
    inner = max(
        (_rows(value, depth + 1) for value in data.values() if isinstance(value, list | dict)), key=len, default=[]
    )
    return inner or ([data] if _knows(data) else [])


def _lines(text: str) -> list[dict[Any, Any]]:
    found = []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        found += [row] if isinstance(row, dict) and _knows(row) else []
    return found
