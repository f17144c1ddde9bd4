"""Sources, crawl runs, articles, failed pages and repost clusters."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.core.db import Base
from crm.core.types import BigInt, Code, Instant, IntPk, JsonDict, JsonList, Line, LongText, Short, Url, enum_type


class SourceKind(StrEnum):
    """How pages of a source are discovered."""

    RSS = "rss"
    SITEMAP = "sitemap"
    LIST = "list"
    JSON = "json"
    SPIDER = "spider"
    EXPORT = "export"


class TrialState(StrEnum):
    """Life of a test run of a source."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunState(StrEnum):
    """Life of one crawl."""

    QUEUED = "queued"
    CRAWLING = "crawling"
    INGESTING = "ingesting"
    DONE = "done"
    FAILED = "failed"


class Source(Base):
    """A news source without code: one row."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("interval_minutes >= 5", name="interval"),
        CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name="url"),
    )

    id: Mapped[IntPk]
    name: Mapped[Short] = mapped_column(unique=True)
    kind: Mapped[SourceKind] = mapped_column(enum_type(SourceKind, "kind"))
    url: Mapped[Url]
    options: Mapped[JsonDict]
    enabled: Mapped[bool] = mapped_column(default=True)
    interval_minutes: Mapped[int] = mapped_column(default=60)
    next_run_at: Mapped[Instant | None]
    last_run_at: Mapped[Instant | None]
    last_success_at: Mapped[Instant | None]
    failures_in_row: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]
    validators: Mapped[JsonDict | None]  # ETag and Last-Modified of the listing, when all it named was fetched
    tested_at: Mapped[Instant | None]
    pack: Mapped[Short | None]


class SourceTrial(Base):
    """A test run: what a source would bring, shown before it is kept."""

    __tablename__ = "source_trial"

    id: Mapped[IntPk]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    draft: Mapped[JsonDict]
    state: Mapped[TrialState] = mapped_column(enum_type(TrialState, "state"))
    result: Mapped[JsonDict | None]
    created_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]


class CrawlRun(Base):
    """One crawl of one source: counts and the feed file it left."""

    __tablename__ = "crawl_run"

    id: Mapped[IntPk]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    state: Mapped[RunState] = mapped_column(enum_type(RunState, "state"))
    started_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    feed_file: Mapped[Line | None]
    fetched: Mapped[int] = mapped_column(default=0)
    stored: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    signals: Mapped[int] = mapped_column(default=0)
    stats: Mapped[JsonDict]
    error: Mapped[LongText | None]

    source: Mapped[Source] = relationship()


class Relation(StrEnum):
    """What a piece is to its story: the first report, a repost of it, or the first with a new fact."""

    FIRST = "first"
    REPOST = "repost"
    UPDATE = "update"


class ArticleCluster(Base):
    """Reposts of one story (转载): one card per event.

    A later near-copy that brings a new fact begins a chapter of its own, which ``follows`` the first one.
    """

    __tablename__ = "article_cluster"

    id: Mapped[IntPk]
    created_at: Mapped[Instant]
    size: Mapped[int] = mapped_column(default=1)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("article_cluster.id"), index=True)


class Article(Base):
    """An extracted news page; its bytes stay in the feed file."""

    __tablename__ = "article"

    id: Mapped[IntPk]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("crawl_run.id"), index=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("article_cluster.id"), index=True)
    url: Mapped[Url]
    url_hash: Mapped[Short] = mapped_column(unique=True)
    request_hash: Mapped[Short | None]
    title: Mapped[Line]
    body: Mapped[LongText]
    publisher: Mapped[Short | None]
    author: Mapped[Short | None]
    published_at: Mapped[Instant | None]
    fetched_at: Mapped[Instant]
    recorded_at: Mapped[Instant] = mapped_column(index=True)
    page_sha256: Mapped[Short]
    text_hash: Mapped[Short] = mapped_column(index=True)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary())
    encoding: Mapped[Code]
    problems: Mapped[JsonDict]
    analysed_at: Mapped[Instant | None]
    relation: Mapped[Relation] = mapped_column(
        enum_type(Relation, "relation"), default=Relation.FIRST, server_default="first"
    )
    fresh: Mapped[JsonList] = mapped_column(default=list, server_default="[]")

    source: Mapped[Source] = relationship()
    cluster: Mapped[ArticleCluster] = relationship()


class ArticleBand(Base):
    """MinHash bands for near-duplicate look-up."""

    __tablename__ = "article_band"
    __table_args__ = (Index("ix_article_band_band", "band"),)

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[BigInt]


class FailedPage(Base):
    """A page that could not be fetched or read: kept with its reason, never dropped."""

    __tablename__ = "failed_page"

    id: Mapped[IntPk]
    run_id: Mapped[int] = mapped_column(ForeignKey("crawl_run.id", ondelete="CASCADE"), index=True)
    url: Mapped[Url]
    reason: Mapped[Code]
    detail: Mapped[LongText | None]
    size: Mapped[int | None]
    status: Mapped[int | None]
    page_sha256: Mapped[Short | None]
    retry_run_id: Mapped[BigInt | None]
    recorded_at: Mapped[Instant]
