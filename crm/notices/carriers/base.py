"""What every carrier can do, and what several of them share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from crm.notices.rules import Message, Outcome, Sending, cut

if TYPE_CHECKING:
    from collections.abc import Collection

    from crm.notices.carriers.outbound import Reply

HTTP_OK, TOO_MANY, SERVER_ERROR = 200, 429, 500
BRIEF = 160


class Carrier(Protocol):
    """Carries one message and says how it went; it never raises for what the other side did."""

    def send(self, message: Message) -> Outcome:
        """Send it once."""


def plain(message: Message, base: str, limit: int) -> str:
    """Write a message as text within a number of bytes; the address to open is never cut off."""
    tail = f"\n{base}{_address(message)}" if base else ""
    if len(message.lines) == 1:
        head = f"【{message.title}】{message.lines[0].text}"
    else:
        rows = [f"{number}. {line.text}" for number, line in enumerate(message.lines, 1)]
        head = "\n".join([f"【引凤】{message.title}", *rows])
    return cut(head, limit - len(tail.encode())) + tail


def _address(message: Message) -> str:
    links = {line.link for line in message.lines if line.link}
    return links.pop() if len(links) == 1 else "/notices"


def judged(reply: Reply, fine: bool, code: object, slow: Collection[object], final: Collection[object]) -> Outcome:  # noqa: FBT001 (what the vendor's answer comes to)
    """Judge a vendor's answer: done, too fast, never, or to be tried again."""
    if reply.status == HTTP_OK and fine:
        return Outcome(Sending.SENT)
    reason = f"HTTP {reply.status}, {code}: {reply.words}"[:BRIEF]
    if code in slow or reply.status == TOO_MANY:
        return Outcome(Sending.LATER, reason, timedelta(minutes=1))
    if code in final or HTTP_OK < reply.status < SERVER_ERROR:
        return Outcome(Sending.REFUSED, reason)
    return Outcome(Sending.LATER, reason)
