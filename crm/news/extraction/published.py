"""Find when a page was published, from what it shows and from its metadata."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from crm.news.dates import Moment, find_moment, moments
from crm.news.extraction.dateline import SHORT_LINE, TIME_LABEL, Surroundings, is_dateline
from crm.news.extraction.page import Page, short_text

_META_TIMES = (
    "article:published_time", "og:article:published_time", "bytedance:published_time", "og:published_time",
    "datepublished", "pubdate", "publishdate", "publish_date", "publish-date", "publication_date", "_pubtime",
    "weibo:article:create_at", "og:release_date", "apub:time", "firstcreate", "article:create_at",
    "date", "dc.date", "dc.date.issued",
)  # fmt: skip
_CLASSED = re.compile(r"date|time|pub|info|source|laiyuan|from|meta|author|share|sub|about", re.IGNORECASE)
_SCRIPT_TIME = re.compile(
    r"\b(?:publish_?time|pub_?time|pub_?date|publish_?date|date_?published|create_?time|ptime|ct)[\"']?\s*[:=]\s*"
    r"[\"'](\d{10}|\d{13}|(?:19|20)\d\d[-/年][^\"'<>]{3,25})[\"']",
    re.IGNORECASE,
)
_SENTENCE = re.compile("[。，；！？]")
_URL_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MARKED_ELEMENTS, _MOST_PARTS, _ALONE = 5000, 12, 40


def find_published(page: Page, around: Surroundings, *, base: datetime, tz: tzinfo) -> Moment | None:
    """Give the moment of publication; the visible time of the same day is preferred to metadata (often a bare day)."""
    shown = next(_shown(page, around, base, tz), None)
    meta = next(_announced(page, base, tz), None)
    if not shown or not meta:
        return shown or meta or _scripted(page, base, tz) or _addressed(page, base, tz) or _mentioned(page, base, tz)
    if shown.when.date() == meta.when.date():
        return shown if shown.has_time else meta
    near = abs(shown.when - meta.when) < timedelta(days=2)
    return shown if near and shown.has_time else meta


def _announced(page: Page, base: datetime, tz: tzinfo) -> Iterator[Moment]:
    """Give moments of metadata and JSON-LD, best first."""
    texts = [page.meta[name] for name in _META_TIMES if name in page.meta]
    texts += [str(item[key]) for item in page.linked_data for key in ("datePublished", "pubDate") if item.get(key)]
    texts += [element.get("datetime") for element in page.root.iter("time") if element.get("datetime")]
    for text in texts:
        moment = find_moment(text, base=base, tz=tz)
        if moment:
            yield moment


def _scripted(page: Page, base: datetime, tz: tzinfo) -> Moment | None:
    """Give the moment a script would write into the page (public accounts do so)."""
    found = (find_moment(match.group(1), base=base, tz=tz) for match in _SCRIPT_TIME.finditer(page.markup))
    return next((moment for moment in found if moment), None)


def _addressed(page: Page, base: datetime, tz: tzinfo) -> Moment | None:
    """Give the day in the address of the page."""
    match = _URL_DAY.search(page.url)
    return find_moment("-".join(match.groups()), base=base, tz=tz) if match else None


def _mentioned(page: Page, base: datetime, tz: tzinfo) -> Moment | None:
    """Give the first date that stands (nearly) alone on a line; one inside a sentence says nothing of the page."""
    for line in page.lines:
        if len(line) <= _ALONE and not _SENTENCE.search(line):
            found = next((moment for _, moment in moments(line, base=base, tz=tz)), None)
            if found:
                return found
    return None


def _shown(page: Page, around: Surroundings, base: datetime, tz: tzinfo) -> Iterator[Moment]:
    """Give moments a reader sees, best first: near the title, labelled, marked by class, first in the text."""
    later: list[Moment] = []
    for line in around.all:
        for _, moment in moments(line, base=base, tz=tz):
            if moment.has_time or TIME_LABEL.search(line):
                yield moment
            later.append(moment)
    if not later:
        spoken = (find_moment(line, base=base, tz=tz) for line in around.all if is_dateline(line))
        later += [moment for moment in spoken if moment]
        yield from (moment for moment in later if moment.has_time)
    for text in _marked(page):
        marked = find_moment(text, base=base, tz=tz)
        if marked:
            if marked.has_time:
                yield marked
            later.append(marked)
    yield from later


def _marked(page: Page) -> Iterator[str]:
    for element in page.root.xpath("//body//*[@class or @id]")[:_MARKED_ELEMENTS]:
        if _CLASSED.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            yield short_text(element, SHORT_LINE) if len(element) < _MOST_PARTS else ""
