"""Where the event of a signal is: a place of GB/T 2260 or a country, tied to the event by the words around it. Pure.

A county without its 市, 县 or 区 is a place only behind the name of what it belongs to or behind words that ask for a
place (落户昆山): 合作, 和平 and 平安 are words. A name that tears words (融[资中]的) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.linking.wordlist import UNKNOWN, default_words
from crm.signals.facts.gazetteer import SHORTEST, Name, gazetteer, label
from crm.signals.facts.placecues import AGAINST, FAINT, HERE, NEAR, SURE, VENUE, score

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]
AND = frozenset({"、", "和", "与", "及", "以及", "至", "—", "——"})
LINKS = frozenset({"·", "-", "/", "("})
TAIL = ("市", "县", "区", "旗", "州", "盟", "省", "镇", "乡")
TORN, SPARE = 5.0, 2.0  # bits that a cut beside the name costs more than the best one; how many the name may lack
TOGETHER, BESIDE, LOOKED_AT = 6, "、", 8
LOCAL = re.compile(r"[\u4e00-\u9fff]{1,6}?(?:镇|乡|街道|村)")


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a folded text, with what its surroundings say for it."""

    name: str
    start: int
    end: int
    score: int


def find_places(text: str, names: Sequence[Span] = ()) -> list[Found]:
    """Find the places of a folded text, chains joined (四川省宜宾市), each with what speaks for it.

    ``names`` are spans of enterprises: a place inside one says where the firm is from, not where the event is.
    """
    gaz = gazetteer()
    within = _within(text, names)
    found: list[Found] = []
    chain: list[tuple[int, int, Name]] = []
    for start, end, number in gaz.automaton.find(text):
        name = gaz.names[number]
        if name.country and text[start:end].isascii() and not _whole_word(text, start, end):
            continue
        if chain and not (start == chain[-1][1] or text[chain[-1][1] : start] in LINKS):
            found += _close(text, chain, within)
            chain = []
        chain.append((start, end, name))
    return _listed(text, found + _close(text, chain, within))


def _within(text: str, spans: Sequence[Span]) -> bytearray:
    """Mark the characters of a text that lie within spans."""
    marks = bytearray(len(text))
    for start, end in spans:
        marks[start:end] = b"\1" * (end - start)
    return marks


def _listed(text: str, found: list[Found]) -> list[Found]:
    """Join places that are named in one breath: 越南和印度."""
    joined: list[Found] = []
    for place in found:
        last = joined[-1] if joined else None
        gap = text[last.end : place.start] if last else ""
        if last and LOCAL.fullmatch(gap) and last.score > 0:
            continue  # a village of a name that is elsewhere a county
        if last and (gap in AND or _in_a_row(text, last, place, gap)) and not last.name.endswith(place.name):
            few = last.name.count(BESIDE) < TOGETHER - 1
            both = f"{last.name}{BESIDE}{place.name}" if few else last.name
            joined[-1] = Found(both, last.start, place.end, max(last.score, place.score))
        else:
            joined.append(place)
    return joined


def _in_a_row(text: str, last: Found, place: Found, gap: str) -> bool:
    """Whether a comma joins two places that are named in full (沈阳市,龙岩市、厦门市)."""
    return gap == "," and text[last.end - 1] in TAIL and text[place.end - 1] in TAIL


def _whole_word(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return not any(char.isalnum() and char.isascii() for char in around)


def _close(text: str, chain: list[tuple[int, int, Name]], within: bytearray) -> list[Found]:
    if not chain:
        return []
    start, end = chain[0][0], chain[-1][1]
    name, cue = label([one for _start, _end, one in chain])
    if not name:
        return []
    points = score(text, start, end, abroad=chain[0][2].abroad) + (len(chain) > 1)
    if within[start] and not VENUE.match(text, end):
        points += AGAINST
    bare = text[start:end]
    if cue and points == HERE + NEAR and not bare.endswith(TAIL):
        points = HERE
    if points >= FAINT and len(bare) == SHORTEST and _torn(text, start, end):
        return []
    if cue and points < SURE and not (len(bare) > SHORTEST and bare.endswith(TAIL) and points > 0):
        return [Found(name, start, end, 0)] if points > 0 and _said_apart(text, bare) else []
    if cue and chain[0][2].abroad:
        points = min(points, SURE - 1)  # a continent serves only where no country is named
    return [Found(name, start, end, points)]


def _torn(text: str, start: int, end: int) -> bool:
    """Whether words lie over a border of a short name: 银[河源]汇, [三明]治; a common name bears more."""
    words = default_words()
    if text[end : end + 1] in TAIL or words.level(text[start : end + 2]):
        return False
    if text[start - 1 : start + 1] not in words.words and text[end - 1 : end + 1] not in words.words:
        return False
    cut = words.around(text, start, end)
    worst = max(cut.left, cut.right)
    if worst < TORN:
        return False
    name = words.words.get(text[start:end])
    apart = sum(one.cost if one else UNKNOWN for one in map(words.words.get, text[start:end]))
    return name is None or worst - (apart - name.cost) >= -SPARE


def _said_apart(text: str, bare: str) -> bool:
    """Whether a name stands twice and not always before the same words, as the name of a product would (小金卡)."""
    at = text.find(bare)
    behind = text[at + len(bare) : at + len(bare) + 1]
    for _ in range(LOOKED_AT):
        at = text.find(bare, at + len(bare))
        if at < 0:
            return False
        if text[at + len(bare) : at + len(bare) + 1] != behind:
            return True
    return False
