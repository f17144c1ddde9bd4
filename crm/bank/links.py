"""Public links (云招商): made with an end, revoked, let in by their token, each visit on record.

A link shows one frozen version and nothing else; of its token only the digest is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from crm.auth.models import LoginThrottle
from crm.auth.services import ADDRESS_FAILURES, ADDRESS_WINDOW, digest
from crm.bank import proposals, queries
from crm.bank.models import BankEdition, BankLink, BankLinkVisit, BankProposal, BankProposalText
from crm.bank.rules import LINE
from crm.bank.services import GOVERN
from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.scheduling import local_day
from crm.notices.rules import Bucket, full
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "bank_link"
TOKEN_BYTES, TAIL, LONGEST_TOKEN = 32, 4, 80
PER_MINUTE = 120
LONGEST_DAYS = 366
MOST_VISITS = 10_000
MISSING = Problem("link.missing", "没有这个公开链接。")
NOTHING = Problem("link.nothing", "请从目录或专案的页面上点“生成公开链接”。")
LABEL = Problem("link.label", "请写明发给谁、作什么用，最多200个字。", "label")
CONTACT = Problem("link.contact", "还没有对外联系方式，请招商办先在“目标和联系方式”里填写。")
SECRET = Problem("link.secret", "保密项目的专案不能公开成链接，请按保密渠道当面送达。")
UNIT = Problem("link.unit", "公开专案要由本单位负责人或招商办办理。")
PAST = Problem("link.expires", "到期日要在今天以后、一年以内。", "expires_on")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a link shows: a version of the catalogue, or a version of a proposal."""

    edition_id: int | None = None
    text_id: int | None = None


@dataclass(frozen=True, slots=True)
class Guest:
    """What a token opens; ``body`` is the frozen version, ``wait`` says that it was opened too often."""

    kind: str
    title: str
    body: Mapping[str, Any]
    day: date
    contact: str
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A token that opens nothing; ``wait`` once an address has tried too many of them."""

    wait: timedelta | None = None


def make(
    session: Session, actor: Actor, subject: Subject, label: str, expires_on: date | None, *, now: datetime, today: date
) -> tuple[BankLink, str]:
    """Make a link and return its token, for this once."""
    check(session, actor, subject)
    problems = [] if 0 < len(label.strip()) <= LINE else [LABEL]
    if expires_on is None or not today < expires_on <= today + timedelta(days=LONGEST_DAYS):
        problems.append(PAST)
    contact = queries.settings(session).contact
    if not contact:
        problems.append(CONTACT)
    if problems or expires_on is None:
        raise DomainError(*problems)
    token, bucket = secrets.token_urlsafe(TOKEN_BYTES), full(PER_MINUTE, now)
    row = BankLink(
        token_hash=digest(token), tail=token[-TAIL:], label=label.strip(), edition_id=subject.edition_id,
        text_id=subject.text_id, contact=contact, expires_on=expires_on, created_by=actor.user_id, created_at=now,
        tokens=bucket.tokens, filled_at=bucket.filled_at, visits=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    detail = {"label": row.label, "until": expires_on.isoformat(), "edition_id": row.edition_id}
    audit.record(session, actor.user_id, "bank.link", (SUBJECT, row.id), now=now, **detail)
    return row, token


def check(session: Session, actor: Actor, subject: Subject) -> None:
    """Refuse who may not publish it, and what must not be published."""
    if subject.text_id is None:
        if not queries.may_govern(actor):
            raise ForbiddenError(GOVERN)
        return
    text = session.get_one(BankProposalText, subject.text_id)
    proposal = proposals.get(session, actor, text.proposal_id)
    if not queries.may_manage(actor, proposal.unit_id):
        raise ForbiddenError(UNIT)
    if _secret(session, proposal):
        raise DomainError(SECRET)


def _secret(session: Session, proposal: BankProposal) -> bool:
    if proposal.project_id is None:
        return False
    return bool(session.scalar(select(Project.confidential).where(Project.id == proposal.project_id)))


def revoke(session: Session, actor: Actor, link_id: int, *, now: datetime) -> BankLink:
    """End a link; twice is the same as once."""
    row = get(session, actor, link_id)
    if not may_revoke(actor, row):
        raise ForbiddenError(GOVERN)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, actor.user_id
        session.flush()
        audit.record(session, actor.user_id, "bank.unlink", (SUBJECT, row.id), now=now, label=row.label)
    return row


def may_revoke(actor: Actor, row: BankLink) -> bool:
    """Whether a person may end a link: who made it, and who keeps the bank of the office."""
    return row.created_by == actor.user_id or queries.may_govern(actor)


def let_in(session: Session, token: str, page: int, ip: str, *, now: datetime, today: date) -> Guest | Refused:
    """Find what a token opens and put the visit on record (``page`` 0 is the first one).

    What is written must be committed whatever the answer. A token that is unknown, run out or revoked opens
    nothing, and the answer tells not which; such tries count against the address, while links that hold go on
    opening from there.
    """
    statement = select(BankLink).where(BankLink.token_hash == digest(token)).with_for_update()
    row = session.scalar(statement) if len(token) <= LONGEST_TOKEN else None
    guest = _guest(session, row) if row is not None and alive(row, today) else None
    if row is None or guest is None:
        return _failed(session, ip, now)
    bucket, wait = Bucket(row.tokens, row.filled_at).take(PER_MINUTE, now)
    row.tokens, row.filled_at = bucket.tokens, bucket.filled_at
    if wait is not None:
        return Guest(guest.kind, guest.title, {}, guest.day, "", wait)
    row.visits, row.last_at = row.visits + 1, now
    if row.visits <= MOST_VISITS:
        session.add(BankLinkVisit(link_id=row.id, at=now, address=shortened(ip), page=str(page)[:9]))
    return guest


def alive(row: BankLink, today: date) -> bool:
    """Whether a link still opens: neither revoked nor past its last day."""
    return row.revoked_at is None and today <= row.expires_on


def _guest(session: Session, row: BankLink) -> Guest | None:
    if row.edition_id is not None:
        edition = session.get_one(BankEdition, row.edition_id, options=[undefer(BankEdition.body)])
        return Guest("edition", edition.title, edition.body, edition.day, row.contact)
    text = session.get_one(BankProposalText, row.text_id, options=[undefer(BankProposalText.body)])
    if _secret(session, session.get_one(BankProposal, text.proposal_id)):
        return None
    return Guest("proposal", text.title, text.body, local_day(text.at), row.contact)


def _failed(session: Session, ip: str, now: datetime) -> Refused:
    """Count a try against the address; beyond the limit nothing more is written down."""
    key = f"share:{digest(ip)[:32]}"
    insert_ignore(session, LoginThrottle, [{"ip": key, "failures": 0, "window_start": now}], ["ip"])
    throttle = session.scalars(select(LoginThrottle).where(LoginThrottle.ip == key).with_for_update()).one()
    if now - throttle.window_start > ADDRESS_WINDOW:
        throttle.failures, throttle.window_start = 0, now
    if throttle.failures >= ADDRESS_FAILURES:
        return Refused(throttle.window_start + ADDRESS_WINDOW - now)
    throttle.failures += 1
    return Refused()


def shortened(ip: str) -> str:
    """Return where somebody came from, roughly: ``203.0.113.0/24``, ``2001:db8:1::/48``; a dash for anything else."""
    try:
        address = ip_address(ip)
    except ValueError:
        return "—"
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    length = 24 if isinstance(address, IPv4Address) else 48
    return str(ip_network(f"{address}/{length}", strict=False))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: links to catalogues for all readers, links to proposals for those who may see the proposal."""
    seen = select(BankProposalText.id).join(BankProposal, BankProposal.id == BankProposalText.proposal_id)
    return or_(BankLink.edition_id.is_not(None), BankLink.text_id.in_(seen.where(proposals.visible_to(actor))))


