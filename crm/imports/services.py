"""A whole import in one go, for the demonstration office: the same check and the same writing as a run's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.imports import applying, rules, runs
from crm.imports.checking import CheckWork
from crm.imports.columns import signature
from crm.imports.looking import checking_of
from crm.imports.models import ImportRow, ImportRun, RowAction
from crm.imports.rows import settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.imports.columns import Table
    from crm.imports.rows import ListTarget

LEFT = {RowAction.REFUSE: "rejected", RowAction.QUEUE: "queued"}
KEYS = {
    "created": RowAction.CREATE,
    "matched": RowAction.UPDATE,
    "unchanged": RowAction.SAME,
    "rejected": RowAction.REFUSE,
    "queued": RowAction.QUEUE,
}


@dataclass(slots=True)
class ImportResult:
    """What became of the rows; the five counts add up to ``rows``.

    ``matched`` rows changed something of a known enterprise, ``unchanged`` rows nothing.
    ``left`` holds each refused row (``outcome`` rejected) and each row for a person (queued):
    line, outcome, message (Chinese msgid), params, values as printed, candidates as [id, name].
    """

    run_id: int
    rows: int = 0
    created: int = 0
    matched: int = 0
    unchanged: int = 0
    rejected: int = 0
    queued: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The counts by name."""
        return {key: getattr(self, key) for key in ("rows", *KEYS)}


def import_list(session: Session, actor: Actor, table: Table, target: ListTarget, *, now: datetime) -> ImportResult:
    """Import a table; ``target`` names list and year where the rows do not. Running it twice changes nothing."""
    runs.may_import(actor)
    run = _run(session, actor, table, target, now)
    work = CheckWork(session, run, iter(table.rows), checking_of(session, run, now))
    while work.keep(session, work.look(session), now):
        pass
    run.state = rules.APPLYING
    while applying.step(session, run.id, now=now):
        pass
    return result_of(session, run)


def _run(session: Session, actor: Actor, table: Table, target: ListTarget, now: datetime) -> ImportRun:
    settled, mapping = settle(table, target), table.mapping
    options = {
        "sheets": [""],
        "sheet": "",
        "header_row": 0,
        "headings": list(mapping.headings),
        "signature": signature(mapping.headings),
        "columns": {str(index): str(column) for column, places in mapping.places.items() for index in places},
        "units": {str(index): unit for index, unit in mapping.units.items()},
        "said": {"lists": [], "years": []},
        "listed": not settled.ledger,
        "list": settled.name,
        "year": settled.year,
        "source": settled.source,
        "by": actor.user_id or None,
        "was": rules.APPLYING,
    }
    run = ImportRun(
        kind=runs.KIND,
        filename=settled.name or "-",
        sha256=hashlib.sha256(repr(table.rows).encode()).hexdigest(),
        options=options,
        state=rules.CHECKING,
        counts={"rows": len(table.rows)},
        rejected=[],
        created_by=actor.user_id or None,
        created_at=now,
        started_at=now,
    )
    session.add(run)
    session.flush()
    return run


def result_of(session: Session, run: ImportRun) -> ImportResult:
    """What became of the lines of a finished run."""
    statement = select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.action.in_(LEFT)).order_by(ImportRow.line)
    counts = {key: int(run.counts.get(action.value) or 0) for key, action in KEYS.items()}
    return ImportResult(run.id, int(run.counts["rows"]), **counts, left=_left(session.scalars(statement)))


def _left(rows: Iterable[ImportRow]) -> list[dict[str, Any]]:
    return [
        {
            "line": row.line,
            "outcome": LEFT[row.action],
            "message": row.problems[-1]["message"],
            "params": row.problems[-1].get("params") or {},
            "values": list(row.cells),
            "candidates": [[one.get("id"), one["name"]] for one in row.candidates if "name" in one],
        }
        for row in rows
    ]
