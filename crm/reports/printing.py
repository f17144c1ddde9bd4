"""The weekly report as a Word file: by the office's template if there is one, a frozen issue always by its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem
from crm.reports import filling
from crm.reports.docx import render_docx
from crm.reports.models import ReportState
from crm.reports.stored import document_of
from crm.word.template import queries as templates
from crm.word.template.rendering import TemplateFailedError, fill

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.reports.models import WeeklyReport

FAILED = Problem("issue.template", "用单位的模板生成不出文件，请检查模板，或者先改回内置模板。")


def print_docx(session: Session, report: WeeklyReport) -> bytes:
    """Return the report as .docx: the same issue gives the same bytes."""
    template_id = report.template_id if report.state is ReportState.FROZEN else template_in_use(session)
    document = document_of(report)
    template = templates.content(session, template_id)
    if template is None:
        return render_docx(document)
    try:
        return fill(template, filling.values(document).found, filling.properties_of(document))
    except TemplateFailedError as error:
        raise DomainError(FAILED) from error


def template_in_use(session: Session) -> int | None:
    """The office's template of weekly reports; none while the built-in holds."""
    found = templates.active(session, filling.KIND)
    return found.id if found else None
