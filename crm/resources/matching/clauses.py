"""Which clauses of policies fit a project, and why not: the same engine as places, other limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.resources.matching.rules import BASE, INDUSTRY, Reason, Verdict, meets, words_in
from crm.resources.policies.rules import Basis, Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from crm.resources.policies.rules import ClauseDraft

CERTAIN = 20
BROKEN: dict[Limit, str] = {
    Limit.FIXED: "固定资产投资要%(asked)s万元，项目%(offered)s万元",
    Limit.INTENSITY: "投资强度要%(asked)s万元/亩，项目%(offered)s万元/亩",
    Limit.TAX: "年纳税要%(asked)s万元，项目%(offered)s万元",
    Limit.STAFF: "用工要%(asked)s人，项目%(offered)s人",
    Limit.FOREIGN_USD: "外资到账要%(asked)s万美元，项目%(offered)s万美元",
}
REACHED: dict[Limit, str] = {
    Limit.FIXED: "固定资产投资%(offered)s万元，够%(asked)s万元",
    Limit.INTENSITY: "投资强度%(offered)s万元/亩，够%(asked)s万元/亩",
    Limit.TAX: "年纳税%(offered)s万元，够%(asked)s万元",
    Limit.STAFF: "用工%(offered)s人，够%(asked)s人",
    Limit.FOREIGN_USD: "外资到账%(offered)s万美元，够%(asked)s万美元",
}
UNKNOWN: dict[Limit, str] = {
    Limit.FIXED: "还要核实：固定资产投资要%(asked)s万元，项目没有填",
    Limit.INTENSITY: "还要核实：投资强度要%(asked)s万元/亩，项目没有填投资或用地",
    Limit.TAX: "还要核实：年纳税要%(asked)s万元，项目没有填",
    Limit.STAFF: "还要核实：用工要%(asked)s人，项目没有填",
    Limit.FOREIGN_USD: "还要核实：外资到账要%(asked)s万美元，项目没有填",
}
WHY_NOT: dict[str, str] = {
    "industry": "产业不在范围",
    "foreign": "只给外资",
    Limit.FIXED: "固定资产投资不够",
    Limit.INTENSITY: "投资强度不够",
    Limit.TAX: "纳税不够",
    Limit.STAFF: "用工不够",
    Limit.FOREIGN_USD: "外资到账不够",
}


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known of a project: words of its industry, whether its money is foreign, values by :class:`Basis`.

    ``tax`` in 万元 a year; values in the units of their basis.
    """

    words: frozenset[str] = frozenset()
    foreign: bool = False
    tax: Decimal | None = None
    values: Mapping[Basis, Decimal] = field(default_factory=dict)

    def reached(self, limit: Limit) -> Decimal | None:
        """What it brings against a limit; None where it is not known."""
        match limit:
            case Limit.FIXED:
                return self.values.get(Basis.FIXED_INVESTMENT)
            case Limit.TAX:
                return self.tax
            case Limit.STAFF:
                return self.values.get(Basis.STAFF)
            case Limit.FOREIGN_USD:
                return self.values.get(Basis.FOREIGN_USD)
            case Limit.INTENSITY:
                fixed, land = self.values.get(Basis.FIXED_INVESTMENT), self.values.get(Basis.LAND_MU)
                return round(fixed / land, 2) if fixed is not None and land else None


def judge_clause(one: Applicant, clause: ClauseDraft, industries: Iterable[str] = ()) -> Verdict:
    """Say whether a clause fits; ``industries`` are those of the whole policy, which bind every clause of it."""
    bound = tuple(industries)
    against = tuple(_against(one, clause, bound))
    return Verdict(against, () if against else tuple(_for(one, clause, bound)))


def _against(one: Applicant, clause: ClauseDraft, industries: tuple[str, ...]) -> Iterator[Reason]:
    for words in (industries, clause.industries):
        if words and one.words and not meets(one.words, words_in(tuple(words))):
            yield Reason("只给：%(words)s", (("words", "、".join(words)),), limit="industry")
    if clause.only_foreign and not one.foreign:
        yield Reason("只给外商投资项目", limit="foreign")
    for limit in Limit:
        asked, offered = getattr(clause, limit), one.reached(limit)
        if asked is not None and offered is not None and offered < asked:
            yield Reason(BROKEN[limit], _pair(asked, offered), limit=str(limit))


def _for(one: Applicant, clause: ClauseDraft, industries: tuple[str, ...]) -> Iterator[Reason]:
    yield Reason("没有碰到不符合的条件", points=BASE)
    words = words_in((*industries, *clause.industries))
    if words and (word := meets(one.words, words)):
        yield Reason("产业对口：%(word)s", (("word", word),), INDUSTRY)
    for limit in Limit:
        asked, offered = getattr(clause, limit), one.reached(limit)
        if asked is None:
            continue
        if offered is None:
            yield Reason(UNKNOWN[limit], (("asked", digits(asked)),), -CERTAIN)
        else:
            yield Reason(REACHED[limit], _pair(asked, offered))


def _pair(asked: Decimal, offered: Decimal) -> tuple[tuple[str, str], ...]:
    return (("asked", digits(asked)), ("offered", digits(offered)))
