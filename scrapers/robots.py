"""Keep the Crawl-delay a site asks for in robots.txt; Scrapy itself reads only what is disallowed."""

from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler

_LONGEST = 30.0


class CrawlDelay:
    """Scrapy extension: never ask a site faster than its robots.txt wants, up to half a minute."""

    def __init__(self, crawler: Crawler) -> None:
        """Listen to parsed robots files and to responses (AutoThrottle changes the delay after each)."""
        self._crawler, self._agent = crawler, str(crawler.settings["USER_AGENT"])
        self._wanted: dict[str, float] = {}
        crawler.signals.connect(self.learn, signals.robots_parsed)
        crawler.signals.connect(self.keep, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension for a crawl."""
        return cls(crawler)

    def learn(self, robotparser: Any, request: Request) -> None:  # noqa: ANN401 - the parser is a setting
        """Remember the delay of a site and apply it at once."""
        delay = robotparser.rp.crawl_delay(self._agent)
        if delay:
            self._wanted[self._key(request)] = min(float(delay), _LONGEST)
            self.keep(request)

    def keep(self, request: Request) -> None:
        """Lift the delay of the request's site to what it wants."""
        key = self._key(request)
        slot = self._crawler.engine.downloader.slots.get(key)
        if slot is not None:
            slot.delay = max(slot.delay, self._wanted.get(key, 0.0))

    def _key(self, request: Request) -> str:
        return str(self._crawler.engine.downloader.get_slot_key(request))
