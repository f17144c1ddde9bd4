"""A small news site on loopback for the demonstration office: ``python -m crm.cli.demosite --port 8765``.

Everything on it is written for this purpose; the enterprises are invented. Stories are dated
relative to the day the demonstration office was loaded, and a few come out in the days after.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from crm.cli.demodata.newsroom import CHANNELS, Story, stories
from crm.core import clock
from crm.core.scheduling import local_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PORT = 8765
PER_PAGE = 8
FEED_LENGTH = 30
DAY_FILE = "demo-day.txt"
GB_STORY = "rongling-invest"
GARBAGE = "/cy/broken.html"
FAULTY = ((GARBAGE, "旧系统导入页面"), ("/cy/gone.html", "已删除的报道"))
BROKEN = b'<html><body><div id="app"></div><script>' + bytes(range(128, 256)) * 20 + b"</script></body></html>"
HTML, XML = "text/html", "application/xml"
ROBOTS = "User-agent: *\nDisallow: /search/\nSitemap: {site}/sitemap.xml\n"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the site."""

    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """The whole site as of a moment: stories dated around ``anchor`` that are out by ``now()``."""

    anchor: date
    now: Callable[[], datetime] = clock.now

    def answer(self, path: str, host: str) -> Page | None:
        """Give the page of an address, None when there is no such page."""
        shown = [story for story in stories(self.anchor) if story.at <= self.now()]
        site = f"http://{host}"
        fixed: dict[str, Callable[[], Page]] = {
            "/robots.txt": lambda: Page("text/plain", ROBOTS.format(site=site).encode()),
            "/style.css": lambda: Page("text/css", _asset("style.css").encode()),
            "/rss.xml": lambda: Page("application/rss+xml", _feed(_of(shown, "yw"), site).encode()),
            "/sitemap.xml": lambda: Page(XML, _sitemap(_of(shown, "kb"), site).encode()),
            "/about.html": lambda: Page(HTML, _plain("关于我们", "本站是引凤的演示站点，企业和内容均为虚构。")),
            GARBAGE: lambda: Page(HTML, BROKEN),
        }
        if path in fixed:
            return fixed[path]()
        story = next((story for story in shown if story.path == path), None)
        return _article(story, shown) if story else _listing(path, shown)


def _of(shown: list[Story], channel: str) -> list[Story]:
    return [story for story in shown if story.channel == channel]


def _asset(name: str) -> str:
    return (files("crm.cli.demodata") / "site" / name).read_text(encoding="utf-8")


def _fill(name: str, **values: str) -> str:
    return Template(_asset(name)).substitute(values)


def _nav() -> str:
    return "".join(f'<a href="/{key}/">{label}</a>' for key, label in CHANNELS.items())


def _links(chosen: list[Story]) -> str:
    return "".join(f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in chosen)


def _article(story: Story, shown: list[Story]) -> Page:
    """Lay out a story; one of them is served in GB18030, as many older sites still are."""
    encoding = "gb18030" if story.key == GB_STORY else "utf-8"
    paragraphs = list(story.paragraphs)
    if story.repost_of:
        paragraphs.append(f"（转自{story.source}）")
    others = [other for other in _of(shown, story.channel) if other is not story]
    text = _fill(
        "express.html" if story.channel == "kb" else "article.html",
        charset=encoding,
        title=escape(story.title),
        lead=escape(story.paragraphs[0]),
        nav=_nav(),
        channel=story.channel,
        channel_name=CHANNELS[story.channel],
        when=f"{story.at:%Y-%m-%d %H:%M}",
        source=escape(story.source),
        author=f" <span>作者：{escape(story.author)}</span>" if story.author else "",
        body="\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs),
        related=_links(others[:5]),
        hot=_links(others[5:11]),
    )
    return Page(f"{HTML}; charset={encoding}", text.encode(encoding))


def _listing(path: str, shown: list[Story]) -> Page | None:
    """Give a page of ``/list/``, ``/list/2``, ``/cy/``, ``/cy/2`` …; None when there is no such page."""
    name, _, rest = path.strip("/").partition("/")
    name = name or "list"
    if (name != "list" and name not in CHANNELS) or (rest and not rest.isdecimal()):
        return None
    chosen = shown if name == "list" else _of(shown, name)
    number, last = int(rest or 1), max(1, -(-len(chosen) // PER_PAGE))
    if not 1 <= number <= last:
        return None
    rows = [_row(story.path, story.title, story.at) for story in chosen[(number - 1) * PER_PAGE : number * PER_PAGE]]
    if name == "cy" and number == last:
        rows += [_row(address, title, chosen[-1].at) for address, title in FAULTY]
    onward = f'<a class="next" href="/{name}/{number + 1}">下一页</a>' if number < last else ""
    pages = f"<b>第{number}页，共{last}页</b>{onward}"
    heading = CHANNELS.get(name, "全部文章")
    text = _fill("list.html", heading=heading, nav=_nav(), items="\n".join(rows), pages=pages)
    return Page(HTML, text.encode())


def _row(path: str, title: str, at: datetime) -> str:
    return f'<li><a href="{path}">{escape(title)}</a><span class="time">{at:%Y-%m-%d %H:%M}</span></li>'


def _feed(chosen: list[Story], site: str) -> str:
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{site}{story.path}</link>"
        f"<pubDate>{story.at:%a, %d %b %Y %H:%M:%S %z}</pubDate>"
        f"<description>{escape(story.paragraphs[0])}</description></item>"
        for story in chosen[:FEED_LENGTH]
    )
    head = f"<title>南方产业观察·要闻（演示）</title><link>{site}/</link><description>演示站点</description>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _sitemap(chosen: list[Story], site: str) -> str:
    rows = "".join(
        f"<url><loc>{site}{story.path}</loc><lastmod>{story.at.isoformat()}</lastmod></url>" for story in chosen
    )
    schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="utf-8"?><urlset xmlns="{schema}">{rows}</urlset>'


def _plain(heading: str, text: str) -> bytes:
    return _fill("list.html", heading=heading, nav=_nav(), items=f"<li>{escape(text)}</li>", pages="").encode()


def serve(site: Site, port: int) -> ThreadingHTTPServer:
    """Bind the site to a port of loopback (0: any free one); the caller runs and closes it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = site.answer(self.path.partition("?")[0], self.headers.get("Host") or "127.0.0.1")
            page = found or Page(HTML, _plain("没有这个页面", "您访问的页面不存在或已删除。"))
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", page.kind)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (name set by http.server)
            """Keep the console of the stack quiet."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def anchor_day(today: date) -> date:
    """Return the day the office was loaded, as noted in the data folder, else ``today``."""
    folder = os.environ.get("YINFENG_DATA")
    path = Path(folder) / DAY_FILE if folder else None
    if path is None or not path.is_file():
        return today
    return date.fromisoformat(path.read_text(encoding="ascii").strip())


def main() -> int:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(description="演示新闻站点 / news site of the demonstration office")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--today", type=date.fromisoformat, help="day the stories are dated around")
    chosen = parser.parse_args()
    today = local_day(clock.now())
    server = serve(Site(chosen.today or anchor_day(today)), chosen.port)

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"演示新闻站点 / demonstration news site: http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
