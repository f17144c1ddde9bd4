"""Articles told on several pages: where the next part is, when it is a part and not the next article.

A link counts when the page calls it the next one (rel=next, 下一页, the next number) and its address is the article's
own with a later number: 1001.html, 1001_2.html, 1001-3.html, 1001/4, 1001.html?page=5.
"""

import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from parsel import Selector

from scrapers.links import join, words

MOST = 10
_NEXT = re.compile(r"(?:下一?[页頁]|后一?页|下一部分|next(?: page)?)\s*[>»›→]*|[>»›→]+", re.IGNORECASE)
_KEYS = "page|p|pageno|pagenum|pageindex|pn|curpage|part"
_GOES_ON = re.compile(rf"[_/-]\d{{1,2}}(?!\d)|[^\"'\s<>]{{0,200}}?[?&](?:amp;)?(?:{_KEYS})=\d".encode(), re.IGNORECASE)
_BARE_QUERY = re.compile(rf"[\"']\?(?:[^\"'\s<>]{{0,200}}?&)?(?:amp;)?(?:{_KEYS})=\d".encode(), re.IGNORECASE)
_QUOTED_QUERY = (b'"?', b"'?")  # what the pattern begins with; looking for it is far cheaper
_MOST_LOOKS = 400
_SHORT = 2
_PAGE_KEYS = frozenset(_KEYS.split("|"))
_NUMBERED = re.compile(r"(?P<stem>.+?)[_/-](?P<number>\d{1,2})")
_FIRST_NUMBER = 1


def may_go_on(body: bytes, url: str) -> bool:
    """Tell cheaply, without parsing, whether a page names an address that could be its next part."""
    stem = _own_name(url)
    if not stem:
        return True  # The next part may be written as a bare number, which any page has.
    if any(mark in body for mark in _QUOTED_QUERY) and _BARE_QUERY.search(body):
        return True
    place = body.find(stem)
    for _ in range(_MOST_LOOKS):
        if place < 0:
            return False
        if _GOES_ON.match(body, place + len(stem)):
            return True
        place = body.find(stem, place + len(stem))
    return True


def _own_name(url: str) -> bytes:
    """Give the last word of an article's address without its number, as links write it; b"" for a bare number."""
    parts = _split(url)
    whole = _bare(parts.path)[0] if parts else ""
    last = whole.rpartition("/")[2]
    return b"" if last.isdigit() and len(last) <= _SHORT else _stem(whole).rpartition("/")[2].encode()


def next_part(page: Selector, url: str, first: str, count: int) -> str:
    """Give the address of the part after `count` read ones, "" when there is none on this page.

    Args:
        page: the part at hand.
        url: its address.
        first: the address of the article's first part.
        count: how many parts were read, this one included.
    """
    here = _number(first, url)
    for element in page.root.iter("a", "link"):
        target = join(url, element.get("href", "")).partition("#")[0]
        there = _number(first, target) if target else None
        if there is not None and there > (here or 0) and _is_called_next(Selector(root=element), count):
            return target
    return ""


def _is_called_next(link: Selector, count: int) -> bool:
    text = words(link).strip("[]() ")
    return text == str(count + 1) or bool(_NEXT.fullmatch(text)) or "next" in link.xpath("@rel").get("").lower().split()


def _number(first: str, url: str) -> int | None:
    """Give the number an address carries when it is of the article that began at `first`, else None."""
    one, other = _split(first), _split(url)
    if one is None or other is None or (one.hostname, one.port) != (other.hostname, other.port):
        return None
    if one.path == other.path:
        own, rest = _query(one.query)
        number, others = _query(other.query)
        return (number or own) if rest == others else None
    (whole, end), (bare, ending) = _bare(one.path), _bare(other.path)
    match = _NUMBERED.fullmatch(bare)
    if match is None or one.query != other.query or ending not in {end, ""}:
        return None
    return int(match["number"]) if match["stem"] in {whole, _stem(whole)} else None


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        return None
    return parts


def _bare(path: str) -> tuple[str, str]:
    """Split a path into what is before its ending, and the ending."""
    head, dot, end = path.rstrip("/").rpartition(".")
    return (head, end.lower()) if dot and "/" not in end else (path.rstrip("/"), "")


def _stem(bare: str) -> str:
    """Give a path without the number 0 or 1 it ends on."""
    match = _NUMBERED.fullmatch(bare)
    return match["stem"] if match and int(match["number"]) <= _FIRST_NUMBER else bare


def _query(query: str) -> tuple[int, list[tuple[str, str]]]:
    """Give the page number of a query, 0 without one, and everything else in it."""
    pairs = parse_qsl(query, keep_blank_values=True)
    numbers = [int(value) for key, value in pairs if key.lower() in _PAGE_KEYS and value.isascii() and value.isdigit()]
    rest = [(key, value) for key, value in pairs if key.lower() not in _PAGE_KEYS]
    return (numbers[0] if numbers and len(pairs) > len(rest) else 0), sorted(rest)
