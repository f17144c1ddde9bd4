"""One door to extraction: a decoded page in, its parts out. Which library does what is decided behind it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo

from crm.news.extraction.body import find_body
from crm.news.extraction.dateline import surroundings
from crm.news.extraction.page import parse
from crm.news.extraction.published import find_published
from crm.news.extraction.publisher import find_author, find_publisher
from crm.news.extraction.title import find_title

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_THIN = 50


@dataclass(frozen=True, slots=True)
class Extracted:
    """Parts of a page; empty text or None where the page has none. `problems` are stable keys."""

    title: str
    body: str
    published_at: datetime | None
    publisher: str
    author: str
    language_hint: str
    has_time: bool = False
    problems: tuple[str, ...] = field(default=())


def extract(html: str, url: str, *, base_time: datetime, tz: tzinfo = CHINA) -> Extracted:
    """Take the parts out of a decoded page; never raises for bad markup.

    Args:
        html: the page as text (see `crm.news.decode`).
        url: its address, "" when unknown.
        base_time: aware present, against which "3小时前" is read.
        tz: the zone of times without one.
    """
    page = parse(html, url)
    if page is None:
        return Extracted("", "", None, "", "", "", problems=("no_markup",))
    title = find_title(page)
    body = find_body(page, title)
    around = surroundings(page, title, body)
    moment = find_published(page, around, base=base_time, tz=tz)
    return Extracted(
        title=title,
        body=body,
        published_at=moment.when if moment else None,
        publisher=find_publisher(page, around, body),
        author=find_author(page, around),
        language_hint=_language(body or title),
        has_time=bool(moment and moment.has_time),
        problems=_problems(title, body, moment is not None),
    )


def extract_parts(parts: Sequence[str], url: str, *, base_time: datetime, tz: tzinfo = CHINA) -> Extracted:
    """Take an article out of its several pages, in order: everything of the first, and the bodies of the others."""
    first, *others = (extract(html, url, base_time=base_time, tz=tz) for html in parts or ("",))
    return replace(first, body=joined([first.body, *(other.body for other in others)]))


def joined(bodies: Sequence[str]) -> str:
    """Join the bodies of parts; a paragraph all of them carry (a lead, a note) is kept once."""
    seen: set[str] = set()
    lines: list[str] = []
    for body in bodies:
        own = body.split("\n")
        lines += [line for line in own if line not in seen]
        seen.update(own)
    return "\n".join(lines).strip()


def _problems(title: str, body: str, dated: bool) -> tuple[str, ...]:  # noqa: FBT001 - private, named at its one call
    checks = (
        ("no_title", not title),
        ("no_body", not body),
        ("thin_body", bool(body) and len(body) < _THIN),
        ("no_time", not dated),
    )
    return tuple(key for key, present in checks if present)


def _language(text: str) -> str:
    """Guess zh, ja or en from the script of a text; "" for an empty one."""
    sample = text[:2000]
    if not sample:
        return ""
    if len(_KANA.findall(sample)) * 10 > len(sample):
        return "ja"
    return "zh" if len(_HAN.findall(sample)) * 5 > len(sample) else "en"
