"""Chinese search index: bigrams in one table, found by FTS5 or a tsvector.

``grams`` holds space-separated character pairs, then words found from their beginning (pinyin,
codes; see :func:`crm.core.text.spoken`). The migrations add an external-content FTS5 table with
triggers on SQLite, and a generated ``tsvector`` column with a GIN index for each kind on
PostgreSQL, so the index can never lag behind its rows. No extension is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import UniqueConstraint, and_, bindparam, delete, exists, insert, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import UNDO, Base
from crm.core.text import SOUND, bigram_query, bigrams, search_text, sound_of
from crm.core.types import BigInt, Code, IntPk, LongText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import BindParameter, ColumnElement, Select
    from sqlalchemy.orm import Session


VERSION = 2
MARK = "index_version"
PREFERRED = "index preferred in"
HITS = {
    "postgresql": "search_document.tv @@ CAST(:hits AS tsquery)",
    "sqlite": "search_document.id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :hits)",
}


class SearchDocument(Base):
    """What can be found of one record: ``kind`` and ``ref_id`` name it."""

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "ref_id"),)

    id: Mapped[IntPk]
    kind: Mapped[Code]
    ref_id: Mapped[BigInt] = mapped_column()
    body: Mapped[LongText]
    grams: Mapped[LongText]


def row(kind: str, ref_id: int, parts: Sequence[str], words: Iterable[str] = ()) -> dict[str, Any]:
    """Build one document: the texts to find it by anywhere, the ASCII words to find it by from their beginning."""
    given = [part for part in parts if part]
    body = "\n".join(dict.fromkeys(filter(None, map(search_text, given))))
    sounds = (SOUND + word for word in dict.fromkeys(words) if word)
    return {"kind": kind, "ref_id": ref_id, "body": body, "grams": " ".join((*bigrams("。".join(given)), *sounds))}


def put(
    session: Session,
    kind: str,
    documents: Iterable[tuple[int, Sequence[str]]],
    words: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Replace the documents of these records; each is ``(record id, texts to find it by)``.

    ``words`` gives, by record id, the ASCII words it is found by from their beginning.
    """
    rows = [row(kind, ref_id, parts, (words or {}).get(ref_id, ())) for ref_id, parts in documents]
    if not rows:
        return
    drop(session, kind, [one["ref_id"] for one in rows])
    session.execute(insert(SearchDocument), rows)


def drop(session: Session, kind: str, ids: Sequence[int]) -> None:
    """Forget the documents of these records."""
    session.execute(delete(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.ref_id.in_(ids)))


Shape: TypeAlias = tuple[str, tuple[bool, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a statement that is kept ready wants it: its shape, and the values bound to it.

    ``shape`` is the dialect and, for each term that has to be looked for in the text itself, whether it has a sound.
    """

    shape: Shape
    values: Mapping[str, str]


def asked(session: Session, query: str) -> Asked | None:
    """Read a query for :func:`kept_ready`; None as in :func:`matching`."""
    parsed = bigram_query(query)
    if parsed is None:
        return None
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        prefer_the_index(session)
    values = {"hits": parsed.tsquery if dialect == "postgresql" else parsed.fts5}
    sounds = [sound_of(term) for term in parsed.loose]
    for number, (term, sound) in enumerate(zip(parsed.loose, sounds, strict=True)):
        values[f"term_{number}"] = _anywhere(term)
        if sound is not None:
            values[f"sound_{number}"] = _anywhere(f" {sound}")
    return Asked((dialect, tuple(sound is not None for sound in sounds)), values)


def kept_ready(kind: str, shape: Shape, values: Mapping[str, str] | None = None) -> list[ColumnElement[bool]]:
    """Conditions for a statement that is built once and run with ``Asked.values``, unless the values are given here."""
    dialect, sounds = shape

    def bound(name: str) -> BindParameter[str]:
        return bindparam(name) if values is None else bindparam(name, values[name], unique=True)

    # Written out, not bound: the planner has to see which of the partial indexes it may use.
    found = [SearchDocument.kind == bindparam("document_kind", kind, literal_execute=True, unique=True)]
    found.append(text(HITS[dialect]).bindparams(bound("hits")))  # type: ignore[arg-type]  # a textual condition
    for number, sounded in enumerate(sounds):
        written = SearchDocument.body.like(bound(f"term_{number}"), escape="/")
        found.append(
            or_(written, SearchDocument.grams.like(bound(f"sound_{number}"), escape="/")) if sounded else written
        )
    return found


def _anywhere(term: str) -> str:
    for special in ("/", "%", "_"):
        term = term.replace(special, f"/{special}")
    return f"%{term}%"


def matching(session: Session, kind: str, query: str) -> Select[int] | None:
    """Select the ids of records of a kind that contain every word of ``query``.

    None when the query holds nothing that can be searched (blank, punctuation only). The order is
    nobody's: limit it to bound the work, or narrow another statement with it.
    """
    found = conditions(session, kind, query)
    return None if found is None else select(SearchDocument.ref_id).where(*found)


def conditions(session: Session, kind: str, query: str) -> list[ColumnElement[bool]] | None:
    """Conditions on :class:`SearchDocument`, for a statement that joins it; None as in :func:`matching`."""
    found = asked(session, query)
    return None if found is None else kept_ready(kind, found.shape, found.values)


def is_current(session: Session) -> bool:
    """Tell whether every document has been written by this version."""
    return bool(session.scalar(select(exists().where(SearchDocument.kind == MARK, SearchDocument.ref_id == VERSION))))


def mark_current(session: Session) -> None:
    """Remember that every document has been written by this version."""
    session.execute(delete(SearchDocument).where(SearchDocument.kind == MARK))
    session.execute(insert(SearchDocument), [{"kind": MARK, "ref_id": VERSION, "body": "", "grams": ""}])


def begins(dialect: str, value: Any, first: str, after: str) -> ColumnElement[bool]:  # noqa: ANN401 (a mapped column has no common type)
    """Condition: a text column begins with the value bound as ``first``, in a form both databases answer from an index.

    What is bound as ``after`` is :func:`next_after` of it.
    """
    low: BindParameter[str] = bindparam(first)
    high: BindParameter[str] = bindparam(after)
    if dialect == "postgresql":  # byte by byte: index ``text_pattern_ops``
        return and_(value.op("~>=~", is_comparison=True)(low), value.op("~<~", is_comparison=True)(high))
    return and_(value >= low, value < high)


def next_after(beginning: str) -> str:
    """Return the first text behind all that begin so."""
    return beginning[:-1] + chr(min(ord(beginning[-1]) + 1, 0x10FFFF))


def prefer_the_index(session: Session) -> None:
    """Let PostgreSQL answer the searches of this transaction from the index.

    For a common word it would read the table until enough hits have come by, and where it begins to
    read depends on who read before: a hundred times as long when other kinds of records lie there.
    """
    if session.info.get(PREFERRED) is None or session.info[PREFERRED] is not session.get_transaction():
        connection = session.connection()
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.info[UNDO] = True
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        session.info[PREFERRED] = session.get_transaction()
