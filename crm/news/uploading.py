"""Uploads of exported articles: kept until a job has read them, each as a run of its source."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.core import audit, jobs
from crm.core.errors import ConflictError, DomainError, Problem
from crm.core.tasks import enqueue
from crm.news import queries
from crm.news.exported import archive, feed
from crm.news.models import CrawlRun, RunState, Source, SourceKind
from crm.news.pages import clean
from crm.news.sources import SourceDraft, source_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

HOME = f"https://{feed.WECHAT}/"
MINUTES = 24 * 60
LONGEST_NAME = 120
NOT_EXPORT = Problem("export.source", "请选择一个“公众号导出”信源，或者填新名称。", "source_id")
TAKEN = Problem("source.name_taken", "已有同名信源，请换一个名称。", "name")
WAITING = Problem("export.waiting", "同一个文件正在读取，请等它完成。", "file")


def places(session: Session) -> list[Source]:
    """Return the sources uploads may go to."""
    mine = Source.kind == SourceKind.EXPORT
    return list(session.scalars(select(Source).where(mine).order_by(Source.name).limit(200)))


def take(
    session: Session, actor: Actor, place: int | str, upload: tuple[str, bytes], folder: Path, *, now: datetime
) -> CrawlRun:
    """Keep a checked file and have it read; ``place`` is the id of a source or the name of a new one."""
    name, data = clean(PurePath(upload[0].replace("\\", "/")).name[-LONGEST_NAME:], LONGEST_NAME), upload[1]
    kind = archive.check(name, data)
    source = _existing(session, place) if isinstance(place, int) else _new(session, actor, place, now)
    digest = hashlib.sha256(data).hexdigest()
    told = {"upload": name, "upload_sha256": digest, "upload_kind": kind}
    run = CrawlRun(source_id=source.id, state=RunState.QUEUED, started_at=now, stats=told)
    session.add(run)
    session.flush()
    if not enqueue(session, jobs.READ_EXPORT, {"run_id": run.id}, now=now, dedupe_key=f"export:{source.id}:{digest}"):
        raise ConflictError(WAITING)
    path = kept(folder, run.id, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    audit.record(session, actor.user_id, "source.upload", ("source", source.id), now=now, file=name, sha256=digest)
    return run


def kept(folder: Path, run_id: int, kind: str) -> Path:
    """Where an upload waits for its job."""
    return folder / "exports" / f"{run_id}.{kind}"


def write_feed(
    run_id: int, told: Mapping[str, Any], folder: Path, out: Path, *, now: datetime, progress: Callable[[int], None]
) -> None:
    """Write the feed of an upload, unless it is written already; ``told`` is what its run knows of it."""
    path = kept(folder, run_id, str(told.get("upload_kind")))
    if not out.exists() and path.exists():
        name = str(told.get("upload") or "")
        found = archive.records(path, str(told["upload_kind"]), name)
        feed.write(found, out, upload=name, now=now, progress=progress)


def forget(run_id: int, folder: Path) -> None:
    """Delete an upload that was read: its articles are in the feed."""
    for kind in archive.KINDS:
        kept(folder, run_id, kind).unlink(missing_ok=True)


def _existing(session: Session, source_id: int) -> Source:
    source = queries.source(session, source_id)
    if source.kind is not SourceKind.EXPORT:
        raise DomainError(NOT_EXPORT)
    return source


def _new(session: Session, actor: Actor, name: str, now: datetime) -> Source:
    draft = SourceDraft(name.strip(), "export", HOME, MINUTES)
    problems = [problem for problem in source_problems(draft) if problem.field == "name"]
    if not problems and queries.source_by_name(session, draft.name) is not None:
        problems = [TAKEN]
    if problems:
        raise DomainError(*problems)
    source = Source(
        name=draft.name, kind=SourceKind.EXPORT, url=HOME, options={}, interval_minutes=MINUTES, created_at=now
    )
    session.add(source)
    session.flush()
    audit.record(session, actor.user_id, "source.create", ("source", source.id), now=now, name=source.name)
    return source
