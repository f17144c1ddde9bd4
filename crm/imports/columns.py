"""Find out which column of a file holds what: from its headings, or from its values."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.core.text import fold
from crm.enterprises.identifiers import clean_uscc, uscc_is_valid
from crm.enterprises.rules import EMAIL
from crm.imports.reading import MOST_ROWS, TOO_LONG
from crm.imports.rules import CALLED_BY, COLUMN_LABELS, LAND_COLUMNS, MONEY_COLUMNS, Column
from crm.imports.units import unit_in
from crm.imports.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crm.imports.reading import Row, Sheet

__all__ = ["COLUMN_LABELS", "Column", "Layout", "Mapping", "Table", "find_layout", "map_headings", "read_table"]
HEAD_ROWS, LONGEST_HEADING = 20, 200
ENOUGH = 0.8
BRACKETS = re.compile(r"[(\[（【](.*?)[)\]）】]")
NUMBERED = re.compile(r"(?:[0-9]{1,2}|[一二三四五①-⑤])$")
FIRM = re.compile(r".{2,}(?:公司|集团|厂|合作社|研究院|事务所)(?:[(（].*)?")
YEARS = re.compile(r"^(?:19|20)\d{2}年?(?:度)?")
MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d{9}")
CODE_VALUE = re.compile(r"\d{6}\.(?:SH|SZ|BJ)|\d{4,5}\.HK", re.IGNORECASE)
SITE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
TOTALS = re.compile(r"(?:总计|合计|小计|共计|汇总)[:：]?")
NOTES = re.compile(r"(?:注|备注|说明|填表说明|制表|制表人|填报人|数据来源|来源)[:：].*", re.DOTALL)
NO_NAME = Problem(
    "file.columns",
    "没有找到“企业名称”这一列。标题行应有“企业名称”，另可有：排名、英文名、简称、股票代码、行业、地区、"
    "营业收入、统一社会信用代码。",
    "file",
)
NO_DATA = Problem("file.no_rows", "只有标题行，没有数据行。", "file")
OWN_HEADS = frozenset(
    {"行号", "结果", "原因", "可能是", "企业链接"}
)  # of errors.xlsx, which is mended and uploaded again
_HEADINGS: dict[Column, str] = {
    Column.LIST: "list 榜单 榜单名称 名单",
    Column.YEAR: "year edition 年度 年份 届次",
    Column.RANK: "rank 排名 名次 位次 最新排名 今年排名 no.",
    Column.NAME: "name name_zh company 企业名称 公司名称 企业 公司 单位名称 中文名称 上榜企业 企业全称 公司全称"
    " 客商名称 客商 投资方 投资方名称 客户名称 企业(单位)名称",
    Column.NAME_EN: "name_en english 英文名 英文名称 外文名 公司英文名称",
    Column.FULL: "full_names 全称",
    Column.SHORT: "short_names short 简称 企业简称 公司简称",
    Column.BRAND: "brand brand_or_list_short curated_aliases 品牌 主要品牌 业务和品牌 别名",
    Column.TICKER: "listed_short_names 证券简称 股票简称 股票名称",
    Column.FORMER: "former_names 曾用名 原名 曾用名称",
    Column.STOCK: "stock_code stock_codes code 股票代码 证券代码 ts_code",
    Column.INDUSTRY: "industry 行业 所属行业 产业 主营业务 产业类别 行业类别 所属产业",
    Column.REGION: "hq_city hq region 地区 总部 城市 总部城市 所在地 省份 所属地区 所在省市 总部所在地 注册地 注册地址"
    " 国家 省市 企业所在地 地址 企业地址 公司地址 所在省份 所在省 所在城市 所在市 所在区域 总部所在省市 总部所在省份"
    " 总部所在城市 公司总部",
    Column.REVENUE: "revenue 营业收入 营收 收入 年营业收入 销售收入 年销售额 产值 年产值",
    Column.USCC: "uscc 统一社会信用代码 信用代码 统一信用代码 社会信用代码",
    Column.PLACES: "lists",
    Column.CAPITAL: "注册资本 注册资金 注册资本金",
    Column.PLAN: "意向投资额 拟投资额 意向投资 计划投资 计划投资额 投资额 总投资 意向总投资",
    Column.LAND: "用地需求 用地 用地面积 拟用地 需求用地 意向用地 拟用地面积",
    Column.WEBSITE: "website 网址 官网 网站 企业网址 公司网址 企业官网",
    Column.PARENT: "parent 母公司 所属集团 集团 上级公司 所属集团/母公司 集团公司 控股股东 母公司名称",
    Column.SOURCE_ORG: "来源单位 信息来源 线索来源 来源 推荐单位 引荐单位",
    Column.PROFILE: "企业简介 公司简介 简介 企业概况 基本情况",
    Column.CONTACT: "contact 联系人 联系人姓名 姓名 对接人 企业联系人 负责人 联络人 企业对接人"
    " 联系人及职务 联系人(职务) 姓名及职务",
    Column.POST: "post title 职务 职位 联系人职务 岗位 职称",
    Column.PHONE: "phone mobile tel 手机 电话 联系电话 联系方式 手机号 手机号码 电话号码 联系人电话 联系人手机"
    " 联络电话",
    Column.EMAIL: "email e-mail 邮箱 电子邮箱 电子邮件 邮件 联系人邮箱",
    Column.NOTE: "note remark 备注 说明",
}
_KNOWN = {heading: column for column, headings in _HEADINGS.items() for heading in headings.split()}


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where each kind of value stands; ``units`` are the units named in headings (亿元) or chosen."""

    places: dict[str, tuple[int, ...]]
    headings: Row
    units: dict[int, str]
    called: frozenset[str] = frozenset(CALLED_BY)

    def values(self, row: Row, column: str) -> list[str]:
        """The non-empty cells of a row for a column."""
        places = self.places.get(column)
        return [row[index] for index in places if index < len(row) and row[index]] if places else []

    def value(self, row: Row, column: str) -> str:
        """The first non-empty cell of a row for a column."""
        places = self.places.get(column)
        return next((row[index] for index in places if index < len(row) and row[index]), "") if places else ""

    def first(self, column: str) -> int | None:
        """The first place of a column, None when the file has none."""
        return next(iter(self.places.get(column, ())), None)

    def unit(self, column: str) -> str:
        """The unit of a column, blank when nobody said."""
        return next((self.units[index] for index in self.places.get(column, ()) if index in self.units), "")

    @property
    def named(self) -> bool:
        """Whether some column says which record a line is about."""
        return not self.called.isdisjoint(self.places)


