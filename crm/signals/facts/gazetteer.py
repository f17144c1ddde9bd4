"""Names of places: the regions of GB/T 2260 and their zones, countries with their cities, behind one search. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from crm.core.text import fold
from crm.enterprises.codes import COUNTY_TAIL, PREFECTURE_TAIL, PROVINCE_TAIL, region_name, regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WHOLE = "0000"
PREFECTURE = "00"
SHORTEST = 2
AT_HOME, WITH_CUE, SAME = "@", "?", "|"
GENERIC = frozenset(
    [
        "城区",
        "郊区",
        "矿区",
        "市中区",
        "新城区",
        "城中区",
        "城东区",
        "城西区",
        "城北区",
        "合作市",
        "市区",
        "东区",
        "西区",
        "南区",
    ]
)


@dataclass(frozen=True, slots=True)
class Name:
    """What a name in the gazetteer stands for: codes of regions it may be, or a country with a city in it."""

    codes: tuple[str, ...] = ()
    country: str = ""
    city: str = ""
    needs_cue: bool = False
    abroad: bool = False


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names behind one search."""

    names: tuple[Name, ...]
    automaton: CharwiseDoubleArrayAhoCorasick


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Names of the regions and of the countries with their cities; built once."""
    known: dict[str, Name] = {}
    for surface, codes, cue in _home():
        known[surface] = Name(codes=codes, needs_cue=cue)
    for surface, name in _listed():
        known.setdefault(surface, name)
    surfaces = sorted(known)
    automaton = CharwiseDoubleArrayAhoCorasick(surfaces, MATCH_KIND_LEFTMOST_LONGEST)
    return Gazetteer(tuple(known[surface] for surface in surfaces), automaton)


def _lines(name: str) -> list[str]:
    text = (files("crm.signals") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _home() -> Iterable[tuple[str, tuple[str, ...], bool]]:
    ordinary = {word for line in _lines("place_words.txt") for word in line.split()}
    full: defaultdict[str, list[str]] = defaultdict(list)
    short: defaultdict[str, list[str]] = defaultdict(list)
    for code, name in regions().items():
        folded = fold(name)
        full[folded].append(code)
        cut = _short(code, folded)
        if cut != folded and len(cut) >= SHORTEST:
            short[cut].append(code)
    for surface, codes in full.items():
        if surface not in GENERIC:
            yield surface, tuple(codes), len(codes) > 1 or len(surface) <= SHORTEST
    for surface, codes in short.items():
        if surface in full or surface in ordinary:
            continue
        counties = all(code[4:] != PREFECTURE for code in codes)
        if not counties:
            yield surface, tuple(code for code in codes if code[4:] == PREFECTURE), False
        elif len(codes) == 1:
            yield surface, tuple(codes), True


def _short(code: str, name: str) -> str:
    if code[2:] == WHOLE:
        return PROVINCE_TAIL.sub("", name)
    return (PREFECTURE_TAIL if code[4:] == PREFECTURE else COUNTY_TAIL).sub("", name)


def _listed() -> Iterable[tuple[str, Name]]:
    """Names of the list of places: those of a country or region first, then the cities and zones in it."""
    for line in _lines("abroad.txt"):
        first, *inside = (entry.replace("_", " ") for entry in line.split())
        cue, abroad = first.startswith(WITH_CUE), not first.startswith(AT_HOME)
        whole, *others = first.lstrip(AT_HOME + WITH_CUE).split(SAME)
        for surface in (whole, *others) if abroad else others:
            yield fold(surface), Name(country=whole, needs_cue=cue, abroad=abroad)
        for entry in inside:
            city, *same = entry.split(SAME)
            for surface in (city, *same):
                yield fold(surface), Name(country=whole, city=city, abroad=abroad)


def label(chain: Sequence[Name]) -> tuple[str, bool]:
    """Name the innermost place that a chain of names leads to, and tell whether it needs a cue."""
    code, country, city, cue = "", "", "", False
    for name in chain:
        if name.country:
            country, city = name.country, name.city or (city if name.country == country else "")
            cue = cue or name.needs_cue
            continue
        inside = [one for one in name.codes if _inside(one, code)]
        if code and not inside:
            continue
        if not code:
            inside = [one for one in name.codes if one[4:] == PREFECTURE] or list(name.codes)
            cue = name.needs_cue
        if len(inside) == 1 or (code and inside) or all(one[:2] == inside[0][:2] for one in inside):
            code = inside[0] if len(inside) == 1 or code else inside[0][:2] + WHOLE
    if not code:
        return (f"{country}·{city}" if city else country), cue
    region = _region(code)
    if city and country.startswith(region):
        region = country
    return region + (f"·{city}" if city and region.startswith(country) else ""), cue


@lru_cache(maxsize=4096)
def _region(code: str) -> str:
    return region_name(code)


def _inside(code: str, outer: str) -> bool:
    if not outer:
        return True
    stem = outer[:2] if outer[2:] == WHOLE else outer[:4] if outer[4:] == PREFECTURE else outer
    return code != outer and code.startswith(stem)
