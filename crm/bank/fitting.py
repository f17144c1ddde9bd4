"""Which planned projects suit an enterprise: the engine of places and clauses, other limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.resources.matching.rules import BASE, INDUSTRY, WIDE, Reason, Verdict, meets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from crm.resources.matching.rules import Need

GAP = 15
TWICE = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """What a planned project says of itself; ``gap`` names the node it fills, empty when the node needs nobody.

    Land in 亩, investment in 万元.
    """

    words: frozenset[str]
    investment: Decimal
    land: Decimal | None = None
    gap: str = ""


def judge_offer(need: Need, offer: Offer) -> Verdict:
    """Say whether a planned project suits what an enterprise is and wants, and how well."""
    word = meets(need.words, offer.words)
    if word is None:
        return Verdict((Reason("产业对不上", limit="industry"),))
    return Verdict((), tuple(_merits(need, offer, word)))


def _merits(need: Need, offer: Offer, word: str) -> Iterator[Reason]:
    yield Reason("没有碰到不符合的条件", points=BASE)
    yield Reason("产业对口：%(word)s", (("word", word),), INDUSTRY)
    if offer.gap:
        yield Reason("正是本地产业链要补的环节：%(node)s", (("node", offer.gap),), GAP)
    for text, asked, offered in (
        ("用地规模相当：企业要%(asked)s亩，项目规划%(offered)s亩", need.land, offer.land),
        ("投资规模相当：企业计划%(asked)s万元，项目估算%(offered)s万元", need.fixed, offer.investment),
    ):
        if asked and offered and asked <= offered * TWICE and offered <= asked * TWICE:
            yield Reason(text, (("asked", digits(asked)), ("offered", digits(offered))), WIDE)
