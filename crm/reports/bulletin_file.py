"""The Word file of a campaign's bulletin: frozen with its number, whatever is renamed later."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crm.reports import queries
from crm.reports.bulletin_paper import word_file

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.assessment.models import CampaignBulletin


def freeze(session: Session, bulletin: CampaignBulletin) -> None:
    """Keep the file of a bulletin that was just numbered, and its SHA-256."""
    bulletin.document = word_file(bulletin, queries.issuer(session))
    bulletin.digest = hashlib.sha256(bulletin.document).hexdigest()


def content(session: Session, bulletin: CampaignBulletin) -> bytes:
    """Return the frozen file; a draft, or one issued before files were kept, is made from its row."""
    return bulletin.document or word_file(bulletin, queries.issuer(session))
