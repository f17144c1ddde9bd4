"""The Word file of a campaign's bulletin: frozen with its number, whatever is renamed or put to use later."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crm.reports import bulletin_filling, queries
from crm.reports.bulletin_paper import document
from crm.reports.docx import render_docx
from crm.word.template.printing import in_use, printed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.models import CampaignBulletin


def freeze(session: Session, bulletin: CampaignBulletin) -> None:
    """Keep the file of a bulletin that was just numbered, its SHA-256, and the template that made it."""
    bulletin.template_id = in_use(session, bulletin_filling.KIND)
    bulletin.document = _made(session, bulletin, bulletin.template_id)
    bulletin.digest = hashlib.sha256(bulletin.document).hexdigest()


def content(session: Session, bulletin: CampaignBulletin) -> bytes:
    """Return the frozen file; a draft is made by the template in use, one issued before files were kept without."""
    if bulletin.document is not None:
        return bulletin.document
    template_id = in_use(session, bulletin_filling.KIND) if bulletin.number is None else None
    return _made(session, bulletin, template_id)


def _made(session: Session, bulletin: CampaignBulletin, template_id: int | None) -> bytes:
    told = document(bulletin, queries.issuer(session))
    properties = bulletin_filling.properties_of(told)
    made = printed(session, template_id, lambda: bulletin_filling.values(bulletin, told).found, properties)
    return render_docx(told) if made is None else made
