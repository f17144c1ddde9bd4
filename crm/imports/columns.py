"""Find out which column of a list holds what, from its headings in Chinese or English."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem

if TYPE_CHECKING:
    from crm.imports.reading import Row, Sheet

HEAD_ROWS = 10
BRACKETS = re.compile(r"[(\[（【](.*?)[)\]）】]")
NO_NAME = Problem(
    "file.columns",
    "没有找到“企业名称”这一列。标题行应有“企业名称”，另可有：排名、英文名、简称、股票代码、行业、地区、"
    "营业收入、统一社会信用代码。",
    "file",
)
NO_DATA = Problem("file.no_rows", "只有标题行，没有数据行。", "file")


class Column(StrEnum):
    """What a column may hold."""

    LIST = "list"
    YEAR = "year"
    RANK = "rank"
    NAME = "name"
    NAME_EN = "name_en"
    FULL = "full"
    SHORT = "short"
    BRAND = "brand"
    TICKER = "ticker"
    FORMER = "former"
    STOCK = "stock"
    INDUSTRY = "industry"
    REGION = "region"
    REVENUE = "revenue"
    USCC = "uscc"
    PLACES = "places"


COLUMN_LABELS: dict[Column, str] = {
    Column.LIST: "榜单",
    Column.YEAR: "年度",
    Column.RANK: "名次",
    Column.NAME: "企业名称",
    Column.NAME_EN: "英文名",
    Column.FULL: "全称",
    Column.SHORT: "简称",
    Column.BRAND: "品牌",
    Column.TICKER: "证券简称",
    Column.FORMER: "曾用名",
    Column.STOCK: "股票代码",
    Column.INDUSTRY: "行业",
    Column.REGION: "地区",
    Column.REVENUE: "营业收入",
    Column.USCC: "统一社会信用代码",
    Column.PLACES: "上榜记录",
}
_HEADINGS: dict[Column, str] = {
    Column.LIST: "list 榜单 榜单名称 名单",
    Column.YEAR: "year edition 年度 年份 届次",
    Column.RANK: "rank 排名 名次 位次 最新排名 今年排名 no.",
    Column.NAME: "name name_zh company 企业名称 公司名称 企业 公司 单位名称 中文名称 上榜企业 企业全称 公司全称",
    Column.NAME_EN: "name_en english 英文名 英文名称 外文名 公司英文名称",
    Column.FULL: "full_names 全称",
    Column.SHORT: "short_names short 简称 企业简称 公司简称",
    Column.BRAND: "brand brand_or_list_short curated_aliases 品牌 主要品牌 业务和品牌 别名",
    Column.TICKER: "listed_short_names 证券简称 股票简称 股票名称",
    Column.FORMER: "former_names 曾用名 原名",
    Column.STOCK: "stock_code stock_codes code 股票代码 证券代码 ts_code",
    Column.INDUSTRY: "industry 行业 所属行业 产业 主营业务",
    Column.REGION: "hq_city hq region 地区 总部 城市 总部城市 所在地 省份 所属地区 所在省市 总部所在地 注册地 注册地址"
    " 国家 省市",
    Column.REVENUE: "revenue 营业收入 营收 收入",
    Column.USCC: "uscc 统一社会信用代码 信用代码 统一信用代码",
    Column.PLACES: "lists",
}
_KNOWN = {heading: column for column, headings in _HEADINGS.items() for heading in headings.split()}


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where each kind of value stands; ``units`` are the units named in headings (亿元)."""

    places: dict[Column, tuple[int, ...]]
    headings: Row
    units: dict[int, str]

    def values(self, row: Row, column: Column) -> list[str]:
        """The non-empty cells of a row for a column."""
        return [row[index] for index in self.places.get(column, ()) if index < len(row) and row[index]]

    def value(self, row: Row, column: Column) -> str:
        """The first non-empty cell of a row for a column."""
        return next(iter(self.values(row, column)), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A list as read: what its columns mean and its rows with their line numbers."""

    mapping: Mapping
    rows: tuple[tuple[int, Row], ...]


def read_table(sheet: Sheet) -> Table:
    """Find the heading row near the top; raise DomainError when no column holds names or nothing follows."""
    for index, (_line, row) in enumerate(sheet.rows[:HEAD_ROWS]):
        mapping = map_headings(row)
        if Column.NAME in mapping.places:
            if index + 1 == len(sheet.rows):
                raise DomainError(NO_DATA)
            return Table(mapping, sheet.rows[index + 1 :])
    raise DomainError(NO_NAME)


def map_headings(row: Row) -> Mapping:
    """Read one row as headings; what is not known is left alone."""
    found: dict[Column, list[int]] = {}
    units: dict[int, str] = {}
    for index, cell in enumerate(row):
        bracket = BRACKETS.search(cell)
        column = _KNOWN.get(_plain(cell)) or _KNOWN.get(_plain(BRACKETS.sub("", cell)))
        if column is None:
            continue
        found.setdefault(column, []).append(index)
        if bracket:
            units[index] = bracket[1]
    return Mapping({column: tuple(indexes) for column, indexes in found.items()}, row, units)


def _plain(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).lower().split())
