"""Find when and by whom a page was published, from what it shows and from its metadata."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from crm.news.dates import Moment, find_moment, moments
from crm.news.page import Page, short_text, squeeze
from crm.news.title import plain

_META_TIMES = (
    "article:published_time", "og:article:published_time", "bytedance:published_time", "og:published_time",
    "datepublished", "pubdate", "publishdate", "publish_date", "publish-date", "publication_date", "_pubtime",
    "weibo:article:create_at", "og:release_date", "apub:time", "firstcreate", "article:create_at",
    "date", "dc.date", "dc.date.issued",
)  # fmt: skip
_META_PUBLISHERS = ("contentsource", "source", "mediaid", "article:author:source", "og:article:author")
_CLASSED = re.compile(r"date|time|pub|info|source|laiyuan|from|meta|author|share|sub|about", re.IGNORECASE)
_LABEL = re.compile(r"(?:发布|发表|发稿|更新|刊发|成文|上传)?(?:时间|日期|于)\s*[:：]")
_SOURCE = re.compile(
    r"(?:文章|信息|稿件|新闻|内容)?(?:来\s*源|来源于|转自|稿源|出处|发布机构|发布单位)\s*[:：于]\s*([^\s|丨,，;；<>/\\]{2,30})"
)
_AUTHOR = re.compile(r"(?:作者|记者|撰文|通讯员)\s*[:：]\s*([\u3400-\u9fff·]{2,6}(?:[、 ][\u3400-\u9fff·]{2,6}){0,3})")
_NEXT_LABEL = re.compile(
    r"(?:\d{4}[-年/.]|责任?编辑?[:：]|编辑[:：]|作者[:：]|记者[:：]|(?:发布|更新)?(?:时间|日期)[:：]"
    r"|浏览|阅读|点击|字号|打印|查看|【|\[|\(|（|评论|分享|原标题).*$"
)
_SOURCE_LABEL = re.compile(r"^(?:文章|信息)?来源\s*[:：]?\s*")
_SOURCE_CLASS = re.compile(
    r"[\s_-](?:source|laiyuan|media[-_]?name|author[-_]?name|source[-_]?name|from)\s", re.IGNORECASE
)
_SCRIPT_MEDIA = re.compile(r"[\"'](?:media|mediaName|media_name|sourceName|source_name)[\"']\s*:\s*\"([^\"\\]{2,20})\"")
_WIRE = re.compile(r"([\u4e00-\u9fff]{1,4}[社网報报])[\u4e00-\u9fff]{2,8}\d{1,2}(?:月\d{1,2})?日[电電讯訊]")
_SEPARATORS = '\u3000 :：|·⋅—-[]【】()（）《》"“”>'
_HEADING_LINES, _MARKED_ELEMENTS, _REPEATED = 12, 5000, 8
_SHORT_LINE = 160


def find_published(page: Page, title: str, *, base: datetime, tz: tzinfo) -> Moment | None:
    """Give the moment of publication; the visible time of the same day is preferred to metadata (often a bare day)."""
    shown = next(_shown(page, title, base, tz), None)
    meta = next(_announced(page, base, tz), None)
    if not shown or not meta:
        return shown or meta
    if shown.when.date() == meta.when.date():
        return shown if shown.has_time else meta
    near = abs(shown.when - meta.when) < timedelta(days=2)
    return shown if near and shown.has_time else meta


def find_publisher(page: Page, title: str, body: str) -> str:
    """Give the name of the source the page states (来源：…, 新华社北京3月8日电), "" when it states none."""
    return next((name for name in map(_clean_name, _stated_publishers(page, title, body)) if name), "")


def _stated_publishers(page: Page, title: str, body: str) -> Iterator[str]:
    """Give what may be the publisher's name, best first."""
    for line in _near_title(page, title):
        match = _SOURCE.search(line)
        if match:
            yield match.group(1)
    for name in _META_PUBLISHERS:
        content = squeeze(page.meta.get(name, ""))
        if not content.startswith("http"):
            yield _SOURCE_LABEL.sub("", content)
    wire = _WIRE.search(body[:200])
    yield wire.group(1) if wire else ""
    for element in page.root.xpath("//body//*[@class or @id]")[:_MARKED_ELEMENTS]:
        if _SOURCE_CLASS.search(f" {element.get('class') or ''} {element.get('id') or ''} "):
            yield _SOURCE_LABEL.sub("", short_text(element, _SHORT_LINE))
    script = _SCRIPT_MEDIA.search(page.markup)
    yield script.group(1) if script else ""
    yield _linked_name(page, "publisher")


