"""Questions people ask of a score: what would change it, and why did it move. Pure.

Both answers come from scoring itself: a supposed fact is added and the enterprise scored again, so that what the
page promises is what happens; two rows of history are told apart reason by reason, and the differences add up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crm.scoring.facts import Fact, from_raw
from crm.scoring.rules import score
from crm.scoring.table import Axis, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from crm.scoring.rules import Score
    from crm.scoring.table import Feature, PointsTable

SUPPOSED = -1
MOST_ADDED = 10
COUNTY, DEPARTMENT, STAFF = 3, 2, 1
PEOPLE = {"contact": "再登记%(n)s名能联系上的联系人", "relation": "再找到%(n)s条关联关系（校友、乡贤、上下游）"}
NEWS = {"RELO": "产业转移", "CAPX": "资本扩张", "SUPP": "产品配套", "LAND": "用地环评", "NEG": "负面"}


class Hand(StrEnum):
    """In whose hands a change lies."""

    OURS = "ours"
    THEIRS = "theirs"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Supposed:
    """One thing that could happen: words (Chinese, holes as ``%(n)s``), the facts it brings, days that pass."""

    hand: Hand
    words: str
    facts: tuple[Fact, ...] = ()
    days: int = 0
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a supposed thing does to the score: points before and after, and the features that move."""

    supposed: Supposed
    before: int
    after: int
    grade: str
    parts: tuple[tuple[str, int], ...]

    @property
    def gain(self) -> int:
        """Points won or lost."""
        return self.after - self.before


def outcomes(known: Sequence[Fact], as_of: datetime, table: PointsTable) -> list[Outcome]:
    """Say what would change the score, the largest gain first within each hand; what changes nothing is left out."""
    now = score(from_raw(known, as_of, table), table)
    found = []
    for one in supposed(known, as_of, table):
        later = as_of + timedelta(days=one.days)
        then = score(from_raw([*known, *one.facts], later, table), table)
        if then.points != now.points:
            found.append(Outcome(one, now.points, then.points, then.grade, _parts(now, then, table)))
    places = {hand: place for place, hand in enumerate(Hand)}
    return sorted(found, key=lambda row: (places[row.supposed.hand], -row.gain, row.supposed.days))


def supposed(known: Sequence[Fact], as_of: datetime, table: PointsTable) -> Iterator[Supposed]:
    """List what could happen next."""
    visit, county = _met("visit", STAFF, as_of), _met("visit", COUNTY, as_of)
    yield Supposed(Hand.OURS, "上门走访一次", (visit,))
    yield Supposed(Hand.OURS, "由区县领导带队走访一次", (county,))
    yield Supposed(Hand.OURS, "请对方来区考察一次，部门领导接待", (_met("inspection", DEPARTMENT, as_of),))
    for feature in table.features:
        if feature.rule is Rule.COUNT and feature.source in PEOPLE:
            yield from _people(feature, known, as_of)
    strong = Fact("intention", "strong", SUPPOSED, as_of)
    yield Supposed(Hand.THEIRS, "走访后对方表示意向强烈", (visit, strong))
    yield Supposed(Hand.THEIRS, "走访后对方表示暂无意向", (visit, Fact("intention", "unwilling", SUPPOSED, as_of)))
    for kind, label in NEWS.items():
        if f"signal_{kind}" in table.by_key:
            fact = Fact("signal", kind, SUPPOSED, as_of)
            yield Supposed(Hand.THEIRS, "再出一条“%(kind)s”动态", (fact,), params={"kind": label})
    for days in (30, 90):
        yield Supposed(Hand.TIME, "%(days)s天内没有任何联系和动态", days=days, params={"days": days})


def _met(kind: str, level: int, as_of: datetime) -> Fact:
    return Fact("touch", kind, SUPPOSED, as_of, level=level)


def _people(feature: Feature, known: Sequence[Fact], as_of: datetime) -> Iterator[Supposed]:
    """Suppose just as many more as the next level of a counting feature wants."""
    here = sum(1 for fact in known if fact.kind == feature.source and fact.holds(as_of))
    starts = [level.at_least for level in feature.levels if level.at_least is not None and level.at_least > here]
    missing = int(min(starts)) - here if starts else 0
    if 0 < missing <= MOST_ADDED:
        more = tuple(Fact(feature.source, "", SUPPOSED - step, as_of) for step in range(missing))
        yield Supposed(Hand.OURS, PEOPLE[feature.source], more, params={"n": missing})


def _parts(now: Score, then: Score, table: PointsTable) -> tuple[tuple[str, int], ...]:
    """Name the features that move, by their whole points."""
    before = {reason.key: reason.points for reason in now.reasons}
    after = {reason.key: reason.points for reason in then.reasons}
    moved = [(key, after.get(key, 0) - before.get(key, 0)) for key in dict.fromkeys([*after, *before])]
    labels = {feature.key: feature.label_zh for feature in table.features}
    named = [(labels.get(key, "封顶和保底"), points) for key, points in moved if points]
    return tuple(sorted(named, key=lambda part: -abs(part[1])))


@dataclass(frozen=True, slots=True)
class Move:
    """One reason of two rows of history: the stored reason before and after, None where it was not there."""

    key: str
    axis: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def points(self) -> int:
        """Points it won or lost."""
        return _worth(self.after) - _worth(self.before)


def moves(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Move]:
    """Tell two rows of stored reasons apart; the points of the moves add up to the difference of the two scores.

    What is worth the same in both is left out.
    """
    old, new = _by_key(before), _by_key(after)
    found = []
    for key in dict.fromkeys([*new, *old]):
        one = Move(key, str((new.get(key) or old[key])["kind"]), old.get(key), new.get(key))
        found += [one] if one.points else []
    return sorted(found, key=lambda move: (-abs(move.points), move.key))


def by_axis(reasons: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Part stored reasons by axis, the weightiest first; both axes are there."""
    found: dict[str, list[Mapping[str, Any]]] = {axis.value: [] for axis in Axis}
    for reason in sorted(reasons, key=lambda row: -abs(row["points"])):
        found[reason["kind"]].append(reason)
    return found


def _by_key(reasons: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(reason["key"]): reason for reason in reasons}


def _worth(reason: Mapping[str, Any] | None) -> int:
    return 0 if reason is None else int(reason["points"])
