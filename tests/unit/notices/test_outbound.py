from __future__ import annotations

from typing import TYPE_CHECKING

from urllib3.connection import HTTPSConnection

from crm.notices.carriers.outbound import UNREACHABLE, Gate
from crm.notices.rules import Outcome, Sending, Vendor

if TYPE_CHECKING:
    import pytest

URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"


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
