"""Keep the search index in step with enterprises and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from crm.core import searchindex
from crm.core.text import initials
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.naming import find_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

ENTERPRISE = "enterprise"
CONTACT = "contact"
BATCH = 500


def index_enterprises(session: Session, ids: Sequence[int]) -> None:
    """Write the search documents of enterprises anew: names, codes, first letters of the pinyin."""
    session.flush()
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        statement = select(Enterprise).where(Enterprise.id.in_(batch)).options(selectinload(Enterprise.aliases))
        rows = session.scalars(statement.execution_options(populate_existing=True)).all()
        searchindex.put(session, ENTERPRISE, ((row.id, _texts(row)) for row in rows))


def index_contacts(session: Session, ids: Sequence[int]) -> None:
    """Write the search documents of contacts anew: name, post, enterprise. Never phone or mail."""
    session.flush()
    for start in range(0, len(ids), BATCH):
        statement = (
            select(Contact).where(Contact.id.in_(ids[start : start + BATCH])).options(joinedload(Contact.enterprise))
        )
        rows = session.scalars(statement).all()
        documents = ((row.id, [row.name, row.post or "", row.enterprise.name, initials(row.name)]) for row in rows)
        searchindex.put(session, CONTACT, documents)


def _texts(row: Enterprise) -> list[str]:
    codes = [row.uscc or "", (row.stock_codes or "").replace("|", "。")]
    return [*find_texts(row.name, row.name_en, row.aliases), *codes, initials(row.name)]
