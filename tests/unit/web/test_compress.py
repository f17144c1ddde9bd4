from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from crm.web import compress

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "筑巢引凤，" * 300


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "app.css").write_text("a { color: red }\n" * 100, encoding="utf-8")
    (tmp_path / "dot.png").write_bytes(b"\x89PNG" + bytes(2000))
    app = Flask(__name__, static_folder=str(tmp_path), static_url_path="/static")
    compress.init_app(app)
    app.add_url_rule("/page", "page", lambda: WORDS)
    app.add_url_rule("/short", "short", lambda: "短")
    return app


def test_a_page_and_a_style_sheet_travel_packed_and_say_so(app: Flask) -> None:
    client = app.test_client()
    for path, whole in (("/page", WORDS.encode()), ("/static/app.css", b"a { color: red }\n" * 100)):
        answer = client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.content_length == len(answer.data) < len(whole)
        assert gzip.decompress(answer.data) == whole


def test_who_cannot_unpack_gets_the_plain_text(app: Flask) -> None:
    client = app.test_client()
    for asked in ("", "br", "gzip;q=0"):
        answer = client.get("/page", headers={"Accept-Encoding": asked})
        assert "Content-Encoding" not in answer.headers
        assert answer.text == WORDS


@pytest.mark.parametrize("path", ["/short", "/static/dot.png", "/static/missing.css"])
def test_what_gains_nothing_is_left_alone(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    answer.close()


def test_a_part_of_a_file_and_a_file_that_is_known_are_not_packed(app: Flask) -> None:
    client = app.test_client()
    part = client.get("/static/app.css", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"a { color:")
    first = client.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    known = {"Accept-Encoding": "gzip", "If-Modified-Since": first.headers["Last-Modified"]}
    again = client.get("/static/app.css", headers=known, buffered=True)
    assert again.status_code == 304
