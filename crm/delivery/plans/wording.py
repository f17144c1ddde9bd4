"""Sentences about what happened to a plan: a message with its parameters, translated where it is shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from crm.pipeline.landing.nodes import FactKind

if TYPE_CHECKING:
    from crm.pipeline.landing.models import PlanFact

Said = tuple[str, dict[str, object]]
K = FactKind
SENTENCES: dict[FactKind, str] = {
    K.OPENED: "推进计划已生成",
    K.AGENT: "代办员改为%(to)s",
    K.ARRANGED: "%(node)s调整了责任单位或时限",
    K.ACCEPTED: "%(node)s已受理",
    K.EVIDENCE: "%(node)s上传佐证%(files)s",
    K.DONE: "%(node)s已办结",
    K.EXEMPTED: "%(node)s不涉及：%(reason)s",
    K.REOPENED: "%(node)s撤回办结：%(reason)s",
    K.ASKED: "向%(unit)s征求内部意见：%(matter)s",
    K.ANSWERED: "%(unit)s答复：%(answer)s",
    K.DEEMED: "%(unit)s超时未答复，视同无意见：%(matter)s",
}
NUMBERED = "%(node)s已办结，编号%(number)s"
MOVED = "%(node)s期限由%(from)s调整为%(to)s：%(reason)s"
NOBODY = "未定"


def said(row: PlanFact, node: str) -> Said:
    """Say a fact; ``node`` is the label of the node it is about."""
    detail = dict(row.detail)
    params: dict[str, object] = {**detail, "node": node}
    text = SENTENCES[row.kind]
    if row.kind is K.DONE and detail.get("number"):
        text = NUMBERED
    elif row.kind is K.ARRANGED and "to" in detail:
        text = MOVED
        params |= {key: date.fromisoformat(str(detail[key])) for key in ("from", "to")}
    elif row.kind is K.AGENT:
        params["to"] = detail.get("to") or NOBODY
    elif row.kind is K.EVIDENCE:
        params["files"] = "、".join(detail.get("files", ()))
    return text, params


def pack(sentence: Said) -> list[Any]:
    """Keep a sentence as JSON: the message and its parameters, days marked as such."""
    text, params = sentence
    return [
        text,
        {key: {"day": value.isoformat()} if isinstance(value, date) else value for key, value in params.items()},
    ]


def unpack(kept: list[Any]) -> Said:
    """Read a sentence that was kept."""
    text, params = kept
    return text, {key: date.fromisoformat(one["day"]) if isinstance(one, dict) else one for key, one in params.items()}


def plain(sentence: Said) -> str:
    """Write a sentence in Chinese, as papers and stored checks keep it."""
    text, params = sentence
    return text % {key: day_words(value) if isinstance(value, date) else value for key, value in params.items()}


def day_words(day: date) -> str:
    """Write a day in full."""
    return f"{day.year}年{day.month}月{day.day}日"
