"""The list of contacts, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.core import searchindex
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises import queries as enterprises
from crm.enterprises.indexing import CONTACT
from crm.enterprises.models import Contact, Enterprise

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


def contacts(session: Session, actor: Actor, q: str, *, archived: bool, cursor: str | None) -> tuple[Page[Any], int]:
    """Return a page of the contacts the actor may see, with their enterprises, and how many there are."""
    statement: Any = (
        select(Contact, Enterprise.name)
        .join(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(enterprises.visible_to(actor))
        .where(Contact.archived_at.is_not(None) if archived else Contact.archived_at.is_(None))
    )
    ids = searchindex.matching(session, CONTACT, q) if q else None
    if ids is not None:
        statement = statement.where(Contact.id.in_(ids))
    total = session.scalar(select(func.count()).select_from(statement.with_only_columns(Contact.id).subquery())) or 0
    order = [Key(Contact.sort_key), Key(Contact.id)]
    found = fetch_page(session, statement, order, lambda row: [row[0].sort_key, row[0].id], cursor=cursor)
    return found, total
