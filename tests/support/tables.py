"""Every row of every table as plain texts, to see whether something was given back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, select, type_coerce

from crm.core.tables import in_order
from crm.core.vault import Sealed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LOGS = {"audit_event", "field_change", "merge_log", "duplicate_pair", "task", "search_document", "score_event"}
MOVING_TIMES = {"updated_at", "version"}


def dump(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by table, logs and counters of changes left out; sealed values as they lie there."""
    session.flush()
    found = {}
    for table in in_order():
        if table.name in LOGS:
            continue
        columns = [
            type_coerce(column, Text()) if isinstance(column.type, Sealed) else column
            for column in table.columns
            if column.name not in MOVING_TIMES
        ]
        rows = session.execute(select(*columns)).all()
        found[table.name] = sorted(tuple(map(str, row)) for row in rows)
    return found


def changed(session: Session, before: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Tables that are not as they were."""
    return {name: rows for name, rows in dump(session).items() if rows != before[name]}
