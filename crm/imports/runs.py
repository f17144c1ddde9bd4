"""Imports as runs: a stored file, what a person said of it, a background job, its result."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.auth.rules import SYSTEM, Actor, Permission
from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.filestore import clean_name
from crm.core.tasks import enqueue
from crm.imports.columns import Column, Table, read_table
from crm.imports.models import ImportRun
from crm.imports.reading import EMPTY, read_sheet
from crm.imports.rows import ListTarget
from crm.imports.services import NO_RIGHT, import_list

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

KIND = "list"
PREVIEW, QUEUED, DONE, FAILED = "preview", "queued", "done", "failed"
MISSING = Problem("import.missing", "没有这次导入。")
STARTED = Problem("import.started", "这次导入已经开始，请看结果。")
LOST = Problem("import.lost", "上传的文件已不在服务器上，请重新上传。")
NEEDS_LIST = Problem("import.list", "请填写榜单名称，例如“世界500强”。", "list_name")
NEEDS_YEAR = Problem("import.year", "请填写榜单年度，例如 2025。", "year")


def get_run(session: Session, run_id: int) -> ImportRun:
    """Return a run; raise NotFoundError."""
    found = session.get(ImportRun, run_id)
    if found is None or found.kind != KIND:
        raise NotFoundError(MISSING)
    return found


def latest(session: Session, limit: int = 30) -> list[ImportRun]:
    """The newest runs that were started or finished."""
    statement = select(ImportRun).where(ImportRun.kind == KIND).order_by(ImportRun.id.desc()).limit(limit)
    return list(session.scalars(statement))


def path_of(files_dir: Path, sha256: str) -> Path:
    """Where a file of this content is kept, under a name of our own."""
    return files_dir / "imports" / sha256[:2] / sha256


def upload(session: Session, actor: Actor, filename: str, data: bytes, files_dir: Path, *, now: datetime) -> ImportRun:
    """Check a file by its content and keep it; nothing enters the register yet."""
    _may_import(actor)
    if not data:
        raise DomainError(EMPTY)
    table = read_table(read_sheet(data))
    sha256 = hashlib.sha256(data).hexdigest()
    _keep_file(path_of(files_dir, sha256), data)
    run = ImportRun(
        kind=KIND,
        filename=clean_name(filename),
        sha256=sha256,
        options={"said": _said(table)},
        state=PREVIEW,
        counts={"rows": len(table.rows)},
        rejected=[],
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    audit.record(session, actor.user_id, "import.upload", ("import_run", run.id), now=now, filename=run.filename)
    return run


def open_table(run: ImportRun, files_dir: Path) -> Table:
    """Read the stored file of a run again; raise NotFoundError when it is gone."""
    try:
        data = path_of(files_dir, run.sha256).read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(LOST) from error
    return read_table(read_sheet(data))


def start(session: Session, actor: Actor, run_id: int, target: ListTarget, *, now: datetime) -> ImportRun:
    """Queue a run with what the person said of the list."""
    _may_import(actor)
    run = get_run(session, run_id)
    if run.state != PREVIEW:
        raise ConflictError(STARTED)
    said = run.options["said"]
    problems = []
    if not target.name and not said["lists"]:
        problems.append(NEEDS_LIST)
    if not target.year and not said["years"]:
        problems.append(NEEDS_YEAR)
    if problems:
        raise DomainError(*problems)
    run.options = {**run.options, "list": target.name, "year": target.year, "source": target.source}
    run.state = QUEUED
    enqueue(session, jobs.IMPORT_LIST, {"run_id": run.id}, now=now, dedupe_key=f"import:{run.id}", keep_key=True)
    audit.record(session, actor.user_id, "import.start", ("import_run", run.id), now=now, list=target.name)
    return run


def run_import(session: Session, run_id: int, files_dir: Path, *, now: datetime) -> dict[str, int]:
    """Do a queued run (background job) and return its counts; a second call changes nothing."""
    run = get_run(session, run_id)
    if run.state != QUEUED:
        return dict(run.counts)
    options = run.options
    target = ListTarget(options.get("list"), options.get("year"), options.get("source"))
    try:
        table = open_table(run, files_dir)
        result = import_list(session, SYSTEM, table, target, now=now)
    except DomainError as error:
        run.state, run.finished_at = FAILED, now
        run.options = {**options, "problem": error.problems[0].message}
        return dict(run.counts)
    run.state, run.finished_at = DONE, now
    run.counts, run.rejected = result.counts(), result.left
    run.options = {**options, "headings": list(table.mapping.headings)}
    return result.counts()


def default_year(run: ImportRun, today: date) -> int:
    """The year to propose: what the file says, else this one."""
    years = run.options["said"]["years"]
    return int(years[0][:4]) if years and years[0][:4].isdigit() else today.year


def _said(table: Table) -> dict[str, Any]:
    """Lists and years that the rows name themselves, most rows first."""
    said: dict[str, Any] = {}
    for key, column in (("lists", Column.LIST), ("years", Column.YEAR)):
        values = [table.mapping.value(row, column) for _line, row in table.rows]
        said[key] = sorted({value for value in values if value}, key=values.count, reverse=True)[:20]
    if Column.PLACES in table.mapping.places:
        said = {"lists": ["—"], "years": ["—"]}
    return said


def _keep_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)


def _may_import(actor: Actor) -> None:
    if not actor.may(Permission.LIST_IMPORT):
        raise ForbiddenError(NO_RIGHT)
