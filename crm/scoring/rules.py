"""The score of an enterprise and its reasons: pure, as of a moment, and adding up exactly.

points = 50 + Σ reasons. Two sub-sums are shown beside it: 匹配度 (fit) and 意向 (intent).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm.scoring.decay import days_between, decayed_sum
from crm.scoring.table import EXPERT_TABLE, Axis, Feature, ListWorth, PointsTable, SignalWorth

__all__ = [
    "EXPERT_TABLE",
    "ListPlace",
    "Reason",
    "Score",
    "ScoreFacts",
    "SignalFact",
    "TouchFact",
    "Words",
    "largest_remainder",
    "score",
]

BASE_POINTS = 50
LOWEST, HIGHEST = 1, 99

Evidence = tuple[str, int]


@dataclass(frozen=True)
class ListPlace:
    """A place on a published list; `rank` is None where the list has no order."""

    key: str
    rank: int | None = None


@dataclass(frozen=True)
class SignalFact:
    """One signal: kind code, aware moment, weight between 0 and 1, its row and its sentence."""

    kind: str
    at: datetime
    weight: float
    id: int
    quote: str = ""


@dataclass(frozen=True)
class TouchFact:
    """One visit, inspection or talk; `leader_level` 1 staff, 2 department, 3 county, 4 city."""

    kind: str
    at: datetime
    leader_level: int
    id: int


@dataclass(frozen=True)
class ScoreFacts:
    """Everything a score may depend on, as it was known at `as_of`."""

    as_of: datetime
    lists: tuple[ListPlace, ...] = ()
    industry: str | None = None
    leading_industries: tuple[str, ...] = ()
    signals: tuple[SignalFact, ...] = ()
    touches: tuple[TouchFact, ...] = ()
    contacts_known: int = 0
    relations_known: int = 0


@dataclass(frozen=True)
class Words:
    """Chinese words with their holes still open, so that they can be translated before they are filled."""

    template: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The Chinese sentence."""
        return self.template.format(**self.params)


@dataclass(frozen=True)
class Reason:
    """One line of “why”: signed whole points, Chinese words, and the row that proves it."""

    key: str
    words: Words
    points: int
    axis: Axis
    evidence: Evidence | None = None

    @property
    def label_zh(self) -> str:
        """The Chinese sentence."""
        return self.words.text


@dataclass(frozen=True)
class Score:
    """A score with its parts; BASE_POINTS + Σ reason points == points, always."""

    points: int
    fit: int
    intent: int
    grade: str
    reasons: tuple[Reason, ...]
    label_zh: str
    version: str


@dataclass(frozen=True)
class _Term:
    """A reason before rounding."""

    key: str
    words: Words
    points: float
    axis: Axis
    evidence: Evidence | None = None


def score(facts: ScoreFacts, table: PointsTable = EXPERT_TABLE) -> Score:
    """Score an enterprise as of `facts.as_of`; what is dated later is left out.

    Points lie between 1 and 99; when the sum would leave that range, one reason says so, so that
    the sum still holds.
    """
    terms = [*_fit(facts, table), *_signals(facts, table), *_touches(facts, table)]
    whole = largest_remainder([term.points for term in terms])
    reasons = [
        Reason(term.key, term.words, points, term.axis, term.evidence)
        for term, points in zip(terms, whole, strict=True)
        if points
    ]
    reasons += _limit(BASE_POINTS + sum(reason.points for reason in reasons))
    reasons.sort(key=lambda reason: -abs(reason.points))
    points = BASE_POINTS + sum(reason.points for reason in reasons)
    return Score(
        points=points,
        fit=sum(reason.points for reason in reasons if reason.axis is Axis.FIT),
        intent=sum(reason.points for reason in reasons if reason.axis is Axis.INTENT),
        grade=next(grade for at_least, grade in table.grades if points >= at_least),
        reasons=tuple(reasons),
        label_zh=table.label_zh,
        version=table.version,
    )


def largest_remainder(values: Sequence[float]) -> list[int]:
    """Round to whole numbers whose sum is the rounded sum; each moves by less than one."""
    floors = [math.floor(value) for value in values]
    missing = math.floor(math.fsum(values) + 0.5) - sum(floors)
    order = sorted(range(len(values)), key=lambda i: (floors[i] - values[i], i))
    for index in order[:missing]:
        floors[index] += 1
    return floors


