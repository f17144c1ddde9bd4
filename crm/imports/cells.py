"""Single cells of a ledger: each reader takes what people write and says in one sentence what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.text import fold
from crm.enterprises.identifiers import clean_uscc, split_codes, stock_code, uscc_is_valid
from crm.enterprises.lists import KnownList, identify
from crm.enterprises.rules import LINE, SHORT, web_address
from crm.imports.rules import Column

if TYPE_CHECKING:
    from crm.imports.columns import Mapping
    from crm.imports.reading import Row

RANK = re.compile(r"(?:第|并列|=|T|No\.?)?\s*(\d{1,7})(?:\.\d+)?\s*(?:位|名)?", re.IGNORECASE)
YEAR = re.compile(r"((?:19|20)\d{2})(?:\D.*)?")
PLACE = re.compile(r"(?P<list>[^/#]+)/(?P<year>\d{4})[^#]*(?:#(?P<rank>.*))?")
MARKUP = re.compile(r"<[a-zA-Z/!]")
FIRST_YEAR, LAST_YEAR = 1990, 2100
FAILED = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
FAILED_FORMULA = "“%(value)s”是公式出错留下的，请改成正确的内容，或者清空。"
SEPARATORS = re.compile(r"[|｜、;；\n]+")


@dataclass(frozen=True, slots=True)
class ListTarget:
    """What a person says of the whole file: which list, which year, where it comes from; a ledger is no list."""

    name: str | None = None
    year: int | None = None
    source: str | None = None
    ledger: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """A place on a list of a year."""

    known: KnownList
    year: int
    rank: int | None


class BadValueError(ValueError):
    """A cell that cannot be read; ``doubt`` when a person may leave it as it is."""

    def __init__(self, message: str, *, column: Column | None = None, doubt: bool = False, **params: object) -> None:
        """Keep the Chinese msgid, the column it belongs to, and what fills it."""
        super().__init__(message)
        self.message, self.column, self.doubt, self.params = message, column, doubt, params


def read_site(text: str) -> str:
    """Read a web address; the scheme may be missing."""
    address = text if "://" in text else f"https://{text}"
    if not web_address(address) or " " in address or "." not in address or len(address) > LINE:
        message = "网址“%(value)s”写法不对，例如 https://www.example.com。"
        raise BadValueError(message, column=Column.WEBSITE, value=text)
    return address


def split(cells: list[str]) -> list[str]:
    """Take several values of one cell apart."""
    if not cells:
        return []
    return list(dict.fromkeys(part.strip() for cell in cells for part in SEPARATORS.split(cell) if part.strip()))


def chosen(mapping: Mapping, row: Row, column: Column) -> str | None:
    """Take one of several values: the first one in Chinese, else the first."""
    values = split(mapping.values(row, column))
    chinese = [value for value in values if not value.isascii()]
    return next(iter(chinese or values), "")[:LINE] or None


def check_name(name: str) -> None:
    """Refuse what cannot be the name of an enterprise."""
    if not any(char.isalpha() for char in fold(name)):
        message = "没有企业名称。"
        raise BadValueError(message, column=Column.NAME)
    if max(len(name), len(fold(name))) > LINE:
        message = "企业名称超过 200 个字，可能错了列。"
        raise BadValueError(message, column=Column.NAME)
    if MARKUP.search(name):
        message = "企业名称里有网页代码，请改成纯文字。"
        raise BadValueError(message, column=Column.NAME)


def read_codes(mapping: Mapping, row: Row) -> tuple[str, ...]:
    """Read stock codes."""
    codes = []
    for part in split_codes(mapping.value(row, Column.STOCK)):
        code = stock_code(part)
        if code is None:
            message = "股票代码“%(value)s”无法识别。"
            raise BadValueError(message, column=Column.STOCK, value=part)
        codes.append(code)
    return tuple(dict.fromkeys(codes))


def read_uscc(text: str) -> str | None:
    """Read a unified social credit code."""
    code = clean_uscc(text)
    if code and not uscc_is_valid(code):
        message = "统一社会信用代码“%(value)s”位数或校验位不对。"
        raise BadValueError(message, column=Column.USCC, value=text)
    return code


def read_revenue(mapping: Mapping, row: Row) -> str | None:
    """The revenue as a list prints it, with its unit."""
    text = mapping.value(row, Column.REVENUE)
    unit = next(
        (mapping.units[index] for index in mapping.places.get(Column.REVENUE, ()) if index in mapping.units), ""
    )
    return f"{text} {unit}".strip()[:LINE] if text else None


def read_memberships(mapping: Mapping, row: Row, target: ListTarget) -> tuple[tuple[Membership, ...], bool]:
    """Places on lists that a row gives, and whether it only gives names."""
    places = split(mapping.values(row, Column.PLACES))
    if places:
        read = [read_place(text) for text in places]
        return tuple(member for member in read if not member.known.names_only), False
    name = target.name or mapping.value(row, Column.LIST)
    if not name and target.ledger:
        return (), False
    if not name:
        message = "没有写明榜单。"
        raise BadValueError(message)
    if len(name) > SHORT:
        message = "榜单名称超过 80 个字。"
        raise BadValueError(message)
    known = identify(name)
    if known.names_only:
        return (), True
    text = str(target.year or "") or mapping.value(row, Column.YEAR)
    found = YEAR.fullmatch(text)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        message = "年度“%(value)s”不对。"
        raise BadValueError(message, column=Column.YEAR, value=text)
    return (Membership(known, int(found[1]), read_rank(mapping.value(row, Column.RANK))),), False


def read_place(text: str) -> Membership:
    """Read a place as a master file writes it: ``private_500/2025#7``."""
    found = PLACE.fullmatch(text)
    if not found or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        message = "上榜记录“%(value)s”无法识别。"
        raise BadValueError(message, column=Column.PLACES, value=text)
    rank = RANK.fullmatch(found["rank"] or "")
    known = identify(found["list"])
    return Membership(known, int(found["year"]), int(rank[1]) if rank and known.key != "listed" else None)


def read_rank(text: str) -> int | None:
    """Read a rank as people write it."""
    if not text:
        return None
    found = RANK.fullmatch(text)
    if not found or not int(found[1]):
        message = "名次“%(value)s”不是数字。"
        raise BadValueError(message, column=Column.RANK, value=text)
    return int(found[1])
