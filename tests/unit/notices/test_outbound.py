from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Self
from unittest.mock import Mock

import requests
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import ProtocolError

from crm.notices.carriers.outbound import UNREACHABLE, Gate
from crm.notices.rules import Outcome, Sending, Vendor

if TYPE_CHECKING:
    import pytest

URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"


class Broken:
    """An answer that ends in the middle."""

    status_code = 200
    raw = SimpleNamespace(read=Mock(side_effect=ProtocolError("cut off")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        """Close nothing."""


def test_an_answer_that_breaks_off_is_asked_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.Session, "post", lambda *_what, **_how: Broken())
    assert Gate(Vendor.WECOM).post(URL, {"msgtype": "text"}) == Outcome(Sending.LATER, UNREACHABLE)


class Inside:
    """A connection that a name of the vendor led into the house."""

    written: list[bytes]

    def __init__(self) -> None:
        self.written = []

    def getpeername(self) -> tuple[str, int]:
        return "10.0.0.7", 443

    def sendall(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        """Say nothing."""


def test_nothing_is_written_to_a_private_address_behind_a_vendors_name(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Inside()
    monkeypatch.setattr(HTTPSConnection, "connect", lambda self: setattr(self, "sock", inside))
    answer = Gate(Vendor.WECOM).post(URL, {"msgtype": "text"})
    assert answer == Outcome(Sending.LATER, UNREACHABLE)
    assert inside.written == []
