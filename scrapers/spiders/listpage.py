"""List pages: a selector picks the links, else all that read like headlines; older lists by link or by number."""

from collections.abc import Iterator

from parsel import Selector
from scrapy.http import Response

from scrapers.article import tree_of
from scrapers.items import Reason
from scrapers.links import address, join, row_time, words
from scrapers.selectors import pick
from scrapers.spiders.base import Found, Listed, NewsSpider
from scrapers.spiders.paging import older

_SHORTEST_HEADLINE = 10  # characters; names of columns and of pages about the site are shorter
_FEW_LINKS = 8


class ListPageSpider(NewsSpider):
    """Follow the links of a list page and of its next pages."""

    name = "list"

    def read(self, response: Response) -> Iterator[Found]:
        """Give the links the selector picks, then the next page."""
        page = tree_of(response, self.job.encoding)
        base = join(response.url, page.css("base::attr(href)").get("")) or response.url
        for link in self._links(page):
            url = address(base, link)
            if url:
                title = words(link)
                yield Listed(url, title, row_time(link, title))
        yield from older(self.job, page, base, response.url)

    def empty(self, response: Response) -> tuple[Reason, str]:
        """Say how many links the page has at all: hardly any beside scripts means a page drawn by them."""
        page = tree_of(response, self.job.encoding)
        links, scripts = len(page.css("a[href]")), len(page.css("script"))
        selector = self.job.link_css or self.job.link_xpath or "headlines"
        words_ = f"selector {selector!r} matches nothing; the page has {links} links"
        if links < _FEW_LINKS and scripts:
            return Reason.NEEDS_SCRIPTS, f"{words_} and {scripts} scripts"
        return Reason.EMPTY_LIST, words_

    def _links(self, page: Selector) -> list[Selector]:
        selector = self.job.link_css or self.job.link_xpath
        if not selector:
            return [link for link in page.css("a[href]") if _is_headline(link)]
        elements = [node for node in pick(page, selector) if node.type == "html" and not isinstance(node.root, str)]
        return [link for node in elements for link in node.xpath("descendant-or-self::a[@href][1]")]


def _is_headline(link: Selector) -> bool:
    return len("".join(words(link).split())) >= _SHORTEST_HEADLINE
