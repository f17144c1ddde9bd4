"""The weekly report as a Word file after GB/T 9704-2012."""

from crm.reports.document import WeeklyDocument
from crm.reports.docx_body import document_part
from crm.reports.wording import issue_text
from crm.word.package import Properties, word_file


def render_docx(document: WeeklyDocument) -> bytes:
    """Return the report as .docx; the same document gives the same bytes."""
    title = f"{document.title_red} {issue_text(document)}"
    return word_file(Properties(title, document.issuer, document.issued_on), document_part(document))