def get(session: Session, actor: Actor, link_id: int) -> BankLink:
    """Return a link; raise NotFoundError."""
    found = session.scalar(select(BankLink).where(BankLink.id == link_id, visible_to(actor)))
    if found is None:
        raise NotFoundError(MISSING)
    return found


def listing(session: Session, actor: Actor, cursor: str | None) -> Page[BankLink]:
    """List links, the newest first."""
    statement = select(BankLink).where(visible_to(actor))
    return fetch_page(session, statement, [Key(BankLink.id, descending=True)], lambda row: [row.id], cursor=cursor)


def titles(session: Session, rows: Sequence[BankLink]) -> dict[int, tuple[str, int]]:
    """Say what each link shows: a title, and the version of a catalogue (0 for a proposal)."""
    books = select(BankEdition.id, BankEdition.title, BankEdition.number)
    editions = {
        row[0]: (row[1], row[2])
        for row in session.execute(books.where(BankEdition.id.in_({one.edition_id for one in rows})))
    }
    papers = select(BankProposalText.id, BankProposalText.title)
    wanted = {one.text_id for one in rows}
    texts = {row[0]: (row[1], 0) for row in session.execute(papers.where(BankProposalText.id.in_(wanted)))}
    return {one.id: editions.get(one.edition_id or 0) or texts.get(one.text_id or 0, ("", 0)) for one in rows}


def visits(session: Session, link_id: int, cursor: str | None) -> Page[BankLinkVisit]:
    """List the visits of a link, the newest first."""
    statement = select(BankLinkVisit).where(BankLinkVisit.link_id == link_id)
    return fetch_page(session, statement, [Key(BankLinkVisit.id, descending=True)], lambda row: [row.id], cursor=cursor)
