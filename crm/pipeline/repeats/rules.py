"""Old projects in new clothes (拿老项目充数): when two projects are thought the same, and why. Pure.

The key is investor group, site and product line after folding; likeness only ever asks a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.text import fold
from crm.pipeline.repeats.commonwords import COMMON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

MOST_HITS = 20  # a key that more projects share tells nothing
VALUE = 200
SIMILAR = 0.5
NAME_SIMILAR = 0.6
SHORTEST = 4
INVESTOR, PLACE, STEM = "investor", "place", "stem"
SIGNS = re.compile(r"[^0-9a-z\u3400-\u9fff]+")


class Grade(StrEnum):
    """How sure the likeness is."""

    EXACT = "exact"
    LIKELY = "likely"


GRADE_LABELS: dict[Grade, str] = {Grade.EXACT: "主键相同", Grade.LIKELY: "疑似"}


class RepeatState(StrEnum):
    """What a person ruled about a likely repeat."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"
    EXPANSION = "expansion"
    UPGRADE = "upgrade"
    OWNER = "owner"


STATE_LABELS: dict[RepeatState, str] = {
    RepeatState.OPEN: "待核",
    RepeatState.SAME: "同一项目，不计",
    RepeatState.DIFFERENT: "不同项目",
    RepeatState.EXPANSION: "增资，只计增量",
    RepeatState.UPGRADE: "升级改造，不计金额",
    RepeatState.OWNER: "更换业主，按后一次计",
}
RULINGS = tuple(state for state in RepeatState if state is not RepeatState.OPEN)


class Likeness(StrEnum):
    """One reason why two projects are thought the same."""

    INVESTOR = "investor"
    SITE = "site"
    PRODUCT = "product"
    NAME = "name"
    STEM = "stem"


REASON_LABELS: dict[Likeness, str] = {
    Likeness.INVESTOR: "同一投资方",
    Likeness.SITE: "同一地块",
    Likeness.PRODUCT: "产品相近",
    Likeness.NAME: "项目名称相近",
    Likeness.STEM: "投资方名称相同",
}


@dataclass(frozen=True, slots=True)
class Face:
    """What a project is recognised by; ``investor`` is the head of the investor's group."""

    project_id: int
    investor: int
    stem: str
    name: str
    site: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Why two projects are thought the same: (likeness, words) pairs, and how sure it is."""

    grade: Grade
    reasons: tuple[tuple[Likeness, str], ...]


def plain(text: str | None) -> str:
    """Fold a text and drop all signs, for comparing."""
    return SIGNS.sub("", fold(text or ""))


def core(name: str, stem: str) -> str:
    """Return what is particular in a project's name: without the investor, amounts and the words all projects share."""
    bare = plain(name)
    stem = plain(stem)
    bare = bare.replace(stem, "") if len(stem) > 1 else bare
    return COMMON.sub("", bare)


def keys(face: Face) -> dict[str, str]:
    """Keys under which a project is found, by kind; a part that is too short names nothing."""
    found = {INVESTOR: str(face.investor)}
    site, product = plain(face.site), plain(face.product)
    if site and product:
        found[PLACE] = f"{site}|{product}"[:VALUE]
    stem = plain(face.stem)
    if len(stem) >= SHORTEST:
        found[STEM] = stem[:VALUE]
    return found


def under(face: Face, investor: int) -> Face:
    """Return the face under another investor."""
    return replace(face, investor=investor)


def match(new: Face, earlier: Face) -> Match | None:
    """Say why a project is thought to be an earlier one; None when nothing but the investor speaks for it."""
    group = new.investor == earlier.investor
    stem = not group and bool(plain(new.stem)) and plain(new.stem) == plain(earlier.stem)
    site = _alike(new.site, earlier.site)
    product = _alike(new.product, earlier.product)
    names = overlap(core(new.name, new.stem), core(earlier.name, earlier.stem))
    same_site = bool(plain(new.site)) and plain(new.site) == plain(earlier.site)
    same_product = bool(plain(new.product)) and plain(new.product) == plain(earlier.product)
    found: list[tuple[Likeness, str]] = []
    if group:
        found.append((Likeness.INVESTOR, ""))
    if stem:
        found.append((Likeness.STEM, new.stem))
    if same_site or site >= SIMILAR:
        found.append((Likeness.SITE, new.site))
    if same_product or product >= SIMILAR:
        found.append((Likeness.PRODUCT, new.product))
    if names >= NAME_SIMILAR:
        found.append((Likeness.NAME, core(new.name, new.stem)))
    kinds = {kind for kind, _words in found}
    if group and same_site and same_product:
        return Match(Grade.EXACT, tuple(found))
    investor = bool(kinds & {Likeness.INVESTOR, Likeness.STEM})
    others = len(kinds - {Likeness.INVESTOR, Likeness.STEM})
    if (investor and others) or (same_site and same_product and Likeness.NAME in kinds):
        return Match(Grade.LIKELY, tuple(found))
    return None


def says_more(match: Match, grade: Grade, reasons: Iterable[Sequence[str]]) -> bool:
    """Whether a likeness goes beyond the one that was ruled on: the key is now the same, or a reason is new."""
    known = {kind for kind, _words in reasons}
    surer = match.grade is Grade.EXACT and grade is not Grade.EXACT
    return surer or not {str(kind) for kind, _words in match.reasons} <= known


def overlap(one: str, other: str) -> float:
    """Share of pairs of characters that two plain texts have in common, from 0 to 1."""
    first, second = _pairs(one), _pairs(other)
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))


def ruling_problems(
    state: RepeatState | None, reason: str, increment: Decimal | None, *, actor_id: int, involved: frozenset[int]
) -> list[Problem]:
    """Reasons why a ruling cannot be kept; ``involved`` are the owner and the registrant of the project."""
    if actor_id in involved:
        return [Problem("repeat.own", "项目负责人和登记人不能核定自己的项目，请由其他人办理。")]
    problems = [] if state in RULINGS else [Problem("repeat.state", "请选择核定结果。", "state")]
    if state is RepeatState.EXPANSION and increment is None:
        problems.append(Problem("repeat.increment", "增资只计增量，请填写增加的投资额。", "increment"))
    if state is not RepeatState.EXPANSION and increment is not None:
        problems.append(Problem("repeat.no_increment", "只有增资才填增加的投资额。", "increment"))
    if not reason.strip():
        problems.append(Problem("repeat.reason", "请写明核定理由。", "reason"))
    return problems


def _alike(one: str, other: str) -> float:
    return overlap(plain(one), plain(other))


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}
