"""The guard lets public addresses through and nothing else."""

from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.http import Response

from scrapers.guard import (
    EntitiesError,
    GuardedResolver,
    GuardMiddleware,
    RefusedAddressError,
    UnreadableEncodingError,
    address_refusal,
    parse_allow,
    refusal,
    refused_on_resolution,
)

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104 - an address to refuse, nothing is bound
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fec0::1",
    "::127.0.0.1",
    "64:ff9b:1::7f00:1",
    "2400:3200::5efe:10.0.0.1",
    "192.88.99.1",
    "168.63.129.16",
]
DISGUISED = ["0x7f000001", "2130706433", "017700000001", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2852039166", "10.0.1"]
FOREIGN = ["127。0。0。1", "①②⑦.0.0.1", "ⓛocalhost", "%31%32%37.0.0.1", "127.0.0.1%00.example.com"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_on_connection(address: str) -> None:
    assert address_refusal(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "114.114.114.114", "172.32.0.1", "100.128.0.1", "2400:3200::1", "::ffff:1.1.1.1"]
)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    assert address_refusal(address) is None


@pytest.mark.parametrize("address", [a for a in PRIVATE if "%" not in a])
def test_a_private_address_is_refused_in_an_address_text(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert refusal(f"http://{host}/")


@pytest.mark.parametrize(
    "host",
    [*DISGUISED, *FOREIGN, "127.0.0.1.", "localhost", "db.localhost", "printer.local", "metadata.google.internal"],
)
def test_a_disguised_or_local_host_is_refused(host: str) -> None:
    assert refusal(f"http://{host}/news")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://news.example/",
        "gopher://news.example/",
        "javascript:alert(1)",
        "//news.example/",
        "http:///nothing",
        "http://news.example:22/",
        "http://news.example:8080/",
        "http://user:secret@news.example/",
        "http://news.example@10.0.0.1/",
        "http://[::1",
        "http://news.example:99999/",
    ],
)
def test_other_schemes_ports_and_malformed_addresses_are_refused(url: str) -> None:
    assert refusal(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example/",
        "https://news.example:443/a?b=c",
        "http://1.1.1.1/",
        "http://临江.example/",
        "http://163.example/",
    ],
)
def test_a_public_looking_address_text_passes(url: str) -> None:
    assert refusal(url) is None


def test_the_allow_list_opens_one_host_and_port_only() -> None:
    allowed = parse_allow(["127.0.0.1:8123", "[::1]:8123"])
    assert refusal("http://127.0.0.1:8123/rss.xml", allowed) is None
    assert refusal("http://[::1]:8123/rss.xml", allowed) is None
    assert refusal("http://127.0.0.1:8124/", allowed)
    assert refusal("http://127.0.0.1/", allowed)
    assert refusal("http://127.0.0.2:8123/", allowed)
    assert refusal("ftp://127.0.0.1:8123/", allowed)


@pytest.mark.parametrize("entry", ["127.0.0.1", "news.example:80/path", "", "host:port"])
def test_an_allow_list_entry_must_be_host_and_port(entry: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_allow([entry])


def test_the_middleware_raises_for_a_redirect_into_the_private_net() -> None:
    guard = GuardMiddleware(parse_allow(["127.0.0.1:8123"]))
    guard.process_request(Request("http://127.0.0.1:8123/list"))
    redirected = Request("http://127.0.0.1:8123/list").replace(url="http://169.254.169.254/latest/meta-data")
    with pytest.raises(RefusedAddressError, match=r"169\.254\.169\.254"):
        guard.process_request(redirected)


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ({"Content-Encoding": "rot13"}, b"uryyb", UnreadableEncodingError),
        ({}, b'<!DOCTYPE r [ <!-- ] --> <!ENTITY a "x">]><rss/>', EntitiesError),
        ({}, '<!DOCTYPE r [<!ENTITY a "x">]><rss/>'.encode("utf-16"), EntitiesError),
    ],
)
def test_content_nobody_should_read_is_refused(headers: dict[str, str], body: bytes, error: type[Exception]) -> None:
    guard, url = GuardMiddleware(parse_allow([])), "http://news.example/"
    with pytest.raises(error):
        guard.process_response(Request(url), Response(url, headers=headers, body=body))


def test_an_ordinary_page_passes_unchanged() -> None:
    page = Response("http://news.example/", headers={"Content-Encoding": "identity"}, body=b"<!DOCTYPE html><p>hello")
    assert GuardMiddleware(parse_allow([])).process_response(Request(page.url), page) is page


class Receiver:
    """Collects what a resolver hands on."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    def resolutionBegan(self, _resolution: object) -> None:  # noqa: N802 - Twisted's name
        """Ignore."""

    def addressResolved(self, address: SimpleNamespace) -> None:  # noqa: N802 - Twisted's name
        """Keep the host."""
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        """Ignore."""


class Names:
    """A name server that answers with the given addresses."""

    def __init__(self, *hosts: str) -> None:
        self.hosts = hosts

    def resolveHostName(self, receiver: Receiver, *_: object) -> None:  # noqa: N802 - Twisted's name
        """Answer at once."""
        receiver.resolutionBegan(None)
        for host in self.hosts:
            receiver.addressResolved(SimpleNamespace(host=host))
        receiver.resolutionComplete()


def resolve(name: str, port: int, *answers: str) -> list[str]:
    receiver = Receiver()
    resolver = GuardedResolver(SimpleNamespace(nameResolver=Names(*answers)), parse_allow(["demo.example:8123"]))
    resolver.resolveHostName(receiver, name, port)
    return receiver.hosts


def test_a_public_name_that_resolves_to_a_private_address_is_not_connected_to() -> None:
    assert resolve("rebound.example", 80, "10.0.0.7", "::ffff:192.168.0.1") == []
    assert "rebound.example resolves to" in (refused_on_resolution("http://rebound.example/x") or "")


def test_only_the_checked_addresses_of_a_name_are_handed_on() -> None:
    assert resolve("mixed.example", 443, "169.254.169.254", "1.1.1.1") == ["1.1.1.1"]


def test_an_allowed_name_may_resolve_to_loopback_on_its_port_only() -> None:
    assert resolve("demo.example", 8123, "127.0.0.1") == ["127.0.0.1"]
    assert resolve("demo.example", 80, "127.0.0.1") == []
