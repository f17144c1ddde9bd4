"""The queue of mentions that wait for a person: one card for a name of an enterprise, few queries a page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, or_, select, tuple_, union_all

from crm.core.paging import Key, Page, fetch_page
from crm.core.searchindex import next_after
from crm.core.text import fold
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.linking.models import Mention, MentionState
from crm.news.models import Article
from crm.signals.narrowing import visible_to
from crm.signals.passages import Piece, occurrences, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PAGE = 8
SENTENCES = 4
AROUND = 48
CHOICES = 6
MOST_IN_GROUP = 100
Name = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A place where the name stands, with the words around it."""

    mention_id: int
    article_id: int
    title: str
    pieces: list[Piece]
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """An enterprise that may be meant instead, and why it is offered."""

    enterprise_id: int
    name: str
    region: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Card:
    """One name of one enterprise with all its waiting places."""

    enterprise_id: int
    enterprise: str
    region: str | None
    surface: str
    count: int
    confidence: float
    sentences: list[Sentence]
    choices: list[Choice]

    @property
    def reasons(self) -> list[str]:
        """Reasons of all its places, each once, in order."""
        return list(dict.fromkeys(reason for one in self.sentences for reason in one.reasons))

    @property
    def key(self) -> str:
        """Name the card in the page."""
        return f"g{self.enterprise_id}-{self.sentences[0].mention_id if self.sentences else 0}"


def waiting(session: Session, actor: Actor) -> int:
    """How many names of enterprises wait."""
    groups = select(Mention.enterprise_id).where(*_open(actor)).group_by(Mention.enterprise_id, Mention.surface)
    return session.scalar(select(func.count()).select_from(groups.subquery())) or 0


def queue(session: Session, actor: Actor, *, cursor: str | None) -> Page[Card]:
    """Give the names that wait, the most frequent first."""
    groups = _groups(actor)
    order = (Key(groups.c.number, descending=True), Key(groups.c.last, descending=True))
    statement = select(groups.c.enterprise_id, groups.c.surface, groups.c.number, groups.c.last, groups.c.confidence)
    page = fetch_page(session, statement, order, lambda row: (row.number, row.last), cursor=cursor, size=PAGE)
    return Page(tuple(_cards(session, actor, page.rows)), page.next, page.previous)


def mention_ids(session: Session, actor: Actor, name: Name) -> list[int]:
    """Waiting places of a name of an enterprise, bounded for one answer."""
    statement = select(Mention.id).where(*_open(actor), Mention.enterprise_id == name[0], Mention.surface == name[1])
    return list(session.scalars(statement.order_by(Mention.id).limit(MOST_IN_GROUP)))


def _open(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (visible_to(actor), Mention.state == MentionState.REVIEW)


def _groups(actor: Actor) -> Any:  # noqa: ANN401 (a subquery, whose columns mypy does not know)
    columns = (
        Mention.enterprise_id,
        Mention.surface,
        func.count().label("number"),
        func.max(Mention.id).label("last"),
        func.max(Mention.confidence).label("confidence"),
    )
    return select(*columns).where(*_open(actor)).group_by(Mention.enterprise_id, Mention.surface).subquery()


def _cards(session: Session, actor: Actor, rows: Sequence[Any]) -> list[Card]:
    names = [(row.enterprise_id, row.surface) for row in rows]
    if not names:
        return []
    firms = _firms(session, {enterprise_id for enterprise_id, _surface in names})
    found, offered = _sentences(session, actor, names), choices(session, names)
    return [
        Card(
            enterprise_id=row.enterprise_id,
            enterprise=firms[row.enterprise_id][0],
            region=firms[row.enterprise_id][1],
            surface=row.surface,
            count=row.number,
            confidence=row.confidence,
            sentences=found[row.enterprise_id, row.surface],
            choices=offered[row.enterprise_id, row.surface],
        )
        for row in rows
    ]


def _firms(session: Session, ids: Iterable[int]) -> dict[int, tuple[str, str | None]]:
    columns = (Enterprise.id, Enterprise.name, Enterprise.region)
    rows = session.execute(select(*columns).where(Enterprise.id.in_(ids)))
    return {row.id: (row.name, row.region) for row in rows}


def _sentences(session: Session, actor: Actor, names: Sequence[Name]) -> defaultdict[Name, list[Sentence]]:
    """Read the newest places of each name with only the words around them."""
    partition = (Mention.enterprise_id, Mention.surface)
    number = func.row_number().over(partition_by=partition, order_by=Mention.id.desc()).label("number")
    ranked = select(Mention.id, number).where(*_open(actor), tuple_(*partition).in_(names)).subquery()
    first = case((Mention.start > AROUND, Mention.start - AROUND), else_=0)
    text = case((Mention.in_title, Article.title), else_=Article.body)
    words = func.substr(text, first + 1, Mention.stop - first + AROUND).label("words")
    statement = (
        select(Mention, Article.title, words)
        .join(ranked, ranked.c.id == Mention.id)
        .join(Article, Article.id == Mention.article_id)
        .where(ranked.c.number <= SENTENCES)
        .order_by(Mention.id.desc())
    )
    found: defaultdict[Name, list[Sentence]] = defaultdict(list)
    for mention, title, around in session.execute(statement):
        cut = pieces(around, occurrences(around, [mention.surface], mention.enterprise_id))
        found[mention.enterprise_id, mention.surface].append(
            Sentence(mention.id, mention.article_id, title, cut, mention.confidence, tuple(mention.reasons))
        )
    return found


def choices(session: Session, names: Sequence[Name]) -> defaultdict[Name, list[Choice]]:
    """Find who else may be meant: also called so, beginning so, of the same group; one query for all names."""
    asked = [_alike(index, name) for index, name in enumerate(names)]
    found: defaultdict[Name, list[Choice]] = defaultdict(list)
    ranks = {"exact": 0, "begins": 1, "group": 2}
    rows = session.execute(union_all(*asked)).all() if asked else []
    for row in sorted(rows, key=lambda row: (row.number, ranks[row.why], len(row.name), row.id)):
        name = names[row.number]
        known = {one.enterprise_id for one in found[name]}
        if row.id != name[0] and row.id not in known and len(found[name]) < CHOICES:
            found[name].append(Choice(row.id, row.name, row.region, row.why))
    return found


def _alike(number: int, name: Name) -> Select[Any]:
    enterprise_id, surface = name
    folded = fold(surface)
    begins = and_(EnterpriseAlias.folded >= folded, EnterpriseAlias.folded < next_after(folded or " "))
    parent = select(Enterprise.parent_id).where(Enterprise.id == enterprise_id).scalar_subquery()
    kin = or_(Enterprise.parent_id == enterprise_id, Enterprise.id == parent)
    why = case((EnterpriseAlias.folded == folded, "exact"), (begins, "begins"), else_="group").label("why")
    columns = (literal(number).label("number"), Enterprise.id, Enterprise.name, Enterprise.region, why)
    alike = select(*columns).join(EnterpriseAlias, EnterpriseAlias.enterprise_id == Enterprise.id)
    rows = alike.where(Enterprise.deleted_at.is_(None), Enterprise.id != enterprise_id)
    parts = [
        rows.where(begins).order_by(EnterpriseAlias.folded).limit(CHOICES * 2).subquery(),
        rows.where(kin).order_by(Enterprise.id).limit(CHOICES).subquery(),
    ]
    return select(union_all(*(select(part) for part in parts)).subquery())
