"""What the whole text says about each occurrence of a name: the other names in it, and who bears this one."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.linking.completing import complete
from crm.linking.evidence import Evidence, of_owner, of_text
from crm.linking.hints import default_hints
from crm.linking.surroundings import of_place
from crm.linking.wordlist import default_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crm.linking.guards import Place
    from crm.linking.names import Claim, EnterpriseId

JOINTS = frozenset({"、", "和", "与", "及", ",", "/"})
EARLY = 40
PAIR, LONG = 2, 4
FEW = 40  # names in a text up to which comparing all with all is quicker
LOUDEST = 2  # places of a name that are kept to speak for its others
CUES = ("cue_before", "cue_after", "legal_suffix", "group_suffix", "own_code", "some_code", "joined", "elsewhere")
SUPPORT = ("cue_before", "cue_after", "legal_suffix", "group_suffix")
AGAINST = ("left_bits", "right_bits", "tail")


@dataclass(slots=True, eq=False)
class Candidate:
    """An occurrence of a name: where it is, who may be meant, and, once described, who is and why.

    ``here`` holds the evidence of this place; that of the name as such is the claim's.
    """

    place: Place
    key: str
    raw: tuple[int, int]
    claims: Sequence[Claim]
    outer: list[Candidate] = field(default_factory=list)
    rivals: list[Candidate] = field(default_factory=list)
    claim: Claim = field(init=False)
    here: Evidence = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Length in the folded text."""
        return self.place.end - self.place.start

    @property
    def evidence(self) -> Evidence:
        """Everything that speaks for and against this occurrence."""
        return {**self.claim.evidence, **self.here}

    def overlaps(self, other: Candidate) -> bool:
        """Tell whether two occurrences share characters."""
        return self.place.start < other.place.end and other.place.start < self.place.end

    def inside(self, other: Candidate) -> bool:
        """Tell whether this one is a part of the other."""
        return other in self.outer


def nest(found: Iterable[Candidate]) -> None:
    """Tell each candidate which longer ones it is a part of, and which others take a part of it."""
    open_ones: list[Candidate] = []
    for one in sorted(found, key=lambda one: (one.place.start, -one.place.end)):
        end = one.place.end
        open_ones = [other for other in open_ones if other.place.end > one.place.start]
        one.outer = [other for other in open_ones if other.place.end >= end and other.size > one.size]
        for other in open_ones:
            if other.place.start < one.place.start and other.place.end < end:
                one.rivals.append(other)
                other.rivals.append(one)
        open_ones.append(one)


class Context:
    """The names of one text. Those inside no other are described first and speak for the rest."""

    def __init__(self, found: Sequence[Candidate], text: str) -> None:
        """Choose whose each name is and describe the outermost ones."""
        self.text, self.about = text, of_text(text)
        self.named: defaultdict[EnterpriseId, set[str]] = defaultdict(set)
        self.starts: defaultdict[int, set[str]] = defaultdict(set)
        self.ends: defaultdict[int, set[str]] = defaultdict(set)
        self.begins = {one.place.start: one.raw[0] for one in found}
        self.stops = {one.place.end: one.raw[1] for one in found}
        for one in found:
            for claim in one.claims:
                self.named[claim.enterprise_id].add(one.key)
            if "ordinary" not in one.claims[0].evidence:  # 机器人、人工智能 speak for nobody
                self.starts[one.place.start].add(one.key)
                self.ends[one.place.end].add(one.key)
        self.counts = Counter(one.key for one in found)
        self.bearers = {one.key: {claim.enterprise_id for claim in one.claims} for one in found}
        self.longer: dict[str, list[str]] = {} if len(self.counts) <= FEW else _holders(self.counts)
        self.said: dict[str, bool] = {}
        self.support: defaultdict[str, list[tuple[float, Candidate]]] = defaultdict(list)
        self.firmly: dict[EnterpriseId, set[str]] = {}
        nest(found)
        outermost = [one for one in found if not one.outer]
        for one in outermost:
            self._place(one)
            self._note(one)
        for one in outermost:
            self._confirm(one)

    def describe(self, one: Candidate) -> None:
        """Describe one that is inside another."""
        self._place(one)
        self._confirm(one)

    def _place(self, one: Candidate) -> None:
        one.claim, ours = _whose(one, self.named, self.said)
        one.here = of_place(one.place, default_words(), default_hints())
        one.here.update(ours)
        complete(one)
        one.here.update(self.about)
        self._relate(one)

    def _relate(self, one: Candidate) -> None:
        """Note how the other names of the text stand to this one."""
        here, bearer, key, place = one.here, one.claim.enterprise_id, one.key, one.place
        others = self.named[bearer]
        if len(others) > 1:
            covering = {other.key for other in one.outer}
            if any(_other_form(key, other) and other not in covering for other in others):
                here["elsewhere"] = 1.0
        for other in self._longer(key):
            if bearer not in self.bearers[other] and self._apart(one, other):
                here["other_longer"] = 1.0
                break
        if one.outer:
            here["inside"] = 1.0
        if self.counts[key] > 1:
            here["repeated"] = 1.0
        if place.start < EARLY:
            here["early"] = 1.0
        if self._beside(one):
            here["beside"] = 1.0
        text = self.text
        if _joined(text[place.end : place.end + 1], self.starts.get(place.end + 1), key) or (
            place.start and _joined(text[place.start - 1], self.ends.get(place.start - 1), key)
        ):
            here["joined"] = 1.0

    def _beside(self, one: Candidate) -> bool:
        """Tell whether another name stands right before or behind, without even a space: 一汽丰田 is neither."""
        place, (start, end) = one.place, one.raw
        behind = self.starts.get(place.end) if self.begins.get(place.end) == end else None
        before = self.ends.get(place.start) if self.stops.get(place.start) == start else None
        return any(key != one.key for key in (*(behind or ()), *(before or ())))

    def _longer(self, key: str) -> list[str]:
        """Give the longer names of the text that hold this one."""
        found = self.longer.get(key)
        if found is None:
            size = len(key)
            found = self.longer[key] = [other for other in self.counts if len(other) > size and key in other]
        return found

    def _apart(self, one: Candidate, longer: str) -> bool:
        """Tell whether a longer name stands somewhere else than around this occurrence."""
        return self.counts[longer] > sum(other.key == longer for other in one.outer)

    def _note(self, one: Candidate) -> None:
        """Keep what an outermost name says for other places and other enterprises."""
        here = one.here
        total = here["left_hint"] + here["right_hint"]
        total += 0.5 * sum(here[name] for name in SUPPORT if name in here)
        total -= sum(here[name] for name in AGAINST if name in here)
        loudest = self.support[one.key]
        loudest.append((total, one))
        if len(loudest) > LOUDEST:
            loudest.remove(min(loudest, key=lambda pair: pair[0]))
        if len(one.key) >= LONG and "left_bits" not in here and "distinct" in one.claim.evidence:
            self.firmly.setdefault(one.claim.enterprise_id, set()).add(one.key)

    def _confirm(self, one: Candidate) -> None:
        """Let the other places of the name, and the other enterprises of the text, speak for it."""
        here, bearer = one.here, one.claim.enterprise_id
        peers = [total for total, other in self.support.get(one.key, ()) if other is not one]
        if peers:
            here["peer"] = max(-1.0, min(1.0, max(peers)))
        others = len(self.firmly) - (bearer in self.firmly)
        if others:
            here["company"] = min(1.0, others / 4)
        if any(_other_form(one.key, key) for key in self.firmly.get(bearer, ())):
            here["elsewhere_firm"] = 1.0
        _combine(one)


