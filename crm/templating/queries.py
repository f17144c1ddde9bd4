"""Reads of the template pages: versions with who brought them, and the papers each made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select

from crm.assessment.books.models import SupervisionSlip
from crm.assessment.models import CampaignBulletin
from crm.auth.models import User
from crm.core.paging import Key, Page, fetch_page
from crm.papers.issues.models import PaperIssue
from crm.reports.models import WeeklyReport
from crm.word.template.models import OfficeTemplate

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session


def versions(session: Session, kind: str, cursor: str | None) -> Page[tuple[OfficeTemplate, str]]:
    """Versions of a kind with the name of who brought them, the newest first."""
    statement = (
        select(OfficeTemplate, User.name)
        .join(User, User.id == OfficeTemplate.uploaded_by)
        .where(OfficeTemplate.kind == kind)
    )
    found = cast("Select[Any]", statement)
    order = [Key(OfficeTemplate.number, descending=True)]
    return fetch_page(session, found, order, lambda row: [row[0].number], cursor=cursor)


def author(session: Session, row: OfficeTemplate) -> str:
    """Who brought a version."""
    return session.scalar(select(User.name).where(User.id == row.uploaded_by)) or ""


def uses(session: Session, row: OfficeTemplate) -> int:
    """How many papers were frozen with a version."""
    tables = (
        WeeklyReport.template_id, PaperIssue.template_id, CampaignBulletin.template_id, SupervisionSlip.template_id,
    )  # fmt: skip
    return sum(session.scalar(select(func.count()).where(column == row.id)) or 0 for column in tables)
