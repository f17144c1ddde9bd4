"""The annex of a weekly report as a file: a small one is written while one waits, a large one in the background."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError, Problem
from crm.core.jobs import WEEKLY_ANNEX
from crm.core.tasks import Task, TaskState, enqueue
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.reports.frozen import annex_of
from crm.reports.period import week_of
from crm.reports.secrecy import hidden_rows
from crm.reports.xlsx import render_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.reports.models import WeeklyReport

AT_ONCE = 20_000  # rows that are written in about two seconds
KEEP = timedelta(days=7)
RECENT = 50
MARK = 16
FORBIDDEN = Problem("access.forbidden", "您的角色没有这项权限。")
WRITTEN = "%(week)s 周报的附表已生成，请下载。"
OPEN_STATES = (TaskState.NEW, TaskState.SENT, TaskState.RUNNING)


def size(report: WeeklyReport) -> int:
    """How many rows the annex holds."""
    return sum(figure.row_count for figure in report.figures)


def mark(hidden: Collection[str]) -> str:
    """What tells a file without the rows of these addresses from others: nothing for the whole one."""
    return hashlib.sha256("\n".join(sorted(hidden)).encode()).hexdigest()[:MARK] if hidden else ""


def path_of(files_dir: Path, report: WeeklyReport, hidden: Collection[str]) -> Path:
    """Where the file of a report as it stands is kept; another version is another file, and so is a shorter one.

    Only those share a file from whom the same rows are hidden.
    """
    name = "-".join(str(part) for part in (report.id, report.version, mark(hidden)) if part)
    return files_dir / "annexes" / f"{name}.xlsx"


def request(session: Session, actor: Actor, report: WeeklyReport, *, now: datetime) -> bool:
    """Ask for the file to be written in the background, as the person may read it; False if it is asked for already."""
    if not actor.may(Permission.REPORT_READ) or actor.scope(Permission.REPORT_READ) is not None:
        raise ForbiddenError(FORBIDDEN)
    hidden = hidden_rows(session, actor)
    waiting = task(session, report, hidden)
    if waiting is not None and waiting.state in OPEN_STATES:
        return False
    without = mark(hidden)
    payload = {"report_id": report.id, "version": report.version, "user_id": actor.user_id, "without": without}
    key = f"annex:{report.id}:{report.version}:{without}"
    return enqueue(session, WEEKLY_ANNEX, payload, now=now, dedupe_key=key, max_attempts=2)


def task(session: Session, report: WeeklyReport, hidden: Collection[str]) -> Task | None:
    """The latest task that writes the file of a report as it stands, without these rows."""
    statement = select(Task).where(Task.kind == WEEKLY_ANNEX).order_by(Task.id.desc()).limit(RECENT)
    wanted = (report.id, report.version, mark(hidden))
    found = ((one, one.payload) for one in session.scalars(statement))
    return next((one for one, of in found if (of["report_id"], of["version"], of.get("without", "")) == wanted), None)


def write(report: WeeklyReport, path: Path, hidden: Collection[str], told: Callable[[int, str], None]) -> None:
    """Write the file without the hidden rows; whoever comes again finds a whole one or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_bytes(render_xlsx(annex_of(report, hidden), told))
    half.replace(path)


def announce(session: Session, report: WeeklyReport, user_id: int, *, now: datetime) -> None:
    """Tell who asked that the file is there."""
    name = week_of(report.iso_year, report.iso_week).name
    link, about = f"/reports/weekly/{name}/annex", ("weekly_report", report.id)
    tell(session, [user_id], NoticeKind.JOB, WRITTEN, link, about, now, params={"week": name})


def sweep(files_dir: Path, *, now: datetime) -> int:
    """Delete files a week old; they are written again when asked for. Return how many went."""
    folder = files_dir / "annexes"
    old = [one for one in folder.glob("*") if datetime.fromtimestamp(one.stat().st_mtime, UTC) < now - KEEP]
    for one in old:
        one.unlink(missing_ok=True)
    return len(old)
