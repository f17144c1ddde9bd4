"""Place, day and industry of the sentences of one text, each looked up once. Pure."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from crm.core.text import fold
from crm.linking.folding import fold_article
from crm.signals.facts.dates import event_date
from crm.signals.facts.industries import industry_of
from crm.signals.facts.placecues import FAINT, SURE
from crm.signals.facts.places import BESIDE, TOGETHER, Found, find_places
from crm.signals.reading import BREAK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.linking.matcher import Mention
    from crm.signals.reading import FoldedLike, Reading


MOST_NAMES = 400  # different ones looked for in one text


def event_places(text: str, known: Sequence[Mention], folded: FoldedLike | None = None) -> list[str]:
    """Where a text says its event is: the sure places of its sentences, or else the first weak one.

    ``known`` are the enterprises it names; a signal of the text takes its place from these.
    """
    folded = folded or fold_article(text)
    starts = [0, *(cut.end() for cut in BREAK.finditer(folded.text))]
    best = [place for place in best_places(folded.text, starts, known).values() if place.score >= 0]
    sure = [place.name for place in best if place.score >= SURE]
    return list(dict.fromkeys(sure or [place.name for place in best[:1]]))


class Facts:
    """What the sentences of one text say besides the kind.

    ``faint`` is a place that only the name of a firm tells (南平铝业).
    """

    def __init__(self, reading: Reading, known: Sequence[Mention], published: date | None) -> None:
        """Look nothing up yet."""
        self.reading, self.known, self.published = reading, known, published
        self.said: dict[int, tuple[str | None, date | None, str | None]] = {}
        self.places: dict[int, Found] | None = None
        self.surest: Found | None = None
        self.faint: str | None = None
        self.whole: str | None = None

    def of(self, number: int) -> tuple[str | None, date | None, str | None]:
        """Place, day and industry of a sentence."""
        if number not in self.said:
            sentence = self.reading.sentence(number)
            industry = industry_of(sentence) or self._industry()
            self.said[number] = self._place(number), event_date(sentence, self.published), industry
        return self.said[number]

    def _industry(self) -> str | None:
        if self.whole is None:
            self.whole = industry_of(self.reading.folded.text) or ""
        return self.whole or None

    def _place(self, number: int) -> str | None:
        """The place of the sentence; else the surest of the other sentences; else a weak one of the sentence."""
        if self.places is None:
            self.places = self._all_places()
            self.surest = max(self.places.values(), key=lambda place: place.score, default=None)
        own = self.places.get(number)
        surest = self.surest
        if surest is None:
            return None
        if surest.score >= SURE:
            return own.name if own and own.score >= SURE else surest.name
        return (own or next(iter(self.places.values()))).name

    def _all_places(self) -> dict[int, Found]:
        """The best place of every sentence that has one; a faint one is kept apart."""
        starts = [sentence.start for sentence in self.reading.sentences]
        best = best_places(self.reading.folded.text, starts, self.known)
        faint = [place for place in best.values() if FAINT <= place.score < 0]
        self.faint = faint[0].name if faint else None
        return {number: place for number, place in best.items() if place.score >= 0}


def best_places(text: str, starts: Sequence[int], known: Sequence[Mention]) -> dict[int, Found]:
    """The place of each sentence of a folded text that its words speak for most, by the starts of the sentences.

    Several that are all sure are given together (东莞、孝感), in the order of the sentence.
    """
    found: dict[int, list[Found]] = {}
    for place in find_places(text, _names(text, known)):
        found.setdefault(bisect_right(starts, place.start) - 1, []).append(place)
    return {number: _together(places) for number, places in found.items()}


def _together(places: list[Found]) -> Found:
    best = max(places, key=lambda place: place.score)
    kept: list[Found] = []
    for place in islice((one for one in places if one.score >= SURE), 2 * TOGETHER):
        if not any(place.name in other.name for other in kept):
            kept = [*(other for other in kept if other.name not in place.name), place]
    if best.score < SURE or len(kept) <= 1:
        return best
    name = BESIDE.join([one for place in kept for one in place.name.split(BESIDE)][:TOGETHER])
    return Found(name, kept[0].start, kept[0].end, best.score)


def _names(text: str, known: Sequence[Mention]) -> list[tuple[int, int]]:
    """Spans of enterprises in a folded text; a name the fold changed the length of is looked for."""
    spans = []
    for surface in islice(dict.fromkeys(fold(mention.surface) for mention in known), MOST_NAMES):
        at = text.find(surface) if surface else -1
        while at >= 0:
            spans.append((at, at + len(surface)))
            at = text.find(surface, at + len(surface))
    return spans
