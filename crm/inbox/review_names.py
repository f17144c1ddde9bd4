"""Reads for the page of names nobody carries: the names, where they stand, who may be meant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, or_, select, true, union_all

from crm.core.paging import Key, Page, fetch_page
from crm.core.searchindex import next_after
from crm.core.text import fold, fold_company
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.inbox.review_queries import Choice
from crm.linking.answers_models import NameProposal, NameSighting, ProposalState
from crm.linking.proposals import SEEN
from crm.news.models import Article
from crm.signals.narrowing import visible_to
from crm.signals.passages import Piece, occurrences, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

PAGE = 8
PLACES = 3
CHOICES = 5
BEGINNING = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """A story with the name, and the words around it."""

    article_id: int
    title: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Card:
    """A name with its stories and the enterprises that may be meant."""

    row: NameProposal
    seen: list[Seen]
    choices: list[Choice]

    @property
    def taken(self) -> list[Choice]:
        """Enterprises that carry the same short form already: a collision to be said."""
        return [one for one in self.choices if one.why == "exact"]


def waiting(session: Session, actor: Actor) -> int:
    """How many names wait."""
    return session.scalar(select(func.count()).where(*_shown(actor, ProposalState.OPEN))) or 0


def names(session: Session, actor: Actor, state: ProposalState, *, cursor: str | None) -> Page[Card]:
    """Give the names in a state, the most frequent first."""
    statement = select(NameProposal).where(*_shown(actor, state))
    order = (Key(NameProposal.stories, descending=True), Key(NameProposal.id, descending=True))
    page = fetch_page(session, statement, order, lambda row: (row.stories, row.id), cursor=cursor, size=PAGE)
    places = _places(session, [row.id for row in page.rows])
    offered = _choices(session, page.rows) if state is ProposalState.OPEN else _decided(session, page.rows)
    cards = tuple(Card(row, places[row.id], offered[row.id]) for row in page.rows)
    return Page(cards, page.next, page.previous)


def _shown(actor: Actor, state: ProposalState) -> tuple[ColumnElement[bool], ...]:
    often = NameProposal.stories >= SEEN if state is ProposalState.OPEN else true()
    return (visible_to(actor), NameProposal.state == state, often)


def _places(session: Session, ids: Sequence[int]) -> defaultdict[int, list[Seen]]:
    number = (
        func.row_number()
        .over(partition_by=NameSighting.proposal_id, order_by=NameSighting.article_id.desc())
        .label("number")
    )
    columns = (NameSighting.proposal_id, NameSighting.article_id, NameSighting.context, NameProposal.surface, number)
    ranked = (
        select(*columns)
        .join(NameProposal, NameProposal.id == NameSighting.proposal_id)
        .where(NameSighting.proposal_id.in_(ids))
        .subquery()
    )
    statement = select(ranked, Article.title).join(Article, Article.id == ranked.c.article_id)
    found: defaultdict[int, list[Seen]] = defaultdict(list)
    for row in session.execute(statement.where(ranked.c.number <= PLACES).order_by(ranked.c.number)) if ids else ():
        cut = pieces(row.context, occurrences(row.context, [row.surface], row.proposal_id))
        found[row.proposal_id].append(Seen(row.article_id, row.title, cut))
    return found


def _choices(session: Session, rows: Sequence[NameProposal]) -> defaultdict[int, list[Choice]]:
    found: defaultdict[int, list[Choice]] = defaultdict(list)
    asked = [_alike(row) for row in rows]
    ranks = {"exact": 0, "begins": 1}
    hits = session.execute(union_all(*asked)).all() if asked else []
    for hit in sorted(hits, key=lambda hit: (hit.proposal_id, ranks[hit.why], len(hit.name), hit.id)):
        known = {one.enterprise_id for one in found[hit.proposal_id]}
        if hit.id not in known and len(known) < CHOICES:
            found[hit.proposal_id].append(Choice(hit.id, hit.name, hit.region, hit.why))
    return found


def _alike(row: NameProposal) -> Select[Any]:
    """Enterprises that carry the core or the full name, or a name that begins alike."""
    core = fold_company(row.surface)
    same = EnterpriseAlias.folded.in_({row.folded, core, fold(row.hint or row.surface), fold_company(row.hint or core)})
    beginning = core[:BEGINNING]
    begins = and_(EnterpriseAlias.folded >= beginning, EnterpriseAlias.folded < next_after(beginning))
    why = case((same, "exact"), else_="begins").label("why")
    columns = (literal(row.id).label("proposal_id"), Enterprise.id, Enterprise.name, Enterprise.region, why)
    statement = select(*columns).join(EnterpriseAlias, EnterpriseAlias.enterprise_id == Enterprise.id)
    alike = statement.where(Enterprise.deleted_at.is_(None), or_(same, begins)).limit(CHOICES * 3)
    return select(alike.subquery())


def _decided(session: Session, rows: Sequence[NameProposal]) -> defaultdict[int, list[Choice]]:
    """Enterprises that names were given to."""
    ids = {row.enterprise_id for row in rows if row.enterprise_id is not None}
    columns = (Enterprise.id, Enterprise.name, Enterprise.region)
    firms = {row.id: row for row in session.execute(select(*columns).where(Enterprise.id.in_(ids)))} if ids else {}
    found: defaultdict[int, list[Choice]] = defaultdict(list)
    for row in rows:
        if row.enterprise_id in firms:
            firm = firms[row.enterprise_id]
            found[row.id] = [Choice(firm.id, firm.name, firm.region, "decided")]
    return found
