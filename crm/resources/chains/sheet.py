"""The sheet of chains, one line a node: its headings, and the cell that names local firms. Pure.

The same headings are exported and imported, so that what comes out can be changed and taken in again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.resources.chains.rules import TIER_LABELS, Tier, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

CHAIN, TIER, NODE, WORDS, CODES = "产业链", "位置", "环节", "产品词", "行业代码"
KEY, GOAL, SUPPLIES, LOCALS, NOTE = "关键环节", "年产值目标（万元）", "供应给", "本地企业", "说明"
HEADS = (CHAIN, TIER, NODE, WORDS, CODES, KEY, GOAL, SUPPLIES, LOCALS, NOTE)
ALSO: dict[str, str] = {
    "产业链名称": CHAIN,
    "链条": CHAIN,
    "上中下游": TIER,
    "环节位置": TIER,
    "环节名称": NODE,
    "产品": WORDS,
    "代表产品": WORDS,
    "行业分类": CODES,
    "年产值目标": GOAL,
    "产值目标": GOAL,
    "下家": SUPPLIES,
    "下游环节": SUPPLIES,
    "本地企业名单": LOCALS,
    "备注": NOTE,
}
YES, NO = frozenset({"是", "√", "1", "y", "yes", "关键"}), frozenset({"否", "×", "0", "n", "no"})
TIERS = {**{label: tier for tier, label in TIER_LABELS.items()}, **{tier.value: tier for tier in Tier}}
NOTED = re.compile(r"(?P<name>.+?)[（(](?P<said>[^（()）]*(?:万元|链主|龙头)[^（()）]*)[)）]")
SUM = re.compile(r"年?产?值?\s*(?P<sum>[0-9]{1,12}(?:\.[0-9]{1,6})?)\s*万元")
LEADS = ("链主", "龙头")


@dataclass(frozen=True, slots=True)
class Firm:
    """A local firm as a cell names it: yearly output in 万元, whether it leads."""

    name: str
    scale: Decimal | None = None
    leading: bool = False


def heads_of(row: Sequence[str]) -> dict[str, int]:
    """Where each heading stands in a line; empty when the line is no heading."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        text = re.sub(r"\s|[（(].*?[)）]|\*", "", cell)
        for head in HEADS:
            if text == re.sub(r"[（(].*?[)）]", "", head) or ALSO.get(text) == head:
                found.setdefault(head, place)
    return found if NODE in found and CHAIN in found else {}


def read_firms(cell: str) -> list[Firm]:
    """Read the firms of a cell: 甲公司（年产值12000万元，链主）、乙公司."""
    return [_firm(part) for part in split_words(_kept(cell))]


def _kept(cell: str) -> str:
    """Keep the commas inside brackets from cutting a firm in two."""
    return re.sub(r"[（(][^（()）]*[)）]", lambda found: re.sub(r"[、，,；;]", " ", found[0]), cell)


def _firm(text: str) -> Firm:
    noted = NOTED.fullmatch(text)
    if noted is None:
        return Firm(text)
    amount = SUM.search(noted["said"])
    return Firm(
        noted["name"].strip(),
        Decimal(amount["sum"]) if amount and Decimal(amount["sum"]) else None,
        any(word in noted["said"] for word in LEADS),
    )


def write_firm(firm: Firm) -> str:
    """Write a firm as :func:`read_firms` reads it."""
    said = [f"年产值{digits(firm.scale)}万元"] if firm.scale else []
    said += [LEADS[0]] if firm.leading else []
    return f"{firm.name}（{'，'.join(said)}）" if said else firm.name


def read_flag(cell: str) -> bool | None:
    """Read yes or no; raise ValueError for anything else, None for blank."""
    text = cell.strip().lower()
    if not text:
        return None
    if text in YES or text in NO:
        return text in YES
    raise ValueError(cell)


def read_sum(cell: str) -> Decimal | None:
    """Read an amount in 万元; raise ValueError for what is none, None for blank."""
    text = re.sub(r"[,，\s]|万元$", "", cell)
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(cell) from error
