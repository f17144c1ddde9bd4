"""Columns of a sheet of chains: the headings the register exports, and the department of a new chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.imports.sheets.contract import Field
from crm.imports.sheets.units import UNIT
from crm.imports.sheets.vocabulary import MONEY
from crm.resources.chains import sheet
from crm.resources.chains.rules import TIER_LABELS

if TYPE_CHECKING:
    from crm.imports.columns import Mapping

HEADS: dict[str, str] = {
    "chain": sheet.CHAIN,
    "tier": sheet.TIER,
    "node": sheet.NODE,
    "words": sheet.WORDS,
    "codes": sheet.CODES,
    "key": sheet.KEY,
    "goal": sheet.GOAL,
    "supplies": sheet.SUPPLIES,
    "locals": sheet.LOCALS,
    "note": sheet.NOTE,
}
HEAD_OF = {"name": "node"}  # fields of the register that have another name here
HINTS: dict[str, tuple[str, str]] = {
    "chain": ("产业链的名称；登记册里没有的，新建", "新能源电池"),
    "tier": ("上游、中游 或 下游；新环节必填", "上游"),
    "node": ("每行一个环节；同一条链上不重名", "隔膜"),
    "words": ("用顿号隔开，每个至少两个字，最多20个", "湿法隔膜、涂覆隔膜"),
    "codes": ("《国民经济行业分类》代码，用顿号隔开", "C29"),
    "key": ("是 或 否", "是"),
    "goal": ("单位万元；写亿元也行", "50000"),
    "supplies": ("这个环节供应给哪些环节，用顿号隔开；只增加，不去掉已有的", "电芯"),
    "locals": ("登记册里的企业，用顿号隔开；括号里可写年产值和链主", "云岭材料有限公司（年产值12000万元，链主）"),
    "note": ("", ""),
}
NEEDED = frozenset({"chain", "node"})


def _others(head: str) -> str:
    return " ".join(other for other, meant in sheet.ALSO.items() if meant == head)


FIELDS = (
    *(
        Field(
            key,
            head,
            _others(head),
            *HINTS[key],
            choices=tuple(TIER_LABELS.values()) if key == "tier" else ("是", "否") if key == "key" else (),
            needed=key in NEEDED,
            measure=MONEY if key == "goal" else "",
        )
        for key, head in HEADS.items()
    ),
    Field(
        UNIT, "责任部门", "部门 牵头部门 责任单位 牵头单位", "只用于新建的产业链；不填按导入时选的单位", "云溪县招商局"
    ),
)


def reading_places(columns: Mapping) -> dict[str, int]:
    """Where each heading of the sheet stands, as its reader wants it."""
    found = {head: columns.first(key) for key, head in HEADS.items()}
    return {head: place for head, place in found.items() if place is not None}
