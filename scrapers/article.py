"""Pack a fetched article as it came, with what the job's selectors pick; more parts of it are added to the first."""

import hashlib
import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from scrapy.http import Response

from scrapers.items import ArticlePage, normal_url, pack, url_hash
from scrapers.job import Job
from scrapers.selectors import pick, text_of
from scrapers.text import http_charset, read_text

_CANONICAL = re.compile(
    rb"""<link\b[^<>]{0,300}?\brel\s*=\s*["']?[^"'<>]{0,60}?\bcanonical\b[^<>]{0,2000}>""", re.IGNORECASE
)
_HREF = re.compile(rb"""\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
PICKED = ("title_css", "body_css", "time_css")
_KEPT_HEADERS = ("content-type", "content-length", "last-modified", "etag", "date", "server", "content-language")


def tree_of(response: Response, encoding: str) -> Selector:
    """Parse a page."""
    return Selector(text=read_text(response, encoding) or " ")


def needs_tree(job: Job) -> bool:
    """Tell whether a page has to be parsed before it goes home."""
    return bool(job.title_css or job.body_css or job.time_css)


def pack_article(response: Response, job: Job, listed: tuple[str, str, str], via: str) -> ArticlePage:
    """Pack an article page; `listed` is address, title and raw time of the listing."""
    page = tree_of(response, job.encoding) if needs_tree(job) else None
    canonical = _canonical(response.body, response.url)
    return ArticlePage(
        url=response.url,
        canonical_url=canonical,
        url_hash=url_hash(canonical),
        request_hash=url_hash(listed[0]),
        listed_title=listed[1],
        listed_time=listed[2],
        status=response.status,
        headers={name: value for name in _KEPT_HEADERS if (value := header(response, name))},
        http_charset=http_charset(response),
        fetched_at=now(),
        body=pack(response.body),
        sha256=hashlib.sha256(response.body).hexdigest(),
        size=len(response.body),
        via=via,
        fields=picked(page, job) if page else {},
        reading={name: value for name in ("encoding", "timezone") if (value := getattr(job, name))},
    )


def add_part(item: ArticlePage, response: Response, job: Job) -> None:
    """Put one more part behind an article."""
    digest = hashlib.sha256(response.body).hexdigest()
    part = {"url": response.url, "http_charset": http_charset(response), "sha256": digest, "size": len(response.body)}
    item.parts.append({**part, "body": pack(response.body)})
    if job.body_css:
        more = picked(tree_of(response, job.encoding), job).get("body_css", "")
        item.fields["body_css"] = f"{item.fields.get('body_css', '')}\n{more}".strip()


def picked(page: Selector, job: Job) -> dict[str, str]:
    """Give the texts the job's selectors pick on a page."""
    chosen = {name: getattr(job, name) for name in PICKED}
    return {name: text for name, selector in chosen.items() if selector and (text := text_of(pick(page, selector)))}


def _canonical(body: bytes, url: str) -> str:
    """Give the page's own idea of its address when it stays on the host, else the fetched one; without parsing."""
    link = _CANONICAL.search(body) if b"canonical" in body else None
    if link is None or body.rfind(b"<!--", 0, link.start()) > body.rfind(b"-->", 0, link.start()):
        return normal_url(url)
    href = _HREF.search(link.group())
    try:
        own = urljoin(url, unescape((href[1] or href[2] or href[3]).decode()).strip()) if href else url
        same = urlsplit(own).hostname == urlsplit(url).hostname and urlsplit(own).scheme in {"http", "https"}
        return normal_url(own if same and urlsplit(own).path.strip("/") else url)
    except ValueError:
        return normal_url(url)


def header(response: Response, name: str) -> str | None:
    """Give a header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def now() -> str:
    """Give the present in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
