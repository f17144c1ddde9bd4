"""What lists may ask of a score, one vocabulary for all of them: 等级, 评分, 匹配度, 意向, 30天变化, 人工改分."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HIGHEST = 100
MOVED = 3
GRADES = ("A", "B", "C", "D")
RISING, FALLING = "up", "down"
HAS = "has"
PARTS = ("fit", "intent", "trend")
SORTS = ("score", *PARTS)
NAMES: Mapping[str, str] = {"grade": "评分等级", "fit": "匹配度", "intent": "意向", "trend": "评分30天变化"}
FIXED: Mapping[str, str] = {
    "trend:up": "评分30天内上升3分以上",
    "trend:down": "评分30天内下降3分以上",
    "own:has": "人工改过分",
}
FILLED: Mapping[str, str] = {
    "grade": "%(grade)s级",
    "score": "评分不低于%(points)s",
    "fit": "匹配度不低于%(points)s",
    "intent": "意向不低于%(points)s",
}
OFFERED: Mapping[str, tuple[str, ...]] = {
    "grade": GRADES,
    "score": ("60", "80"),
    "fit": ("10", "20"),
    "intent": ("10", "20"),
    "trend": (RISING, FALLING),
    "own": (HAS,),
}


def _whole(value: str) -> bool:
    return value.isdigit() and value.isascii() and len(value) <= 3  # noqa: PLR2004 (digits of the highest)


def _points(value: str) -> bool:
    return _whole(value) and int(value) <= HIGHEST


def _part(value: str) -> bool:
    return _whole(value.removeprefix("-")) and len(value) <= 3 and abs(int(value)) < HIGHEST  # noqa: PLR2004 (sign and digits)


KINDS: Mapping[str, Callable[[str], bool]] = {
    "grade": lambda value: value in GRADES,
    "score": _points,
    "fit": _part,
    "intent": _part,
    "trend": lambda value: value in {RISING, FALLING},
    "own": lambda value: value == HAS,
}


def readable(kind: str, value: str) -> bool:
    """Whether a list can be narrowed by this."""
    return kind in KINDS and KINDS[kind](value)


def template(kind: str, value: str) -> str:
    """Give the words of a condition, the value still open as ``grade`` and ``points``."""
    return FIXED.get(f"{kind}:{value}") or FILLED[kind]


def offered(*kinds: str) -> list[str]:
    """Conditions worth a place in a menu, as ``kind:value``."""
    return [f"{kind}:{value}" for kind in kinds or OFFERED for value in OFFERED[kind]]


def read(args: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Read the conditions of an address, one for each kind; what cannot be read does not narrow."""
    asked = ((kind, args.get(kind, "").strip()) for kind in KINDS)
    return tuple((kind, value) for kind, value in asked if readable(kind, value))
