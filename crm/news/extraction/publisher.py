"""Find by whom a page was published: 来源：…, the name beside the date, metadata, the agency of the first line."""

import re
from collections.abc import Iterator
from typing import Any

from crm.news.extraction.dateline import SHORT_LINE, SOURCE_LABEL, Surroundings
from crm.news.extraction.page import Page, short_text, squeeze

_META = ("contentsource", "source", "mediaid", "article:author:source", "og:article:author")
_STATED = re.compile(SOURCE_LABEL.pattern + r"[\s\[【（(《“\"]*([^\s|丨,，;；<>/\\]{2,30})")
_AUTHOR = re.compile(r"(?:作者|记者|撰文|通讯员)\s*[:：]\s*([\u3400-\u9fff·]{2,6}(?:[、 ][\u3400-\u9fff·]{2,6}){0,3})")
_NEXT_LABEL = re.compile(
    r"(?:\d{4}[-年/.]|责任?编辑?[:：]|编辑[:：]|作者[:：]|记者[:：]|(?:发布|更新)?(?:时间|日期)[:：]"
    r"|浏览|阅读|点击|字号|打印|查看|【|\[|\(|（|评论|分享|原标题).*$"
)
_LABEL = re.compile(r"^(?:文章|信息)?来源\s*[:：]?\s*")
_CLASSED = re.compile(
    r"[\s_-](?:source|laiyuan|media[-_]?name|author[-_]?name|source[-_]?name|from)\s",
    re.IGNORECASE,
)
_SCRIPTED = re.compile(r"[\"'](?:media|mediaName|media_name|sourceName|source_name)[\"']\s*:\s*\"([^\"\\]{2,20})\"")
_WIRE = re.compile(r"([\u4e00-\u9fff]{1,4}[社网報报])[\u4e00-\u9fff]{2,8}\d{1,2}(?:月\d{1,2})?日[电電讯訊]")
_MOMENT = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?\s*(?:星期.)?[\s|,T]*(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)
_OTHER_LABELS = re.compile(
    r"[\u4e00-\u9fff]{2,4}\s*[:：]\s*\S*|https?://\S+|\b[\w.-]+\.(?:com|cn|net|org)\S*", re.IGNORECASE
)
_BESIDE = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9·]{0,14}(?:[报報社网網]|日报|晚报|时报|周刊|杂志|电视台|广播|新闻|财经|在线|新闻|报道|发布|视界|观察|客户端"
    r"|[政人]府|[委局办厅署院部]|委员会|协会|中心|快讯|融媒)$"
)
_SEPARATORS = '\u3000 :：|·⋅—-[]【】()（）《》"“”>'
_ACCOUNT = "js_name"  # the name of a WeChat account
_MARKED_ELEMENTS = 5000


def find_publisher(page: Page, around: Surroundings, body: str) -> str:
    """Give the name of the source the page states (来源：…, 新华社北京3月8日电), "" when it states none."""
    return next((name for name in map(_clean, _stated(page, around, body)) if name), "")


def find_author(page: Page, around: Surroundings) -> str:
    """Give the author the page states, "" when it states none."""
    for line in around.all:
        match = _AUTHOR.search(line)
        if match:
            return match.group(1)
    return _linked_name(page, "author") or page.meta.get("author", "")[:60]


def _stated(page: Page, around: Surroundings, body: str) -> Iterator[str]:
    """Give what may be the publisher's name, best first."""
    if _ACCOUNT in page.markup:
        yield from (short_text(element, SHORT_LINE) for element in page.root.xpath(f'//*[@id="{_ACCOUNT}"]'))
    yield from _labelled(around.below)
    for name in _META:
        content = squeeze(page.meta.get(name, ""))
        if not content.startswith("http"):
            yield _LABEL.sub("", content)
    for line in around.below:
        yield from _beside_date(line)
    yield from _labelled([*around.labelled, *around.above])
    for line in around.above:
        yield from _beside_date(line)
    wire = _WIRE.search(body[:200])
    yield wire.group(1) if wire else ""
    for element in page.root.xpath("//body//*[@class or @id]")[:_MARKED_ELEMENTS]:
        if _CLASSED.search(f" {element.get('class') or ''} {element.get('id') or ''} "):
            yield _LABEL.sub("", short_text(element, SHORT_LINE))
    script = _SCRIPTED.search(page.markup)
    yield script.group(1) if script else ""
    yield _linked_name(page, "publisher")
    yield squeeze(page.meta.get("og:site_name", ""))


def _labelled(lines: list[str]) -> Iterator[str]:
    return (match.group(1) for match in map(_STATED.search, lines) if match)


def _beside_date(line: str) -> Iterator[str]:
    """Give names of media and offices that stand in a dateline without a label; what follows the date first."""
    match = _MOMENT.search(line)
    if match:
        for part in (line[match.end() :], line[: match.start()]):
            yield from (word for word in _OTHER_LABELS.sub(" ", part).split() if _BESIDE.fullmatch(_clean(word)))


def _linked_name(page: Page, key: str) -> str:
    for item in page.linked_data:
        value: Any = item.get(key)
        value = value[0] if isinstance(value, list) and value else value
        name = value.get("name") if isinstance(value, dict) else value
        if isinstance(name, str) and name.strip():
            return squeeze(name)[:60]
    return ""


def _clean(text: str) -> str:
    """Cut a name where the next label begins; "" when no name remains."""
    name = _NEXT_LABEL.sub("", text).strip(_SEPARATORS)
    return name if 2 <= len(name) <= 30 else ""  # noqa: PLR2004 - a name has two to thirty characters
