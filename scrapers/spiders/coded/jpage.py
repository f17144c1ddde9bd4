"""Government sites on the jpage platform: the list is drawn by a script from `dataproxy.jsp`.

The address of a job is that of the proxy with the parameters the page itself sends (columnid, unitid, webid ...). It
answers XML whose records are pieces of HTML, one row of the list each.
"""

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree
from parsel import Selector
from scrapy.http import Response

from scrapers.items import Reason
from scrapers.links import address, row_time, words
from scrapers.spiders.base import Found, Further, Listed, NewsSpider
from scrapers.text import read_text

_PER_PAGE = 15


class JpageSpider(NewsSpider):
    """Follow the rows of a jpage list and the lists behind it."""

    name = "jpage"
    listing_types: ClassVar = ("text/xml", "application/xml", "text/html", "text/plain", "application/octet-stream", "")

    def read(self, response: Response) -> Iterator[Found]:
        """Give the link of each record, then the next list."""
        records = _records(read_text(response, self.job.encoding))
        if records is None:
            yield self.failed_page(response, Reason.NOT_A_FEED, "no <datastore> with records")
            return
        for record in records:
            row = Selector(text=f"<div>{record}</div>")
            for link in row.css("a[href]")[:1]:
                url = address(response.url, link)
                if url:
                    yield Listed(url, words(link), row_time(link, words(link)))
        if records:
            yield Further(_next(response.url, len(records)), older=True)


def _records(text: str) -> list[str] | None:
    """Give the HTML of each record; None when this is no answer of the platform."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(text.encode(errors="replace"), parser) if text.strip() else None
    if root is None or root.tag != "datastore":
        return None
    return [record.text or "" for record in root.iter("record")]


def _next(url: str, count: int) -> str:
    """Give the address of the list after this one: the records go on where this one ended."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    last = query.get("endrecord", "")
    end = int(last) if last.isascii() and last.isdigit() else count
    per_page = query.get("perpage") or str(_PER_PAGE)
    query |= {"startrecord": str(end + 1), "endrecord": str(end + max(count, 1)), "perpage": per_page}
    return parts._replace(query=urlencode(query)).geturl()
