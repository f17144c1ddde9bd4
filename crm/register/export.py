"""Exports of the list: asked for, made in the background, kept a week for the one who asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from crm.auth.rules import Actor, Permission
from crm.core import audit, jobs
from crm.core.audit import AuditEvent
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.tasks import Task, TaskState, enqueue
from crm.enterprises.indexing import CONTACT
from crm.pipeline.confidential.queries import PROJECT
from crm.register.models import ExportRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

PAGE, PEOPLE, PROJECTS, BLOCKERS = "enterprises", "contacts", "projects", "blockers"
QUEUED, DONE, FAILED, EXPIRED = "queued", "done", "failed", "expired"
KEEP = timedelta(days=7)
STUCK = timedelta(hours=2)
SHOWN = 50
SHORTEST_REASON, LONGEST_REASON = 4, 100
AT_ONCE = 500
NO_RIGHT = Problem("export.right", "您的角色不能导出列表，请联系组长或招商办。")
NO_REVEAL = Problem("export.reveal", "您的角色不能导出完整的联系方式。", "full")
NO_REASON = Problem("export.reason", "导出完整联系方式须写明用途，至少4个字，例如“企业家座谈会发函”。", "reason")
NO_PURPOSE = Problem("export.purpose", "导出涉密项目的名称和企业须写明用途，至少4个字，例如“专题会材料”。", "reason")
MISSING = Problem("export.missing", "没有这个导出文件，或者它不是您导出的。")
GONE = Problem("export.gone", "导出文件只保留7天，已经删除，请重新导出。")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the file is to hold besides the list; ``full`` asks for what else is masked, with a reason.

    That is phones and mails of contacts, and of a list of projects the names of confidential ones.
    """

    contacts: bool = False
    full: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A written file: rows of the list, digest, and the contacts or projects shown in full (id, enterprise id)."""

    rows: int
    sha256: str
    revealed: tuple[tuple[int, int], ...] = ()


def start(
    session: Session, actor: Actor, state: Mapping[str, Any], wish: Wish, *, now: datetime, page: str = PAGE
) -> ExportRun:
    """Queue an export of a list (``page``: of whom or what); raise DomainError with what is wrong."""
    if not actor.may(Permission.REGISTER_EXPORT):
        raise ForbiddenError(NO_RIGHT)
    full = wish.full and (wish.contacts or page == PROJECTS)
    if full and wish.contacts and not actor.may(Permission.CONTACT_REVEAL):
        raise ForbiddenError(NO_REVEAL)
    reason = wish.reason.strip()[:LONGEST_REASON]
    if full and len(reason) < SHORTEST_REASON:
        raise DomainError(NO_PURPOSE if page == PROJECTS else NO_REASON)
    asked = {**state, "contacts": wish.contacts, "full": full, "reason": reason if full else ""}
    run = ExportRun(page=page, state=asked, status=QUEUED, created_by=actor.user_id, created_at=now)
    session.add(run)
    session.flush()
    audit.record(session, actor.user_id, "export.start", ("export_run", run.id), now=now, **asked)
    enqueue(session, jobs.REGISTER_EXPORT, {"run_id": run.id}, now=now, dedupe_key=f"export:{run.id}", max_attempts=2)
    return run


def finish(session: Session, run_id: int, made: Made | None, problem: str, *, now: datetime) -> None:
    """Write down how an export ended; every contact and project shown in full is on record as a look."""
    run = session.get(ExportRun, run_id)
    if run is None:
        return
    run.finished_at = now
    if made is None:
        run.status, run.problem = FAILED, problem
        return
    run.status, run.rows, run.sha256 = DONE, made.rows, made.sha256
    audit.record(
        session, run.created_by, "export.done", ("export_run", run.id), now=now, rows=made.rows, sha256=made.sha256
    )
    subject = PROJECT if run.page == PROJECTS else CONTACT
    looks = [
        {
            "at": now,
            "actor_id": run.created_by,
            "action": f"{subject}.reveal",
            "subject_type": subject,
            "subject_id": subject_id,
            "detail": {"enterprise_id": enterprise_id, "reason": run.state["reason"], "export": run.id},
        }
        for subject_id, enterprise_id in made.revealed
    ]
    for first in range(0, len(looks), AT_ONCE):
        session.execute(insert(AuditEvent), looks[first : first + AT_ONCE])


def own(session: Session, actor: Actor) -> list[ExportRun]:
    """The newest exports of a person."""
    statement = select(ExportRun).where(ExportRun.created_by == actor.user_id).order_by(ExportRun.id.desc())
    return list(session.scalars(statement.limit(SHOWN)))


def ready(session: Session, actor: Actor, run_id: int) -> ExportRun:
    """Return a finished export of one's own; raise NotFoundError for all others."""
    run = session.get(ExportRun, run_id)
    if run is None or run.created_by != actor.user_id or run.status not in {DONE, EXPIRED}:
        raise NotFoundError(MISSING)
    if run.status == EXPIRED:
        raise NotFoundError(GONE)
    return run


def progress(session: Session) -> dict[int, tuple[int, str]]:
    """How far the running exports are: run id -> (percent, note)."""
    statement = select(Task.payload, Task.progress, Task.progress_note).where(
        Task.kind == jobs.REGISTER_EXPORT, Task.state == TaskState.RUNNING
    )
    return {int(row[0]["run_id"]): (row[1] or 0, row[2] or "") for row in session.execute(statement)}


def path_of(files_dir: Path, run_id: int) -> Path:
    """Where the file of an export is kept."""
    return files_dir / "exports" / f"{run_id}.xlsx"


def sweep(session: Session, files_dir: Path, *, now: datetime) -> int:
    """Delete files older than a week, and give up what never ended; return how many files went."""
    stuck = select(ExportRun).where(ExportRun.status == QUEUED, ExportRun.created_at < now - STUCK)
    for run in session.scalars(stuck):
        run.status, run.problem, run.finished_at = FAILED, "导出没有完成，请重新导出。", now
    old = list(session.scalars(select(ExportRun).where(ExportRun.status == DONE, ExportRun.finished_at < now - KEEP)))
    for run in old:
        path_of(files_dir, run.id).unlink(missing_ok=True)
        run.status = EXPIRED
    return len(old)
