"""Columns of the list of enterprises: what they are called, which can be chosen, sorted, changed in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``falling`` sorts the largest first at the first click, ``cell`` may be changed in the list."""

    key: str
    label: str
    sortable: bool = False
    falling: bool = False
    numeric: bool = False
    cell: bool = False
    shown: bool = False


ALL: tuple[Column, ...] = (
    Column("name", "企业", sortable=True, shown=True),
    Column("score", "评分", sortable=True, falling=True, shown=True),
    Column("fit", "匹配度", sortable=True, falling=True, numeric=True),
    Column("intent", "意向", sortable=True, falling=True, numeric=True),
    Column("trend", "评分30天变化", sortable=True, falling=True, numeric=True),
    Column("lists", "榜单", shown=True),
    Column("industry", "行业", sortable=True, cell=True, shown=True),
    Column("region", "地区", sortable=True, cell=True, shown=True),
    Column("touch", "最近接触", sortable=True, falling=True, shown=True),
    Column("contacts", "联系人", numeric=True),
    Column("projects", "在办项目", numeric=True),
    Column("uscc", "统一社会信用代码", cell=True),
    Column("stock_codes", "股票代码", cell=True),
    Column("website", "网址", cell=True),
    Column("source_kind", "来源渠道", sortable=True, cell=True),
    Column("source_org", "来源单位", cell=True),
    Column("capital", "注册资本", sortable=True, falling=True, numeric=True),
    Column("revenue", "营业收入", sortable=True, falling=True, numeric=True),
    Column("updated", "更新时间", sortable=True, falling=True),
)
BY_KEY = {column.key: column for column in ALL}
DEFAULT = tuple(column.key for column in ALL if column.shown)
SORTS = {column.key: column for column in ALL if column.sortable}
CELLS = {column.key: column.label for column in ALL if column.cell}
FIRST = "name"


def chosen(keys: Iterable[str]) -> tuple[str, ...]:
    """Known columns in their usual order, the name always first; the usual ones when none is known."""
    wanted = {piece for key in keys for piece in key.split(",")} & set(BY_KEY)
    return tuple(key for key in BY_KEY if key in wanted or key == FIRST) if wanted else DEFAULT
