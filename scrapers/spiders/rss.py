"""RSS and Atom feeds. feedparser gives the structure only; published strings stay raw."""

from collections.abc import Iterator
from io import BytesIO
from typing import ClassVar
from urllib.parse import urljoin

import feedparser
from scrapy.http import Response

from scrapers.items import Reason
from scrapers.spiders.base import Found, Listed, NewsSpider

_XML_TYPES = ("application/rss+xml", "application/atom+xml", "application/xml", "text/xml", "application/rdf+xml")


class RssSpider(NewsSpider):
    """Follow the entries of a feed."""

    name = "rss"
    listing_types: ClassVar = (*_XML_TYPES, "text/html", "text/plain", "application/octet-stream", "")

    def read(self, response: Response) -> Iterator[Found]:
        """Give the entries of a feed; a page that is no feed is a failure."""
        # A stream, never bytes: feedparser opens bytes and text as a file name or an address.
        feed = feedparser.parse(BytesIO(response.body), response_headers=self._headers(response))
        if not feed.get("version") and not feed.entries:
            yield self.failed_page(response, Reason.NOT_A_FEED, _describe(response, feed))
            return
        for entry in feed.entries:
            link = entry.get("link") or entry.get("id", "")
            if link.startswith(("http://", "https://", "/")):
                raw_time = entry.get("published") or entry.get("updated") or entry.get("created") or ""
                yield Listed(urljoin(response.url, link), entry.get("title", "").strip(), raw_time.strip())

    def _headers(self, response: Response) -> dict[str, str]:
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if self.job.encoding:
            kind = f"text/xml; charset={self.job.encoding}"
        return {"content-type": kind, "content-location": response.url}


def _describe(response: Response, feed: feedparser.FeedParserDict) -> str:
    if b"<html" in response.body[:2048].lower():
        return "the address gives an HTML page, not a feed"
    return f"no feed: {feed.get('bozo_exception', 'no entries')}"
