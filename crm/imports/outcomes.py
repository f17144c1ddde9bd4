"""What lines of an import would do, and how that is kept with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from crm.imports.models import ImportRow as Line
from crm.imports.models import RowAction
from crm.imports.rules import MOST_ALIKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from crm.imports.matching import Doubt
    from crm.imports.reading import Row


RECORD = "record"  # among the candidates of a line of a sheet: the number of the page of its record


@dataclass(slots=True)
class Outcome:
    """What a line would do; ``leader`` is the line that creates the enterprise it adds to."""

    action: RowAction
    enterprise_id: int | None = None
    leader: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)


def candidates_of(doubt: Doubt) -> list[dict[str, Any]]:
    """Who a line might be, as its line keeps it; one that is not in the register yet is known by its line."""
    return [
        {"id": one.id, "name": one.name, "code": one.uscc, "line": one.line or None}
        for one in doubt.candidates[:MOST_ALIKE]
    ]


def keep_lines(session: Session, run_id: int, lines: Sequence[tuple[int, Row]]) -> None:
    """Write lines of a file as lines of an import; what they would do is found out later."""
    rows = [
        {
            "run_id": run_id,
            "line": line,
            "cells": list(cells),
            "problems": [],
            "action": RowAction.SAME,
            "candidates": [],
            "edited": False,
        }
        for line, cells in lines
    ]
    if rows:
        session.execute(insert(Line), rows)


def change_lines(session: Session, run_id: int, outcomes: dict[int, Outcome]) -> None:
    """Write what lines that are kept already would do."""
    if not outcomes:
        return
    table = Line.__table__
    names = ("action", "enterprise_id", "problems", "candidates")
    statement = (
        update(table)  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
        .where(table.c.run_id == run_id, table.c.line == bindparam("its_line"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    rows = [
        {"its_line": line} | {f"new_{name}": value for name, value in as_columns(outcome).items()}
        for line, outcome in outcomes.items()
    ]
    session.connection().execute(statement, rows)


def as_columns(outcome: Outcome) -> dict[str, Any]:
    """An outcome as columns of its line."""
    return {
        "action": outcome.action,
        "enterprise_id": outcome.enterprise_id,
        "problems": outcome.problems,
        "candidates": [{"leader": outcome.leader}] if outcome.leader else outcome.candidates,
    }


def record_of(candidates: Iterable[dict[str, Any]]) -> int | None:
    """The page of the record of a line of a sheet, None while there is none."""
    return next((int(one[RECORD]) for one in candidates if one.get(RECORD)), None)


def leader_of(candidates: Iterable[dict[str, Any]]) -> int:
    """The line that creates the enterprise of a line, 0 when it is known by itself."""
    return next((int(one["leader"]) for one in candidates if one.get("leader")), 0)
