"""Outbound guard: a crawl reaches public addresses only, whatever a page, a feed or a redirect points at.

Two locks. The middleware looks at every address text before a request leaves (also robots.txt and each redirect).
The resolver looks at every address a name resolves to and hands on only checked ones; Twisted connects to exactly
those, so a name cannot answer differently between check and connection.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

Allowed = frozenset[tuple[str, int]]
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}", re.IGNORECASE)
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".localdomain", ".home.arpa")
_refused: dict[tuple[str, int], str] = {}


class RefusedAddressError(IgnoreRequest):
    """The guard does not let this request leave."""


def parse_allow(entries: Iterable[str]) -> Allowed:
    """Read "host:port" entries (IPv6 in brackets); ValueError for anything else."""
    allowed = set()
    for entry in entries:
        parts = urlsplit(f"//{entry}")
        if not parts.hostname or parts.port is None or parts.path:
            message = f"not host:port: {entry!r}"
            raise ValueError(message)
        allowed.add((parts.hostname, parts.port))
    return frozenset(allowed)


def refusal(url: str, allowed: Allowed = frozenset()) -> str | None:
    """Say why the address text must not be requested; None when it may be. No DNS here."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return f"malformed address {url[:200]!r}"
    checks = (
        (parts.scheme not in _PORTS, f"scheme {parts.scheme!r} is not http or https"),
        (not host, "no host"),
        (parts.username is not None or parts.password is not None, "address carries a user name or password"),
        ((host, port) not in allowed and port not in _PORTS.values(), f"port {port} is not 80 or 443"),
    )
    reason = next((words for wrong, words in checks if wrong), None)
    return reason if reason or (host, port) in allowed else _host_refusal(host)


def address_refusal(address: str) -> str | None:
    """Say why an IP address must not be connected to; None for a public one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address!r} is not an address"
    for inner in _embedded(ip):
        if inner.is_multicast or not inner.is_global or inner.is_reserved or inner.is_unspecified:
            return f"{address} is not a public address"
    return None


def refused_on_resolution(url: str) -> str | None:
    """Say why the resolver refused the host of this address in this process, if it did."""
    try:
        parts = urlsplit(url)
        return _refused.get((parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)))
    except ValueError:
        return None


def _host_refusal(host: str) -> str | None:
    if host.endswith(_LOCAL_NAMES):
        return f"{host} is a local name"
    try:
        return address_refusal(str(ipaddress.ip_address(host)))
    except ValueError:
        pass
    if _NUMERIC.fullmatch(host):
        return f"{host} is an address in disguise ({_spelled_out(host)})"
    return None


def _spelled_out(host: str) -> str:
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return "invalid"


def _embedded(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Give the address and the IPv4 addresses it carries (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    found: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ip]
    if ip.sixtofour:
        found.append(ip.sixtofour)
    if ip.teredo:
        found.extend(ip.teredo)
    if ip in _NAT64:
        found = [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    return found


class GuardMiddleware:
    """Refuse a request whose address text is not public; every redirect passes here again."""

    def __init__(self, allowed: Allowed) -> None:
        """Keep the allow-list of this crawl."""
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the allow-list from the settings of the crawl."""
        return cls(parse_allow(crawler.settings.getlist("GUARD_ALLOW")))

    def process_request(self, request: Request) -> None:
        """Raise RefusedAddressError for a forbidden address."""
        reason = refusal(request.url, self.allowed)
        if reason:
            raise RefusedAddressError(reason)


class _CheckedReceiver:
    """Pass on only those resolved addresses that may be connected to."""

    def __init__(self, inner: Any, host: str, port: int, *, trusted: bool) -> None:  # noqa: ANN401 - Twisted's interfaces are not types
        self._inner, self._key, self._trusted = inner, (host, port), trusted

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: ANN401, N802 - name and type are Twisted's
        self._inner.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: ANN401, N802 - name and type are Twisted's
        reason = None if self._trusted else address_refusal(address.host)
        if reason:
            _refused[self._key] = f"{self._key[0]} resolves to {reason}"
        else:
            self._inner.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - the name is Twisted's
        self._inner.resolutionComplete()


class GuardedResolver:
    """Scrapy resolver (setting TWISTED_DNS_RESOLVER) that drops addresses the guard refuses."""

    def __init__(self, reactor: Any, allowed: Allowed) -> None:  # noqa: ANN401 - the reactor is chosen at run time
        """Stand in front of the reactor's own resolver."""
        self._reactor, self._inner, self._allowed = reactor, reactor.nameResolver, allowed

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:  # noqa: ANN401 - Scrapy passes its process here
        """Take the allow-list from the settings of the process."""
        return cls(reactor, parse_allow(crawler.settings.getlist("GUARD_ALLOW")))

    def install_on_reactor(self) -> None:
        """Become the reactor's resolver."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - the name is Twisted's
        self,
        receiver: Any,  # noqa: ANN401 - Twisted's interfaces are not types
        host: str,
        portNumber: int = 0,  # noqa: N803 - the name is Twisted's
        addressTypes: Sequence[type] | None = None,  # noqa: N803 - the name is Twisted's
        transportSemantics: str = "TCP",  # noqa: N803 - the name is Twisted's
    ) -> Any:  # noqa: ANN401 - Twisted's interfaces are not types
        """Resolve a name and hand on the checked addresses only."""
        checked = _CheckedReceiver(receiver, host, portNumber, trusted=(host, portNumber) in self._allowed)
        return self._inner.resolveHostName(checked, host, portNumber, addressTypes, transportSemantics)
