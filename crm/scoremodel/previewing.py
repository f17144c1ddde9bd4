"""Who would move: all enterprises scored under two tables, chunk by chunk, as a job one can watch and stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from crm.enterprises.models import Enterprise
from crm.scoremodel import runs
from crm.scoremodel.diffs import digest
from crm.scoremodel.models import Purpose, ScoreRun
from crm.scoremodel.moves import Tally
from crm.scoremodel.services import get, subject_of, table_of
from crm.scoring import ledger, queries
from crm.scoring.facts import from_raw
from crm.scoring.live import ensured, live
from crm.scoring.rules import score

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.core.db import Database
    from crm.scoring.table import PointsTable

CHUNK = 300


def start(session: Session, actor: Actor, model_id: int, *, now: datetime) -> ScoreRun:
    """Ask who would move if a version were in force."""
    runs.may_manage(actor)
    ensured(session, now)
    model = get(session, model_id)
    return runs.start(session, actor, (Purpose.PREVIEW, subject_of(model)), model_id=model.id, now=now)


def run(
    database: Database, run_id: int, clock: Callable[[], datetime], told: Callable[[int, str], None]
) -> dict[str, Any] | None:
    """Score all enterprises under the table in force and under the version; None when somebody stopped it.

    Begun anew after a crash it starts from the beginning and finds the same.
    """
    with database.reading() as session:
        asked = runs.going(session, run_id)
        if asked is None or asked.model_id is None:
            return None
        version = table_of(get(session, asked.model_id))
        inforce, at = live(session), asked.created_at
        total = session.scalar(select(func.count()).select_from(Enterprise)) or 0
    tally, after = Tally(), 0
    while True:
        with database.reading() as session:
            ids = queries.enterprise_ids(session, after=after, limit=CHUNK)
            compare(session, ids, at, (inforce.table, version), tally)
        percent, note = tally.total * 100 // max(1, total), f"{tally.total}/{total}"
        told(percent, note)
        if not runs.step(database, run_id, percent, note, clock()):
            return None
        if len(ids) < CHUNK:
            break
        after = ids[-1]
    return result_of(tally, version, inforce.model_id)


def result_of(tally: Tally, version: PointsTable, against: int | None) -> dict[str, Any]:
    """Give what is kept of a preview, with what it compared."""
    return {**tally.as_json(), "digest": digest(version), "against": against}


def compare(
    session: Session, ids: list[int], at: datetime, tables: tuple[PointsTable, PointsTable], tally: Tally
) -> None:
    """Count how enterprises score under two tables, by what was known at a moment."""
    known = ledger.as_of(session, ids, at) if ids else {}
    for key in ids:
        before, after = (score(from_raw(known.get(key, ()), at, table), table) for table in tables)
        tally.add(key, before, after)
