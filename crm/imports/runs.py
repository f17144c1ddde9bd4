"""Imports as runs: a stored file, what a person said of it, check, import and undo as jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from crm.core.filestore import clean_name
from crm.core.paging import Key, Page, fetch_page
from crm.core.tasks import Task, TaskState, enqueue
from crm.imports import files, kinds, memory, needs, rules
from crm.imports.columns import Layout
from crm.imports.mapping import mapping_of
from crm.imports.models import ImportRow, ImportRun
from crm.imports.rules import Column

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.imports.kinds import Kind
    from crm.imports.rules import MappingChoices

KIND = "list"
KEEP_LINES, SWEPT = timedelta(days=30), 200
CELLS = frozenset({"top", "samples"})  # pieces of the file among the options of a run
RUN = "import_run"
DEAD = (TaskState.DEAD, TaskState.CANCELLED, TaskState.DONE)
JOBS = {rules.CHECKING: jobs.IMPORT_CHECK, rules.APPLYING: jobs.IMPORT_APPLY, rules.UNDOING: jobs.IMPORT_UNDO}
SPEAKING = frozenset({Column.LIST, Column.YEAR, Column.PLACES})


def get_run(session: Session, run_id: int, *, lock: bool = False) -> ImportRun:
    """Return a run; raise NotFoundError. ``lock`` waits for whoever works on it."""
    found = session.get(ImportRun, run_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or found.kind not in kinds.KINDS:
        raise NotFoundError(rules.MISSING)
    return found


def shown_run(session: Session, actor: Actor, run_id: int, *, lock: bool = False) -> ImportRun:
    """Return a run this person may see; raise ForbiddenError for who may import nothing, else NotFoundError."""
    if not kinds.allowed(actor):
        raise ForbiddenError(rules.NO_RIGHT)
    found = get_run(session, run_id, lock=lock)
    if not kinds.kind_of(found).shows(actor, found):
        raise NotFoundError(rules.MISSING)
    return found


def earlier(session: Session, actor: Actor, kind: Kind, cursor: str | None) -> Page[ImportRun]:
    """Runs of a kind that this person may see, the last one first."""
    statement = select(ImportRun).where(ImportRun.kind == kind.key)
    if actor.scope(kind.permission) is not None:
        statement = statement.where(ImportRun.created_by == actor.user_id)
    return fetch_page(session, statement, [Key(ImportRun.id, descending=True)], lambda run: [run.id], cursor=cursor)


def upload(
    session: Session,
    actor: Actor,
    filename: str,
    source: bytes | Path,
    files_dir: Path,
    *,
    now: datetime,
    kind: Kind = kinds.LIST,
) -> ImportRun:
    """Read a file by its content and keep it; nothing enters the register yet."""
    may_import(actor, kind)
    read = files.read(source, kind.words)
    run = ImportRun(
        kind=kind.key,
        filename=clean_name(filename),
        sha256=files.keep(files_dir, source),
        options=memory.recall(session, kind.signed(read.options)),
        state=rules.MAPPING,
        counts={"rows": read.rows},
        rejected=[],
        created_by=actor.user_id or None,
        created_at=now,
    )
    session.add(run)
    session.flush()
    audit.record(session, actor.user_id or None, "import.upload", (RUN, run.id), now=now, filename=run.filename)
    return run


def remap(
    session: Session, actor: Actor, run_id: int, choices: MappingChoices, files_dir: Path, *, now: datetime
) -> ImportRun:
    """Keep what a person says of a file; another sheet or heading line is read anew.

    Raises:
        ConflictError: lines of this run are in the register already, or it is at work.
        DomainError: no such sheet or line.

    """
    run = shown_run(session, actor, run_id, lock=True)
    if run.position or not rules.may_follow(_state(run), rules.MAPPING):
        raise ConflictError(rules.NOT_NOW)
    options = dict(run.options)
    moved = (choices.sheet or options["sheet"], choices.header_row or options["header_row"])
    if moved != (options["sheet"], options["header_row"]):
        kind = kinds.kind_of(run)
        read = files.describe(files.open_book(files_dir, run.sha256), *moved, words=kind.words)
        options = memory.recall(session, options | kind.signed(read.options)) | {"anew": True}
        run.counts = {"rows": read.rows}
    else:
        options |= _said_of_columns(run, choices, files_dir)
    run.options = options | _said_of_file(choices)
    run.state, run.cancel, run.finished_at = rules.MAPPING, False, None
    audit.record(session, actor.user_id or None, "import.mapping", (RUN, run.id), now=now)
    return run


def _said_of_columns(run: ImportRun, choices: MappingChoices, files_dir: Path) -> dict[str, Any]:
    before = run.options
    found: dict[str, Any] = {
        "columns": {str(index): str(column) for index, column in choices.columns.items()},
        "units": {str(index): unit for index, unit in choices.units.items()},
    }
    named = {index for index, value in before["columns"].items() if value in SPEAKING}
    if named != {index for index, value in found["columns"].items() if value in SPEAKING}:
        book = files.open_book(files_dir, run.sha256)
        layout = Layout(before["header_row"], mapping_of(before | found))
        found["said"], _rows = files.survey(book, before["sheet"], layout)
    return found


def _said_of_file(choices: MappingChoices) -> dict[str, Any]:
    return {
        "listed": choices.listed,
        "list": choices.list_name,
        "year": choices.year,
        "source": choices.source,
        "mode": choices.mode,
        "keys": list(choices.keys),
        "unit_id": choices.unit_id,
        "overwrite": choices.overwrite,
    }


def start_check(session: Session, actor: Actor, run_id: int, *, now: datetime, here: bool = False) -> ImportRun:
    """Look at every line in the background; writes nothing but the lines of the import itself.

    ``here``: the caller drives the run, no job is asked for.
    """
    run = shown_run(session, actor, run_id, lock=True)
    if run.position or not rules.may_follow(_state(run), rules.CHECKING):
        raise ConflictError(rules.NOT_NOW)
    problems = needs.missing(kinds.kind_of(run), actor, run.options)
    if problems:
        raise DomainError(*problems)
    memory.remember(session, run.options, actor.user_id or None, now=now)
    return _go(session, actor, run, rules.CHECKING, now, here=here)


def start_apply(session: Session, actor: Actor, run_id: int, *, now: datetime, here: bool = False) -> ImportRun:
    """Write the checked lines in the background."""
    run = shown_run(session, actor, run_id, lock=True)
    if _state(run) != rules.CHECKED:
        raise ConflictError(rules.STARTED if _state(run) != rules.MAPPING else rules.NOT_NOW)
    return _go(session, actor, run, rules.APPLYING, now, here=here)


def resume(session: Session, actor: Actor, run_id: int, *, now: datetime) -> ImportRun:
    """Go on where a run was cancelled, failed, or lost its worker."""
    run = shown_run(session, actor, run_id, lock=True)
    state, was = _state(run), run.options.get("was") or rules.CHECKING
    stopped = state in {rules.CANCELLED, rules.FAILED} and rules.may_follow(state, was)
    if not stopped and not is_stalled(session, run):
        raise ConflictError(rules.NOT_NOW)
    return _go(session, actor, run, was, now)


def cancel(session: Session, actor: Actor, run_id: int, *, now: datetime) -> ImportRun:
    """Stop after the batch at hand; what is applied stays and can be taken back."""
    run = shown_run(session, actor, run_id, lock=True)
    if _state(run) not in {rules.CHECKING, rules.APPLYING}:
        raise ConflictError(rules.NOT_NOW)
    run.cancel = True
    if is_stalled(session, run):
        end(run, rules.CANCELLED, now)
    audit.record(session, actor.user_id or None, "import.cancel", (RUN, run.id), now=now)
    return run


def start_undo(session: Session, actor: Actor, run_id: int, *, now: datetime) -> ImportRun:
    """Take back in the background what a run wrote, except where somebody was at it since."""
    run = shown_run(session, actor, run_id, lock=True)
    state = _state(run)
    if not rules.may_follow(state, rules.UNDOING) or (state != rules.DONE and not run.position):
        raise ConflictError(rules.NOT_NOW)
    return _go(session, actor, run, rules.UNDOING, now)


def _go(session: Session, actor: Actor, run: ImportRun, state: str, now: datetime, *, here: bool = False) -> ImportRun:
    turn = int(run.options.get("turn") or 0) + 1
    key = f"import:{run.id}:{turn}"
    run.options = {**run.options, "turn": turn, "task": key, "was": state, "by": actor.user_id or None, "problem": ""}
    run.state, run.cancel, run.finished_at = state, False, None
    run.started_at = run.started_at or now
    if state == rules.APPLYING:
        planned = sum(int(run.counts.get(action) or 0) for action in (rules.CREATE, rules.UPDATE))
        run.counts = {**run.counts, "total": planned, "done": run.position}
    if not here:
        enqueue(session, JOBS[state], {"run_id": run.id}, now=now, dedupe_key=key, keep_key=True)
    audit.record(session, actor.user_id or None, f"import.{state}", (RUN, run.id), now=now)
    return run


def is_stalled(session: Session, run: ImportRun) -> bool:
    """Whether a run is at work by its own account while nobody works on it any more."""
    if _state(run) not in rules.BUSY:
        return False
    found = session.scalar(select(Task.state).where(Task.dedupe_key == run.options.get("task")))
    return found is None or found in DEAD


def end(run: ImportRun, state: str, now: datetime, problem: str = "", params: Mapping[str, Any] | None = None) -> None:
    """Let a run come to rest."""
    run.state, run.finished_at, run.cancel = state, now, False
    run.options = {**run.options, "problem": problem, "problem_params": dict(params or {})}


def sweep(session: Session, files_dir: Path, *, now: datetime) -> int:
    """Clean lines and files of runs that ended 30 days ago: both hold what people are reached by."""
    before = now - KEEP_LINES
    statement = select(ImportRun).where(ImportRun.kind.in_(kinds.KINDS), ImportRun.created_at < before)
    old = [
        run
        for run in session.scalars(statement.order_by(ImportRun.id).limit(SWEPT))
        if not run.options.get("cleaned")
        and _state(run) not in rules.BUSY
        and (run.finished_at or run.created_at) < before
    ]
    for run in old:
        session.execute(delete(ImportRow).where(ImportRow.run_id == run.id))
        run.options = {key: value for key, value in run.options.items() if key not in CELLS} | {"cleaned": True}
    session.flush()
    for digest in {run.sha256 for run in old}:
        same = session.scalars(select(ImportRun).where(ImportRun.sha256 == digest)).all()
        if all(run.options.get("cleaned") for run in same):
            files.path_of(files_dir, digest).unlink(missing_ok=True)
    return len(old)


def default_year(run: ImportRun, today: date) -> int:
    """The year to propose: what the file says, else this one."""
    years = (run.options.get("said") or {}).get("years") or []
    return int(years[0][:4]) if years and years[0][:4].isdecimal() else today.year


def may_import(actor: Actor, kind: Kind = kinds.LIST) -> None:
    """Raise ForbiddenError unless the actor may import this kind."""
    if not kind.allows(actor):
        raise ForbiddenError(rules.NO_RIGHT)


def _state(run: ImportRun) -> str:
    return rules.state_of(run.state)
