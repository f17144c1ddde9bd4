"""Reads of public links for the office: the list, what each shows as far as one may know, who opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.bank import proposals
from crm.bank.links import visible_to
from crm.bank.models import BankEdition, BankLink, BankLinkVisit, BankProposal, BankProposalText
from crm.core.paging import Key, Page, fetch_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor


def listing(session: Session, actor: Actor, cursor: str | None) -> Page[BankLink]:
    """List links, the newest first."""
    statement = select(BankLink).where(visible_to(actor))
    return fetch_page(session, statement, [Key(BankLink.id, descending=True)], lambda row: [row.id], cursor=cursor)


def titles(session: Session, actor: Actor, rows: Sequence[BankLink]) -> dict[int, tuple[str, int]]:
    """Say what each link shows: a title, empty where the person may not see it, and the version (0: a proposal)."""
    books = select(BankEdition.id, BankEdition.title, BankEdition.number)
    editions = {
        row[0]: (row[1], row[2])
        for row in session.execute(books.where(BankEdition.id.in_({one.edition_id for one in rows})))
    }
    papers = (
        select(BankProposalText.id, BankProposalText.title)
        .join(BankProposal, BankProposal.id == BankProposalText.proposal_id)
        .where(proposals.visible_to(actor))
    )
    wanted = {one.text_id for one in rows}
    texts = {row[0]: (row[1], 0) for row in session.execute(papers.where(BankProposalText.id.in_(wanted)))}
    return {one.id: editions.get(one.edition_id or 0) or texts.get(one.text_id or 0, ("", 0)) for one in rows}


def visits(session: Session, link_id: int, cursor: str | None) -> Page[BankLinkVisit]:
    """List the visits of a link, the newest first."""
    statement = select(BankLinkVisit).where(BankLinkVisit.link_id == link_id)
    return fetch_page(session, statement, [Key(BankLinkVisit.id, descending=True)], lambda row: [row.id], cursor=cursor)
