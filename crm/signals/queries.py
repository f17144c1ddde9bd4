"""Reads of mentions and signals, and the index of all names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BigInteger, String, case, exists, func, literal, or_, select, type_coerce
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import contains_eager, joinedload

from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise, TargetList
from crm.news.health_models import Snapshot
from crm.news.models import Article, ArticleCluster, Source
from crm.signals.filters import Order, Shelf, SignalFilter
from crm.signals.models import Signal, SignalState
from crm.signals.narrowing import conditions, put_off, visible_to
from crm.signals.ranking import marks, points
from crm.signals.triage_models import SignalSnooze

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, ScalarSelect, Select
    from sqlalchemy.orm import Session
    from sqlalchemy.orm.strategy_options import _AbstractLoad

    from crm.auth.rules import Actor
    from crm.signals.narrowing import Asked

PAGE_SIZE = 20
RELATIVES = 6
REPOSTS = 50
NO_SIGNAL = Problem("signal.missing", "这条动态不存在。")
NO_ARTICLE = Problem("article.missing", "这篇报道不存在。")


@dataclass(frozen=True, slots=True)
class Line:
    """A signal of a list with what makes it matter: points, the marks that give them, until when it is put off."""

    signal: Signal
    points: int
    marks: frozenset[str]
    until: datetime | None


def inbox(session: Session, asked: Asked, order: Order, *, cursor: str | None, size: int = PAGE_SIZE) -> Page[Line]:
    """One page of the inbox: signals with enterprise, article, source and story, and why they stand where they do."""
    first: dict[Order, ColumnElement[Any]] = {
        Order.RELEVANCE: points(asked.looked, asked.today),
        Order.NEWEST: Signal.happened_at.expression,
        Order.AMOUNT: _amount(),
    }
    keys = (Key(first[order], descending=True), Key(Signal.id, descending=True))
    values = {
        Order.RELEVANCE: lambda row: (row.worth, row.Signal.id),
        Order.NEWEST: lambda row: (row.Signal.happened_at, row.Signal.id),
        Order.AMOUNT: lambda row: (row.sum, row.Signal.id),
    }
    page = fetch_page(session, _lines(asked), keys, values[order], cursor=cursor, size=size)
    return Page(tuple(_line(row, asked) for row in page.rows), page.next, page.previous)


def line(session: Session, asked: Asked, signal_id: int) -> Line:
    """One signal as the inbox shows it, whatever it is narrowed to; or say that there is none."""
    found = lines(session, asked, [signal_id], whole=True)
    if not found:
        raise NotFoundError(NO_SIGNAL)
    return found[0]


def lines(session: Session, asked: Asked, signal_ids: Sequence[int], *, whole: bool = False) -> list[Line]:
    """Signals as the inbox shows them, whatever it is narrowed to, in the order of their numbers; or with the text."""
    if not signal_ids:
        return []
    wide = replace(asked, chosen=SignalFilter(), shelf=Shelf.ALL)
    rows = session.execute(_lines(wide, whole=whole).where(Signal.id.in_(signal_ids))).all()
    place = {signal_id: number for number, signal_id in enumerate(signal_ids)}
    return sorted((_line(row, asked) for row in rows), key=lambda one: place[one.signal.id])


def ids(session: Session, asked: Asked, *, limit: int) -> list[int]:
    """The newest signals that are asked for, by id: what a decision on all of them would touch."""
    statement = select(Signal.id).join(Enterprise, Enterprise.id == Signal.enterprise_id).where(*conditions(asked))
    return list(session.scalars(statement.order_by(Signal.id.desc()).limit(limit)))


def counts(session: Session, asked: Asked) -> dict[tuple[Shelf, str], int]:
    """How many signals stand on each shelf, by kind, all other conditions applied."""
    others = replace(asked, chosen=replace(asked.chosen, kinds=()), shelf=Shelf.ALL)
    off = case((Signal.id.in_(put_off(asked.actor, asked.now)), 1), else_=0)
    statement = (
        select(Signal.state, off, Signal.kind, func.count())
        .join(Enterprise, Enterprise.id == Signal.enterprise_id)
        .where(*conditions(others))
        .group_by(Signal.state, off, Signal.kind)
    )
    found: Counter[tuple[Shelf, str]] = Counter()
    for state, later, kind, number in session.execute(statement):
        shelf = Shelf.LATER if later and state is SignalState.NEW else Shelf(state.value)
        found[shelf, kind] += number
        found[Shelf.ALL, kind] += number
    return dict(found)


def _lines(asked: Asked, *, whole: bool = False) -> Select[Any]:
    noted = [condition.label(key) for key, condition in marks(asked.looked).items()]
    worth, amount = points(asked.looked, asked.today).label("worth"), _amount().label("sum")
    statement = (
        select(Signal, worth, amount, _until(asked).label("until"), *noted)
        .join(Enterprise, Enterprise.id == Signal.enterprise_id)
        .where(*conditions(asked))
        .options(contains_eager(Signal.enterprise), *with_article(whole=whole))
    )
    return cast("Select[Any]", statement)


def _until(asked: Asked) -> ScalarSelect[datetime]:
    mine = (SignalSnooze.user_id == asked.actor.user_id, SignalSnooze.until > asked.now)
    return select(SignalSnooze.until).where(SignalSnooze.signal_id == Signal.id, *mine).scalar_subquery()


def _amount() -> ColumnElement[int]:
    """The sum as whole millionths of 万元, as it is stored; none is the smallest."""
    return func.coalesce(type_coerce(Signal.amount, BigInteger), -1, type_=BigInteger)


def with_article(*, whole: bool = False) -> list[_AbstractLoad]:
    """Load article, source and story along; the text, which nobody reads in a list, only when asked for."""
    article = joinedload(Signal.article)
    texts = [] if whole else [article.defer(Article.body)]
    return [
        article.joinedload(Article.source),
        article.joinedload(Article.cluster),
        article.defer(Article.signature),
        *texts,
    ]


def _line(row: Row[Any], asked: Asked) -> Line:
    noted = frozenset(key for key in marks(asked.looked) if row._mapping[key])  # noqa: SLF001 (public in spite of its name)
    return Line(row.Signal, row.worth, noted, row.until)


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


def of_ids(session: Session, actor: Actor, signal_ids: Collection[int]) -> list[Signal]:
    """Those of these signals that exist."""
    return list(session.scalars(select(Signal).where(Signal.id.in_(signal_ids), visible_to(actor)).order_by(Signal.id)))


def relatives(session: Session, firm: Enterprise) -> dict[int, str]:
    """What an enterprise belongs to and what belongs to it, by id: the first to be mistaken for it."""
    kin = [Enterprise.parent_id == firm.id]
    kin += [Enterprise.id == firm.parent_id, Enterprise.parent_id == firm.parent_id] if firm.parent_id else []
    statement = select(Enterprise.id, Enterprise.name).where(or_(*kin), Enterprise.deleted_at.is_(None))
    return dict(session.execute(statement.order_by(Enterprise.id).limit(RELATIVES)).all())


def article(session: Session, actor: Actor, article_id: int) -> Article:
    """Find an article with source and story, or say that there is none."""
    statement = select(Article).where(Article.id == article_id, visible_to(actor))
    found = session.scalar(statement.options(joinedload(Article.source), joinedload(Article.cluster)))
    if found is None:
        raise NotFoundError(NO_ARTICLE)
    return found


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


def reposts(session: Session, cluster_id: int) -> tuple[list[Article], set[int]]:
    """All articles of a story, also those of its later chapters, the earliest first, and whose page is kept."""
    root = func.coalesce(ArticleCluster.follows_id, ArticleCluster.id)
    own = select(root).where(ArticleCluster.id == cluster_id).scalar_subquery()
    chapters = select(ArticleCluster.id).where(root == own)
    kept = exists().where(Snapshot.sha256 == Article.page_sha256)
    statement = select(Article, kept).where(Article.cluster_id.in_(chapters)).options(joinedload(Article.source))
    printed = func.coalesce(Article.published_at, Article.fetched_at)
    rows = session.execute(statement.order_by(printed, Article.id).limit(REPOSTS)).all()
    return [row[0] for row in rows], {row[0].id for row in rows if row[1]}


def choices(session: Session) -> tuple[list[tuple[int, str]], list[tuple[str, str]]]:
    """Sources and lists to filter by, in one query."""
    lists = select(literal(1).label("sort"), TargetList.key.label("key"), TargetList.name.label("name"))
    sources = select(literal(0), cast_to(Source.id, String), Source.name)
    rows = session.execute(lists.union_all(sources).order_by("sort", "name")).all()
    return [(int(key), name) for sort, key, name in rows if not sort], [(key, name) for sort, key, name in rows if sort]