def _limit(points: int) -> list[Reason]:
    kept = min(max(points, LOWEST), HIGHEST)
    if kept == points:
        return []
    return [Reason("limit", Words("分值限于1至99"), kept - points, Axis.FIT)]


def _fit(facts: ScoreFacts, table: PointsTable) -> list[_Term]:
    terms = _lists(facts, table)
    if facts.industry and facts.leading_industries:
        leading = facts.industry in facts.leading_industries
        terms += _binned(table.feature("industry"), float(leading), facts.industry)
    terms += _binned(table.feature("contacts"), facts.contacts_known, str(facts.contacts_known))
    terms += _binned(table.feature("relations"), facts.relations_known, str(facts.relations_known))
    return terms


def _lists(facts: ScoreFacts, table: PointsTable) -> list[_Term]:
    """Take the best places first, until the cap: lists overlap and must not pile up."""
    places = {worth.key: worth for worth in table.lists}
    worths = [_place(place, places[place.key]) for place in facts.lists if place.key in places]
    terms: list[_Term] = []
    left = table.list_cap
    for term in sorted(worths, key=lambda term: (-term.points, term.key)):
        points = min(term.points, left)
        left -= points
        terms.append(_Term(term.key, term.words, points, Axis.FIT))
    return terms


def _place(place: ListPlace, worth: ListWorth) -> _Term:
    high = place.rank is not None and place.rank <= worth.top_rank
    words = Words(worth.label_zh)
    if place.rank is not None:
        words = Words("{list}第{rank}位", {"list": worth.label_zh, "rank": str(place.rank)})
    return _Term(f"list_{worth.key}", words, worth.top if high else worth.member, Axis.FIT)


def _signals(facts: ScoreFacts, table: PointsTable) -> list[_Term]:
    return [term for worth in table.signals for term in _signal_kind(facts, worth)]


def _signal_kind(facts: ScoreFacts, worth: SignalWorth) -> list[_Term]:
    """Turn the signals of one kind into one term, with the newest as evidence."""
    known = [s for s in facts.signals if s.kind == worth.kind and s.at <= facts.as_of]
    if not known:
        return []
    mass = decayed_sum([(s.at, s.weight) for s in known], facts.as_of, worth.half_life_days)
    size = min(abs(worth.points) * math.log1p(mass) / math.log(2), worth.cap)
    newest = max(known, key=lambda signal: (signal.at, signal.id))
    params = {"kind": worth.label_zh, "count": str(len(known)), "day": f"{newest.at:%Y-%m-%d}"}
    words = Words("{kind}信号{count}条，最近{day}", params)
    points = math.copysign(size, worth.points)
    return [_Term(f"signal_{worth.kind}", words, points, Axis.INTENT, ("signal", newest.id))]


def _touches(facts: ScoreFacts, table: PointsTable) -> list[_Term]:
    known = [touch for touch in facts.touches if touch.at <= facts.as_of]
    if not known:
        return []
    newest = max(known, key=lambda touch: (touch.at, touch.id))
    half_life = table.touch_half_life_days
    mass = decayed_sum([(touch.at, 1.0) for touch in known], facts.as_of, half_life)
    silent = days_between(newest.at, facts.as_of)
    window = facts.as_of - timedelta(days=2 * half_life)
    recent = [touch for touch in known if touch.at > window]
    proof = ("touch", newest.id)
    terms = _binned(table.feature("touches"), mass, str(len(recent)), proof) if recent else []
    terms += _binned(table.feature("silence"), silent, str(int(silent)), proof)
    if recent:
        highest = max(recent, key=lambda touch: (touch.leader_level, touch.at, touch.id))
        level = table.feature("leader")
        terms += _binned(level, highest.leader_level, "", ("touch", highest.id))
    return terms


def _binned(feature: Feature, value: float, shown: str, evidence: Evidence | None = None) -> list[_Term]:
    found = feature.bin_of(value)
    if found is None or not found.points:
        return []
    words = Words(found.label_zh, {"value": shown})
    return [_Term(feature.key, words, found.points, feature.axis, evidence)]
