"""Why a signal is put aside: a short list, and the words a person adds. Pure."""

from __future__ import annotations

from enum import StrEnum

from crm.core.errors import Problem

NOTE_LENGTH = 200


class Why(StrEnum):
    """Reasons; the last two come from their own answers, not from the list."""

    IRRELEVANT = "irrelevant"
    OLD = "old"
    SMALL = "small"
    KNOWN = "known"
    RUMOUR = "rumour"
    OTHER = "other"
    WRONG_KIND = "wrong_kind"
    WRONG_COMPANY = "wrong_company"


WHY_LABELS: dict[Why, str] = {
    Why.IRRELEVANT: "与招商无关",
    Why.OLD: "旧闻或已了结",
    Why.SMALL: "规模太小",
    Why.KNOWN: "已在跟进",
    Why.RUMOUR: "传闻，没有依据",
    Why.OTHER: "其他原因",
    Why.WRONG_KIND: "类型读错了",
    Why.WRONG_COMPANY: "企业认错了",
}
OFFERED = (Why.IRRELEVANT, Why.OLD, Why.SMALL, Why.KNOWN, Why.RUMOUR, Why.OTHER)
NO_WHY = Problem("signal.why", "请选一个不采用的理由。", "why")
NO_WORDS = Problem("signal.words", "选了“其他原因”，请写一句说明。", "note")
TOO_LONG = Problem("signal.words_long", "说明最多200个字，请写短一些。", "note")


def problems(why: str, note: str) -> list[Problem]:
    """Reasons why a signal cannot be put aside with these words."""
    found = []
    if why not in set(OFFERED):
        found.append(NO_WHY)
    if why == Why.OTHER and not note.strip():
        found.append(NO_WORDS)
    if len(note.strip()) > NOTE_LENGTH:
        found.append(TOO_LONG)
    return found
