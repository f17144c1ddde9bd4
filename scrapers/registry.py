"""Which spider crawls a job: one for each kind of listing, and those with code of their own by name."""

from scrapers.job import Job
from scrapers.spiders.base import NewsSpider
from scrapers.spiders.coded.jpage import JpageSpider
from scrapers.spiders.jsonlist import JsonSpider
from scrapers.spiders.listpage import ListPageSpider
from scrapers.spiders.rss import RssSpider
from scrapers.spiders.sitemap import SitemapSpider

SPIDERS: dict[str, type[NewsSpider]] = {
    spider.name: spider for spider in (RssSpider, SitemapSpider, ListPageSpider, JsonSpider)
}
# The application offers these on its page of sources (crm/news/kinds.py); a test keeps the two lists alike.
CODED: dict[str, type[NewsSpider]] = {spider.name: spider for spider in (JpageSpider,)}


def spider_for(job: Job) -> type[NewsSpider]:
    """Give the spider of a job whose kind was checked; KeyError for an unknown name."""
    return CODED[job.spider] if job.kind == "spider" else SPIDERS[job.kind]
