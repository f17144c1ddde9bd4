"""What a notice may say, when it may disturb, and when several become one. Pure.

Limits of the vendors: WeCom takes 20 messages a minute per robot and 2,048 bytes of text; DingTalk 20 a
minute (more are muted for ten minutes); Feishu 100 a minute.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo


class NoticeKind(StrEnum):
    """What a notice is about."""

    DUE = "due"
    OVERDUE = "overdue"
    RISK = "risk"
    HANDOVER = "handover"
    LEAD = "lead"
    INSTRUCTION = "instruction"
    OPINION = "opinion"
    ACTION = "action"
    MEETING = "meeting"
    MENTION = "mention"
    SIGNAL = "signal"
    JOB = "job"
    OTHER = "other"


KIND_LABELS: dict[NoticeKind, str] = {
    NoticeKind.DUE: "待办到期",
    NoticeKind.OVERDUE: "待办逾期",
    NoticeKind.RISK: "逾期风险",
    NoticeKind.HANDOVER: "移交",
    NoticeKind.LEAD: "线索分办",
    NoticeKind.INSTRUCTION: "批示交办",
    NoticeKind.OPINION: "征求意见",
    NoticeKind.ACTION: "议定事项",
    NoticeKind.MEETING: "会议与行程",
    NoticeKind.MENTION: "提到我",
    NoticeKind.SIGNAL: "企业动态",
    NoticeKind.JOB: "导入导出",
    NoticeKind.OTHER: "其他",
}
ROBOT_KINDS = (NoticeKind.OVERDUE, NoticeKind.RISK, NoticeKind.INSTRUCTION, NoticeKind.ACTION, NoticeKind.MEETING)


class Vendor(StrEnum):
    """Whose group robot a channel is."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


VENDOR_LABELS: dict[Vendor, str] = {Vendor.WECOM: "企业微信", Vendor.DINGTALK: "钉钉", Vendor.FEISHU: "飞书"}
VENDOR_HOSTS: dict[Vendor, str] = {
    Vendor.WECOM: "qyapi.weixin.qq.com",
    Vendor.DINGTALK: "oapi.dingtalk.com",
    Vendor.FEISHU: "open.feishu.cn",
}
PER_MINUTE: dict[Vendor, int] = {Vendor.WECOM: 20, Vendor.DINGTALK: 20, Vendor.FEISHU: 100}
TEXT_BYTES: dict[Vendor, int] = {Vendor.WECOM: 2048, Vendor.DINGTALK: 6000, Vendor.FEISHU: 12000}


class DeliveryState(StrEnum):
    """Where an outgoing message stands."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


STATE_LABELS: dict[DeliveryState, str] = {
    DeliveryState.WAITING: "待发送",
    DeliveryState.SENT: "已发送",
    DeliveryState.REFUSED: "发送失败",
}
MINUTE = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
MOST_ATTEMPTS = 60  # with half an hour between the later ones: more than a day
SINGLE = 3
FLOOD_WINDOW = timedelta(minutes=10)
DIGEST_LINES = 20
HIDDEN = "〔号码已隐去〕"

_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_MOBILE = r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"
_FIXED = re.compile(r"(?<![\d-])(?:\(0\d{2,3}\)[- ]?|0\d{2,3}[- ]?)\d{7,8}(?:[-转]\d{1,5})?(?!\d)").pattern
_SERVICE = r"(?<!\d)[48]00[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)"
_ABROAD = r"\+\d{1,3}(?:[- ]?\d){6,12}(?!\d)"
_IDENTITY = r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])"
_NAMED = re.compile(r"(?:微信号?|wechat|qq|电话|手机|tel)\s*[::]?\s*[A-Za-z0-9_-]{5,20}").pattern
_SPOKEN = re.compile(r"[一幺][三四五六七八九][〇零一二三四五六七八九幺]{9}").pattern
_PARTS = (_MAIL, _MOBILE, _FIXED, _SERVICE, _ABROAD, _IDENTITY, _NAMED, _SPOKEN)
CONTACT_DATA = re.compile("|".join(_PARTS), re.IGNORECASE)
MOBILE = re.compile(f"{_MOBILE}|{_SPOKEN}")


def without_contact_data(text: str) -> str:
    """Return the text with numbers and addresses of people taken out, in whatever width they were typed."""
    plain = unicodedata.normalize("NFKC", text)
    return CONTACT_DATA.sub(HIDDEN, plain) if CONTACT_DATA.search(plain) else text


def names_mobile(text: str) -> bool:
    """Whether a text names a mobile number, in whatever width or spelled out."""
    return MOBILE.search(unicodedata.normalize("NFKC", text)) is not None


def cut(text: str, limit: int) -> str:
    """Return the text within a number of UTF-8 bytes, never half a character."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    return raw[: limit - len("…".encode())].decode(errors="ignore") + "…"


