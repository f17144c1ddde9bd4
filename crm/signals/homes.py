"""Under which story a signal is kept: its own, the one that told it before, or a chapter that its new fact begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.news import chapters
from crm.news.models import Article, Relation
from crm.news.similar import containment, sketch
from crm.signals.models import Signal
from crm.signals.novelty import Claim, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.signals.rules import Signal as Found

KIND = "kind"
_SAME_SENTENCE = 0.6


@dataclass(frozen=True, slots=True)
class Home:
    """A signal that was read, and the story it is kept under."""

    found: Found
    cluster_id: int


def homes(session: Session, article: Article, groups: Iterable[Sequence[Found]], *, now: datetime) -> list[Home]:
    """Say what of each group, the signals on one enterprise and kind with the best one first, is kept and where.

    In a later piece of a story a signal with a new fact goes before a stronger one. What a first report says is its
    own, unless a roundup, or the report inside one, said it before.
    """
    story = _Story(session, article, now)
    return [story.home(group) for group in groups]


class _Story:
    """What is known of the story of an article, read when it is first asked for."""

    def __init__(self, session: Session, article: Article, now: datetime) -> None:
        self._session, self._article, self._now = session, article, now
        first = article.relation is Relation.FIRST
        self._family = [article.cluster_id] if first else chapters.family(session, article)
        self._others = chapters.relatives(session, article) if article.relation is not Relation.REPOST else []
        self._rows = [] if first and not self._others else self._told()
        self._text: str | None = None

    def home(self, group: Sequence[Found]) -> Home:
        """Choose one of the signals on an enterprise and kind, and its story."""
        best = group[0]
        mine = [row for row in self._rows if (row.kind, row.enterprise_id) == (best.kind.value, best.enterprise_id)]
        own = [row for row in mine if row.article_id == self._article.id]
        told = [row for row in mine if row.article_id < self._article.id and self._relevant(row, best)]
        if not told:
            if self._article.relation is Relation.REPOST and not own:
                chapters.mark(self._article, [_fact(best, KIND, best.kind.value)])
            return Home(best, own[0].cluster_id if own else self._article.cluster_id)
        fresh = self._fresh(group, told)
        if fresh is None:
            return Home(best, told[0].cluster_id)
        signal, facts = fresh
        chapters.mark(self._article, [_fact(signal, fact, words) for fact, words in facts])
        return Home(signal, chapters.begin(self._session, self._article, now=self._now))

    def _told(self) -> list[Signal]:
        clusters = [*self._family, *self._others]
        statement = select(Signal).where(Signal.cluster_id.in_(clusters)).order_by(Signal.id)
        return list(self._session.scalars(statement))

    def _relevant(self, row: Signal, found: Found) -> bool:
        """Whether a row is of this story; of a roundup only the same sentence is."""
        return row.cluster_id in self._family or _alike(row.quote, found.quote)

    def _fresh(self, group: Sequence[Found], told: Sequence[Signal]) -> tuple[Found, list[tuple[str, str]]] | None:
        if self._text is None:
            clusters = sorted({*self._family, *self._others})
            self._text = chapters.told_before(self._session, self._article, clusters)
        known = Told(told, self._text)
        for signal in group:
            facts = known.new_facts(_claim(signal))
            if facts:
                return signal, facts
        return None


def _alike(one: str, other: str) -> bool:
    first, second = sketch(one), sketch(other)
    return max(containment(first, second), containment(second, first)) >= _SAME_SENTENCE


def _claim(found: Found) -> Claim:
    amount = found.amount
    value, currency = (amount.value, amount.currency) if amount else (None, None)
    return Claim(found.quote, value, currency, found.place, found.event_date)


def _fact(found: Found, fact: str, words: str) -> dict[str, Any]:
    return {"fact": fact, "words": words, "kind": found.kind.value, "enterprise": found.enterprise_id}
