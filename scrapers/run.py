"""Run one crawl in one process.

    python -m scrapers.run SPEC.json OUT.jsonl.gz

Exit status: 0 done (failed pages are lines of the feed, not errors), 2 the job is wrong, 3 the crawl was cut short.
"""

import ctypes
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from scrapers.feed import FeedWriter
from scrapers.job import Job, JobError
from scrapers.registry import CODED, spider_for

OK, BAD_JOB, CUT_SHORT = 0, 2, 3
_ARGUMENTS = 3
_AT_ONCE = 8  # only a host in the allow-list may be asked without a pause
_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> int:
    """Run the crawl named on the command line and give the exit status."""
    if len(argv) != _ARGUMENTS:
        sys.stderr.write("usage: python -m scrapers.run SPEC.json OUT.jsonl.gz\n")
        return BAD_JOB
    die_with_parent()
    try:
        job = Job.load(Path(argv[1]))
        if job.kind == "spider" and job.spider not in CODED:
            raise JobError(f"no spider {job.spider!r}")  # noqa: TRY301, TRY003, EM102 - said like every wrong job
    except JobError as error:
        sys.stderr.write(f"bad job: {' '.join(str(error).split())}\n")
        return BAD_JOB
    return crawl(job, Path(argv[2]))


def crawl(job: Job, out: Path) -> int:
    """Crawl one job into a feed file and give the exit status."""
    settings = settings_for(job, out)
    install_reactor(settings["TWISTED_REACTOR"])
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(spider_for(job))
    process.crawl(crawler, job=job)
    _stop_on_signals(crawler)
    process.start(install_signal_handlers=False)
    writer = crawler.get_extension(FeedWriter)
    return OK if writer and writer.complete else CUT_SHORT


def settings_for(job: Job, out: Path) -> Settings:
    """Give the project's settings with what a job may change."""
    settings = Settings()
    settings.setmodule("scrapers.settings")
    settings.setdict(
        {
            "DOWNLOAD_DELAY": job.delay,
            "AUTOTHROTTLE_ENABLED": job.delay > 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1 if job.delay else _AT_ONCE,
            "AUTOTHROTTLE_START_DELAY": job.delay,
            "DOWNLOAD_TIMEOUT": job.timeout,
            "CLOSESPIDER_TIMEOUT": job.max_seconds,
            "ROBOTSTXT_OBEY": job.obey_robots,
            "GUARD_ALLOW": list(job.allow),
            **({"USER_AGENT": job.user_agent} if job.user_agent else {}),
            "FEED_PATH": str(out),
        },
        priority="cmdline",
    )
    return settings


def die_with_parent() -> None:
    """Ask Linux to send SIGTERM when the starting process dies; elsewhere the supervisor must do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _stop_on_signals(crawler: Crawler) -> None:
    """End the feed and the process at SIGTERM or SIGINT, between two steps of the reactor."""
    # The module exists only after install_reactor has chosen the reactor, so it is imported here by name.
    reactor: Any = importlib.import_module("twisted.internet.reactor")

    def stop() -> None:
        writer = crawler.get_extension(FeedWriter)
        if writer and crawler.spider:
            writer.finish(crawler.spider, "terminated")
        os._exit(CUT_SHORT)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: reactor.callFromThread(stop))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
