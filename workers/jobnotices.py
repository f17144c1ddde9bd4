"""Telling people that what they asked a worker for has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.imports import rules
from crm.imports.models import ImportRun
from crm.notices.rules import NoticeKind
from crm.notices.services import tell
from crm.register.models import ExportRun

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

IMPORTS = {
    rules.CHECKED: "导入文件“%(name)s”已核对完，请确认后写入",
    rules.DONE: "导入文件“%(name)s”已写入",
    rules.UNDONE: "导入文件“%(name)s”已撤回",
    rules.FAILED: "导入文件“%(name)s”没有完成，请看原因",
}
EXPORTED = "导出已完成，共%(n)s行，请下载"
NOT_EXPORTED = "导出没有完成，请看原因"


def import_ended(session: Session, run_id: int, *, now: datetime) -> None:
    """Tell who started an import that it waits for them, is done, or went wrong."""
    run = session.get(ImportRun, run_id)
    words = IMPORTS.get(run.state) if run is not None else None
    if run is None or run.created_by is None or words is None:
        return
    about = ("import", run.id)
    params = {"name": run.filename}
    tell(session, [run.created_by], NoticeKind.JOB, words, f"/imports/{run.id}", about, now, params=params)


def export_ended(session: Session, run_id: int, *, now: datetime) -> None:
    """Tell who started an export that the file is there, or why it is not."""
    run = session.get(ExportRun, run_id)
    if run is None:
        return
    words = NOT_EXPORTED if run.problem else EXPORTED
    about, params = ("export", run.id), {} if run.problem else {"n": str(run.rows)}
    tell(session, [run.created_by], NoticeKind.JOB, words, "/exports", about, now, params=params)
