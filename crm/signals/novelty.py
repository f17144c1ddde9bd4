"""What a later piece of a story says that nobody said before: sum, place or day of a deal, found without doubt.

A fact counts as new when no signal of the story has it and the words that carry it stand in none of the earlier texts:
a repost that is only read differently brings nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from crm.news.similar import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

AMOUNT, PLACE, DATE = "amount", "place", "date"
_NEAR = Decimal("0.005")
_SPACED = re.compile(r"(?<=\d)[,，\s](?=\d)|(?<=\d)\s+(?=\w)")
_SUM = re.compile(
    r"(?:\d+(?:\.\d+)?|[〇零一二两兩三四五六七八九十百千]+)(?:余|多)?"
    r"(?:[十百千]?[万萬亿億]|million|billion|bn|元|美元|欧元|日元|韩元)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{1,2}月(?:\d{1,2}日)?|\d{1,2}日|(?:今|明|后|去)年|(?:本|上|下)月"
    r"|[一二三四]季度|[上下]半年|(?:年|月|季)[初中底末]|(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December)(?: \d{1,2})?"
)
_PART = re.compile(r".+?(?:自治[区州县]|特别行政区|[省市区县州盟旗]|$)")
_RANK = re.compile("(?<=..)[省市区县州盟旗]$")


class Facts(Protocol):
    """What a signal of the register says of a deal."""

    amount_value: int | None
    amount_currency: str | None
    place: str | None
    event_date: date | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signal read just now says of a deal, and the sentence that says it."""

    quote: str
    value: Decimal | None = None
    currency: str | None = None
    place: str | None = None
    day: date | None = None


class Told:
    """What a story said so far: the facts of its signals, and its texts."""

    def __init__(self, signals: Iterable[Facts], texts: str) -> None:
        """Fold the texts once."""
        self._signals = tuple(signals)
        self._folded = normalise(texts)
        self._plain = _plain(texts)

    def new_facts(self, claim: Claim) -> list[tuple[str, str]]:
        """Give what is new as (fact, words); nothing when the sentence was printed before."""
        if normalise(claim.quote) in self._folded:
            return []
        found = ((AMOUNT, self._sum(claim)), (PLACE, self._place(claim)), (DATE, self._day(claim)))
        return [(fact, words) for fact, words in found if words]

    def _sum(self, claim: Claim) -> str:
        if claim.value is None or any(_equal(claim, row) for row in self._signals):
            return ""
        return self._unsaid(_SUM, claim.quote)

    def _place(self, claim: Claim) -> str:
        if not claim.place or any(row.place == claim.place for row in self._signals):
            return ""
        parts = _PART.findall(claim.place)
        nearest = (parts or [claim.place])[-1]
        return "" if _bare(nearest) in self._plain else claim.place

    def _day(self, claim: Claim) -> str:
        if claim.day is None or any(row.event_date == claim.day for row in self._signals):
            return ""
        return self._unsaid(_DAY, claim.quote)

    def _unsaid(self, pattern: re.Pattern[str], quote: str) -> str:
        """The first such words of a sentence that stand in no earlier text."""
        return next((words for words in pattern.findall(_plain(quote)) if not self._said(words)), "")

    def _said(self, words: str) -> bool:
        """Whether the words stand in an earlier text, and not as the end of a longer number."""
        return re.search(rf"(?<![\d.]){re.escape(words)}", self._plain) is not None


def _equal(claim: Claim, row: Facts) -> bool:
    if claim.value is None or row.amount_value is None or row.amount_currency != claim.currency:
        return False
    return abs(claim.value - row.amount_value) <= claim.value * _NEAR


def _plain(text: str) -> str:
    return _SPACED.sub("", unicodedata.normalize("NFKC", text))


def _bare(place: str) -> str:
    return _RANK.sub("", place)
