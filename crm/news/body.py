"""Find the article's text. readability does the scoring; site rules, short notices and doubtful choices are ours."""

import logging
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from readability import Document
from readability.readability import Unparseable

from crm.news.page import Page, parse, short_text, squeeze, text_lines
from crm.news.title import plain

_HAN = re.compile(r"[\u3400-\u9fff]")
_SITE_RULES = ('//*[@id="js_content"]',)  # WeChat keeps its article invisible until a script runs.
_TAIL = re.compile(
    r"^[(（\[【]?\s*(?:(?:责任?编辑?|编辑|审核|校对|值班主任)\s*[:：|]?.{0,40}|版权所有.{0,60}|(?:免责|郑重)?声明\s*[:：].{0,200}"
    r"|分享到?.{0,20}|相关阅读|扫一扫.{0,30}|微信公众号|[\w\s]{0,12}APP)$"
)
_HEAD = re.compile(
    r"^(?:您?(?:所在的?|当前的?|现在的?)位置|首页\s*[>＞»]|.{0,40}\d{4}[-/.年]\d{1,2}[-/.月].{0,12}\d{1,2}:\d{2}"
    r"|(?:来源|作者|发布时间|时间|字号|浏览)\s*[:：])"
)
_HEAD_LINES, _HEAD_LENGTH = 6, 90
_OTHER = re.compile(r"comment|footer|header|nav|menu|related|recommend|sidebar|copyright|hot|rank|share", re.IGNORECASE)
_INLINE = {"p", "span", "br", "font", "strong", "b", "em", "a", "center"}
_MOST_LINKED = 0.4
_FEW_HAN, _SOME_HAN = 15, 30
_CLIMB, _TRIED, _SIBLINGS = 5, 5, 300
_CLEARLY_ABOUT, _MUCH_MORE, _LOOKED_AT = 0.5, 0.3, 3000
_HEADINGS = "//body//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::div or self::span or self::p]"

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


def find_body(page: Page, title: str) -> str:
    """Give the article's text, one paragraph per line; "" when the page has none."""
    for rule in _SITE_RULES:
        for element in page.root.xpath(rule):
            lines = text_lines(element)
            if lines:
                return _trimmed(lines, title)
    best = _trimmed(_readable(page), title)
    share = about(best, title)
    if share >= _CLEARLY_ABOUT and len(best) >= _FEW_HAN:
        return best
    for second in (_dense, _below_title):
        text = _trimmed(second(page, title), title)
        other = about(text, title)
        if other > share + _MUCH_MORE or not best:
            best, share = text, other
    return best


def about(text: str, title: str) -> float:
    """Give the share of the headline's character pairs that a text repeats, 0 to 1: is it the headline's article?

    Lines that are little more than the headline itself say nothing and are left out.
    """
    wanted = plain(title)
    lines = (plain(line) for line in text[:_LOOKED_AT].split("\n"))
    body = " ".join(line for line in lines if wanted not in line or len(line) > 2 * len(wanted))
    pairs = {wanted[number : number + 2] for number in range(len(wanted) - 1)}
    return sum(pair in body for pair in pairs) / len(pairs) if pairs else 1.0


def _readable(page: Page) -> list[str]:
    """Let readability choose and clean the article's element."""
    try:
        summary = Document(page.markup, url=page.url or None).summary(html_partial=True)
    except (Unparseable, ValueError, RecursionError):
        return []
    chosen = parse(summary, page.url)
    return text_lines(chosen.root) if chosen else []


def _below_title(page: Page, title: str) -> list[str]:
    """Give the first text with some unlinked Chinese among the siblings below the headline or its ancestors."""
    for heading in _title_elements(page, title):
        element = heading
        for _ in range(_CLIMB):
            if element is None or element.tag == "body":
                break
            lines = [line for sibling in islice(element.itersiblings(), _SIBLINGS) for line in _own_lines(sibling)]
            if sum(len(_HAN.findall(line)) for line in lines) >= _SOME_HAN:
                return lines
            element = element.getparent()
    return []


def _title_elements(page: Page, title: str) -> Iterator[Any]:
    """Give the innermost elements whose whole text is the headline."""
    wanted = plain(title)
    longest = 2 * len(title) + 20
    same = (
        element for element in page.root.xpath(_HEADINGS) if wanted and plain(short_text(element, longest)) == wanted
    )
    yield from islice(same, _TRIED)


def _own_lines(element: Any) -> list[str]:  # noqa: ANN401 - lxml has no types
    """Give the lines of one sibling, none when it is links, navigation or a comment."""
    if not isinstance(element.tag, str) or _OTHER.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
        return []
    text = element.text_content()
    if element.tag not in _INLINE and _weight(element) < _FEW_HAN:
        return []
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return [] if text.strip() and linked / len(text) > _MOST_LINKED else text_lines(element)


def _dense(page: Page, _title: str) -> list[str]:
    """For short notices: the element whose own paragraphs hold most unlinked Chinese text."""
    best, score = None, 0
    for element in page.root.iter("div", "article", "section", "td", "main"):
        if not _OTHER.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            own = sum(_weight(child) for child in element if child.tag in _INLINE)
            own += len(_HAN.findall(element.text or ""))
            if own > score:
                best, score = element, own
    return text_lines(best) if best is not None else []


def _weight(element: Any) -> int:  # noqa: ANN401 - lxml has no types
    """Count Chinese characters outside links, with the text that follows the element."""
    text = squeeze(element.text_content())
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    if text and linked / len(text) > _MOST_LINKED:
        text = ""
    return len(_HAN.findall(text)) + len(_HAN.findall(element.tail or ""))


def _trimmed(lines: list[str], title: str) -> str:
    """Drop the headline and its dateline at the beginning, lines of staff and notices at the end."""
    wanted, first = plain(title), 0
    for number, line in enumerate(lines[:_HEAD_LINES]):
        if plain(line) == wanted or (len(line) <= _HEAD_LENGTH and _HEAD.match(line)):
            first = number + 1
    kept = lines[first:]
    while kept and _TAIL.match(kept[-1]):
        kept = kept[:-1]
    return "\n".join(kept)
