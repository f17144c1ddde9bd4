"""Find the headline: the heading that the title element repeats, else the title element without the site's name."""

import re
import unicodedata
from collections.abc import Iterator

from crm.news.page import Page, short_text, squeeze

_CUT = re.compile(r"\s*(?:[_|｜丨]|\s[-–—·»>]+\s|--+|—{2,}|(?<=[\u3400-\u9fff\W])[-–](?=[\u3400-\u9fff]))\s*")
_PLAIN = re.compile(r"[\W_]+")
_NAMED = re.compile(r"title|headline|tit\b|biaoti|artitle", re.IGNORECASE)
_SHORTEST, _TELLING, _LONGEST = 4, 8, 150


def find_title(page: Page) -> str:
    """Give the headline, "" when the page has none."""
    whole = plain(page.title_tag)
    best = ""
    for text in _headings(page):
        if _SHORTEST <= len(text) <= _LONGEST and _repeats(plain(text), whole) and len(text) > len(best):
            best = text
    if best:
        return best
    announced = _announced(page)
    if len(plain(announced)) >= _TELLING:
        return announced
    return _longest_heading(page) or announced or page.title_tag


def plain(text: str) -> str:
    """Give a text without width, case, spaces and punctuation, to compare."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", text)).lower()


def _repeats(text: str, whole: str) -> bool:
    """Tell whether the title element begins with (or holds) a heading, allowing for a cut end."""
    if not text or not whole:
        return False
    return len(text) >= _SHORTEST and text in whole and (whole.startswith(text) or len(text) * 3 >= len(whole))


def _headings(page: Page) -> Iterator[str]:
    for element in page.root.iter("h1", "h2", "h3"):
        yield short_text(element, _LONGEST)
    for element in page.root.xpath(
        "//*[self::div or self::span or self::p or self::td or self::strong][@class or @id]"
    ):
        if _NAMED.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            yield short_text(element, _LONGEST)


def _announced(page: Page) -> str:
    """Give the title of metadata or the title element, without the names of site and section."""
    for name in ("og:title", "twitter:title", "title", "articletitle"):
        text = squeeze(page.meta.get(name, ""))
        if len(text) >= _SHORTEST:
            return without_site(text)
    return without_site(page.title_tag)


def without_site(text: str) -> str:
    """Cut "headline_section_site" down to the headline."""
    parts = [part for part in _CUT.split(text) if part]
    if not parts:
        return text
    first = parts[0]
    return first if len(plain(first)) >= _SHORTEST or len(parts) == 1 else max(parts, key=len)


def _longest_heading(page: Page) -> str:
    """Give the h1 that says most, else a lesser heading: for pages whose title element names the section only."""
    for tags in (("h1",), ("h2", "h3", "h4", "h5")):
        texts = [short_text(element, _LONGEST) for element in page.root.iter(*tags)]
        telling = [text for text in texts if len(plain(text)) >= _TELLING]
        if telling:
            return max(telling, key=len)
    return ""
