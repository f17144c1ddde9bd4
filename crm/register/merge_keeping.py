"""What only one of two merged records told, kept on the one that stays: names of enterprises, posts of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core.text import fold
from crm.enterprises.models import Contact, ContactPost, Enterprise, EnterpriseAlias
from crm.enterprises.naming import is_ambiguous
from crm.enterprises.rules import AliasKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.register.merge_fields import Record

MERGED = "合并"


@dataclass(frozen=True, slots=True)
class Remembered:
    """Names of both enterprises, or the posts of both contacts by enterprise, as they were before."""

    names: tuple[str, ...] = ()
    posts: tuple[tuple[int, str | None], ...] = ()


def remembered(winner: Record, loser: Record) -> Remembered:
    """Read what must not get lost."""
    if isinstance(winner, Contact) and isinstance(loser, Contact):
        return Remembered(posts=tuple({one.enterprise_id: one.post for one in (winner, loser)}.items()))
    return Remembered(names=(winner.name, loser.name))


def keep(session: Session, actor: Actor, winner: Record, before: Remembered, now: datetime) -> list[dict[str, Any]]:
    """Add what the winner does not have yet; return the added rows, to be taken away by whoever unmerges."""
    if isinstance(winner, Enterprise):
        return [_row(one) for one in _names(session, winner, before.names)]
    return [_row(one) for one in _posts(session, actor, winner, before.posts, now)]


def _names(session: Session, winner: Enterprise, names: tuple[str, ...]) -> list[EnterpriseAlias]:
    own = EnterpriseAlias.enterprise_id == winner.id
    known = set(session.scalars(select(EnterpriseAlias.folded).where(own)))
    added = []
    for name in names:
        folded = fold(name)
        if folded in known or len(folded) < 2:  # noqa: PLR2004 (one character names nothing)
            continue
        known.add(folded)
        kind = AliasKind.FULL if folded == winner.folded_name else AliasKind.FORMER
        row = EnterpriseAlias(enterprise_id=winner.id, alias=name, folded=folded, kind=kind, source=MERGED)
        row.ambiguous = is_ambiguous(folded, kind)
        session.add(row)
        added.append(row)
    session.flush()
    return added


def _posts(
    session: Session, actor: Actor, winner: Contact, posts: tuple[tuple[int, str | None], ...], now: datetime
) -> list[ContactPost]:
    known = set(session.scalars(select(ContactPost.enterprise_id).where(ContactPost.contact_id == winner.id)))
    added = []
    for enterprise_id, post in posts:
        if enterprise_id == winner.enterprise_id or enterprise_id in known:
            continue
        row = ContactPost(contact_id=winner.id, enterprise_id=enterprise_id, post=post, created_at=now)
        row.created_by = actor.user_id or None
        session.add(row)
        added.append(row)
    session.flush()
    return added


def _row(row: EnterpriseAlias | ContactPost) -> dict[str, Any]:
    return {"table": row.__tablename__, "id": row.id}
