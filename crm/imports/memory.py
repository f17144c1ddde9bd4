"""What this office said of a kind of ledger before, known again by its headings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core.db import insert_ignore
from crm.core.text import fold
from crm.imports.models import ImportMapping

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

KEPT = ("listed", "list", "source", "mode", "keys", "unit_id", "overwrite")
SKIPPED, MOST_SKIPPED = "skipped", 2000


def recall(session: Session, options: dict[str, Any]) -> dict[str, Any]:
    """Options of a file with what was said of such a file before."""
    found = _find(session, options["signature"])
    if found is None:
        return options | {"remembered": False}
    kept = {key: value for key, value in found.options.items() if key in KEPT}
    columns = {index: column for index, column in found.columns.items() if int(index) < len(options["headings"])}
    return options | kept | {"columns": columns, "units": found.options.get("units") or {}, "remembered": True}


def remember(session: Session, options: Mapping[str, Any], by: int | None, *, now: datetime) -> None:
    """Keep what was said of a file for the next one with the same headings."""
    signature = options["signature"]
    row = {"signature": signature, "headings": options["headings"], "columns": {}, "options": {}, "used_at": now}
    insert_ignore(session, ImportMapping, [row], ["signature"])
    found = _find(session, signature)
    if found is not None:
        kept = {key: options.get(key) for key in KEPT} | {"units": options.get("units") or {}}
        found.columns, found.options = options["columns"], {**found.options, **kept}
        found.created_by, found.used_at = by, now


def skipped(session: Session, signature: str) -> frozenset[str]:
    """Folded names that a person skipped when such a file asked who they are."""
    found = _find(session, signature)
    return frozenset(found.options.get(SKIPPED) or ()) if found else frozenset()


def skip(session: Session, signature: str, name: str, *, again: bool = True) -> None:
    """Keep (or with ``again`` False forget) that a name in doubt is to be skipped in such files."""
    found = _find(session, signature)
    if found is None or not name:
        return
    names: Collection[str] = [one for one in found.options.get(SKIPPED) or () if one != fold(name)]
    kept = [*names, fold(name)][-MOST_SKIPPED:] if again else [*names]
    found.options = {**found.options, SKIPPED: kept}


def _find(session: Session, signature: str) -> ImportMapping | None:
    statement = select(ImportMapping).where(ImportMapping.signature == signature)
    return session.scalar(statement.execution_options(populate_existing=True))
