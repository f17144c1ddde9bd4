"""Chinese search index: bigrams in one table, found by FTS5 or a tsvector.

``grams`` holds space-separated character pairs. The migration adds an external-content
FTS5 table with triggers on SQLite, and a generated ``tsvector`` column with a GIN index
on PostgreSQL, so the index can never lag behind its rows. No extension is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint, delete, insert, select, text
from sqlalchemy.orm import Mapped

from crm.core.db import Base
from crm.core.text import bigram_query, bigrams, search_text
from crm.core.types import BigInt, Code, IntPk, LongText

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from crm.core.text import BigramQuery


class SearchDocument(Base):
    """What can be found of one record: ``kind`` and ``ref_id`` name it."""

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "ref_id"),)

    id: Mapped[IntPk]
    kind: Mapped[Code]
    ref_id: Mapped[BigInt]
    body: Mapped[LongText]
    grams: Mapped[LongText]


def put(session: Session, kind: str, documents: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Replace the documents of these records; each is ``(record id, texts to find it by)``."""
    rows = []
    for ref_id, parts in documents:
        body = "\n".join(dict.fromkeys(filter(None, (search_text(part) for part in parts if part))))
        rows.append({"kind": kind, "ref_id": ref_id, "body": body, "grams": " ".join(bigrams("。".join(parts)))})
    if not rows:
        return
    ids = [row["ref_id"] for row in rows]
    session.execute(delete(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.ref_id.in_(ids)))
    session.execute(insert(SearchDocument), rows)


def matching(session: Session, kind: str, query: str) -> Select[int] | None:
    """Select the ids of records of a kind that contain every word of ``query``.

    None when the query holds nothing that can be searched (blank, punctuation only).
    """
    parsed = bigram_query(query)
    if parsed is None:
        return None
    statement = select(SearchDocument.ref_id).where(SearchDocument.kind == kind, _hit(session, parsed))
    for term in parsed.terms:
        statement = statement.where(SearchDocument.body.contains(term, autoescape=True))
    return statement


def _hit(session: Session, parsed: BigramQuery) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return text("search_document.tv @@ CAST(:tsquery AS tsquery)").bindparams(tsquery=parsed.tsquery)  # type: ignore[return-value]  # a textual condition
    return text("search_document.id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :fts5)").bindparams(
        fts5=parsed.fts5
    )  # type: ignore[return-value]  # a textual condition