def _holders(keys: Iterable[str]) -> dict[str, list[str]]:
    """Give for each of many names the longer ones that hold it."""
    found: dict[str, list[str]] = {key: [] for key in keys}
    for key in found:
        parts = {key[start:end] for start in range(len(key)) for end in range(start + 1, len(key) + 1)} - {key}
        for part in parts & found.keys():
            found[part].append(key)
    return found


def _whose(one: Candidate, named: dict[EnterpriseId, set[str]], said: dict[str, bool]) -> tuple[Claim, Evidence]:
    """Of several bearers take the one whose code follows, or who is named more fully elsewhere, or the best known."""
    if len(one.claims) == 1:
        return one.claims[0], of_owner(one.place, one.claims[0].owner, said)
    pairs = [(claim, of_owner(one.place, claim.owner, said)) for claim in one.claims]
    return max(
        pairs,
        key=lambda pair: (
            "own_code" in pair[1],
            any(len(key) > len(one.key) for key in named[pair[0].enterprise_id]),
            pair[0].rank,
        ),
    )


def _other_form(key: str, other: str) -> bool:
    """Tell whether another name of the bearer says more than this one, or something else."""
    return other != key and (len(other) > len(key) or (other not in key and key not in other))


def _joined(sign: str, neighbours: set[str] | None, key: str) -> bool:
    """Tell whether another name stands on the other side of a sign of enumeration."""
    return neighbours is not None and sign in JOINTS and neighbours != {key}


def _combine(one: Candidate) -> None:
    """Add what properties say together: a common word, or a name of two characters, needs more around it."""
    here, name = one.here, one.claim.evidence
    cues = min(1.0, sum(1.0 for cue in CUES if cue in here) / 3)
    left, right = here["left_hint"], here["right_hint"]
    if cues:
        here["cues"] = cues
    if "word" in name or "ordinary" in name:
        here["word_cues"], here["word_left"], here["word_right"] = cues, left, right
        here["word_leisure"], here["word_finance"] = here["leisure"], here["finance"]
    if "begins" in here and ("after_v" in here or "cue_after" in here):
        here["subject"] = 1.0
    if len(one.key) == PAIR:
        here["two_cues"], here["two_left"], here["two_right"] = cues, left, right
    if "member_name" in here and ("own_longer" in name or one.claim.legal):
        here["member_legal"] = 1.0
    if "unit" in here and "after_v" not in here and "cue_after" not in here:
        here["unit_noun"] = 1.0
    if "derived" in name:
        here["derived_cues"], here["derived_elsewhere"] = cues, here.get("elsewhere", 0.0)
