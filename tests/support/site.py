"""A news site on loopback, with pages and enterprises of our own invention."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = Path(__file__).parents[1] / "fixtures" / "road"
KINDS = {".html": "text/html", ".xml": "text/xml", ".txt": "text/plain"}


class _Pages(BaseHTTPRequestHandler):
    """Answers the files of one folder; ``{site}`` in them becomes the address of the site."""

    protocol_version = "HTTP/1.1"
    files: ClassVar[dict[str, Path]] = {f"/{path.name}": path for path in PAGES.iterdir()}

    def do_GET(self) -> None:
        """Answer one address."""
        path = self.files.get(self.path)
        body = path.read_bytes().replace(b"{site}", f"http://{self.headers['Host']}".encode()) if path else b"gone"
        self.send_response(200 if path else 404)
        self.send_header("Content-Type", KINDS[path.suffix] if path else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def news_site() -> Iterator[str]:
    """Run the site until the block ends; give its host:port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
