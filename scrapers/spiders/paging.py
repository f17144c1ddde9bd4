"""Older lists: the link called the next page, a selector, or addresses by number."""

import re
from collections.abc import Iterator

from parsel import Selector

from scrapers.job import Job
from scrapers.links import address, join, words
from scrapers.selectors import pick
from scrapers.spiders.base import Further

_NEXT = re.compile(r"(?:下一?[页頁]|后一?页|next(?: page)?|older(?: posts)?)\s*[>»›→]*|[>»›→]+", re.IGNORECASE)


def older(job: Job, page: Selector, base: str, url: str) -> Iterator[Further]:
    """Give the next list after `url`, if the job wants one and there is one."""
    if job.paging == "pattern":
        yield from by_number(job, url)
    elif job.next_css:
        target = next((join(base, _reference(node)) for node in pick(page, job.next_css)), "")
        yield from [Further(target, older=True)] if target else []
    elif job.paging == "auto":
        target = next(
            (address(base, link) for link in page.css("a[href], link[rel~=next][href]") if _is_next(link)), ""
        )
        yield from [Further(target, older=True)] if target and target != url else []


def by_number(job: Job, url: str) -> Iterator[Further]:
    """Give the list with the next number, as the pattern spells it."""
    spelled = [job.url, *(job.page_pattern.replace("{page}", str(job.page_first + at)) for at in range(job.max_lists))]
    if url in spelled[:-1]:
        yield Further(spelled[spelled.index(url) + 1], older=True)


def _reference(node: Selector) -> str:
    """Give where what was picked leads: a link, or the text of an attribute."""
    return node.get() if isinstance(node.root, str) else node.attrib.get("href", "")


def _is_next(link: Selector) -> bool:
    rel = link.xpath("@rel").get("").lower().split()
    return "next" in rel or bool(_NEXT.fullmatch(words(link).strip("[]() ")))
