"""Letters to investors (催缴函、提醒函、限期整改通知、终止函): kinds and numbers. Pure."""

from __future__ import annotations

from enum import StrEnum


class LetterKind(StrEnum):
    """Kinds of letter."""

    DEPOSIT = "deposit"
    CAPITAL = "capital"
    REMIND = "remind"
    RECTIFY = "rectify"
    TERMINATE = "terminate"


KIND_LABELS: dict[LetterKind, str] = {
    LetterKind.DEPOSIT: "保证金催缴函",
    LetterKind.CAPITAL: "资金到位催缴函",
    LetterKind.REMIND: "提醒函",
    LetterKind.RECTIFY: "限期整改通知",
    LetterKind.TERMINATE: "终止函",
}
DUNNING = frozenset({LetterKind.DEPOSIT, LetterKind.CAPITAL})


def number_of(word: str, year: int, seq: int) -> str:
    """Write the number of a letter, such as 招商函〔2026〕12号."""
    return f"{word}〔{year}〕{seq}号"
