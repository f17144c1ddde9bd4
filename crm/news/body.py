"""Find the article's text. readability does the scoring; site rules and short notices are ours."""

import logging
import re
from typing import Any

from readability import Document
from readability.readability import Unparseable

from crm.news.page import Page, parse, squeeze, text_lines

_HAN = re.compile(r"[\u3400-\u9fff]")
_SITE_RULES = ('//*[@id="js_content"]',)  # WeChat keeps its article invisible until a script runs.
_SHORT = 140
_TAIL = re.compile(r"^[(（\[【]?\s*(?:责任?编辑?|编辑|审核|校对|版权所有|声明|免责声明|分享到|相关阅读|扫一扫)\s*[:：|]?.{0,40}$")
_MARKED = re.compile(r"article|content|detail|main|text|zoom|trs_editor|正文", re.IGNORECASE)
_OTHER = re.compile(r"comment|footer|header|nav|menu|related|recommend|sidebar|copyright|hot|rank|share", re.IGNORECASE)
_MOST_LINKED = 0.4

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


def find_body(page: Page) -> str:
    """Give the article's text, one paragraph per line; "" when the page has none."""
    for rule in _SITE_RULES:
        for element in page.root.xpath(rule):
            lines = text_lines(element)
            if lines:
                return _trimmed(lines)
    found = _trimmed(_readable(page))
    if len(found) >= _SHORT:
        return found
    dense = _trimmed(_dense(page))
    return dense if len(dense) > len(found) else found


def _readable(page: Page) -> list[str]:
    """Let readability choose and clean the article's element."""
    try:
        document = Document(page.markup, url=page.url or None)
        summary = document.summary(html_partial=True)
    except (Unparseable, ValueError, RecursionError):
        return []
    chosen = parse(summary, page.url)
    return text_lines(chosen.root) if chosen else []


def _dense(page: Page) -> list[str]:
    """For short notices: the element whose own paragraphs hold most unlinked Chinese text."""
    best, score = None, 0.0
    for element in page.root.iter("div", "article", "section", "td", "main"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _OTHER.search(names):
            continue
        own = sum(_weight(child) for child in element if child.tag in {"p", "span", "br", "font", "strong"})
        own += len(_HAN.findall(element.text or "")) * (1.5 if _MARKED.search(names) else 1.0)
        if own > score:
            best, score = element, own
    return text_lines(best) if best is not None else []


def _weight(element: Any) -> float:  # noqa: ANN401 - lxml has no types
    """Count Chinese characters outside links, with the text that follows the element."""
    text = squeeze(element.text_content())
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    if text and linked / len(text) > _MOST_LINKED:
        text = ""
    return float(len(_HAN.findall(text)) + len(_HAN.findall(element.tail or "")))


def _trimmed(lines: list[str]) -> str:
    """Drop lines of staff and notices at the end."""
    while lines and _TAIL.match(lines[-1]):
        lines = lines[:-1]
    return "\n".join(lines)
