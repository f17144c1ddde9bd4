"""What must not be published: whatever belongs to, or names, a confidential project or the enterprise that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from crm.pipeline.confidential import drafts
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from crm.bank.models import BankEdition, BankProposal, BankProposalText


def hidden(session: Session, proposal: BankProposal, text: BankProposalText) -> bool:
    """Whether a version is for a confidential project, for an enterprise that has one, or names one."""
    theirs = or_(Project.id == proposal.project_id, Project.enterprise_id == proposal.enterprise_id)
    if session.scalar(select(Project.id).where(Project.confidential, theirs).limit(1)) is not None:
        return True
    return drafts.named(session, words(text), firms=True)


def listed(session: Session, edition: BankEdition) -> bool:
    """Whether a catalogue, as it was frozen, names a confidential project or an enterprise that has one by now."""
    return drafts.named(session, _printed(edition.body), firms=True)


def _printed(value: object) -> Iterator[str]:
    """Give all texts of a frozen version, however deep they stand."""
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _printed(one)


def words(text: BankProposalText) -> Iterator[str]:
    """Give all that an outsider reads of a version."""
    yield text.title
    for section in text.body["sections"]:
        yield section["text"]
        for row in section["rows"]:
            if row["keep"]:
                yield from (row["name"], row["facts"])
