"""Small readings of a link on a list page: its address, its words, the moment written in its row."""

import re
from urllib.parse import urljoin

from parsel import Selector

# Only finds where a moment stands in the row; the application reads it.
_TIME = re.compile(
    r"(?:\d{4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|(?:今天|昨天|前天)\s*(?:\d{1,2}:\d{2})?|\d+\s*(?:分钟|小时|天)前|刚刚|\b\d{1,2}:\d{2}\b",
)
_ROW = "ancestor::*[self::li or self::tr or self::dl or self::article or self::div or self::p][1]"
_LONGEST_ROW = 400


def join(base: str, href: str) -> str:
    """Give the absolute http(s) address of a link, "" for anything else (javascript:, mailto:, malformed)."""
    try:
        url = urljoin(base, href.strip()) if href.strip() else ""
        url.encode()  # half a character, as JSON may spell it, is no address
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def address(base: str, link: Selector) -> str:
    """Give where a link leads, "" when it is no page."""
    return join(base, link.xpath("@href").get(""))


def words(link: Selector) -> str:
    """Give the text of a link, or the title it carries when that is longer."""
    text = " ".join(link.xpath("string()").get("").split())
    title = " ".join(link.xpath("@title").get("").split())
    return title if len(title) > len(text) or not text else text


def row_time(link: Selector, title: str) -> str:
    """Find the written moment in the row around a link, outside its title."""
    row = " ".join(link.xpath(_ROW).xpath("string()").get("").split())
    if not row or len(row) > _LONGEST_ROW:
        return ""
    match = _TIME.search(row.replace(title, " ", 1))
    return match.group().strip() if match else ""
