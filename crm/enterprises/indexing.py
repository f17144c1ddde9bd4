"""Keep the search index in step with enterprises and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.core import searchindex
from crm.core.text import fold, search_text, spoken
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.naming import find_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

ENTERPRISE = "enterprise"
CONTACT = "contact"
BATCH = 500
SHORT_ENOUGH = 16  # longer aliases are full names of old: found by their characters


def index_enterprises(session: Session, ids: Sequence[int]) -> None:
    """Write the search documents of enterprises anew: names, codes, pinyin. Deleted ones are forgotten."""
    session.flush()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        statement = select(Enterprise).where(Enterprise.id.in_(batch)).options(selectinload(Enterprise.aliases))
        rows = session.scalars(statement.execution_options(populate_existing=True)).all()
        living = [row for row in rows if row.deleted_at is None]
        searchindex.drop(session, ENTERPRISE, batch)
        documents = ((row.id, enterprise_texts(row)) for row in living)
        searchindex.put(session, ENTERPRISE, documents, {row.id: enterprise_words(row) for row in living})


def index_contacts(session: Session, ids: Sequence[int]) -> None:
    """Write the search documents of contacts anew: name, post, enterprise, pinyin. Never phone or mail.

    People put away keep theirs (their list can be searched); erased and merged ones lose theirs.
    """
    session.flush()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        rows = session.scalars(
            select(Contact).where(Contact.id.in_(batch)).options(joinedload(Contact.enterprise))
        ).all()
        shown = [row for row in rows if row.erased_at is None and row.merged_into_id is None]
        searchindex.drop(session, CONTACT, batch)
        documents = ((row.id, [row.name, row.post or "", row.enterprise.name]) for row in shown)
        searchindex.put(session, CONTACT, documents, {row.id: spoken(row.name) for row in shown})


def reindex(session: Session, kind: str, after: int) -> tuple[int, int]:
    """Write the next batch of documents of a kind anew; return the last id (0: nothing was left) and how many."""
    model: type[Enterprise | Contact] = Enterprise if kind == ENTERPRISE else Contact
    ids = list(session.scalars(select(model.id).where(model.id > after).order_by(model.id).limit(BATCH)))
    (index_enterprises if kind == ENTERPRISE else index_contacts)(session, ids)
    session.expunge_all()
    return (ids[-1] if ids else 0), len(ids)


def is_empty(session: Session) -> bool:
    """Tell whether there is nothing to index yet."""
    return session.scalar(select(Enterprise.id).limit(1)) is None


def enterprise_texts(row: Enterprise) -> list[str]:
    """Texts an enterprise is found by any piece of: its names and codes."""
    codes = [row.uscc or "", (row.stock_codes or "").replace("|", "。")]
    return [*find_texts(row.name, row.name_en, row.aliases), *codes]


def enterprise_words(row: Enterprise) -> list[str]:
    """ASCII words an enterprise is found by the beginning of: pinyin of its names, its codes."""
    names = [row.name, *_other_names(row.name, (alias.alias for alias in row.aliases))]
    codes = [search_text(code) for code in (row.uscc or "", *(row.stock_codes or "").split("|"))]
    return [*(word for name in names for word in spoken(name)), *(code for code in codes if code.isascii())]


def _other_names(name: str, aliases: Iterable[str]) -> list[str]:
    """Short names that are no piece of the full one; its own pieces are found by its syllables."""
    whole = fold(name)
    return [alias for alias in dict.fromkeys(aliases) if len(alias) <= SHORT_ENOUGH and fold(alias) not in whole]