def local_link(link: str | None) -> str | None:
    """Return the link if it points into this product, else nothing."""
    return link if link and link.startswith("/") and not link.startswith(("//", "/\\")) else None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the local day, in minutes after midnight, in which nobody is to be disturbed; may cross midnight."""

    start: int | None = None
    end: int | None = None

    def until(self, now: datetime, zone: tzinfo) -> datetime:
        """Return the instant from which a message may go out: now, or the end of the quiet hours."""
        if self.start is None or self.end is None or self.start == self.end:
            return now
        local = now.astimezone(zone)
        minute = local.hour * 60 + local.minute
        crossing = self.start > self.end
        quiet = (minute >= self.start or minute < self.end) if crossing else self.start <= minute < self.end
        if not quiet:
            return now
        day = local.date() + timedelta(days=1) if crossing and minute >= self.start else local.date()
        return datetime.combine(day, time(self.end // 60, self.end % 60), tzinfo=zone).astimezone(UTC)


def next_digest(minute: int, now: datetime, zone: tzinfo) -> datetime:
    """Return when the next daily digest goes out; ``minute`` is of the local day."""
    local = now.astimezone(zone)
    at = datetime.combine(local.date(), time(minute // 60, minute % 60), tzinfo=zone)
    return (at if at > local else at + timedelta(days=1)).astimezone(UTC)


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many failures: 1, 2, 4, 8, 16, then 30 minutes."""
    return min(MINUTE * (1 << min(attempts - 1, 5)), LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens of a channel: half of what a minute allows at once, the other half over the minute.

    So no minute, wherever it begins, ever holds more than the vendor allows.
    """

    tokens: float
    filled_at: datetime

    def take(self, per_minute: int, now: datetime) -> tuple[Bucket, timedelta | None]:
        """Take a token; without one, say how long to wait for it."""
        most, rate = per_minute // 2, per_minute - per_minute // 2
        gained = max((now - self.filled_at) / MINUTE, 0) * rate
        tokens = min(float(most), self.tokens + gained)
        if tokens < 1:
            return replace(self, tokens=tokens, filled_at=max(now, self.filled_at)), MINUTE * ((1 - tokens) / rate)
        return Bucket(tokens - 1, max(now, self.filled_at)), None


def full(per_minute: int, now: datetime) -> Bucket:
    """Return the bucket of a channel that has sent nothing yet."""
    return Bucket(float(per_minute // 2), now)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to tell."""

    kind: NoticeKind
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel carries: a title, its lines, and addresses to open."""

    title: str
    lines: tuple[Line, ...]
    key: str


def compose(lines: Sequence[Line], key: str, *, more: int = 0) -> Message:
    """Make one message of one or several things to tell."""
    if len(lines) == 1 and not more:
        return Message(KIND_LABELS[lines[0].kind], (lines[0],), key)
    shown, rest = tuple(lines[:DIGEST_LINES]), max(len(lines) - DIGEST_LINES, 0) + more
    tail = (Line(NoticeKind.OTHER, f"另有{rest}条，请登录查看。", "/notices"),) if rest else ()
    return Message(f"{len(lines) + more}条提醒", shown + tail, key)


class Sending(StrEnum):
    """How a channel answered."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a channel answered, why, and how long it wants to be left alone."""

    how: Sending
    reason: str = ""
    wait: timedelta | None = None


def is_flood(sent_lately: int, waiting: int) -> bool:
    """Whether so many messages to one target within the window have to become one."""
    return waiting > 1 and sent_lately + waiting > SINGLE
