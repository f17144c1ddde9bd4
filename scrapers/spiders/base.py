"""The spider that acts; its children declare how a listing is read.

A listing (feed, sitemap, list page) yields links to articles, links to further listings, or a failure. Everything else,
limits, hashes already seen, content types, packing, failures, happens here once.
"""

import hashlib
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from scrapers.failures import failed_download
from scrapers.items import ArticlePage, FailedPage, Reason, normal_url, pack, pack_sample, url_hash
from scrapers.job import Job
from scrapers.text import http_charset, read_text

_HTML_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "")
_KEPT_HEADERS = ("content-type", "content-length", "last-modified", "etag", "date", "server", "content-language")


@dataclass(frozen=True, slots=True)
class Listed:
    """A link to an article with what the listing says about it (raw strings)."""

    url: str
    title: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Further:
    """A link to one more listing (next page, sitemap of an index)."""

    url: str


Found = Listed | Further | FailedPage


class NewsSpider(Spider):
    """Base of all spiders: one source, one job, pages out."""

    listing_types: ClassVar[tuple[str, ...]] = _HTML_TYPES
    may_only_lead_on: ClassVar[bool] = False

    def __init__(self, job: Job, **kwargs: Any) -> None:  # noqa: ANN401 - Scrapy's own arguments
        """Prepare the crawl of one job."""
        super().__init__(self.name, **kwargs)
        self.job = job
        self.limited = False
        self._requested: set[str] = set()
        self._pages = self._articles = self._skipped = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's own arguments
        """Build the spider for a crawl (typed here because Scrapy's is not)."""
        spider: Self = super().from_crawler(crawler, *args, **kwargs)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the listing of the job."""
        request = self.listing(self.job.url, "")
        if request:
            yield request

    @abstractmethod
    def read(self, response: Response) -> Iterable[Found]:
        """Read a listing; each child says how."""

    def summary(self) -> dict[str, Any]:
        """Give the spider's part of the feed's summary."""
        return {"source": self.job.source, "kind": self.job.kind, "url": self.job.url, "skipped_seen": self._skipped}

    def listing(self, url: str, via: str) -> Request | None:
        """Ask for a listing, unless it was asked for or the limit is reached."""
        return self._request(url, self.parse_listing, {"via": via})

    def article(self, listed: Listed, via: str) -> Request | None:
        """Ask for an article, unless it is known or a limit is reached."""
        if self._articles >= self.job.max_items:
            self.limited = True
            return None
        if url_hash(listed.url) in self.job.seen:
            self._skipped += 1
            return None
        request = self._request(listed.url, self.parse_article, {"listed": listed, "via": via})
        self._articles += request is not None
        return request

    def parse_listing(self, response: Response, via: str) -> Iterator[Request | FailedPage]:
        """Turn a listing into requests; one without any link is a failure, not a quiet nothing."""
        problem = self._type_problem(response, self.listing_types)
        if problem:
            yield self.failed_page(response, Reason.CONTENT_TYPE, problem, via)
            return
        empty = True
        for found in self.read(response):
            empty = empty and isinstance(found, Further) and not self.may_only_lead_on
            if isinstance(found, FailedPage):
                yield found
                continue
            request = (
                self.listing(found.url, response.url)
                if isinstance(found, Further)
                else self.article(found, response.url)
            )
            if request:
                yield request
        if empty:
            yield self.failed_page(response, Reason.EMPTY_LIST, self.empty_detail(response), via)

    def empty_detail(self, response: Response) -> str:
        """Say what a person needs to mend a listing without articles."""
        return f"no entries in {len(response.body)} bytes"

    def parse_article(self, response: Response, listed: Listed, via: str) -> Iterator[ArticlePage | FailedPage]:
        """Pack an article page as it came."""
        problem = self._type_problem(response, _HTML_TYPES)
        if problem:
            yield self.failed_page(response, Reason.CONTENT_TYPE, problem, via)
            return
        page = Selector(text=read_text(response, self.job.encoding) or " ") if self._needs_tree(response) else None
        canonical = _canonical(page, response.url) if page else normal_url(response.url)
        yield ArticlePage(
            url=response.url,
            canonical_url=canonical,
            url_hash=url_hash(canonical),
            request_hash=url_hash(listed.url),
            listed_title=listed.title,
            listed_time=listed.time,
            status=response.status,
            headers={name: value for name in _KEPT_HEADERS if (value := _header(response, name))},
            http_charset=http_charset(response),
            fetched_at=_now(),
            body=pack(response.body),
            sha256=hashlib.sha256(response.body).hexdigest(),
            size=len(response.body),
            via=via,
            fields=self._fields(page) if page else {},
        )

    def failed(self, failure: Failure) -> Iterator[FailedPage]:
        """Turn a failed download into an item."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        error = failure.value or RuntimeError("unknown")
        response = getattr(error, "response", None)
        url = response.url if response is not None else request.url
        yield failed_download(url, error, via=request.cb_kwargs.get("via", ""), now=_now())

    def failed_page(self, response: Response, reason: Reason, detail: str, via: str = "") -> FailedPage:
        """Describe a page that came but is of no use."""
        return FailedPage(response.url, reason, detail[:500], via, response.status, _now(), pack_sample(response.body))

    def _request(self, url: str, callback: Any, kwargs: dict[str, Any]) -> Request | None:  # noqa: ANN401 - bound method
        key = normal_url(url)
        if key in self._requested:
            return None
        if self._pages >= self.job.max_pages:
            self.limited = True
            return None
        self._requested.add(key)
        self._pages += 1
        return Request(url, callback=callback, errback=self.failed, cb_kwargs=kwargs, dont_filter=True)

    def _type_problem(self, response: Response, wanted: tuple[str, ...]) -> str:
        kind = (_header(response, "content-type") or "").partition(";")[0].strip().lower()
        return "" if kind in wanted else f"content type {kind}"

    def _needs_tree(self, response: Response) -> bool:
        return bool(self.job.title_css or self.job.body_css or b"canonical" in response.body)

    def _fields(self, page: Selector) -> dict[str, str]:
        picked = {"title_css": self.job.title_css, "body_css": self.job.body_css}
        return {name: _text(page.css(css)) for name, css in picked.items() if css and page.css(css)}


def _text(nodes: Iterable[Selector]) -> str:
    return "\n".join(" ".join(part.split()) for node in nodes for part in node.css("::text").getall() if part.strip())


def _canonical(page: Selector, url: str) -> str:
    """Give the page's own idea of its address when it stays on the host, else the fetched one."""
    href = page.css('link[rel~="canonical"]::attr(href)').get("").strip()
    try:
        own = urljoin(url, href)
        same = urlsplit(own).hostname == urlsplit(url).hostname and urlsplit(own).scheme in {"http", "https"}
        return normal_url(own if same and urlsplit(own).path.strip("/") else url)
    except ValueError:
        return normal_url(url)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
