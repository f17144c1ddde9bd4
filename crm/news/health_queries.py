"""Reads for the pages of health: a bounded page of sources in one query, the failed pages of a source in another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from crm.core.paging import Key, Page, fetch_page
from crm.news import health
from crm.news.health import OFF, TROUBLED, UNKNOWN, WELL, Figures
from crm.news.health_models import SourceHealth
from crm.news.models import Article, CrawlRun, FailedPage, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

PAGE = 20
SHOWN_FAILED = 50
STATES = (TROUBLED, UNKNOWN, WELL, OFF)


@dataclass(frozen=True, slots=True)
class Line:
    """A source with what is known of its health."""

    source: Source
    row: SourceHealth | None
    recent: tuple[Figures, ...]

    @property
    def state(self) -> str:
        """Off, troubled, well, or unknown before the first run."""
        if not self.source.enabled:
            return OFF
        if self.row is None or not self.recent:
            return UNKNOWN
        return TROUBLED if self.row.alert else WELL

    @property
    def alert(self) -> str | None:
        """The key of what is wrong."""
        return self.row.alert if self.row and self.source.enabled else None

    @property
    def bars(self) -> list[tuple[Figures, int]]:
        """The last runs with the height of their bar."""
        return health.spark(self.recent)

    @property
    def usual(self) -> int:
        """How many articles the listing usually names."""
        return round(health.usual_listed(self.recent))

    @property
    def latest(self) -> Figures | None:
        """The newest run."""
        return self.recent[-1] if self.recent else None

    @property
    def silence(self) -> timedelta:
        """How long the source may be silent."""
        row = self.row
        return health.allowed_silence(row.expected_minutes if row else None, row.usual_gap_minutes if row else None)

    def total(self, name: str) -> int:
        """Add a figure up over the runs that are kept."""
        return sum(getattr(one, name) for one in self.recent)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why pages failed in the runs that are kept, most frequent first."""
        counted: Counter[str] = Counter()
        for one in self.recent:
            counted.update(one.failures)
        return counted.most_common(6)

    def muted(self, now: datetime) -> bool:
        """Whether nobody is told for now."""
        return self.row is not None and self.row.muted_until is not None and self.row.muted_until > now


def board(session: Session, state: str = "", *, cursor: str | None = None) -> Page[Line]:
    """Give a page of sources, those in trouble first, then by name."""
    rank = _rank()
    statement = _sources(rank)
    if state in STATES:
        statement = statement.where(rank == STATES.index(state))
    order = [Key(rank), Key(Source.name), Key(Source.id)]
    found = fetch_page(
        session, statement, order, lambda row: (row[2], row[0].name, row[0].id), cursor=cursor, size=PAGE
    )
    return Page(tuple(line(source, row) for source, row, _ in found.rows), found.next, found.previous)


def state_counts(session: Session) -> dict[str, int]:
    """How many sources are in which state."""
    rank = _rank()
    statement = select(rank, func.count(Source.id)).outerjoin(SourceHealth, SourceHealth.source_id == Source.id)
    counted = dict(session.execute(statement.group_by(rank)).all())
    return {state: counted.get(number, 0) for number, state in enumerate(STATES)}


def line(source: Source, row: SourceHealth | None) -> Line:
    """Join a source and its health."""
    return Line(source, row, tuple(Figures.load(one) for one in row.recent) if row else ())


def failed_lately(session: Session, source_id: int) -> Sequence[FailedPage]:
    """The newest failed pages of a source."""
    statement = select(FailedPage).join(CrawlRun, CrawlRun.id == FailedPage.run_id)
    chosen = statement.where(CrawlRun.source_id == source_id).order_by(FailedPage.id.desc()).limit(SHOWN_FAILED)
    return session.scalars(chosen).all()


def retried(session: Session, page: FailedPage) -> tuple[CrawlRun | None, tuple[int, str] | None]:
    """How trying a failed page again went: its run, and the article it became with id and title."""
    run = session.get(CrawlRun, page.retry_run_id) if page.retry_run_id else None
    if run is None:
        return None, None
    statement = select(Article.id, Article.title).where(Article.run_id == run.id).limit(1)
    return run, session.execute(statement).first()


def _sources(rank: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return select(Source, SourceHealth, rank).outerjoin(SourceHealth, SourceHealth.source_id == Source.id)


def _rank() -> ColumnElement[int]:
    never = SourceHealth.source_id.is_(None)
    return case(
        (Source.enabled.is_(False), STATES.index(OFF)),
        (never, STATES.index(UNKNOWN)),
        (SourceHealth.alert.is_not(None), STATES.index(TROUBLED)),
        else_=STATES.index(WELL),
    )
