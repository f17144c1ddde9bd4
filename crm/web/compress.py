"""Pages, fragments and our static files travel compressed: on a phone's line that is most of the waiting.

Pages hold no secret that a guesser could aim at: a CSRF token is signed anew for each page, and the session cookie
is not sent with requests of other sites.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app, request

if TYPE_CHECKING:
    from flask import Flask, Response

SMALLEST = 600
FAST, BEST = 5, 9
KINDS = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
        "text/calendar",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
    }
)


def init_app(app: Flask) -> None:
    """Compress every answer that gains by it."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in KINDS:
        return response
    response.vary.add("Accept-Encoding")
    wanted = request.accept_encodings["gzip"] > 0 and response.status_code == 200  # noqa: PLR2004 (whole answers only)
    if not wanted or request.method == "HEAD" or "Content-Encoding" in response.headers:
        return response
    if request.endpoint == "static":
        return _static(response)
    if response.is_streamed or (response.content_length or 0) < SMALLEST:
        return response
    return _packed(response, gzip.compress(response.get_data(), FAST, mtime=0))


def _static(response: Response) -> Response:
    path = Path(str(current_app.static_folder)) / (request.view_args or {})["filename"]
    known = path.stat()
    if known.st_size < SMALLEST:
        return response
    response.direct_passthrough = False
    response.close()
    return _packed(response, _file(path, known.st_mtime_ns))


@lru_cache(maxsize=200)
def _file(path: Path, _changed: int) -> bytes:
    """Pack a file of ours once: it stays the same until the next release."""
    return gzip.compress(path.read_bytes(), BEST, mtime=0)


def _packed(response: Response, data: bytes) -> Response:
    response.set_data(data)
    response.headers["Content-Encoding"] = "gzip"
    tag, _weak = response.get_etag()
    if tag is not None:
        response.set_etag(f"{tag}-gzip", weak=True)
    return response
