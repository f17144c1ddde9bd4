"""Vocabulary and decisions of imports: states of a run, what a column may hold, what a person chooses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.core.errors import Problem

MAPPING, CHECKING, CHECKED, APPLYING = "mapping", "checking", "checked", "applying"
DONE, CANCELLED, FAILED, UNDOING, UNDONE = "done", "cancelled", "failed", "undoing", "undone"
BUSY = frozenset({CHECKING, APPLYING, UNDOING})
MENDABLE = frozenset({CHECKED, CANCELLED})
LEGACY = {"preview": MAPPING, "queued": FAILED}
BAD, DOUBT = "bad", "doubt"
CREATE, UPDATE, BOTH = "create", "update", "both"
MODES: dict[str, str] = {CREATE: "只新增", UPDATE: "只更新", BOTH: "新增和更新"}
KEYS: dict[str, str] = {"uscc": "统一社会信用代码", "stock": "股票代码", "name": "企业名称"}
NEW, SKIP = "new", "skip"
CHOSEN = "chosen"  # marks in the candidates of a line what a person said
MOST_ALIKE = 5


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
    CAPITAL = "capital"
    PLAN = "plan"
    LAND = "land"
    WEBSITE = "website"
    PARENT = "parent"
    SOURCE_ORG = "source_org"
    PROFILE = "profile"
    CONTACT = "contact"
    POST = "post"
    PHONE = "phone"
    EMAIL = "email"
    NOTE = "note"


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
    Column.CAPITAL: "注册资本",
    Column.PLAN: "拟投资额",
    Column.LAND: "拟用地",
    Column.WEBSITE: "网址",
    Column.PARENT: "母公司",
    Column.SOURCE_ORG: "来源单位",
    Column.PROFILE: "企业简介",
    Column.CONTACT: "联系人姓名",
    Column.POST: "职务",
    Column.PHONE: "联系电话",
    Column.EMAIL: "邮箱",
    Column.NOTE: "联系人备注",
}
MONEY_COLUMNS = frozenset({Column.CAPITAL, Column.REVENUE, Column.PLAN})
LAND_COLUMNS = frozenset({Column.LAND})
MONEY_UNITS = ("万元", "亿元", "元", "万美元", "亿美元", "美元", "万港元", "亿港元", "港元")
LAND_UNITS = ("亩", "平方米", "公顷")
CALLED_BY = frozenset({Column.NAME, Column.SHORT, Column.TICKER, Column.NAME_EN, Column.USCC, Column.STOCK})

MISSING = Problem("import.missing", "没有这次导入。")
MISSING_ROW = Problem("import.line", "这次导入没有这一行。")
LOST = Problem("import.lost", "上传的文件已不在服务器上，请重新上传。")
NO_RIGHT = Problem("import.right", "您的角色不能导入这种表。")
STARTED = Problem("import.started", "这次导入已经开始，请看结果。")
NOT_NOW = Problem("import.not_now", "这次导入现在不能这样做，请刷新页面看它到了哪一步。")
BROKE = Problem("import.broke", "系统出错，没有做完；已写入的保留。请再试一次，仍不行请联系管理员。")
NO_SHEET = Problem("import.sheet", "文件里没有这张工作表，请重新选择。", "sheet")
NO_HEADER = Problem("import.header", "标题行不在文件里，请重新选择。", "header_row")
NEEDS_NAME = Problem("import.name", "请指定哪一列是企业名称；没有名称时，至少指定简称、信用代码或股票代码。", "columns")
NEEDS_LIST = Problem("import.list", "请填写榜单名称，例如“世界500强”。", "list_name")
NEEDS_YEAR = Problem("import.year", "请填写榜单年度，例如 2025。", "year")
NEEDS_UNIT = Problem("import.unit", "请选择联系人归哪个单位。", "unit_id")
NO_KEYS = Problem("import.keys", "请至少选一种认出同一家企业的办法。", "keys")
NO_MODE = Problem("import.mode", "请选择只新增、只更新，还是两样都做。", "mode")
NO_CELL = Problem("import.cell", "这一行没有这一格。")
DECIDED = Problem("import.decided", "这一行已经处理过，不用再选。")
NOT_A_CHOICE = Problem("import.choice", "请在列出的企业里选一家，或选“新建”“跳过”。", "choice")


@dataclass(frozen=True, slots=True)
class MappingChoices:
    """What a person says of a file: sheet, heading line (as in the file), meaning and unit of each column.

    ``listed``: the file is an edition of a list, so list and year must be known. ``mode`` is one of
    :data:`MODES`, ``keys`` some of :data:`KEYS`; ``unit_id`` is the unit that keeps the contacts.
    ``overwrite`` lets given values replace stored ones; blanks never do.
    """

    sheet: str = ""
    header_row: int = 1
    columns: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    list_name: str | None = None
    year: int | None = None
    source: str | None = None
    mode: str = BOTH
    keys: tuple[str, ...] = tuple(KEYS)
    unit_id: int | None = None
    listed: bool = False
    overwrite: bool = False


def problem(index: int | None, level: str, message: str, **params: object) -> dict[str, Any]:
    """Describe what is wrong with a cell (or with the whole line, ``index`` None), as it is stored."""
    return {"index": index, "level": level, "message": message, "params": params}


def state_of(stored: str) -> str:
    """Read the state of a run; runs of earlier versions had other words."""
    return LEGACY.get(stored, stored)


def may_follow(state: str, wanted: str) -> bool:
    """Whether a run in ``state`` may go to ``wanted``."""
    after = {
        MAPPING: {MAPPING, CHECKING},
        CHECKED: {MAPPING, CHECKING, APPLYING, CANCELLED},
        CANCELLED: {CHECKING, APPLYING, UNDOING, MAPPING},
        FAILED: {CHECKING, APPLYING, UNDOING, MAPPING},
        DONE: {UNDOING},
        CHECKING: {CHECKED, CANCELLED, FAILED},
        APPLYING: {DONE, CANCELLED, FAILED},
        UNDOING: {UNDONE, FAILED},
    }
    return wanted in after.get(state, set())
