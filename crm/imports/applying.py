"""The import of a run, step by step: each step is one transaction, the lines know which are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import audit, jobs
from crm.core.tasks import enqueue
from crm.imports import apply, kinds, rules, runs
from crm.imports.checking import count
from crm.imports.mapping import terms_of
from crm.imports.rules import Column
from crm.imports.sheets.applying import advance
from crm.imports.write import Mark

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.imports.models import ImportRow, ImportRun

LINES, PARENTS, QUEUE, OVER = "lines", "parents", "queue", ""


def step(session: Session, run_id: int, *, now: datetime) -> bool:
    """Write the next lines of a run; False when it is over or was stopped."""
    run = runs.get_run(session, run_id, lock=True)
    if rules.state_of(run.state) != rules.APPLYING:
        return False
    if run.cancel:
        run.counts = count(session, run)
        runs.end(run, rules.CANCELLED, now)
        return False
    sheet = kinds.kind_of(run).sheet
    if sheet is not None:
        going = advance(session, run, *kinds.taker_of(session, run, sheet, now))
        if not going:
            _finish(session, run, now)
        return going
    return _step_firms(session, run, now)


def _step_firms(session: Session, run: ImportRun, now: datetime) -> bool:
    phase, after = run.options.get("phase") or [LINES, 0]
    mark, terms = mark_of(run, now), terms_of(run.options)
    if phase == LINES:
        lines = apply.next_lines(session, run.id)
        if lines:
            run.position += apply.apply_lines(session, lines, terms, source_of(run), mark)
            run.counts = {**run.counts, "done": int(run.counts.get("done") or 0) + len(lines)}
            return True
        phase = PARENTS if Column.PARENT in terms.mapping.places else QUEUE
    elif phase == PARENTS:
        seen = apply.link_parents(session, run.id, after, terms, mark)
        phase, after = (PARENTS, seen) if seen else (QUEUE, 0)
    else:
        seen = apply.fill_candidates(session, run.id, after)
        phase, after = (QUEUE, seen) if seen else (OVER, 0)
    run.options = {**run.options, "phase": [phase, after]}
    if phase == OVER:
        _finish(session, run, now)
    return phase != OVER


def settle_line(session: Session, run: ImportRun, line: ImportRow, *, by: int | None, now: datetime) -> None:
    """Write one line after the import is done: a person said who it is."""
    mark = Mark(run.id, by, now)
    run.position += apply.apply_lines(session, [line], terms_of(run.options), source_of(run), mark)
    run.counts = count(session, run)
    enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key=RESCORE)
    if line.enterprise_id is not None:
        enqueue(session, jobs.FIND_DUPLICATES, {"kind": "enterprise", "ids": [line.enterprise_id]}, now=now)


RESCORE = "rescore_all:0"


def mark_of(run: ImportRun, now: datetime) -> Mark:
    """Whose hand writes: the person who started this import."""
    return Mark(run.id, run.options.get("by"), now)


def source_of(run: ImportRun) -> str:
    """Where a contact of this run comes from, as its record says."""
    return f"导入：{run.options.get('source') or run.filename}"[:200]


def _finish(session: Session, run: ImportRun, now: datetime) -> None:
    run.counts = count(session, run)
    run.options = {**run.options, "phase": None}
    runs.end(run, rules.DONE, now)
    options, firms = run.options, run.kind == runs.KIND
    detail = {"list": options.get("list"), "year": options.get("year")} if firms else {}
    audit.record(session, options.get("by"), f"{run.kind}.import", (runs.RUN, run.id), now=now, **detail, **run.counts)
    if firms and run.position:
        enqueue(session, jobs.RESCORE_ALL, {}, now=now, dedupe_key=RESCORE)
        enqueue(session, jobs.FIND_DUPLICATES, {"import_id": run.id}, now=now, dedupe_key=f"duplicates-import:{run.id}")
