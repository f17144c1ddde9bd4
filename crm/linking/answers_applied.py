"""Apply what people said when articles are read (again): answers on the story, verdicts on names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.text import fold
from crm.linking.answers_models import MentionAnswer, NameVerdict, Verdict
from crm.linking.models import MentionState
from crm.news.models import Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from crm.linking.matcher import Mention

TAUGHT = "taught"
Key = tuple[int, str]
Place = tuple[int | None, bool, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A mention as it is to be kept: after what people said, with its state."""

    mention: Mention
    state: MentionState

    @property
    def counts(self) -> bool:
        """Whether signals may be read from it."""
        return self.state in {MentionState.LINKED, MentionState.CONFIRMED}

    @property
    def speaking(self) -> Mention:
        """The mention for the reader of signals: what a person confirmed is certain, whatever the machine thought."""
        return replace(self.mention, confidence=1.0) if self.state is MentionState.CONFIRMED else self.mention


@dataclass(frozen=True, slots=True)
class Taught:
    """What holds for a batch of articles."""

    places: dict[Place, MentionAnswer]
    stories: dict[tuple[int, int, str], MentionAnswer | None]
    verdicts: dict[Key, Verdict]

    def judge(self, article: Article, found: Iterable[Mention], *, in_title: bool) -> list[Judged]:
        """Say of each mention whether it links, waits, is confirmed or refused."""
        return [self._one(article, one, in_title=in_title) for one in found]

    def _one(self, article: Article, one: Mention, *, in_title: bool) -> Judged:
        folded = fold(one.surface)
        enterprise_id = int(one.enterprise_id)
        said = self.places.get((article.id, in_title, one.start))
        if said is None or said.proposed_id != enterprise_id:
            said = self.stories.get((article.cluster_id, enterprise_id, folded))
        if said is not None:
            return _as_said(one, said)
        verdict = self.verdicts.get((enterprise_id, folded))
        if verdict is Verdict.NEVER:
            return Judged(one, MentionState.REFUSED)
        if verdict is Verdict.ALWAYS:
            return Judged(replace(one, confidence=1.0, reasons=(*one.reasons, TAUGHT)), MentionState.LINKED)
        return Judged(one, MentionState.LINKED if one.sure else MentionState.REVIEW)


def taught(session: Session, articles: Sequence[Article]) -> Taught:
    """Read what people said of these stories, and of names as such: two queries for a batch."""
    clusters = {article.cluster_id for article in articles}
    statement = select(MentionAnswer, Article.cluster_id).join(Article, Article.id == MentionAnswer.article_id)
    holding = statement.where(Article.cluster_id.in_(clusters), MentionAnswer.undone_at.is_(None))
    places: dict[Place, MentionAnswer] = {}
    stories: defaultdict[tuple[int, int, str], list[MentionAnswer]] = defaultdict(list)
    for row, cluster_id in session.execute(holding.order_by(MentionAnswer.id)):
        places[row.article_id, row.in_title, row.start] = row
        stories[cluster_id, row.proposed_id, row.folded].append(row)
    columns = (NameVerdict.enterprise_id, NameVerdict.folded, NameVerdict.verdict)
    verdicts = {(row[0], row[1]): row[2] for row in session.execute(select(*columns))}
    return Taught(places, {key: _agreed(rows) for key, rows in stories.items()}, verdicts)


def _agreed(rows: list[MentionAnswer]) -> MentionAnswer | None:
    """Return the answer for a whole story; none when its places were answered differently."""
    return rows[-1] if len({(row.right_one, row.enterprise_id) for row in rows}) == 1 else None


def _as_said(one: Mention, said: MentionAnswer) -> Judged:
    reasons = (*one.reasons, TAUGHT)
    if said.right_one:
        return Judged(replace(one, reasons=reasons), MentionState.CONFIRMED)
    if said.enterprise_id is None:
        return Judged(one, MentionState.REFUSED)
    return Judged(replace(one, enterprise_id=said.enterprise_id, reasons=reasons), MentionState.CONFIRMED)
