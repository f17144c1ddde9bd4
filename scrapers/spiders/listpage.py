"""List pages: a selector picks the links, else all that read like headlines; another may pick the next page."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Response

from scrapers.spiders.base import Found, Further, Listed, NewsSpider
from scrapers.text import read_text

# Only finds where a moment stands in the row; the application reads it.
_TIME = re.compile(
    r"(?:\d{4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|(?:今天|昨天|前天)\s*(?:\d{1,2}:\d{2})?|\d+\s*(?:分钟|小时|天)前|刚刚|\b\d{1,2}:\d{2}\b",
)
_ROW = "ancestor::*[self::li or self::tr or self::dl or self::article or self::div or self::p][1]"
_LONGEST_ROW = 400
_SHORTEST_HEADLINE = 10  # characters; names of columns and of pages about the site are shorter


class ListPageSpider(NewsSpider):
    """Follow the links of a list page and of its next pages."""

    name = "list"

    def read(self, response: Response) -> Iterator[Found]:
        """Give the links the selector picks, then the next page."""
        page = Selector(text=read_text(response, self.job.encoding) or " ")
        base = _join(response.url, page.css("base::attr(href)").get("")) or response.url
        for link in self._links(page):
            url = _join(base, link.xpath("@href").get(""))
            if url:
                title = " ".join(link.xpath("string()").get("").split()) or link.xpath("@title").get("")
                yield Listed(url, link.xpath("@title").get("") or title, _row_time(link, title))
        if self.job.next_css:
            url = _join(base, page.css(self.job.next_css).xpath("@href").get(""))
            if url:
                yield Further(url)

    def empty_detail(self, response: Response) -> str:
        """Say how many links the page has at all: none means a page drawn by scripts."""
        page = Selector(text=read_text(response, self.job.encoding) or " ")
        selector = self.job.link_css or self.job.link_xpath or "headlines"
        return f"selector {selector!r} matches nothing; the page has {len(page.css('a[href]'))} links"

    def _links(self, page: Selector) -> list[Selector]:
        if not self.job.link_css and not self.job.link_xpath:
            return [link for link in page.css("a[href]") if _is_headline(link)]
        picked = page.css(self.job.link_css) if self.job.link_css else page.xpath(self.job.link_xpath)
        elements = [node for node in picked if node.type == "html" and not isinstance(node.root, str)]
        return [link for node in elements for link in node.xpath("descendant-or-self::a[@href][1]")]


def _is_headline(link: Selector) -> bool:
    words = "".join(link.xpath("string()").get("").split())
    return max(len(words), len(link.xpath("@title").get("").strip())) >= _SHORTEST_HEADLINE


def _join(base: str, href: str) -> str:
    """Give the absolute http(s) address of a link, "" for anything else (javascript:, mailto:, malformed)."""
    try:
        url = urljoin(base, href.strip()) if href.strip() else ""
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def _row_time(link: Selector, title: str) -> str:
    """Find the written moment in the row around a link, outside its title."""
    row = " ".join(link.xpath(_ROW).xpath("string()").get("").split())
    if not row or len(row) > _LONGEST_ROW:
        return ""
    match = _TIME.search(row.replace(title, " ", 1))
    return match.group().strip() if match else ""
