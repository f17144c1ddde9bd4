"""Reports and projects that became confidential since they were built: drafts are shut, rows of issues are hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.errors import ConflictError, Problem
from crm.fieldwork.models import Touch
from crm.fieldwork.secrecy import hidden_from
from crm.pipeline.confidential import drafts
from crm.reports.models import ReportState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.reports.models import WeeklyReport

SECRET = Problem("report.secret", "报告里有已转为保密的项目，请重新生成草稿后再提交。")
WRITTEN = Problem("report.secret_written", "改写过的段落里有已转为保密的项目，请恢复自动文字后再提交。")


def written(session: Session, report: WeeklyReport) -> list[str]:
    """Keys of the sections a person rewrote that name a project which is confidential now."""
    if report.state is ReportState.FROZEN:
        return []
    return [key for key, text in report.edited.items() if drafts.named(session, [str(text)])]


def problems(session: Session, report: WeeklyReport) -> list[Problem]:
    """Why a report that is not frozen may neither be read nor go on: it may tell of what is confidential now."""
    if report.state is ReportState.FROZEN:
        return []
    return [
        *([SECRET] if drafts.outdated(session, report.texts) else []),
        *([WRITTEN] if written(session, report) else []),
    ]


def refuse(session: Session, report: WeeklyReport) -> None:
    """Refuse to read or to pass on such a report."""
    found = problems(session, report)
    if found:
        raise ConflictError(*found)


def hidden_rows(session: Session, actor: Actor) -> set[str]:
    """Addresses of kept rows that are of a project the person may not know of now."""
    hidden = hidden_from(actor)
    touches = session.scalars(select(Touch.id).where(Touch.project_id.in_(hidden)))
    return {f"/projects/{one}" for one in session.scalars(hidden)} | {f"/visits/{one}" for one in touches}
