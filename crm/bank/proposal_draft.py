"""The first text of a proposal out of what was found: sections and rows as they are kept; Chinese like every paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.core.money import digits, format_wan
from crm.resources.carriers.rules import KIND_LABELS, LAND
from crm.resources.chains.matching import told
from crm.resources.chains.rules import CALL_HINTS, CALL_LABELS
from crm.resources.policies.rules import KIND_LABELS as CLAUSE_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm.bank.gathering import Found, Gap, Planned
    from crm.matching.fitting import Fit
    from crm.matching.places import Match
    from crm.resources.matching.rules import Reason

OPENING, CHAIN, PLANNED, PLACES, CLAUSES, NEXT = "opening", "chain", "planned", "places", "clauses", "next"
HEADINGS: dict[str, str] = {
    OPENING: "合作建议",
    CHAIN: "产业链上的位置",
    PLANNED: "推荐合作的项目",
    PLACES: "可供选择的载体",
    CLAUSES: "适用的政策",
    NEXT: "下一步",
}


def body_of(found: Found, office: str, contact: str) -> dict[str, Any]:
    """Write the first text."""
    name = found.firm.name
    lead = f"{name}：\n根据{_about(found)}，结合本地的产业链和要素条件，提出以下合作建议，供决策参考。"
    closing = "如有兴趣，我们可安排实地考察，并逐项落实项目、载体和政策。"
    return {
        "enterprise": name,
        "office": office,
        "sections": [
            _section(OPENING, lead),
            _section(CHAIN, "", [_gap(one) for one in found.gaps]),
            _section(PLANNED, "", [_planned(one) for one in found.planned]),
            _section(PLACES, "可供面积以签约时为准。", [_place(one) for one in found.places]),
            _section(CLAUSES, "以正式文件和合同为准。", [_clause(one) for one in found.clauses]),
            _section(NEXT, f"{closing}\n{contact}".strip()),
        ],
    }


def _about(found: Found) -> str:
    if found.project is not None:
        return f"项目“{found.project.name}”"
    return f"贵公司的产业方向（{found.firm.industry}）" if found.firm.industry else "贵公司的产业方向"


def _section(key: str, text: str, rows: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"key": key, "heading": HEADINGS[key], "text": text, "rows": rows or []}


def _row(name: str, facts: Iterable[str], reasons: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "facts": "\n".join(filter(None, facts)),
        "reasons": [dict(one) for one in reasons],
        "keep": True,
    }


def stored(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Give reasons of the engine as they are kept: the same shape as those of chains."""
    return [{"message": one.text, "params": dict(one.params), "points": one.points} for one in reasons]


def _gap(one: Gap) -> dict[str, Any]:
    call = one.verdict.call
    ours = [] if one.verdict.by_hand else told(one.verdict.reasons)
    return _row(f"{one.chain} · {one.node}", (f"{CALL_LABELS[call]}：{CALL_HINTS[call]}",), [*ours, *one.firm])


def _planned(one: Planned) -> dict[str, Any]:
    row = one.project
    facts = (
        row.content,
        f"估算总投资{format_wan(row.investment)}" + (f"，用地{digits(row.land_mu)}亩" if row.land_mu else ""),
        f"合作条件：{row.conditions}" if row.conditions else "",
    )
    return _row(row.name, facts, stored(one.verdict.reasons))


def _place(one: Match) -> dict[str, Any]:
    unit = "亩" if one.kind in LAND else "平方米"
    return _row(
        f"{one.name}（{one.code}）",
        (f"{KIND_LABELS[one.kind]}，可供{digits(one.free)}{unit}",),
        stored(one.verdict.reasons),
    )


def _clause(one: Fit) -> dict[str, Any]:
    """Tell a clause without what it may be worth: that is our estimate, no promise."""
    name = f"{one.version.title}（{one.version.document_no}）{one.clause.number}"
    return _row(name, (f"{CLAUSE_LABELS[one.clause.kind]}：{one.clause.text}",), stored(one.verdict.reasons))
