"""Group robots on loopback that answer as the vendors document, and follow a script before they do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "SEC-robot-secret"
KEY = "0b1c2d3e"
FINE: dict[str, dict[str, Any]] = {
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"code": 0, "msg": "success", "data": {}},
}
TOO_FAST: dict[str, dict[str, Any]] = {
    "wecom": {"errcode": 45009, "errmsg": "api freq out of limit"},
    "dingtalk": {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"},
    "feishu": {"code": 11232, "msg": "frequency limited psm"},
}
WRONG: dict[str, dict[str, Any]] = {
    "wecom": {"errcode": 93000, "errmsg": "invalid webhook url"},
    "dingtalk": {"errcode": 310000, "errmsg": "sign not match"},
    "feishu": {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"},
}
PATHS = {
    "/cgi-bin/webhook/send": "wecom",
    "/robot/send": "dingtalk",
    f"/open-apis/bot/v2/hook/{KEY}": "feishu",
}


@dataclass
class Stub:
    """What the stub was asked, and how it is to answer before it answers as documented."""

    port: int
    accepted: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    script: deque[int | dict[str, Any]] = field(default_factory=deque)
    down: bool = False

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return the exemption that lets the house reach the stub."""
        return (f"127.0.0.1:{self.port}",)

    def url(self, vendor: str) -> str:
        """Return the address of a robot as the vendor would give it."""
        path = next(path for path, name in PATHS.items() if name == vendor)
        query = {"wecom": f"?key={KEY}", "dingtalk": f"?access_token={KEY}", "feishu": ""}[vendor]
        return f"http://127.0.0.1:{self.port}{path}{query}"

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request."""
        self.asked += 1
        if self.down:
            return 503, {}
        if self.script:
            said = self.script.popleft()
            return (said, {}) if isinstance(said, int) else (200, said)
        vendor = PATHS.get(urlsplit(path).path)
        if vendor is None:
            return 404, {}
        asked = json.loads(body)
        good = {"wecom": _wecom, "dingtalk": _dingtalk, "feishu": _feishu}[vendor](path, asked)
        if good:
            self.accepted.append(asked)
        return 200, (FINE if good else WRONG)[vendor]


def _wecom(path: str, asked: dict[str, Any]) -> bool:
    key = parse_qs(urlsplit(path).query).get("key") == [KEY]
    return key and asked["msgtype"] == "text" and 0 < len(asked["text"]["content"].encode()) <= 2048


def _dingtalk(path: str, asked: dict[str, Any]) -> bool:
    query = parse_qs(urlsplit(path).query)
    stamp = query["timestamp"][0]
    digest = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    signed = query["sign"] == [base64.b64encode(digest).decode()] and len(stamp) == 13
    return signed and asked["msgtype"] == "text" and bool(asked["text"]["content"])


def _feishu(_path: str, asked: dict[str, Any]) -> bool:
    key = f"{asked['timestamp']}\n{SECRET}".encode()
    signed = asked["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
    rows = asked["content"]["post"]["zh_cn"]["content"]
    return signed and asked["msg_type"] == "post" and all(part["tag"] in {"text", "a"} for row in rows for part in row)


@contextmanager
def robots() -> Iterator[Stub]:
    """Run the stub until the block ends."""
    stub = Stub(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = stub.answer(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{stub.port}/elsewhere")
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
