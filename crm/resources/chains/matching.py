"""Who may belong on a node, or fill it: a hard limit first, then points that are the sum of their reasons. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.core.text import fold
from crm.resources.chains.rules import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

CODE, NAME, INDUSTRY, PROFILE, NEWS = 30, 25, 20, 15, 20
RELATED, HERE, RUNNING, DISTRESS = 15, 20, 25, -15
LANDED = "项目“%(name)s”已在本地落地"
LISTS: dict[str, int] = {"fortune_global_500": 20, "china_500": 15, "central_soe": 15}
ANY_LIST = 10
MOVES: dict[str, int] = {"RELO": 20, "CAPX": 15, "SUPP": 12, "LAND": 10, "COOP": 5}
MOST_MOVES = 2
INTENTIONS: dict[str, tuple[int, str]] = {
    "strong": (20, "走访中表示意向强烈（%(day)s）"),
    "interested": (12, "走访中表示有意向（%(day)s）"),
}
OWN = frozenset({LANDED, *(message for _worth, message in INTENTIONS.values())})  # from visits and projects


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a node asks for: words of products, and codes of GB/T 4754 (C384 stands for all below it)."""

    words: tuple[str, ...]
    codes: tuple[str, ...]

    def code(self, code: str | None) -> str | None:
        """The code of the node that an enterprise's code lies in."""
        return next((one for one in self.codes if code and code.startswith(one)), None)

    def word(self, text: str | None) -> str | None:
        """The first word of the node that a text holds."""
        if not text:
            return None
        folded = fold(text)
        return next((word for word in self.words if fold(word) in folded), None)


@dataclass(frozen=True, slots=True)
class Move:
    """Something an enterprise is doing, from the news: kind, its Chinese label, day, quoted words."""

    kind: str
    label: str
    day: date
    quote: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of an enterprise that may fit a node.

    ``lists`` = (key, name, rank) of its places, the heaviest first; ``partners`` = (kind in words, name) of relations
    to firms on this node or its neighbours; ``intention`` = what it last said, with the day.
    """

    name: str
    industry: str | None = None
    code: str | None = None
    profile: str | None = None
    region: str | None = None
    lists: Sequence[tuple[str, str, int | None]] = ()
    moves: Sequence[Move] = ()
    partners: Sequence[tuple[str, str]] = ()
    intention: tuple[str, date] | None = None
    running: str | None = None


def belongs(wanted: Wanted, one: Candidate) -> list[Reason]:
    """Say why an enterprise makes what the node makes; empty: it does not, as far as we know."""
    reasons = []
    code = wanted.code(one.code)
    if code:
        reasons.append(Reason("行业代码%(code)s属于这个环节", {"code": one.code}, CODE))
    texts = (
        (one.name, "名称里有“%(word)s”", NAME),
        (one.industry, "行业里有“%(word)s”", INDUSTRY),
        (one.profile, "简介里有“%(word)s”", PROFILE),
    )
    for text, message, worth in texts:
        found = wanted.word(text)
        if found:
            reasons.append(Reason(message, {"word": found}, worth))
    for move in one.moves:
        said = wanted.word(move.quote)
        if said:
            params = {"word": said, "day": move.day.isoformat(), "signal": move.id}
            return [*reasons, Reason("动态里说到“%(word)s”（%(day)s）", params, NEWS)]
    return reasons


def target(wanted: Wanted, one: Candidate) -> list[Reason]:
    """Every reason to approach an enterprise for a node; empty when it neither belongs there nor is tied to it."""
    reasons = belongs(wanted, one)
    if one.partners:
        kind, name = one.partners[0]
        reasons.append(Reason("是本链企业“%(name)s”的%(kind)s", {"name": name, "kind": kind}, RELATED))
    return [*reasons, *drive(one)] if reasons else []


def drive(one: Candidate) -> list[Reason]:
    """Say what makes an enterprise worth approaching now, whatever for: its weight, its moves, what it last said."""
    reasons = []
    if one.lists:
        key, name, rank = one.lists[0]
        text = "上榜：%(list)s" if rank is None else "上榜：%(list)s第%(rank)s位"
        reasons.append(Reason(text, {"list": name, "rank": rank}, LISTS.get(key, ANY_LIST)))
    reasons += _moves(one.moves)
    said = INTENTIONS.get(one.intention[0]) if one.intention else None
    if said and one.intention:
        reasons.append(Reason(said[1], {"day": one.intention[1].isoformat()}, said[0]))
    return reasons


def _moves(moves: Iterable[Move]) -> list[Reason]:
    """The two weightiest moves, one of a kind, and distress once."""
    best: dict[str, Move] = {}
    for move in sorted(moves, key=lambda one: one.day):
        best[move.kind] = move
    found = sorted((one for one in best.values() if one.kind in MOVES), key=lambda one: -MOVES[one.kind])
    reasons = [Reason("“%(kind)s”动态（%(day)s）", _told(move), MOVES[move.kind]) for move in found[:MOST_MOVES]]
    if "NEG" in best:
        reasons.append(Reason("“%(kind)s”动态（%(day)s）", _told(best["NEG"]), DISTRESS))
    return reasons


def _told(move: Move) -> dict[str, object]:
    return {"kind": move.label, "day": move.day.isoformat(), "signal": move.id}


def local(wanted: Wanted, one: Candidate, home: Sequence[str]) -> list[Reason]:
    """Every reason to place an enterprise as a local one: it must make the product and be here."""
    place = next((word for word in home if one.region and fold(word) in fold(one.region)), None)
    made = belongs(wanted, one)
    if not made or not (place or one.running):
        return []
    if place:
        made.append(Reason("所在地区“%(region)s”", {"region": one.region}, HERE))
    if one.running:
        made.append(Reason(LANDED, {"name": one.running}, RUNNING))
    return made


def shared(reasons: Iterable[Reason]) -> tuple[dict[str, Any], ...]:
    """Give reasons as they are stored: only those every reader of the chain may know, none of visits or projects."""
    return tuple(told([one.plain() for one in reasons]))


def told(stored: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Leave out of stored reasons what was seen by the person alone who confirmed them."""
    return [dict(one) for one in stored if one["message"] not in OWN]


def points(reasons: Iterable[Reason]) -> int:
    """The sum of reasons."""
    return sum(one.points for one in reasons)
