"""Telling people that what they asked a worker for has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.imports import rules
from crm.imports.models import ImportRun
from crm.matching.models import MatchRun, RunState
from crm.notices import words
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.register.models import ExportRun

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

IMPORTS = {
    rules.CHECKED: words.CHECKED,
    rules.DONE: words.IMPORTED,
    rules.UNDONE: words.TAKEN_BACK,
    rules.FAILED: words.NOT_IMPORTED,
}


def import_ended(session: Session, run_id: int, *, now: datetime) -> None:
    """Tell who started an import that it waits for them, is done, or went wrong."""
    run = session.get(ImportRun, run_id)
    said = IMPORTS.get(run.state) if run is not None else None
    if run is None or run.created_by is None or said is None:
        return
    about = ("import", run.id)
    params = {"name": run.filename}
    tell(session, [run.created_by], NoticeKind.JOB, said, f"/imports/{run.id}", about, now, params=params)


def export_ended(session: Session, run_id: int, *, now: datetime) -> None:
    """Tell who started an export that the file is there, or why it is not."""
    run = session.get(ExportRun, run_id)
    if run is None:
        return
    said = words.NOT_EXPORTED if run.problem else words.EXPORTED
    about, params = ("export", run.id), {} if run.problem else {"n": str(run.rows)}
    tell(session, [run.created_by], NoticeKind.JOB, said, "/exports", about, now, params=params)


def matching_ended(session: Session, run_id: int, *, now: datetime) -> None:
    """Tell who had all open projects matched that it is done; one that was stopped says nothing."""
    run = session.get(MatchRun, run_id)
    if run is None or run.state is not RunState.DONE:
        return
    about, params = ("match_run", run.id), {"n": str(run.looked)}
    tell(session, [run.created_by], NoticeKind.JOB, words.MATCHED, "/matches", about, now, params=params)
