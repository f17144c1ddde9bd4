"""Take sources over from a pack: out of use until somebody tried them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core import audit
from crm.core.errors import DomainError, Problem
from crm.news.models import Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.news.packs import Entry, Pack

NOTHING = Problem("pack.nothing", "没有选中可以添加的信源。请至少勾选一个。")


def standing(session: Session, pack: Pack) -> list[tuple[Entry, str]]:
    """Say of each entry of a pack whether it is ``new``, ``wrong``, or ``known`` by name or address."""
    rows = session.execute(select(Source.name, Source.url)).all()
    names, addresses = {row.name for row in rows}, {(row.url) for row in rows}
    told: list[tuple[Entry, str]] = []
    for entry in pack.entries:
        known = entry.draft.name in names or (entry.draft.kind != "export" and entry.draft.url in addresses)
        told.append((entry, "wrong" if entry.problems else "known" if known else "new"))
        names.add(entry.draft.name)
    return told


def take(session: Session, actor: Actor, pack: Pack, chosen: Collection[int], *, now: datetime) -> list[Source]:
    """Add the chosen new entries; uploads' sources are in use at once, everything that crawls waits for a test run."""
    rows = [
        Source(
            name=entry.draft.name,
            kind=SourceKind(entry.draft.kind),
            url=entry.draft.url,
            options=dict(entry.draft.options),
            interval_minutes=entry.draft.interval_minutes,
            enabled=entry.draft.kind == "export",
            pack=pack.name or None,
            created_at=now,
        )
        for number, (entry, state) in enumerate(standing(session, pack))
        if number in chosen and state == "new"
    ]
    if not rows:
        raise DomainError(NOTHING)
    session.add_all(rows)
    session.flush()
    names = [row.name for row in rows]
    audit.record(session, actor.user_id, "source.pack", ("source", rows[0].id), now=now, pack=pack.name, names=names)
    return rows
