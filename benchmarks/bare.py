"""Fetch pages with Scrapy and do nothing with them: ``python -m benchmarks.bare http://HOST:PORT PAGES``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

from benchmarks.edition import address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class BareSpider(Spider):
    """Asks for every page and forgets it."""

    name = "bare"

    def __init__(self, site: str, size: int, **kwargs: Any) -> None:  # noqa: ANN401 (Scrapy's own arguments)
        """Keep where and how much."""
        super().__init__(**kwargs)
        self.site, self.size = site, size

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every page."""
        for number in range(self.size):
            yield Request(self.site + address(number), dont_filter=True)

    def parse(self, response: Response, **_: Any) -> None:  # noqa: ANN401 (Scrapy's own arguments)
        """Do nothing."""


def main() -> None:
    """Run the spider with Scrapy's own settings, quietly."""
    process = CrawlerProcess({"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False})
    process.crawl(BareSpider, site=sys.argv[1], size=int(sys.argv[2]))
    process.start()


if __name__ == "__main__":
    main()
