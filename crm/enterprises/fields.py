"""The fields of an enterprise that people change: names for pages, plain values, what follows from what."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crm.core.errors import Problem
from crm.core.text import fold, fold_company, sort_key
from crm.enterprises import codes
from crm.enterprises.identifiers import clean_codes, clean_uscc, split_codes, stock_code
from crm.enterprises.rules import AMOUNT_UNITS, LINE, SOURCE_KINDS, EnterpriseDraft, web_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.enterprises.models import Enterprise

SORT_LENGTH = 400
LONGEST_NUMBER = 30
LABELS: dict[str, str] = {
    "name": "企业全称",
    "name_en": "英文名",
    "uscc": "统一社会信用代码",
    "stock_codes": "股票代码",
    "industry": "行业",
    "industry_code": "行业代码",
    "region": "总部地区",
    "region_code": "地区代码",
    "website": "网址",
    "registered_capital": "注册资本（万元）",
    "revenue": "年营业收入（万元）",
    "investment_plan": "拟投资额（万元）",
    "land_plan": "拟用地（亩）",
    "source_kind": "来源渠道",
    "source_org": "来源单位",
    "profile": "简介",
}
FIELDS = tuple(LABELS)
MONEY = frozenset(AMOUNT_UNITS)
CODED = {"industry": "industry_code", "region": "region_code"}
NOT_A_NUMBER = "请填数字，例如 12000。"
UNKNOWN_CODES = {
    "industry_code": Problem(
        "enterprise.industry_code", "国民经济行业分类里没有这个代码，请重新选择行业。", "industry"
    ),
    "region_code": Problem("enterprise.region_code", "行政区划里没有这个代码，请重新选择地区。", "region"),
}


def read_value(field: str, value: Any) -> str | Decimal | None:  # noqa: ANN401 (typed text, a number or a kept JSON value)
    """Write a value the way it is kept: blanks are None, money a Decimal, codes in their printed form.

    Raises:
        ValueError: a number is expected and this is none.

    """
    text = str(value).replace("\r\n", "\n").strip() if value is not None else ""
    if not text:
        return None
    if field in MONEY:
        return value if isinstance(value, Decimal) else _number(text)
    if field == "uscc":
        return clean_uscc(text)
    if field == "stock_codes":
        readable = all(stock_code(part) for part in split_codes(text))
        return clean_codes(text) if readable else text
    return text


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation as error:
        raise ValueError(NOT_A_NUMBER) from error
    if not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:  # written out, 1e999999999 fills the memory
        raise ValueError(NOT_A_NUMBER)
    return number


def plain(field: str, value: Any) -> str | None:  # noqa: ANN401 (a value of any column)
    """Write a value as text, the same for equal values: ``Decimal('12000.00')`` is ``12000``; None when blank."""
    kept = read_value(field, value)
    return format(kept.normalize(), "f") if isinstance(kept, Decimal) else kept


def values_of(row: Enterprise) -> dict[str, str | None]:
    """Every field of an enterprise as text."""
    return {field: plain(field, getattr(row, field)) for field in FIELDS}


def display(field: str, value: Any) -> str:  # noqa: ANN401 (a kept JSON value)
    """Write a value for people (Chinese, to be translated); blank for none."""
    text = "" if value is None else str(value)
    if field == "source_kind":
        return SOURCE_KINDS.get(text, text)
    if field == "stock_codes":
        return text.replace("|", ", ")
    if field in MONEY and text:
        return f"{Decimal(text):,f}"
    name = {"industry_code": codes.industry_name, "region_code": codes.region_name}.get(field)
    return f"{text} {name(text)}".strip() if name else text


def draft_of(row: Enterprise, changes: Mapping[str, Any], *, confirmed: bool = False) -> EnterpriseDraft:
    """Return what an enterprise would be with some fields changed; the codes follow their texts.

    Raises:
        ValueError: a money field was given something that is no number.

    """
    values = {field: getattr(row, field) for field in FIELDS}
    values |= {field: read_value(field, value) for field, value in changes.items()}
    values["name"] = values["name"] or ""
    return coded(EnterpriseDraft(**values, confirmed=confirmed), frozenset(changes))


def coded(draft: EnterpriseDraft, given: frozenset[str] | None = None) -> EnterpriseDraft:
    """Fill the codes that follow from industry and region; ``given`` are the fields a person changed (None: all).

    A code typed in place of a name becomes code and name; a code chosen by itself brings its name along.
    """
    changed: dict[str, str | None] = {}
    for text_field, code_field in CODED.items():
        text, code = getattr(draft, text_field), getattr(draft, code_field)
        chosen = code is not None if given is None else code_field in given
        if chosen and code in _names(code_field):
            if text is None or _find(code_field, text) != code:
                changed[text_field] = _full_name(code_field, code)
        elif not chosen and (given is None or text_field in given):
            changed[code_field] = _find(code_field, text) if text else None
            if text and changed[code_field] and (_looks_coded(code_field, text) or text in _names(code_field)):
                changed[text_field] = _full_name(code_field, changed[code_field])
    return replace(draft, **changed)  # type: ignore[arg-type]  # only text fields are changed


def code_problems(draft: EnterpriseDraft) -> list[Problem]:
    """Say which codes the standards do not know, given by themselves or typed in place of a name."""
    problems = []
    for text_field, code_field in CODED.items():
        code, text = getattr(draft, code_field), getattr(draft, text_field) or ""
        typed = _looks_coded(code_field, text) and code is None
        if typed or (code is not None and code not in _names(code_field)):
            problems.append(UNKNOWN_CODES[code_field])
    return problems


def fill(row: Enterprise, draft: EnterpriseDraft) -> None:
    """Write a checked draft into an enterprise, with what follows from it: folded name, order, stem, domain."""
    row.name, row.folded_name, row.sort_key = draft.name, fold(draft.name), sort_key(draft.name)[:SORT_LENGTH]
    row.stem, row.site_domain = fold_company(draft.name)[:LINE], domain_of(draft.website)
    row.uscc, row.stock_codes = clean_uscc(draft.uscc), clean_codes(draft.stock_codes)
    for one in fields(draft):
        if one.name not in {"name", "uscc", "stock_codes", "confirmed"}:
            setattr(row, one.name, getattr(draft, one.name))


def domain_of(website: str | None) -> str | None:
    """Give the host of an address without ``www.``: ``https://www.yunling.example/a`` is ``yunling.example``."""
    if not website or not web_address(website):
        return None
    return (urlsplit(website).hostname or "").removeprefix("www.")[:LINE] or None


def _names(code_field: str) -> Mapping[str, str]:
    return codes.industries() if code_field == "industry_code" else codes.regions()


def _find(code_field: str, text: str) -> str | None:
    return codes.find_industry(text) if code_field == "industry_code" else codes.find_region(text)


def _full_name(code_field: str, code: str | None) -> str:
    return codes.industry_name(code) if code_field == "industry_code" else codes.region_name(code)


def _looks_coded(code_field: str, text: str) -> bool:
    digits = text[1:] if code_field == "industry_code" and text[:1].isascii() and text[:1].isalpha() else text
    return digits.isascii() and digits.isdigit() and len(digits) <= 6  # noqa: PLR2004 (no code is longer)
