"""Which two records may be one: keys, similar names, what speaks against it; points from 0 to 100."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pypinyin import Style, pinyin
from rapidfuzz.distance import Indel

from crm.core.text import fold
from crm.enterprises import codes
from crm.enterprises.identifiers import uscc_is_valid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Reason = dict[str, Any]
MOST_HITS = 20
ALIKE = 85
SHORTEST = 4
FRONT = 3
LOWEST = 30
LOW = 35
HALF = 50
SURE = 80
MOST = 99
MOST_WINDOWS = 8
WEIGHTS = {
    "uscc": 99,
    "name": 95,
    "stock": 85,
    "alias": 75,
    "stem": 80,
    "site": 70,
    "phone": 60,
    "email": 85,
    "person_phone": 85,
    "person_name": 70,
    "placed": 45,
}
SPEAKS_AGAINST = frozenset({"uscc_differs", "group", "branch", "name_differs"})
HARD = frozenset({"uscc", "site", "phone"})
FORMS = ("集团", "控股", "股份")
COUNTED = re.compile(r"[0-9一二三四五六七八九十东西南北中上下新老]+")
PLACE_TAIL = re.compile(r"^[省市县区]")
PLACE = re.compile(r"^[\u3400-\u9fff]{2,3}[省市县区]")
BRANCH = re.compile(r"分公司|分行|分店|支行|营业部|办事处|代表处|分厂|子公司")
LABELS: dict[str, str] = {
    "uscc": "统一社会信用代码相同：%(value)s",
    "name": "名称相同",
    "stock": "股票代码相同：%(value)s",
    "alias": "共用名称：%(value)s",
    "stem": "名称只差法律后缀",
    "site": "网址域名相同：%(value)s",
    "phone": "联系人电话相同",
    "email": "邮箱相同",
    "person_phone": "电话相同",
    "person_name": "同一家企业的同名联系人：%(value)s",
    "alike": "名称相近（%(value)s%%）",
    "placed": "名称只差前面的地名",
    "uscc_differs": "但两家的统一社会信用代码不同，可能是两个法人",
    "group": "但名称像集团与成员企业，可能是两个法人",
    "branch": "但名称像总部与分支机构，可能是两个法人",
    "name_differs": "但姓名不同，可能是共用的电话或邮箱",
}


@dataclass(frozen=True, slots=True)
class Firm:
    """What is compared of an enterprise; ``folded`` and ``stem`` are folded, ``region`` is a code or a name."""

    id: int
    folded: str
    stem: str
    uscc: str | None = None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely two records are one (0 to 100) and why, as data for :func:`reason_text`."""

    score: int
    reasons: tuple[Reason, ...]


def judge_firms(one: Firm, other: Firm, keys: Mapping[str, str]) -> Verdict | None:
    """Judge two enterprises that share ``keys`` (key -> value); None when they are not worth a look.

    Two different valid credit codes, a group and its member, a head office and its branch are two
    legal persons: they come up only with the same site or telephone, and then low.
    """
    if one.id == other.parent_id or other.id == one.parent_id:
        return None
    reasons: list[Reason] = [{"key": key, "value": value} for key, value in keys.items()]
    weights = [WEIGHTS[key] for key in keys]
    likeness = None if {"stem", "name"} & set(keys) else near(one.stem, other.stem)
    if likeness is not None:
        reasons.append(likeness)
        weights.append(WEIGHTS["placed"] if likeness["key"] == "placed" else likeness["value"] - 25)
    against = _against(one, other, placed=likeness is not None and likeness["key"] == "placed")
    if not weights or (against and not HARD & set(keys)):
        return None
    points = _together(weights)
    if not set(keys):
        points = min(points, SURE - 1)
    if against:
        reasons.append({"key": against, "value": ""})
        points = min(points, LOW)
    elif "stem" in keys and len(keys) == 1 and _group_by_one(one, other):
        points = min(points, HALF)
    return Verdict(points, tuple(reasons)) if points >= LOWEST else None


def judge_people(one: str, other: str, keys: Mapping[str, str]) -> Verdict | None:
    """Judge two contacts by their names and the keys they share; a number with two names is likely an office's."""
    if not keys:
        return None
    reasons: list[Reason] = [{"key": key, "value": value} for key, value in keys.items()]
    points = _together([WEIGHTS[key] for key in keys])
    if fold(one) != fold(other):
        reasons.append({"key": "name_differs", "value": ""})
        points = min(points, HALF if len(keys) > 1 else LOW)
    elif "person_name" not in keys:
        points = min(MOST, points + 10)
    return Verdict(points, tuple(reasons))


def near(one: str, other: str) -> Reason | None:
    """Say how two different stems are near each other: one has a place in front, or they are spelled alike."""
    if one == other:
        return None
    for longer, shorter in ((one, other), (other, one)):
        if len(longer) > len(shorter) and shorter == without_place(longer):
            return {"key": "placed", "value": shorter}
    percent = alike(one, other)
    return None if percent is None else {"key": "alike", "value": percent}


def without_place(stem: str) -> str | None:
    """Take the places in front off a stem (浙江省杭州市岚桥储能); None without any, or when a short rest remains."""
    rest, places = stem, _places()
    for _ in range(2):
        size = next((size for size in range(SHORTEST, 1, -1) if rest[:size] in places), 0)
        if not size:
            break
        rest = rest[size:]
        rest = PLACE_TAIL.sub("", rest)
    return rest if SHORTEST <= len(rest) < len(stem) else None


