"""One row of a list: read it, or say in one sentence why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.core.text import fold
from crm.enterprises.lists import KnownList, identify
from crm.enterprises.naming import Name, plain_ticker
from crm.enterprises.rules import LINE, SHORT, AliasKind, clean_uscc, split_codes, stock_code, uscc_is_valid
from crm.imports.columns import Column

if TYPE_CHECKING:
    from crm.imports.columns import Mapping, Table
    from crm.imports.reading import Row

RANK = re.compile(r"(?:第|并列|=|T|No\.?)?\s*(\d{1,7})(?:\.\d+)?\s*(?:位|名)?", re.IGNORECASE)
YEAR = re.compile(r"((?:19|20)\d{2})(?:\D.*)?")
PLACE = re.compile(r"(?P<list>[^/#]+)/(?P<year>\d{4})[^#]*(?:#(?P<rank>.*))?")
MARKUP = re.compile(r"<[a-zA-Z/!]")
FIRST_YEAR, LAST_YEAR = 1990, 2100
SEPARATORS = re.compile(r"[|｜、;；\n]+")
OTHER_NAMES: tuple[tuple[Column, AliasKind], ...] = (
    (Column.FULL, AliasKind.FULL),
    (Column.TICKER, AliasKind.TICKER),
    (Column.BRAND, AliasKind.BRAND),
    (Column.FORMER, AliasKind.FORMER),
)


@dataclass(frozen=True, slots=True)
class ListTarget:
    """What a person says of the whole file: which list, which year, where it comes from."""

    name: str | None = None
    year: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A place on a list of a year."""

    known: KnownList
    year: int
    rank: int | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row that can be taken in."""

    line: int
    name: str
    name_en: str | None
    uscc: str | None
    codes: tuple[str, ...]
    industry: str | None
    region: str | None
    revenue: str | None
    names: tuple[Name, ...]
    memberships: tuple[Membership, ...]
    named_only: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot: ``message`` is a Chinese msgid, ``params`` fill it."""

    line: int
    message: str
    values: Row
    params: dict[str, object] = field(default_factory=dict)


class _BadValueError(ValueError):
    """A cell that cannot be read."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message)
        self.message, self.params = message, params


def settle(table: Table, target: ListTarget) -> ListTarget:
    """Let a column speak only where it says more than the person: when it names several lists or years."""
    said_lists = {table.mapping.value(row, Column.LIST) for _line, row in table.rows}
    said_years = {table.mapping.value(row, Column.YEAR) for _line, row in table.rows}
    several = len(said_lists) > 1
    return ListTarget(
        name=None if several else target.name,
        year=None if len(said_years) > 1 else target.year,
        source=target.source,
    )


def read_row(mapping: Mapping, line: int, row: Row, target: ListTarget) -> ImportRow | Refusal:
    """Read a row; ``target`` fills in the list and the year that the row does not say."""
    try:
        return _read(mapping, line, row, target)
    except _BadValueError as error:
        return Refusal(line, error.message, row, error.params)


def _read(mapping: Mapping, line: int, row: Row, target: ListTarget) -> ImportRow:
    codes = _codes(mapping, row)
    memberships, names_only = _memberships(mapping, row, target)
    shorts = _split(mapping.values(row, Column.SHORT))
    name_en = mapping.value(row, Column.NAME_EN) or None
    name = mapping.value(row, Column.NAME) or (plain_ticker(shorts) if shorts else "") or name_en or ""
    _check_name(name)
    kind = AliasKind.FORMER if names_only else AliasKind.TICKER if codes else AliasKind.BRAND
    names = [(text, kind) for text in shorts]
    for column, its_kind in OTHER_NAMES:
        names.extend((text, its_kind) for text in _split(mapping.values(row, column)))
    return ImportRow(
        line=line,
        name=name,
        name_en=name_en[:LINE] if name_en else None,
        uscc=_uscc(mapping.value(row, Column.USCC)),
        codes=codes,
        industry=_chosen(mapping, row, Column.INDUSTRY),
        region=_chosen(mapping, row, Column.REGION),
        revenue=_revenue(mapping, row),
        names=tuple(names),
        memberships=memberships,
        named_only=names_only,
    )


def _split(cells: list[str]) -> list[str]:
    return list(dict.fromkeys(part.strip() for cell in cells for part in SEPARATORS.split(cell) if part.strip()))


def _chosen(mapping: Mapping, row: Row, column: Column) -> str | None:
    """Take one of several values: the first one in Chinese, else the first."""
    values = _split(mapping.values(row, column))
    chinese = [value for value in values if not value.isascii()]
    return next(iter(chinese or values), "")[:LINE] or None


def _check_name(name: str) -> None:
    if not any(char.isalpha() for char in name):
        message = "没有企业名称。"
        raise _BadValueError(message)
    if max(len(name), len(fold(name))) > LINE:
        message = "企业名称超过 200 个字，可能错了列。"
        raise _BadValueError(message)
    if MARKUP.search(name):
        message = "企业名称里有网页代码，请改成纯文字。"
        raise _BadValueError(message)


def _codes(mapping: Mapping, row: Row) -> tuple[str, ...]:
    codes = []
    for part in split_codes(mapping.value(row, Column.STOCK)):
        code = stock_code(part)
        if code is None:
            message = "股票代码“%(value)s”无法识别。"
            raise _BadValueError(message, value=part)
        codes.append(code)
    return tuple(dict.fromkeys(codes))


def _uscc(text: str) -> str | None:
    code = clean_uscc(text)
    if code and not uscc_is_valid(code):
        message = "统一社会信用代码“%(value)s”位数或校验位不对。"
        raise _BadValueError(message, value=text)
    return code


def _revenue(mapping: Mapping, row: Row) -> str | None:
    text = mapping.value(row, Column.REVENUE)
    unit = next(
        (mapping.units[index] for index in mapping.places.get(Column.REVENUE, ()) if index in mapping.units), ""
    )
    return f"{text} {unit}".strip()[:LINE] if text else None


def _memberships(mapping: Mapping, row: Row, target: ListTarget) -> tuple[tuple[Membership, ...], bool]:
    places = _split(mapping.values(row, Column.PLACES))
    if places:
        read = [_place(text) for text in places]
        return tuple(member for member in read if not member.known.names_only), False
    name = target.name or mapping.value(row, Column.LIST)
    if not name:
        message = "没有写明榜单。"
        raise _BadValueError(message)
    if len(name) > SHORT:
        message = "榜单名称超过 80 个字。"
        raise _BadValueError(message)
    known = identify(name)
    if known.names_only:
        return (), True
    text = str(target.year or "") or mapping.value(row, Column.YEAR)
    found = YEAR.fullmatch(text)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        message = "年度“%(value)s”不对。"
        raise _BadValueError(message, value=text)
    return (Membership(known, int(found[1]), _rank(mapping.value(row, Column.RANK))),), False


def _place(text: str) -> Membership:
    found = PLACE.fullmatch(text)
    if not found or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        message = "上榜记录“%(value)s”无法识别。"
        raise _BadValueError(message, value=text)
    rank = RANK.fullmatch(found["rank"] or "")
    known = identify(found["list"])
    return Membership(known, int(found["year"]), int(rank[1]) if rank and known.key != "listed" else None)


def _rank(text: str) -> int | None:
    if not text:
        return None
    found = RANK.fullmatch(text)
    if not found or not int(found[1]):
        message = "名次“%(value)s”不是数字。"
        raise _BadValueError(message, value=text)
    return int(found[1])
