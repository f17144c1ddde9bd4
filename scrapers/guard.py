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
from scrapy.http import Response

Allowed = frozenset[tuple[str, int]]
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is routed of IPv6; site-local fec0:: counts as global elsewhere
_NOT_FOR_US = tuple(
    map(
        ipaddress.ip_network,
        # Relays, translators and services of the clouds that Python takes for public addresses.
        ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "3fff::/20"),
    )
)
_ISATAP = 0x00005EFE  # third quarter of an address that carries an IPv4 address in its last one
_PLAIN_ENCODINGS = frozenset({"", "identity", "utf-8"})
_ENTITIES = (b"<!ENTITY", "<!ENTITY".encode("utf-16-le"))
_SPELLED = re.compile(r"[a-z0-9._-]*|[0-9a-f.]*:[0-9a-f:.]*(?:%[\w.-]+)?")  # a name, or IPv6
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
        host, port = _plain(parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return f"malformed address {url[:200]!r}"
    checks = (
        (parts.scheme not in _PORTS, f"scheme {parts.scheme!r} is not http or https"),
        (not host, "no host"),
        (not _SPELLED.fullmatch(host), f"malformed host {host[:100]!r}"),
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
    return None if all(map(_public, _embedded(ip))) else f"{address} is not a public address"


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


def _public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _UNICAST:
        return False
    odd = ip.is_multicast or ip.is_reserved or ip.is_unspecified or not ip.is_global
    return not odd and not any(ip in network for network in _NOT_FOR_US)


def _plain(host: str) -> str:
    """Give the host as it goes on the wire: other scripts' digits and full stops become ours; ValueError for none."""
    return host if host.isascii() else host.encode("idna").decode("ascii").lower()


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
    if (int(ip) >> 32) & 0xFCFFFFFF == _ISATAP:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return found


class UnreadableEncodingError(IgnoreRequest):
    """The content is packed in a way nobody unpacked."""


class EntitiesError(IgnoreRequest):
    """The content declares entities of its own: those of an attack grow without end, or read files."""


class GuardMiddleware:
    """Refuse a request whose address text is not public, and content nobody should read; redirects pass here again."""

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

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy's signature
        """Raise for content that is still packed, or declares entities; this comes after the unpacking."""
        packed = (response.headers.get("Content-Encoding") or b"").decode("latin-1").strip().lower()
        if packed not in _PLAIN_ENCODINGS and response.body:
            message = f"content encoding {packed[:40]!r}"
            raise UnreadableEncodingError(message)
        if any(mark in response.body for mark in _ENTITIES):
            message = "the document declares entities of its own"
            raise EntitiesError(message)
        return response


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
