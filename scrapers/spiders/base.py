"""The spider that acts; its children declare how a listing is read.

A listing (feed, sitemap, list page) yields links to articles, links to further listings, or a failure. Everything else,
limits, hashes already seen, content types, packing, failures, happens here once.
"""

import os
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from scrapers import article, parts, selectors
from scrapers.failures import failed_download
from scrapers.feed import FeedWriter
from scrapers.items import ArticlePage, FailedPage, Reason, normal_url, pack_sample, url_hash
from scrapers.job import SELECTORS, Job
from scrapers.patterns import wanted
from scrapers.reports import ListingReport, report

_HTML_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "")
_UNCHANGED, _CUT_SHORT = 304, 3
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Listed:
    """A link to an article with what the listing says about it (raw strings)."""

    url: str
    title: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Further:
    """A link to one more listing: a sitemap of an index, or the next page of older links when `older`."""

    url: str
    older: bool = False


Found = Listed | Further | FailedPage
Read = TypeVar("Read")


class NewsSpider(Spider):
    """Base of all spiders: one source, one job, pages out."""

    listing_types: ClassVar[tuple[str, ...]] = _HTML_TYPES
    may_only_lead_on: ClassVar[bool] = False

    def __init__(self, job: Job, **kwargs: Any) -> None:  # noqa: ANN401 - Scrapy's own arguments
        """Prepare the crawl of one job."""
        super().__init__(self.name, **kwargs)
        self.job = job
        self.limited = False
        self.brought: frozenset[str] = frozenset()
        self._requested: set[str] = set()
        self._pages = self._articles = self._skipped = self._lists = self._excluded = 0
        self._unchanged, self._validators = False, dict[str, str]()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's own arguments
        """Build the spider for a crawl (typed here because Scrapy's is not)."""
        spider: Self = super().from_crawler(crawler, *args, **kwargs)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the listing of the job, or for the pages it names."""
        named = [self.article(Listed(url), "") for url in self.job.only]
        for request in named if self.job.only else [self.listing(self.job.url, "")]:
            if request:
                yield request

    @abstractmethod
    def read(self, response: Response) -> Iterable[Found]:
        """Read a listing; each child says how."""

    def summary(self) -> dict[str, Any]:
        """Give the spider's part of the feed's summary."""
        told = {"source": self.job.source, "kind": self.job.kind, "url": self.job.url}
        counts = {"skipped_seen": self._skipped, "excluded": self._excluded, "unchanged": self._unchanged}
        return {**told, **counts, "validators": self._validators}

    def listing(self, url: str, via: str) -> Request | None:
        """Ask for a listing, unless it was asked for or the limit is reached; the first one only if it changed."""
        request = self._request(url, self.parse_listing, {"via": via}, self.ended if self._may_end(via) else None)
        if request and not via and not self.job.trial:
            told = {"If-None-Match": self.job.etag, "If-Modified-Since": self.job.modified}
            request.headers.update({name: value for name, value in told.items() if value})
            request.meta["handle_httpstatus_list"] = [_UNCHANGED]
        return request

    def article(self, listed: Listed, via: str) -> Request | None:
        """Ask for an article, unless it is known or a limit is reached."""
        if self._articles >= self.job.max_items:
            self.limited = True
            return None
        if not wanted(listed.url, self.job.include, self.job.exclude):
            self._excluded += 1
            return None
        key = url_hash(listed.url)
        if key in self.brought:
            self._articles += 1
            return None
        if key in self.job.seen:
            self._skipped += 1
            return None
        request = self._request(listed.url, self.parse_article, {"listed": listed, "via": via})
        self._articles += request is not None
        return request

    def parse_listing(self, response: Response, via: str) -> Iterator[Request | FailedPage | ListingReport]:
        """Turn a listing into requests; one without any link is a failure, not a quiet nothing."""
        if response.status == _UNCHANGED:
            self._unchanged = True
            return
        problem = self._type_problem(response, self.listing_types)
        if problem:
            yield self.failed_page(response, Reason.CONTENT_TYPE, problem, via)
            return
        self._lists += 1
        self._validators = self._validators or _validators(response)
        found = self._watched(response, self._read_all)
        yield from self._follow(response, found)
        if self.job.trial:
            yield self._report(response, found)
        if not any(self._names_pages(one) for one in found) and not self._may_end(via):
            yield self.failed_page(response, *self.empty(response), via)

    def _may_end(self, via: str) -> bool:
        """Tell whether a listing was asked for by number, past the end maybe."""
        return bool(via) and self.job.paging == "pattern"

    def ended(self, failure: Failure) -> Iterator[FailedPage]:
        """Take "not found" for a page number as the end of the list."""
        for page in self.failed(failure):
            if page.status not in _GONE:
                yield page

    def _read_all(self, response: Response) -> list[Found]:
        return list(self.read(response))

    def _names_pages(self, found: Found) -> bool:
        return not isinstance(found, Further) or (self.may_only_lead_on and not found.older)

    def _follow(self, response: Response, found: list[Found]) -> Iterator[Request | FailedPage]:
        """Ask for what a listing names; older lists only while this one named anything new."""
        fresh = False
        for one in found:
            if isinstance(one, FailedPage):
                yield one
            elif isinstance(one, Listed):
                request = self.article(one, response.url)
                fresh = fresh or request is not None or url_hash(one.url) in self.brought
                yield from [request] if request else []
        for one in found:
            if isinstance(one, Further) and (not one.older or (fresh and self._lists < self.job.max_lists)):
                request = self.listing(one.url, response.url)
                yield from [request] if request else []

    def _report(self, response: Response, found: list[Found]) -> ListingReport:
        listed = [one for one in found if isinstance(one, Listed)]
        taken = [one for one in listed if wanted(one.url, self.job.include, self.job.exclude)]
        further = [one.url for one in found if isinstance(one, Further)]
        links = [(one.url, one.title, one.time) for one in taken]
        return report(response, links, further, len(listed) - len(taken), self.job.encoding)

    def empty(self, response: Response) -> tuple[Reason, str]:
        """Say why a listing named nothing."""
        return Reason.EMPTY_LIST, self.empty_detail(response)

    def empty_detail(self, response: Response) -> str:
        """Say what a person needs to mend a listing without articles."""
        return f"no entries in {len(response.body)} bytes"

    def parse_article(
        self, response: Response, listed: Listed, via: str
    ) -> Iterator[Request | ArticlePage | FailedPage]:
        """Pack an article page as it came, and ask for its next part if it has one."""
        problem = self._type_problem(response, _HTML_TYPES)
        if problem:
            yield self.failed_page(response, Reason.CONTENT_TYPE, problem, via)
            return
        told = listed.url, listed.title, listed.time
        item = self._watched(response, lambda page: article.pack_article(page, self.job, told, via), article.PICKED)
        yield self._part_after(item, response) or item

    def parse_part(self, response: Response, item: ArticlePage) -> Iterator[Request | ArticlePage]:
        """Put one more part behind its article."""
        if self._type_problem(response, _HTML_TYPES):
            item.parts_missing = True
            yield item
            return
        self._watched(response, lambda page: article.add_part(item, page, self.job), article.PICKED)
        yield self._part_after(item, response) or item

    def failed_part(self, failure: Failure) -> Iterator[ArticlePage | FailedPage]:
        """Keep an article whose next part did not come."""
        item: ArticlePage = failure.request.cb_kwargs["item"]  # type: ignore[attr-defined]  # Scrapy adds it
        item.parts_missing = True
        yield item
        yield from self.failed(failure)

    def _part_after(self, item: ArticlePage, response: Response) -> Request | None:
        count = 1 + len(item.parts)
        if not self.job.parts or count >= parts.MOST or not parts.may_go_on(response.body, item.url):
            return None
        page = article.tree_of(response, self.job.encoding)
        target = parts.next_part(page, response.url, item.url, count)
        return self._request(target, self.parse_part, {"item": item}, self.failed_part) if target else None

    def failed(self, failure: Failure) -> Iterator[FailedPage]:
        """Turn a failed download into an item."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        error = failure.value or RuntimeError("unknown")
        response = getattr(error, "response", None)
        url = response.url if response is not None else request.url
        yield failed_download(url, error, via=request.cb_kwargs.get("via", ""), now=article.now())

    def failed_page(self, response: Response, reason: Reason, detail: str, via: str = "") -> FailedPage:
        """Describe a page that came but is of no use."""
        return FailedPage(
            response.url, reason, detail[:500], via, response.status, article.now(), pack_sample(response.body)
        )

    def _watched(
        self, response: Response, work: Callable[[Response], Read], names: tuple[str, ...] = SELECTORS
    ) -> Read:
        """Read a page; a person's selector that takes too long ends the crawl, with its reason in the feed."""
        if not any(getattr(self.job, name) for name in names):
            return work(response)
        with selectors.within(selectors.SECONDS, lambda: self._give_up(response)):
            return work(response)

    def _give_up(self, response: Response) -> None:
        writer = self.crawler.get_extension(FeedWriter)
        if writer:
            writer.keep(self.failed_page(response, Reason.SLOW_SELECTOR, f"over {selectors.SECONDS:.0f} s"))
            writer.finish(self, "terminated")
        os._exit(_CUT_SHORT)

    def _request(
        self,
        url: str,
        callback: Any,  # noqa: ANN401 - bound method
        kwargs: dict[str, Any],
        errback: Any = None,  # noqa: ANN401 - bound method
    ) -> Request | None:
        key = normal_url(url)
        if key in self._requested:
            return None
        if self._pages >= self.job.max_pages:
            self.limited = True
            return None
        self._requested.add(key)
        self._pages += 1
        return Request(url, callback=callback, errback=errback or self.failed, cb_kwargs=kwargs, dont_filter=True)

    def _type_problem(self, response: Response, wanted: tuple[str, ...]) -> str:
        kind = (article.header(response, "content-type") or "").partition(";")[0].strip().lower()
        return "" if kind in wanted else f"content type {kind}"


def _validators(response: Response) -> dict[str, str]:
    """Give what the site says about the version of a listing."""
    told = {"etag": article.header(response, "etag"), "modified": article.header(response, "last-modified")}
    return {name: value[:200] for name, value in told.items() if value}