@dataclass(frozen=True, slots=True)
class Table:
    """A list as read: what its columns mean and its rows with their line numbers."""

    mapping: Mapping
    rows: tuple[tuple[int, Row], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the headings of a sheet end (line as in the file) and what they mean."""

    header_row: int
    mapping: Mapping


def read_table(sheet: Sheet) -> Table:
    """Find the heading row near the top; raise DomainError when no column holds names or nothing follows."""
    layout = find_layout(sheet.rows[: HEAD_ROWS * 2], ())
    if layout is None or not layout.mapping.named:
        raise DomainError(NO_NAME)
    rows = tuple((line, row) for line, row in sheet.rows if line > layout.header_row and not is_aside(row))
    if not rows:
        raise DomainError(NO_DATA)
    if len(rows) > MOST_ROWS:
        raise DomainError(TOO_LONG)
    return Table(layout.mapping, rows)


def find_layout(
    top: Sequence[tuple[int, Row]],
    merges: Iterable[tuple[tuple[int, int], tuple[int, int]]],
    header_row: int | None = None,
    words: Vocabulary | None = None,
) -> Layout | None:
    """Recognise the heading among the first lines (one line, or two joined); None when nothing is known.

    ``header_row`` is the line a person named; ``words`` are those of the kind of table, else those of enterprises.
    Columns without a known heading are read by their values.
    """
    words = words or FIRMS
    lines = _spread(top, merges)
    best: tuple[float, Layout] | None = None
    for index, (line, row) in enumerate(lines[:HEAD_ROWS]):
        if header_row is not None and line != header_row:
            continue
        wide = index and _two_rows(top[index - 1][1], top[index][1])
        tries = [row, _joined(lines[index - 1][1], row)] if wide else [row]
        for headings in tries:
            mapping = map_headings(headings, words)
            score = len(mapping.places) + (2 if mapping.named else 0) - index / 100
            if best is None or score > best[0]:
                best = (score, Layout(line, mapping))
    if best is None:
        return None
    layout = best[1]
    sampled = layout.mapping
    if words.told is not None:
        sampled = _by_sample(sampled, [row for line, row in top if line > layout.header_row], words.told)
    return Layout(layout.header_row, sampled) if sampled.places or header_row is not None else None


def map_headings(row: Row, words: Vocabulary | None = None) -> Mapping:
    """Read one row as headings; what is not known is left alone."""
    words = words or FIRMS
    found: dict[str, list[int]] = {}
    units: dict[int, str] = {}
    for index, cell in enumerate(row):
        column = words.known(cell)
        if column is None:
            continue
        found.setdefault(column, []).append(index)
        unit = words.unit(cell, column)
        if unit:
            units[index] = unit
    return Mapping({column: tuple(indexes) for column, indexes in found.items()}, row, units, words.called)


def known_heading(cell: str) -> Column | None:
    """What a heading means: as it stands, without brackets, year, marks, number, or by its lower part (联系人/电话)."""
    plain = _plain(cell)
    bare = YEARS.sub("", _plain(BRACKETS.sub("", cell))).strip("*#:：")
    found = _KNOWN.get(plain) or _KNOWN.get(bare) or _KNOWN.get(NUMBERED.sub("", bare))
    if found is None and "/" in cell:
        upper, lower = cell.split("/", 1)
        found = _KNOWN.get(_plain(upper) + _plain(lower)) or known_heading(lower)
    return found


def heading_unit(cell: str, column: str) -> str:
    """The unit a heading names for money or land (``营业收入（亿元）``), blank for none."""
    if column not in MONEY_COLUMNS | LAND_COLUMNS:
        return ""
    bracket = BRACKETS.search(cell)
    return (unit_in(bracket[1]) or bracket[1]) if bracket else ""


def looks_like_data(headings: Sequence[str]) -> bool:
    """Whether what was taken for a heading holds the values of an enterprise: the file has no heading."""
    return any(_told_by([cell]) not in {None, Column.NAME} for cell in headings if cell)


def signature(headings: Sequence[str]) -> str:
    """Digest of headings, to know a kind of ledger again."""
    return hashlib.sha256("\n".join(_plain(cell) for cell in headings).encode()).hexdigest()


def is_aside(row: Row) -> bool:
    """Whether a line is a total (合计) or a note below the table, no data."""
    filled = [cell for cell in row if cell]
    first = "".join(filled[:1]).replace(" ", "")
    return bool(TOTALS.fullmatch(first)) or (len(filled) == 1 and bool(NOTES.fullmatch(first)))


def _spread(
    top: Sequence[tuple[int, Row]], merges: Iterable[tuple[tuple[int, int], tuple[int, int]]]
) -> list[tuple[int, Row]]:
    """Write the text of each merged range into all of its cells."""
    cells = {line - 1: list(row) for line, row in top}
    for (first, left), (last, right) in merges:
        if first not in cells or right - left > len(cells[first]):
            continue
        text = cells[first][left] if left < len(cells[first]) else ""
        for line in range(first, min(last, first + 3) + 1):
            for column in range(left, right + 1):
                if line in cells and column < len(cells[line]):
                    cells[line][column] = text
    return [(line, tuple(cells[line - 1])) for line, _row in top]


def _two_rows(upper: Row, lower: Row) -> bool:
    """Whether two lines may be one heading: the upper leaves cells open that the lower fills."""
    open_cells = sum(1 for index, cell in enumerate(lower) if cell and not (index < len(upper) and upper[index]))
    short = sum(1 for cell in upper if cell) > 1 or any(lower)
    return bool(open_cells) and short


def _joined(upper: Row, lower: Row) -> Row:
    joined, before = [], ""
    for index in range(max(len(upper), len(lower))):
        above = upper[index] if index < len(upper) else ""
        below = lower[index] if index < len(lower) else ""
        before = above or (before if below else "")
        joined.append(f"{before}/{below}" if before and below and before != below else below or above)
    return tuple(joined)


def _by_sample(mapping: Mapping, rows: Sequence[Row], told: Callable[[Sequence[str]], str | None]) -> Mapping:
    """Give a meaning to columns with an unknown heading whose values speak for themselves."""
    places = dict(mapping.places)
    taken = {index for indexes in places.values() for index in indexes}
    width = max((len(row) for row in rows), default=0)
    taken |= {index for index, heading in enumerate(mapping.headings) if heading in OWN_HEADS}
    for index in range(width):
        values = [row[index] for row in rows if index < len(row) and row[index]]
        column = None if index in taken or not values else told(values)
        if column is not None and column not in places:
            places[column] = (index,)
    headings = (*mapping.headings, *[""] * (width - len(mapping.headings)))
    return Mapping(places, headings, mapping.units, mapping.called)


def _told_by(values: Sequence[str]) -> Column | None:
    tests = (
        (Column.USCC, lambda text: uscc_is_valid(clean_uscc(text) or "")),
        (Column.PHONE, lambda text: bool(MOBILE.fullmatch(text))),
        (Column.EMAIL, lambda text: bool(EMAIL.fullmatch(text))),
        (Column.STOCK, lambda text: bool(CODE_VALUE.fullmatch(text))),
        (Column.WEBSITE, lambda text: bool(SITE.fullmatch(text))),
        (Column.NAME, lambda text: bool(FIRM.fullmatch(text))),
    )
    for column, test in tests:
        if sum(map(test, values)) >= ENOUGH * len(values):
            return column
    return None


def _plain(cell: str) -> str:
    return "".join(fold(cell[:LONGEST_HEADING]).split())


FIRMS = Vocabulary(known_heading, heading_unit, frozenset(CALLED_BY), _told_by)
