"""Serve real news pages as a small site on loopback, bytes as they are, for crawls of the whole road.

    python benchmarks/newsroom.py [PAGES] [--port 0] [--gbk N] [--latest N]

PAGES holds gold.jsonl and html/ (default ../shared/data/newspages beside the repository). Addresses: /list/1 and on
(20 a page), /rss.xml, /sitemap_index.xml, /sitemap.xml, /page/<id>.html, /robots.txt. No charset in any header.
"""

import argparse
import json
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data" / "newspages"
PER_PAGE = 20
ROBOTS = b"User-agent: *\nDisallow: /private/\nSitemap: /sitemap_index.xml\n"
# Ways in which real feeds write a moment; the reader has to understand all of them.
SPELLINGS = (
    "%Y年%m月%d日 %H:%M",
    "%Y/%m/%d %H:%M",
    "%a, %d %b %Y %H:%M:%S +0800",
    "%Y-%m-%d %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S CST",
    "%Y-%m-%dT%H:%M:%S+08:00",
)


@dataclass(frozen=True)
class Newsroom:
    """The pages of the site. Every `gbk`-th page is re-encoded to GB18030 with its meta element left as it is."""

    folder: Path
    rows: list[dict[str, Any]]
    gbk: int = 0
    latest: int = 30

    @cached_property
    def files(self) -> dict[str, tuple[Path, bool]]:
        """File of each page by id, and whether it is re-encoded."""
        return {
            row["id"]: (self.folder / row["file"], bool(self.gbk) and number % self.gbk == 0)
            for number, row in enumerate(self.rows, 1)
        }

    def answer(self, path: str, site: str) -> tuple[str, bytes] | None:
        """Give content type and bytes of an address, None when there is no such page."""
        index = f"<sitemap><loc>{site}/sitemap.xml</loc></sitemap>"
        fixed: dict[str, Callable[[], tuple[str, bytes]]] = {
            "/robots.txt": lambda: ("text/plain", ROBOTS),
            "/rss.xml": lambda: ("application/rss+xml", self.feed(site).encode()),
            "/sitemap.xml": lambda: ("application/xml", self.sitemap(site).encode()),
            "/sitemap_index.xml": lambda: ("application/xml", _xml("sitemapindex", index).encode()),
            "/": lambda: ("text/html", self.listing(1)),
        }
        if path in fixed:
            return fixed[path]()
        if path.startswith("/list/") and path.removeprefix("/list/").isdecimal():
            return "text/html", self.listing(int(path.removeprefix("/list/")))
        return self.page(path.removeprefix("/page/").removesuffix(".html")) if path.startswith("/page/") else None

    def page(self, key: str) -> tuple[str, bytes] | None:
        """Give the bytes of one page as they are stored."""
        if key not in self.files:
            return None
        path, turned = self.files[key]
        raw = path.read_bytes()
        return "text/html", _as_gb(raw) if turned else raw

    def listing(self, number: int) -> bytes:
        """Give one list page in GB18030, as many old sites serve them."""
        shown = self.rows[(number - 1) * PER_PAGE : number * PER_PAGE]
        rows = "\n".join(
            f'<li><a href="/page/{row["id"]}.html">{escape(row["title"] or row["id"])}</a>'
            f" <span>{escape(row['publish_time'] or '')}</span></li>"
            for row in shown
        )
        more = f'<a class="next" href="/list/{number + 1}">下一页</a>' if number * PER_PAGE < len(self.rows) else ""
        body = f'<meta charset="gb2312"><title>要闻</title><h1>要闻</h1><ul class="news">\n{rows}\n</ul>{more}'
        return f"<!DOCTYPE html><html><body>{body}</body></html>".encode("gb18030")

    def feed(self, site: str) -> str:
        """Give the newest pages as RSS, each moment in another spelling."""
        newest = sorted(self.rows, key=lambda row: row["publish_time"] or "", reverse=True)[: self.latest]
        items = "".join(
            f"<item><title>{escape(row['title'] or row['id'])}</title><link>{site}/page/{row['id']}.html</link>"
            f"<pubDate>{_spelled(row['publish_time'], number)}</pubDate></item>"
            for number, row in enumerate(newest)
        )
        return f'{_XML}<rss version="2.0"><channel><title>要闻</title><link>{site}/</link>{items}</channel></rss>'

    def sitemap(self, site: str) -> str:
        """Give all pages as a sitemap."""
        urls = "".join(
            f"<url><loc>{site}/page/{row['id']}.html</loc><lastmod>{(row['publish_time'] or '')[:10]}</lastmod></url>"
            for row in self.rows
        )
        return _xml("urlset", urls)


_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _xml(root: str, inner: str) -> str:
    return f'{_XML}<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{root}>'


def _spelled(written: str | None, number: int) -> str:
    try:
        return datetime.fromisoformat(written or "").strftime(SPELLINGS[number % len(SPELLINGS)])
    except ValueError:
        return written or ""


def _as_gb(raw: bytes) -> bytes:
    try:
        return raw.decode("utf-8").encode("gb18030")
    except UnicodeDecodeError:
        return raw  # Its bytes are a national set already.


def load(folder: Path, *, gbk: int = 0, latest: int = 30) -> Newsroom:
    """Read the pages of a folder; SystemExit with a sentence when it holds none."""
    gold = folder / "gold.jsonl"
    if not gold.is_file():
        sys.exit(f"newsroom: {gold} is missing; give the folder that holds gold.jsonl and html/ as the first argument")
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    present = [row for row in rows if (folder / row["file"]).is_file()]
    if not present:
        sys.exit(f"newsroom: none of the {len(rows)} pages named in {gold} is there")
    return Newsroom(folder, present, gbk, latest)


class Site(Protocol):
    """What a server needs of a site."""

    def answer(self, path: str, site: str) -> tuple[str, bytes] | None:
        """Give content type and bytes of an address, None when there is no such page."""


def server(newsroom: Site, port: int) -> ThreadingHTTPServer:
    """Build a server for a newsroom on loopback; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site = f"http://{self.headers['Host']}"
            found = newsroom.answer(self.path.partition("?")[0], site)
            kind, body = found or ("text/plain", b"no such page")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing: a crawler that was killed hangs up."""

    built = Quiet(("127.0.0.1", port), Handler)
    built.daemon_threads = True
    return built


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve saved news pages as a site on loopback.")
    parser.add_argument("pages", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--gbk", type=int, default=0, metavar="N", help="re-encode every N-th page to GB18030")
    parser.add_argument("--latest", type=int, default=30, metavar="N", help="entries of the feed")
    given = parser.parse_args()
    site = server(load(given.pages, gbk=given.gbk, latest=given.latest), given.port)
    print(f"http://127.0.0.1:{site.server_address[1]}/", flush=True)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    stop.wait()
    site.shutdown()


if __name__ == "__main__":
    main()