def find_author(page: Page, title: str) -> str:
    """Give the author the page states, "" when it states none."""
    for line in _near_title(page, title):
        match = _AUTHOR.search(line)
        if match:
            return match.group(1)
    return _linked_name(page, "author") or page.meta.get("author", "")[:60]


def _announced(page: Page, base: datetime, tz: tzinfo) -> Iterator[Moment]:
    """Give moments of metadata and JSON-LD, best first."""
    texts = [page.meta[name] for name in _META_TIMES if name in page.meta]
    texts += [str(item[key]) for item in page.linked_data for key in ("datePublished", "pubDate") if item.get(key)]
    texts += [element.get("datetime") for element in page.root.iter("time") if element.get("datetime")]
    for text in texts:
        moment = find_moment(text, base=base, tz=tz)
        if moment:
            yield moment


def _shown(page: Page, title: str, base: datetime, tz: tzinfo) -> Iterator[Moment]:
    """Give moments a reader sees, best first: near the title, labelled, marked by class, first in the text."""
    later: list[Moment] = []
    for line in _near_title(page, title):
        for _, moment in moments(line[:_SHORT_LINE], base=base, tz=tz):
            if moment.has_time or _LABEL.search(line):
                yield moment
            later.append(moment)
    for text in _marked(page):
        marked = find_moment(text, base=base, tz=tz)
        if marked:
            if marked.has_time:
                yield marked
            later.append(marked)
    yield from later
    for line in page.lines:
        if len(line) <= _SHORT_LINE:
            yield from (moment for _, moment in moments(line, base=base, tz=tz))


def _near_title(page: Page, title: str) -> list[str]:
    """Give the lines around the headline (where it stands last before its dateline), then the labelled ones."""
    wanted = plain(title)
    places = [number for number, line in enumerate(page.lines) if wanted and plain(line)[: len(wanted)] == wanted]
    near = [line for place in places[:_REPEATED] for line in page.lines[place + 1 : place + 1 + _HEADING_LINES]]
    near += [line for place in places[:1] for line in page.lines[max(0, place - 4) : place]]
    labelled = [
        line for line in page.lines if len(line) <= _SHORT_LINE and (_LABEL.search(line) or _SOURCE.search(line))
    ]
    return [*(line for line in near if len(line) <= _SHORT_LINE), *labelled]


def _marked(page: Page) -> Iterator[str]:
    for element in page.root.xpath("//body//*[@class or @id]")[:_MARKED_ELEMENTS]:
        if _CLASSED.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            yield short_text(element, _SHORT_LINE) if len(element) < _HEADING_LINES else ""


def _linked_name(page: Page, key: str) -> str:
    for item in page.linked_data:
        value: Any = item.get(key)
        value = value[0] if isinstance(value, list) and value else value
        name = value.get("name") if isinstance(value, dict) else value
        if isinstance(name, str) and name.strip():
            return squeeze(name)[:60]
    return ""


def _clean_name(text: str) -> str:
    """Cut a name where the next label begins; "" when no name remains."""
    name = _NEXT_LABEL.sub("", text).strip(_SEPARATORS)
    return name if 2 <= len(name) <= 30 else ""  # noqa: PLR2004 - a name has two to thirty characters
