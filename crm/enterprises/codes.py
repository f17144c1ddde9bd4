"""Industries by GB/T 4754-2017 and regions by GB/T 2260: names of codes, codes of names, suggestions.

An industry code is the letter of its section with the digits of the class behind it (``C`` manufacturing,
``C36`` motor vehicles), so that a class lies below every prefix of its code. A region code has six digits.
The tables are files under ``data``; each names its standard and source and is read once, when first asked for.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from crm.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DATA = Path(__file__).parent / "data"
SUGGESTED = 20
LONGEST = 60
PROVINCE, PREFECTURE = "0000", "00"
BETWEEN = re.compile(r"[\s/／\\|·\-—,，、>]+")
PEOPLES = (
    "土家族|布依族|傈僳族|朝鲜族|蒙古族|哈尼族|景颇族|苗族|彝族|藏族|羌族|侗族|壮族|傣族|白族|回族|柯尔克孜|哈萨克|蒙古"
)
PROVINCE_TAIL = re.compile(r"(壮族|回族|维吾尔)?自治区$|特别行政区$|[省市]$")
PREFECTURE_TAIL = re.compile(rf"({PEOPLES})+自治州$|地区$|[市盟]$")
COUNTY_TAIL = re.compile(r"(?<!自治)[市县区旗]$")
MADE = re.compile(r"(制造业|加工业|服务业|业|制造)$")
DOUBTFUL = frozenset({"朝阳"})
SHORTEST = 2


def industries() -> Mapping[str, str]:
    """Every industry of the table: code -> name, in the order of the standard."""
    return _table("industries.csv")


def regions() -> Mapping[str, str]:
    """Every region of the table: six-digit code -> its own name, in the order of the codes."""
    return _table("regions.csv")


def industry_name(code: str | None) -> str:
    """Name of an industry code, blank for none or an unknown one."""
    return industries().get(code or "", "")


def region_name(code: str | None) -> str:
    """Name of a region with what it belongs to (``江苏省苏州市``), blank for none or an unknown one."""
    return "".join(regions()[one] for one in _chain(code or ""))


def find_industry(text: str) -> str | None:
    """Code of an industry by code or name, with or without 业 and 制造; None when unknown or ambiguous."""
    typed = fold(text)[:LONGEST]
    code = _industry_codes().get(typed.upper())
    return code or _only(_industry_names().get(typed, ()), str.startswith)


def find_region(text: str) -> str | None:
    """Code of a region by code or name; None when unknown or ambiguous.

    江苏省苏州市, 江苏苏州, 苏州市 and 苏州 are the same. A county counts without its 市, 县 or 区 only behind the
    name of what it belongs to: 甘南合作 is the town, 合作 alone is a word.
    """
    typed = BETWEEN.sub("", fold(text))[:LONGEST].removeprefix("中国")
    if typed in regions():
        return typed
    found = _regions_called(typed, "")
    whole = [code for code in found if code[2:] == PROVINCE]
    if typed in DOUBTFUL:
        return None
    return whole[0] if len(whole) == 1 else _only(found, _inside)


def suggest_industries(query: str, limit: int = SUGGESTED) -> list[tuple[str, str]]:
    """Industries whose code starts with a text or whose name holds it, as (code, name)."""
    typed = fold(query)[:LONGEST]
    rows = ((code, name, name) for code, name in industries().items())
    return _suggested(typed, rows, limit)


def suggest_regions(query: str, limit: int = SUGGESTED) -> list[tuple[str, str]]:
    """Regions whose code starts with a text or whose name holds it, as (code, name with what it belongs to)."""
    typed = BETWEEN.sub("", fold(query))[:LONGEST]
    rows = ((code, name, region_name(code)) for code, name in regions().items())
    return _suggested(typed, rows, limit)


def _suggested(typed: str, rows: Iterator[tuple[str, str, str]], limit: int) -> list[tuple[str, str]]:
    found: list[tuple[int, str, str]] = []
    for code, name, full in rows:
        if not typed or code.lower().startswith(typed) or name.startswith(typed):
            found.append((0, code, full))
        elif typed in full:
            found.append((1, code, full))
    ordered = sorted(found, key=lambda row: (row[0], len(row[1].rstrip("0")), row[1]))
    return [(code, full) for _rank, code, full in ordered[:limit]]


@lru_cache(maxsize=2)
def _table(name: str) -> Mapping[str, str]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return MappingProxyType({row["code"]: row["name"] for row in rows})


def _chain(code: str) -> list[str]:
    """The region and what it belongs to, the widest first; regions the table does not know are left out."""
    steps = (code[:2] + PROVINCE, code[:4] + PREFECTURE, code)
    return list(dict.fromkeys(one for one in steps if one in regions())) if code in regions() else []


def _inside(code: str, outer: str) -> bool:
    return outer in _chain(code)


def _only(codes: tuple[str, ...] | list[str], inside: Callable[[str, str], bool]) -> str | None:
    """The one of several codes that all the others lie in; None when there is none."""
    return next((outer for outer in codes if all(inside(code, outer) for code in codes)), None)


@lru_cache(maxsize=1)
def _industry_codes() -> Mapping[str, str]:
    with_letter = {code: code for code in industries()}
    return {**{code[1:]: code for code in industries() if len(code) > 1}, **with_letter}


@lru_cache(maxsize=1)
def _industry_names() -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, name in industries().items():
        folded = fold(name)
        for form in dict.fromkeys((folded, MADE.sub("", folded), folded.removesuffix("业"))):
            if len(form) >= SHORTEST:
                found[form].append(code)
    return {form: tuple(codes) for form, codes in found.items()}


@lru_cache(maxsize=1)
def _region_names() -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, name in regions().items():
        for form in _forms(code, fold(name)):
            found[form].append(code)
    return {form: tuple(codes) for form, codes in found.items()}


def _forms(code: str, name: str) -> set[str]:
    """What a region is called inside what it belongs to: 苏州市, 苏州; 恩施土家族苗族自治州, 恩施州, 恩施."""
    if code[2:] == PROVINCE:
        return {name, PROVINCE_TAIL.sub("", name)}
    if code[4:] == PREFECTURE:
        short = PREFECTURE_TAIL.sub("", name)
        return {name, short, *([f"{short}州"] if name.endswith("自治州") else [])}
    short = COUNTY_TAIL.sub("", name)
    return {name, short} if len(short) >= SHORTEST else {name}


def _regions_called(typed: str, outer: str) -> list[str]:
    """Regions in ``outer`` (blank: anywhere) that a text may mean, taking one name off its front after another."""
    found = [code for code in _region_names().get(typed, ()) if _allowed(code, typed, outer)]
    for cut in range(SHORTEST, len(typed) - 1):
        for code in _region_names().get(typed[:cut], ()):
            if code[4:] == PREFECTURE and code != outer and (not outer or _inside(code, outer)):
                found += _regions_called(typed[cut:], code)
    return list(dict.fromkeys(found))


def _allowed(code: str, typed: str, outer: str) -> bool:
    if outer:
        return code != outer and _inside(code, outer)
    return code[4:] == PREFECTURE or typed == fold(regions()[code])
