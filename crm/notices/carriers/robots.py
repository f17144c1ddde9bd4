"""Group robots of WeCom, DingTalk and Feishu, as their documentation describes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crm.notices.carriers.base import judged, plain
from crm.notices.rules import TEXT_BYTES, Message, Outcome, Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from crm.notices.carriers.base import Carrier
    from crm.notices.carriers.outbound import Gate

WECOM_SLOW, WECOM_FINAL = {45009}, {93000, 93004, 93008, 40008, 40058}
DINGTALK_SLOW, DINGTALK_FINAL = {130101, 660026}, {300001, 310000, 400013, 400101, 400102}
FEISHU_SLOW, FEISHU_FINAL = {9499, 11232}, {19001, 19002, 19021, 19022, 19024}


@dataclass(frozen=True, slots=True)
class Wecom:
    """企业微信群机器人: text of at most 2,048 bytes; 45009 means too many."""

    gate: Gate
    url: str
    base: str = ""

    def send(self, message: Message) -> Outcome:
        """Send it once."""
        content = plain(message, self.base, TEXT_BYTES[Vendor.WECOM])
        reply = self.gate.post(self.url, {"msgtype": "text", "text": {"content": content}})
        if isinstance(reply, Outcome):
            return reply
        code = reply.body.get("errcode")
        return judged(reply, code == 0, code, WECOM_SLOW, WECOM_FINAL)


@dataclass(frozen=True, slots=True)
class Dingtalk:
    """钉钉群机器人: signed with time and secret in the address; 130101 and 660026 mean too many."""

    gate: Gate
    url: str
    secret: str | None
    now: datetime
    base: str = ""

    def send(self, message: Message) -> Outcome:
        """Send it once."""
        content = plain(message, self.base, TEXT_BYTES[Vendor.DINGTALK])
        reply = self.gate.post(self._signed(), {"msgtype": "text", "text": {"content": content}})
        if isinstance(reply, Outcome):
            return reply
        code = reply.body.get("errcode")
        return judged(reply, code == 0, code, DINGTALK_SLOW, DINGTALK_FINAL)

    def _signed(self) -> str:
        if not self.secret:
            return self.url
        stamp = str(round(self.now.timestamp() * 1000))
        digest = hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        joint = "&" if "?" in self.url else "?"
        return f"{self.url}{joint}{urlencode({'timestamp': stamp, 'sign': base64.b64encode(digest).decode()})}"


@dataclass(frozen=True, slots=True)
class Feishu:
    """飞书群机器人: a post, so that typed text is never read as a tag; 9499 and 11232 mean too many."""

    gate: Gate
    url: str
    secret: str | None
    now: datetime
    base: str = ""

    def send(self, message: Message) -> Outcome:
        """Send it once."""
        rows: list[list[dict[str, str]]] = []
        for text in plain(message, self.base, TEXT_BYTES[Vendor.FEISHU]).split("\n"):
            is_link = bool(self.base) and text.startswith(f"{self.base}/")
            rows.append([{"tag": "a", "text": text, "href": text} if is_link else {"tag": "text", "text": text}])
        post = {"zh_cn": {"title": message.title, "content": rows}}
        reply = self.gate.post(self.url, {**self._signature(), "msg_type": "post", "content": {"post": post}})
        if isinstance(reply, Outcome):
            return reply
        code = reply.body.get("code", reply.body.get("StatusCode"))
        return judged(reply, code == 0, code, FEISHU_SLOW, FEISHU_FINAL)

    def _signature(self) -> Mapping[str, str]:
        if not self.secret:
            return {}
        stamp = str(int(self.now.timestamp()))
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def robot(gate: Gate, url: str, secret: str | None, base: str, now: datetime) -> Carrier:
    """Return the carrier of a channel."""
    if gate.vendor is Vendor.WECOM:
        return Wecom(gate, url, base)
    maker = Dingtalk if gate.vendor is Vendor.DINGTALK else Feishu
    return maker(gate, url, secret, now, base)
