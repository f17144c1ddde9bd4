"""Drive a run from one transaction to the next: for the background jobs and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError, OperationalError

from crm.imports import rules, runs
from crm.imports.checking import open_check

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from typing import Protocol

    from sqlalchemy.orm import Session

    from crm.core.db import Database

    class Step(Protocol):
        """One transaction of a run."""

        def __call__(self, session: Session, run_id: int, *, now: datetime) -> bool:
            """Do it; False when nothing is left to do."""

    Clock = Callable[[], datetime]
    Show = Callable[[int, int], None]

TRIES = 3


def check(database: Database, run_id: int, files_dir: Path, now: Clock, show: Show) -> int:
    """Find out what every line would do; reading and writing in turns, so that others get to write."""
    with database.reading() as session:
        run = runs.get_run(session, run_id)
        if rules.state_of(run.state) != rules.CHECKING:
            return 0
        work = open_check(session, run, files_dir, now())
    going = True
    while going:
        with database.reading() as session:
            found = work.look(session)
        with database.transaction() as session:
            going = work.keep(session, found, now())
        show(work.done, work.total)
    return work.done


def drive(database: Database, run_id: int, step: Step, now: Clock, show: Show) -> int:
    """Take step after step until nothing is left to do."""
    done, going = 0, True
    while going:
        going = _once(database, run_id, step, now)
        with database.reading() as session:
            counts = runs.get_run(session, run_id).counts
        if going:
            done = int(counts.get("done") or 0)
            show(done, int(counts.get("total") or counts.get("rows") or 0))
    return done


def _once(database: Database, run_id: int, step: Step, now: Clock) -> bool:
    """One step; another import or a person may get in the way, then it is looked at afresh."""
    for attempt in range(1, TRIES + 1):
        try:
            with database.transaction() as session:
                return step(session, run_id, now=now())
        except (IntegrityError, OperationalError):
            if attempt == TRIES:
                raise
    return False
