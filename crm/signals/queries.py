"""Reads of mentions and signals, and the index of all names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import case, false, func, select, true
from sqlalchemy.orm import joinedload

from crm.auth.rules import Actor, Permission
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise, EnterpriseAlias
from crm.news.models import Article, Source
from crm.signals.kinds import SEED_CLASSES
from crm.signals.matcher import Alias, AliasIndex
from crm.signals.models import Mention, Signal, SignalState

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Engine
    from sqlalchemy.orm import Session

NO_SIGNAL = Problem("signal.missing", "这条动态不存在。")
NO_ARTICLE = Problem("article.missing", "这篇报道不存在。")
_indexes: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], AliasIndex]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class SignalFilter:
    """What the inbox is narrowed to; empty values narrow nothing."""

    kind: str = ""
    state: str = ""
    enterprise_id: int | None = None
    source_id: int | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: signals are shared by all units, for whoever may read them."""
    return true() if actor.may(Permission.SIGNAL_READ) else false()


def alias_index(session: Session) -> AliasIndex:
    """Return the index of all names; built once per process and again when names changed."""
    engine: Engine = session.get_bind().engine
    stamp = tuple(
        session.execute(
            select(
                func.count(EnterpriseAlias.id),
                func.max(EnterpriseAlias.id),
                func.sum(func.length(EnterpriseAlias.folded)),
                func.sum(case((EnterpriseAlias.ambiguous, 1), else_=0)),
                select(func.max(Enterprise.updated_at)).scalar_subquery(),
            )
        ).one()
    )
    known = _indexes.get(engine)
    if known is None or known[0] != stamp:
        known = (stamp, AliasIndex.build(aliases(session)))
        _indexes[engine] = known
    return known[1]


def aliases(session: Session) -> list[Alias]:
    """All names in the form the matcher wants."""
    columns = (EnterpriseAlias.alias, EnterpriseAlias.enterprise_id, EnterpriseAlias.kind, EnterpriseAlias.ambiguous)
    return [Alias(*row) for row in session.execute(select(*columns).order_by(EnterpriseAlias.id))]


def inbox(session: Session, actor: Actor, chosen: SignalFilter, *, cursor: str | None) -> Page[Signal]:
    """Signals newest first, with enterprise, article, source and story."""
    statement = (
        select(Signal)
        .join(Article, Article.id == Signal.article_id)
        .where(visible_to(actor), *_conditions(chosen))
        .options(
            joinedload(Signal.enterprise),
            joinedload(Signal.article).joinedload(Article.source),
            joinedload(Signal.article).joinedload(Article.cluster),
        )
    )
    order = (Key(Signal.happened_at, descending=True), Key(Signal.id, descending=True))
    return fetch_page(session, statement, order, lambda row: (row.happened_at, row.id), cursor=cursor, size=20)


def _conditions(chosen: SignalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.kind:
        conditions.append(Signal.kind == chosen.kind)
    if chosen.state in set(SignalState):
        conditions.append(Signal.state == SignalState(chosen.state))
    if chosen.enterprise_id is not None:
        conditions.append(Signal.enterprise_id == chosen.enterprise_id)
    if chosen.source_id is not None:
        conditions.append(Article.source_id == chosen.source_id)
    return conditions


def counts_by_state(session: Session, actor: Actor, chosen: SignalFilter) -> dict[str, int]:
    """How many signals stand in each state, all other filters applied."""
    others = SignalFilter(chosen.kind, "", chosen.enterprise_id, chosen.source_id)
    statement = (
        select(Signal.state, func.count())
        .join(Article, Article.id == Signal.article_id)
        .where(visible_to(actor), *_conditions(others))
        .group_by(Signal.state)
    )
    return {state.value: number for state, number in session.execute(statement)}


def signal(session: Session, actor: Actor, signal_id: int) -> Signal:
    """Find a signal with everything its card shows, or say that there is none."""
    statement = (
        select(Signal)
        .where(Signal.id == signal_id, visible_to(actor))
        .options(
            joinedload(Signal.enterprise),
            joinedload(Signal.article).joinedload(Article.source),
            joinedload(Signal.article).joinedload(Article.cluster),
        )
    )
    found = session.scalar(statement)
    if found is None:
        raise NotFoundError(NO_SIGNAL)
    return found


def article(session: Session, actor: Actor, article_id: int) -> Article:
    """Find an article with source and story, or say that there is none."""
    statement = select(Article).where(Article.id == article_id, visible_to(actor))
    found = session.scalar(statement.options(joinedload(Article.source), joinedload(Article.cluster)))
    if found is None:
        raise NotFoundError(NO_ARTICLE)
    return found


def mentions(session: Session, article_id: int) -> list[Mention]:
    """Mentions in an article, in order."""
    statement = select(Mention).where(Mention.article_id == article_id)
    return list(session.scalars(statement.order_by(Mention.in_title.desc(), Mention.start)))


def enterprise_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Names of enterprises by id."""
    if not ids:
        return {}
    statement = select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(set(ids)))
    return dict(session.execute(statement).all())


def story_signals(session: Session, cluster_id: int) -> list[Signal]:
    """All signals read from a story."""
    statement = select(Signal).where(Signal.cluster_id == cluster_id).options(joinedload(Signal.enterprise))
    return list(session.scalars(statement.order_by(Signal.weight.desc(), Signal.id)))


def reposts(session: Session, cluster_id: int) -> list[Article]:
    """All articles of a story, the earliest first."""
    statement = select(Article).where(Article.cluster_id == cluster_id).options(joinedload(Article.source))
    return list(session.scalars(statement.order_by(Article.fetched_at, Article.id).limit(50)))


def sources(session: Session) -> list[tuple[int, str]]:
    """Sources to filter by."""
    return list(session.execute(select(Source.id, Source.name).order_by(Source.name)))


def kinds() -> tuple[str, ...]:
    """Kinds the office follows, as the filter offers them."""
    return tuple(kind.value for kind in SEED_CLASSES)
