"""A crawl is a process of its own: a small site on loopback is really crawled."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from scrapers.items import unpack, url_hash

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "fixtures" / "newsroom"
LIMIT = 60
ARTICLE = (PAGES / "article.html").read_text(encoding="utf-8").encode("gb18030")
LIST = b"""<ul><li><a href="/a.html">a</a> 03-08</li><li><a href="/gone.html">b</a></li><li><a href="/away">c</a></li>
<li><a href="/round">d</a></li><li><a href="/file.pdf">e</a></li><li><a href="/big">f</a></li>
<li><a href="/private/x">g</a></li>
<li><a href="/bomb">h</a></li><li><a href="/short">i</a></li><li><a href="/stream">j</a></li>
<li><a href="/odd">k</a></li><li><a href="/broken">l</a></li><li><a href="/elsewhere">m</a></li></ul>"""
RSS = """<rss version="2.0"><channel><item><title>开工</title><link>{site}/a.html</link>
<pubDate>2026年03月08日 07:15</pubDate></item></channel></rss>"""
MAP = "<urlset><url><loc>{site}/a.html</loc><lastmod>2026-03-08</lastmod></url></urlset>"
INDEX = "<sitemapindex><sitemap><loc>{site}/map.xml.gz</loc></sitemap></sitemapindex>"


class Site(BaseHTTPRequestHandler):
    """The site; `hang` is held until the test lets go."""

    release = threading.Event()
    asked = threading.Event()

    def do_GET(self) -> None:
        """Answer one address."""
        site = f"http://{self.headers['Host']}"
        pages: dict[str, tuple[str, bytes]] = {
            "/robots.txt": ("text/plain", b"User-agent: *\nDisallow: /private/\n"),
            "/list": ("text/html", LIST),
            "/rss.xml": ("text/xml", RSS.format(site=site).encode()),
            "/not-a-feed": ("text/html", ARTICLE),
            "/index.xml": ("text/xml", INDEX.format(site=site).encode()),
            "/map.xml.gz": ("application/gzip", gzip.compress(MAP.format(site=site).encode())),
            "/a.html": ("text/html", ARTICLE),
            "/file.pdf": ("application/pdf", b"%PDF-1.7"),
            "/hang-list": ("text/html", b'<a href="/a.html">a</a><a href="/hang">b</a>'),
        }
        special = {
            "/away": self._away,
            "/round": self._round,
            "/big": self._big,
            "/bomb": self._bomb,
            "/short": self._short,
        }
        special |= {"/stream": self._stream, "/hang": self._hang}
        special |= {"/odd": self._odd, "/broken": self._broken, "/elsewhere": self._elsewhere}
        if self.path in special:
            special[self.path]()
        elif self.path in pages:
            kind, body = pages[self.path]
            self._answer(200, body, {"Content-Type": kind})
        else:
            self._answer(404, b"gone", {"Content-Type": "text/html"})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _away(self) -> None:
        self._answer(302, b"", {"Location": "http://10.255.255.1/secret"})

    def _elsewhere(self) -> None:
        self._answer(302, b"", {"Location": "file:///etc/passwd"})

    def _odd(self) -> None:
        self._answer(200, b"uryyb", {"Content-Type": "text/html", "Content-Encoding": "rot13"})

    def _broken(self) -> None:
        self._answer(200, b"no gzip at all", {"Content-Type": "text/html", "Content-Encoding": "gzip"})

    def _round(self) -> None:
        self._answer(302, b"", {"Location": "/round"})

    def _big(self) -> None:
        self._answer(200, b"", {"Content-Type": "text/html", "Content-Length": str(6 * 1024 * 1024)})

    def _bomb(self) -> None:
        self._answer(200, gzip.compress(b" " * 20_000_000), {"Content-Type": "text/html", "Content-Encoding": "gzip"})

    def _short(self) -> None:
        self._answer(200, b"half", {"Content-Type": "text/html", "Content-Length": "400"})
        self.close_connection = True

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b" " * 65536)
        except OSError:
            self.close_connection = True  # The crawl hung up, as it should.

    def _hang(self) -> None:
        Site.asked.set()
        Site.release.wait(LIMIT)
        self.close_connection = True


@pytest.fixture
def site() -> Iterator[str]:
    """A running site; gives host:port."""
    Site.release.clear()
    Site.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    Site.release.set()
    server.shutdown()
    server.server_close()


def command(tmp_path: Path, job: dict[str, Any]) -> tuple[list[str], Path]:
    spec, out = tmp_path / "job.json", tmp_path / "feed.jsonl.gz"
    spec.write_text(json.dumps(job), encoding="utf-8")
    return [sys.executable, "-m", "scrapers.run", str(spec), str(out)], out


def job(site: str, kind: str, path: str, **options: object) -> dict[str, Any]:
    return {"source": "临江日报", "kind": kind, "url": f"http://{site}{path}", "allow": [site], "delay": 0, **options}


def rows(out: Path) -> list[dict[str, Any]]:
    with gzip.open(out, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def run(tmp_path: Path, data: dict[str, Any]) -> tuple[int, list[dict[str, Any]], str]:
    argv, out = command(tmp_path, data)
    proxied = {**os.environ, "http_proxy": "http://127.0.0.1:9/"}  # A proxy in the environment must not be used.
    done = subprocess.run(  # noqa: S603 - our own command line
        argv, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, env=proxied, check=False
    )
    return done.returncode, rows(out) if out.exists() else [], done.stderr


def test_a_list_is_crawled_and_every_bad_page_has_its_reason(tmp_path: Path, site: str) -> None:
    status, lines, _ = run(tmp_path, job(site, "list", "/list", link_css="li a"))
    *pages, summary = lines
    reasons = {row["url"].removeprefix(f"http://{site}"): row["reason"] for row in pages if row["type"] == "failed"}
    assert status == 0
    assert reasons == {
        "/gone.html": "http_status",
        "http://10.255.255.1/secret": "refused_address",
        "/round": "redirect_loop",
        "/file.pdf": "content_type",
        "/big": "too_large",
        "/private/x": "robots",
        "/bomb": "too_large",
        "/short": "data_loss",
        "/stream": "too_large",
        "/odd": "content_encoding",
        "/broken": "bad_gzip",
        "/elsewhere": "refused_address",
    }
    articles = [row for row in pages if row["type"] == "article"]
    assert [unpack(row["body"]) for row in articles] == [ARTICLE]
    assert (summary["type"], summary["finish"], summary["items"], summary["failed"]) == ("summary", "finished", 1, 12)
    assert (summary["robots_denied"], summary["failures"]["too_large"]) == (1, 3)
    assert summary["peak_memory_kb"] < 300_000


@pytest.mark.parametrize(
    ("kind", "path", "time"), [("rss", "/rss.xml", "2026年03月08日 07:15"), ("sitemap", "/index.xml", "2026-03-08")]
)
def test_feeds_and_packed_sitemaps_lead_to_the_page(tmp_path: Path, site: str, kind: str, path: str, time: str) -> None:
    status, lines, _ = run(tmp_path, job(site, kind, path))
    assert status == 0
    assert [(row["type"], row.get("listed_time")) for row in lines] == [("article", time), ("summary", None)]


def test_a_feed_that_is_html_ends_well_and_says_what_it_is(tmp_path: Path, site: str) -> None:
    status, lines, _ = run(tmp_path, job(site, "rss", "/not-a-feed", seen=[url_hash(f"http://{site}/a.html")]))
    assert status == 0
    assert [row.get("reason") for row in lines] == ["not_a_feed", None]


def test_a_page_that_never_answers_is_a_timeout(tmp_path: Path, site: str) -> None:
    status, lines, _ = run(tmp_path, job(site, "rss", "/hang", timeout=0.3))
    assert status == 0
    assert [row.get("reason") for row in lines] == ["timeout", None]


def test_a_stopped_crawl_leaves_a_complete_feed(tmp_path: Path, site: str) -> None:
    argv, out = command(tmp_path, job(site, "list", "/hang-list", link_css="a"))
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our own command line
        assert Site.asked.wait(LIMIT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == 3
    *pages, summary = rows(out)
    assert [row["type"] for row in pages] in (["article"], [])
    assert summary["finish"] == "terminated"


@pytest.mark.parametrize("change", [{"url": "http://192.168.0.1/"}, {"kind": "pigeon"}, {"surprise": 1}])
def test_a_wrong_job_ends_with_one_line_and_no_feed(tmp_path: Path, change: dict[str, Any]) -> None:
    status, lines, said = run(tmp_path, {"source": "x", "kind": "rss", "url": "http://news.example/", **change})
    assert (status, lines) == (2, [])
    assert said.startswith("bad job: ")
    assert said.count("\n") == 1