def alike(one: str, other: str) -> int | None:
    """Give how alike two folded stems are in per cent; None below ``ALIKE`` or when the difference tells them apart.

    Stems that differ by a place (云岭电子上海, 云岭电子深圳), a number or a direction are two names, and so are those
    with another word in front (杭州天恒生物, 杭州泰安生物): there only characters that sound the same are a slip.
    """
    if min(len(one), len(other)) < SHORTEST or one == other:
        return None
    ratio = Indel.normalized_similarity(one, other, score_cutoff=ALIKE / 100)
    percent = int(ratio * 100)
    if percent < ALIKE:
        return None
    parts = difference(one, other)
    return percent if not _tells_apart(*parts) and (_slip(*parts) or _same_front(one, other)) else None


def difference(one: str, other: str) -> tuple[str, str]:
    """Give what is left of two texts without their common beginning and end."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    stop = 0
    while stop < min(len(one), len(other)) and one[-1 - stop] == other[-1 - stop]:
        stop += 1
    return (one[: len(one) - stop], other[: len(other) - stop])


def reason_text(reason: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Give the Chinese template of a reason and its parameters, to be translated."""
    return LABELS.get(reason["key"], reason["key"]), {"value": reason.get("value", "")}


def certain(score: int, reasons: tuple[Reason, ...] | list[Reason]) -> bool:
    """Whether a pair shares an exact key and nothing speaks against it."""
    keys = {reason["key"] for reason in reasons}
    return score >= SURE and bool(keys & set(WEIGHTS) - {"placed"}) and not keys & SPEAKS_AGAINST


def new_evidence(known: Iterable[Reason], found: Iterable[Reason]) -> bool:
    """Whether a pair that was said to be different shares an exact key it did not share then."""
    exact = set(WEIGHTS) - {"placed"}
    return bool({reason["key"] for reason in found} & exact - {reason["key"] for reason in known})


def windows(stem: str) -> list[str]:
    """Cut a stem into overlapping pieces of half its length: one slip leaves at least one of them whole."""
    size = max(3, -(-len(stem) // 2))
    last = max(1, len(stem) - size + 1)
    return list(dict.fromkeys(stem[at : at + size] for at in range(min(last, MOST_WINDOWS))))


def _together(weights: list[int]) -> int:
    doubt = 1.0
    for weight in weights:
        doubt *= 1 - weight / 100
    return min(MOST, round(100 * (1 - doubt)))


def _against(one: Firm, other: Firm, *, placed: bool = False) -> str | None:
    if one.uscc and other.uscc and one.uscc != other.uscc and uscc_is_valid(one.uscc) and uscc_is_valid(other.uscc):
        return "uscc_differs"
    if bool(BRANCH.search(one.folded)) != bool(BRANCH.search(other.folded)):
        return "branch"
    forms = _forms(one), _forms(other)
    if one.stem == other.stem and all(forms) and forms[0] != forms[1]:
        return "group"
    return "branch" if not placed and _tells_apart(*difference(one.stem, other.stem)) else None


def _slip(one: str, other: str) -> bool:
    """Whether two differing parts are a slip of the keyboard: they sound the same, or characters changed places."""
    if len(one) != len(other):
        return one.isascii() and other.isascii()
    if one.isascii() and other.isascii():
        return True
    return sorted(one) == sorted(other) or all(_sounds(a) & _sounds(b) for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=8192)
def _sounds(char: str) -> frozenset[str]:
    return frozenset(pinyin(char, style=Style.NORMAL, heteronym=True)[0])


def _same_front(one: str, other: str) -> bool:
    """Whether two stems share what stands behind the place in front: the word a company is known by."""
    fronts = [PLACE.sub("", without_place(stem) or stem) for stem in (one, other)]
    shared = next((at for at, (a, b) in enumerate(zip(*fronts, strict=False)) if a != b), min(map(len, fronts)))
    return shared >= FRONT


def _forms(firm: Firm) -> frozenset[str]:
    tail = firm.folded.removeprefix(firm.stem)
    return frozenset(form for form in FORMS if form in tail)


def _group_by_one(one: Firm, other: Firm) -> bool:
    """Whether only one of two names says 集团 or 控股 while both are full legal names."""
    legal = all(firm.folded.endswith("公司") for firm in (one, other))
    grouped = [bool({"集团", "控股"} & _forms(firm)) for firm in (one, other)]
    return legal and grouped[0] != grouped[1]


def _tells_apart(one: str, other: str) -> bool:
    parts = [re.sub(r"[()（）]", "", part) for part in (one, other)]
    if not any(parts):
        return False
    return all(not part or part in _places() or COUNTED.fullmatch(part) is not None for part in parts)


def _places() -> frozenset[str]:
    if not _PLACES:
        names = {
            re.sub(r"(特别行政区|[壮回维]?[吾]?[尔]?族?自治区|省|市)$", "", name) for name in codes.regions().values()
        }
        _PLACES.update(fold(name) for name in names if 1 < len(name) <= SHORTEST)
        _PLACES.add("中国")
    return frozenset(_PLACES)


_PLACES: set[str] = set()
