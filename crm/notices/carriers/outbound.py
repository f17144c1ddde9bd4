"""The way out to the robots: only to the three vendors, only to public addresses, never along a redirect.

Two locks. The text of the address is checked against the vendor's host before anything leaves; the address that the
connection really reached is checked before the request is written. ``YINFENG_ROBOT_ALLOW`` names ``host:port`` pairs
that are exempt: a gateway inside the house, or the stub of a test.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError

from crm.notices.rules import VENDOR_HOSTS, Outcome, Sending, Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("yinfeng.notices")
UNREACHABLE = "连接不上机器人所在的平台，稍后自动重试。"
FOREIGN = "地址不是该平台的机器人地址。"
PATIENCE = (5, 10)
MOST_BYTES = 64 * 1024
HTTPS_PORT = 443
WRONG_VENDOR = "地址必须以 https://%(host)s/ 开头，请从群机器人的设置里复制完整地址。"


@dataclass(frozen=True, slots=True)
class Reply:
    """How a vendor answered."""

    status: int
    words: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


class PrivateAddressError(OSError):
    """The name of a vendor led to an address that is not public."""


def refusal(vendor: Vendor, url: str, allowed: tuple[str, ...] = ()) -> str | None:
    """Say why an address is not this vendor's; None when it is, or is exempt."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
    except ValueError:
        return WRONG_VENDOR
    if parts.username is not None or parts.password is not None:
        return WRONG_VENDOR
    if f"{host}:{port}" in allowed and parts.scheme in {"http", "https"}:
        return None
    right = parts.scheme == "https" and host == VENDOR_HOSTS[vendor] and port == HTTPS_PORT
    return None if right else WRONG_VENDOR


def is_public(address: str) -> bool:
    """Whether an IP address may be connected to."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped else ip
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


class _CheckedConnection(HTTPSConnection):
    """Looks at the address it reached before a request is written."""

    def connect(self) -> None:
        super().connect()
        reached = str(self.sock.getpeername()[0])
        if not is_public(reached):
            self.close()
            message = f"{self.host} leads to {reached}, which is not a public address"
            raise PrivateAddressError(message)


class _CheckedPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedConnection


class _CheckedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (whatever the library passes)
        super().init_poolmanager(*args, **kwargs)
        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {**pools, "https": _CheckedPool}


@dataclass(frozen=True, slots=True)
class Gate:
    """Posts to the robots of one vendor."""

    vendor: Vendor
    allowed: tuple[str, ...] = ()

    def post(self, url: str, body: Mapping[str, Any]) -> Reply | Outcome:
        """Post a message; an Outcome when nothing was answered."""
        if refusal(self.vendor, url, self.allowed):
            return Outcome(Sending.REFUSED, FOREIGN)
        parts = urlsplit(url)
        exempt = f"{parts.hostname}:{parts.port or HTTPS_PORT}" in self.allowed
        try:
            return self._ask(url, body, exempt=exempt)
        except (requests.RequestException, HTTPError, OSError) as error:
            log.info("%s: %s", self.vendor, type(error).__name__)
            return Outcome(Sending.LATER, UNREACHABLE)

    def _ask(self, url: str, body: Mapping[str, Any], *, exempt: bool) -> Reply:
        with requests.Session() as session:
            session.trust_env = False
            if not exempt:
                session.mount("https://", _CheckedAdapter())
            payload = json.dumps(body, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json; charset=utf-8"}
            with session.post(
                url, data=payload, headers=headers, timeout=PATIENCE, allow_redirects=False, stream=True
            ) as answer:
                raw = answer.raw.read(MOST_BYTES, decode_content=True)
        return _read(answer.status_code, raw)


def _read(status: int, raw: bytes) -> Reply:
    try:
        body = json.loads(raw)
    except ValueError:
        return Reply(status, "no json")
    if not isinstance(body, dict):
        return Reply(status, "no object")
    words = body.get("errmsg") or body.get("msg") or body.get("StatusMessage") or ""
    return Reply(status, str(words), body)
