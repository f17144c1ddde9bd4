"""Scrapy settings of every crawl: polite and closed by default; Scrapy's own defaults are neither.

A job (see `scrapers/job.py`) may change delay, limits and the allow-list of the guard, nothing else.
"""

import os

BOT_NAME = "yinfeng"
SPIDER_MODULES = ["scrapers.spiders"]
USER_AGENT = os.environ.get("YINFENG_USER_AGENT", "Yinfeng/0.1 (news reader of an investment office; obeys robots.txt)")
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}

ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 30.0
RETRY_TIMES = 2
# First listed, first fetched: the newest pages come home when a limit cuts the crawl short.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
REDIRECT_MAX_TIMES = 5

DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 5 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
DNS_TIMEOUT = 20
# Public offices often serve incomplete certificate chains; pages are public and nothing secret is sent.
DOWNLOAD_VERIFY_CERTIFICATES = False

COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # no server that runs code, no file in the home folder
HTTPCACHE_ENABLED = False
MEMUSAGE_ENABLED = False
REFERRER_POLICY = "same-origin"
LOG_LEVEL = "WARNING"
LOGSTATS_INTERVAL = 0

DOWNLOAD_HANDLERS = dict.fromkeys(("data", "file", "ftp", "s3"))
TWISTED_DNS_RESOLVER = "scrapers.guard.GuardedResolver"
GUARD_ALLOW: list[str] = []
DOWNLOADER_MIDDLEWARES = {
    "scrapers.guard.GuardMiddleware": 10,
    # A proxy from the environment would connect for us, past the check of addresses.
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
EXTENSIONS = {"scrapers.feed.FeedWriter": 0, "scrapers.robots.CrawlDelay": 900}
FEED_PATH = ""
