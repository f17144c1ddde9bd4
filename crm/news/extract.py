"""One door to extraction: a decoded page in, its parts out. Which library does what is decided behind it."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo

from crm.news.body import find_body
from crm.news.page import parse
from crm.news.published import find_author, find_published, find_publisher
from crm.news.title import find_title

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
    moment = find_published(page, title, base=base_time, tz=tz)
    return Extracted(
        title=title,
        body=body,
        published_at=moment.when if moment else None,
        publisher=find_publisher(page, title, body),
        author=find_author(page, title),
        language_hint=_language(body or title),
        has_time=bool(moment and moment.has_time),
        problems=_problems(title, body, moment is not None),
    )


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
