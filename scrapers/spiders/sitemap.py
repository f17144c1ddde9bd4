"""Sitemaps and sitemap indexes, plain or gzip; the newest pages first."""

from collections.abc import Iterator
from typing import ClassVar

from lxml import etree
from scrapy.http import Response
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap

from scrapers.items import Reason
from scrapers.settings import DOWNLOAD_MAXSIZE
from scrapers.spiders.base import Found, Further, Listed, NewsSpider

_GZIP = b"\x1f\x8b"


class SitemapSpider(NewsSpider):
    """Follow the addresses of a sitemap."""

    name = "sitemap"
    listing_types: ClassVar = (
        "application/xml",
        "text/xml",
        "text/html",
        "text/plain",
        "application/gzip",
        "application/x-gzip",
        "application/octet-stream",
        "",
    )
    may_only_lead_on: ClassVar = True

    def read(self, response: Response) -> Iterator[Found]:
        """Give the addresses of a sitemap, newest first, or the sitemaps of an index."""
        try:
            body = _unzipped(response.body)
        except (OSError, EOFError) as error:
            yield self.failed_page(response, Reason.BAD_GZIP, str(error))
            return
        except ValueError as error:
            yield self.failed_page(response, Reason.TOO_LARGE, f"unpacked: {error}")
            return
        kind, entries = _parse(body)
        if kind not in {"urlset", "sitemapindex"}:
            yield self.failed_page(response, Reason.NOT_A_SITEMAP, f"the root element is {kind or 'missing'}")
            return
        for entry in sorted(entries, key=lambda entry: entry.get("lastmod", ""), reverse=True):
            if entry["loc"].startswith(("http://", "https://")):
                yield (
                    Further(entry["loc"])
                    if kind == "sitemapindex"
                    else Listed(entry["loc"], "", entry.get("lastmod", ""))
                )


def _unzipped(body: bytes) -> bytes:
    """Unpack gzip at most to the size a plain page may have."""
    return gunzip(body, max_size=DOWNLOAD_MAXSIZE) if body.startswith(_GZIP) else body


def _parse(body: bytes) -> tuple[str, list[dict[str, str]]]:
    """Give the root element's name and its entries that have an address; ("", []) when it is not XML."""
    try:
        sitemap = Sitemap(body)
        return sitemap.type or "", [entry for entry in sitemap if entry.get("loc")]
    except (etree.XMLSyntaxError, StopIteration):
        return "", []
