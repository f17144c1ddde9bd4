"""What a listing held, for a person who tries a source: the links, and when there are none, what would help."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from parsel import Selector
from scrapy.http import Response

from scrapers.links import join
from scrapers.suggest import suggest
from scrapers.text import read_text

MOST_LINKS = 30
_LONGEST_TITLE, _LONGEST_URL = 200, 2000
_FEEDS = "link[rel~=alternate][type*=rss], link[rel~=alternate][type*=atom], link[rel~=alternate][type*='feed+json']"
_THIN_TEXT, _FEW_LINKS = 400, 8


@dataclass(slots=True)
class ListingReport:
    """One listing: how it came, what it named, what the page looks like."""

    url: str
    status: int
    size: int
    content_type: str
    found: int
    excluded: int
    links: list[dict[str, str]]
    further: list[str]
    page_links: int = 0
    scripts: int = 0
    drawn_by_scripts: bool = False
    feeds: list[str] = field(default_factory=list)
    suggestions: list[dict[str, Any]] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Give the line of the feed file."""
        return {"type": "listing", **asdict(self)}


def report(
    response: Response, links: Sequence[tuple[str, str, str]], further: Sequence[str], excluded: int, encoding: str
) -> ListingReport:
    """Describe a listing; `links` are address, title and raw time of what it names."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")[:100]
    shown = [_shown(*link) for link in links[:MOST_LINKS]]
    made = ListingReport(
        url=response.url,
        status=response.status,
        size=len(response.body),
        content_type=kind,
        found=len(links),
        excluded=excluded,
        links=shown,
        further=list(further)[:5],
    )
    if b"<html" in response.body[:4096].lower() or "html" in kind:
        _describe(made, Selector(text=read_text(response, encoding) or " "), response.url)
    return made


def _shown(url: str, title: str, when: str) -> dict[str, str]:
    return {"url": url[:_LONGEST_URL], "title": title[:_LONGEST_TITLE], "time": when[:60]}


def _describe(made: ListingReport, page: Selector, url: str) -> None:
    made.page_links, made.scripts = len(page.css("a[href]")), len(page.css("script"))
    text = "".join(page.xpath("//body//text()[not(parent::script or parent::style)]").getall())
    thin = len("".join(text.split())) < _THIN_TEXT or made.page_links < _FEW_LINKS
    made.suggestions = [found.row() for found in suggest(page, url)]
    made.drawn_by_scripts = bool(made.scripts) and thin and not made.suggestions
    made.feeds = [feed for href in page.css(_FEEDS).xpath("@href").getall() if (feed := join(url, href))][:5]
