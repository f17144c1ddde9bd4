"""The weekly report as a Word file: by the office's template if there is one, a frozen issue always by its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.reports import filling
from crm.reports.docx import render_docx
from crm.reports.models import ReportState
from crm.reports.stored import document_of
from crm.word.template.printing import in_use, printed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.reports.models import WeeklyReport


def print_docx(session: Session, report: WeeklyReport) -> bytes:
    """Return the report as .docx: the same issue gives the same bytes."""
    template_id = report.template_id if report.state is ReportState.FROZEN else template_in_use(session)
    document = document_of(report)
    made = printed(session, template_id, lambda: filling.values(document).found, filling.properties_of(document))
    return render_docx(document) if made is None else made


def template_in_use(session: Session) -> int | None:
    """The office's template of weekly reports; none while the built-in holds."""
    return in_use(session, filling.KIND)
