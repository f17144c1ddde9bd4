"""Many scores into the database at once: COPY on PostgreSQL, plain statements elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text, update

from crm.scoring.keeping import EVENTS, HEARTBEAT, KEPT, SCORES
from crm.scoring.keeping import write as write_each
from crm.scoring.models import ScoreEvent
from crm.scoring.span import within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

SET = ", ".join(f"{name} = n.{name}" for name in KEPT)
STAGE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS score_stage ON COMMIT DROP AS
    SELECT * FROM enterprise_score WITH NO DATA
"""
MOVE = f"UPDATE enterprise_score AS s SET {SET} FROM score_stage AS n WHERE s.enterprise_id = n.enterprise_id"  # noqa: S608 (names of our own columns)
LINES = 1000
LOGGED = (
    *("enterprise_id", "scored_at", "points", "grade", "cause", "cause_kind", "cause_id", "reasons", "table_version"),
    *("z", "model_id", "codes"),
)


def write(session: Session, scores: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> None:
    """Write scores and their history; ``reasons`` are JSON already."""
    if session.get_bind().dialect.name != "postgresql":
        write_each(session, [_parsed(row) for row in scores], [_parsed(row) for row in events])
        return
    session.execute(text(STAGE))
    session.execute(text("TRUNCATE score_stage"))
    _copy(session, "score_stage", ("enterprise_id", *KEPT), ((row["key"], row) for row in scores))
    session.execute(text(MOVE))
    if events:
        _copy(session, EVENTS.name, LOGGED, ((row["enterprise_id"], row) for row in events))
    session.expire_all()


def seen_again(session: Session, ids: Collection[int], moment: datetime) -> None:
    """Mark scores that stay as they are; what they were thirty days ago moves on with every day."""
    if not ids:
        return
    newest = (
        select(ScoreEvent.points)
        .where(ScoreEvent.enterprise_id == SCORES.c.enterprise_id, ScoreEvent.scored_at <= moment - HEARTBEAT)
        .order_by(ScoreEvent.scored_at.desc(), ScoreEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = update(SCORES).where(within(SCORES.c.enterprise_id, ids), SCORES.c.as_of < moment)
    session.execute(statement.values(as_of=moment, points_30d=newest))


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "reasons": json.loads(row["reasons"])}


def _copy(session: Session, table: str, names: Sequence[str], rows: Iterator[tuple[int, Mapping[str, Any]]]) -> None:
    raw = session.connection().connection.driver_connection
    if raw is None:
        message = "no connection to copy to"
        raise RuntimeError(message)
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        block: list[str] = []
        for key, row in rows:
            block.append("\t".join([str(key), *(_cell(row[name]) for name in names[1:])]))
            if len(block) >= LINES:
                copy.write("\n".join(block) + "\n")
                block.clear()
        if block:
            copy.write("\n".join(block) + "\n")


def _cell(value: Any) -> str:  # noqa: ANN401 (a column of any type)
    """Write a value in the text format of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return repr(value) if isinstance(value, float) else str(value)
