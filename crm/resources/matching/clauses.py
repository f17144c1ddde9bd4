"""Which clauses of policies fit a project, and why not: the same engine as places, other limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.resources.matching.rules import BASE, INDUSTRY, meets, pair, verdict_of, words_in
from crm.resources.policies.rules import Basis, Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from crm.resources.matching.rules import Finding, Verdict
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

    def brings(self, scale: int = 1) -> Brought:
        """Give it as it is compared; with a ``scale``, in whole numbers of that part."""
        found = [self.reached(limit) for limit in Limit]
        scaled = found if scale == 1 else [None if one is None else int(one * scale) for one in found]
        return Brought(self.words, self.foreign, tuple(scaled))


@dataclass(frozen=True, slots=True)
class Brought:
    """An applicant as it is compared: what it reaches in the order of :class:`Limit`, all times the same scale."""

    words: frozenset[str]
    foreign: bool
    reached: tuple[Any, ...]


@dataclass(slots=True)  # not frozen: thousands are made for one page
class Terms:
    """Whom a clause is for: words of its policy and its own, floors in the order of :class:`Limit`, in one scale."""

    bound: frozenset[str]
    own: frozenset[str]
    only_foreign: bool
    floors: Sequence[Any]


def judge_clause(one: Applicant, clause: ClauseDraft, industries: Iterable[str] = ()) -> Verdict:
    """Say whether a clause fits; ``industries`` are those of the whole policy, which bind every clause of it."""
    bound, own = tuple(industries), tuple(clause.industries)
    floors = tuple(getattr(clause, limit) for limit in Limit)
    brought, terms = one.brings(), Terms(words_in(bound), words_in(own), clause.only_foreign, floors)
    return verdict_of(limits(brought, terms, (bound, own)), lambda: merits(brought, terms))


def limits(one: Brought, terms: Terms, typed: tuple[tuple[str, ...], ...] = ((), ())) -> list[Finding]:
    """Find every limit that is broken; ``typed`` are the industries as they were written."""
    found: list[Finding] = []
    for words, written in zip((terms.bound, terms.own), typed, strict=True):
        if words and one.words and not meets(one.words, words):
            found.append(("只给：%(words)s", 0, "industry", (("words", "、".join(written)),)))
    if terms.only_foreign and not one.foreign:
        found.append(("只给外商投资项目", 0, "foreign", ()))
    for limit, asked, offered in zip(ORDER, terms.floors, one.reached, strict=True):
        if asked is not None and offered is not None and offered < asked:
            found.append((BROKEN[limit], 0, limit.value, pair(asked, offered)))
    return found


def merits(one: Brought, terms: Terms) -> list[Finding]:
    """Find what speaks for a clause where no limit is broken, and what is still to be looked into."""
    found: list[Finding] = [("没有碰到不符合的条件", BASE, "", ())]
    words = terms.bound | terms.own
    if words and (word := meets(one.words, words)):
        found.append(("产业对口：%(word)s", INDUSTRY, "", (("word", word),)))
    for limit, asked, offered in zip(ORDER, terms.floors, one.reached, strict=True):
        if asked is None:
            continue
        if offered is None:
            found.append((UNKNOWN[limit], -CERTAIN, "", (("asked", asked),)))
        else:
            found.append((REACHED[limit], 0, "", pair(asked, offered)))
    return found


ORDER = tuple(Limit)
