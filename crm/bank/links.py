"""Public links (云招商): made with an end, revoked, let in by their token, each visit on record.

A link shows one frozen version and nothing else; of its token only the digest is kept. Whoever opens an address is
answered out of a session that only reads; what is counted is written after, in a transaction of its own.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, true
from sqlalchemy.orm import undefer

from crm.auth.models import LoginThrottle
from crm.auth.services import ADDRESS_FAILURES, ADDRESS_WINDOW, digest
from crm.bank import proposals, queries, secrecy
from crm.bank.models import BankEdition, BankLink, BankLinkVisit, BankProposal, BankProposalText
from crm.bank.rules import LINE, MOBILE
from crm.bank.services import GOVERN
from crm.core import audit
from crm.core.db import insert_ignore
from crm.core.errors import DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.scheduling import local_day
from crm.notices.rules import Bucket, full, names_mobile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "bank_link"
TOKEN_BYTES, TAIL, LONGEST_TOKEN = 32, 4, 80
PER_MINUTE = 120
LONGEST_DAYS = 366
MOST_VISITS = 10_000
KEEP_VISITS = timedelta(days=365)
MISSING = Problem("link.missing", "没有这个公开链接。")
NOTHING = Problem("link.nothing", "请从目录或专案的页面上点“生成公开链接”。")
LABEL = Problem("link.label", "请写明发给谁、作什么用，最多200个字。", "label")
CONTACT = Problem("link.contact", "还没有对外联系方式，请招商办先在“目标和联系方式”里填写。")
SECRET = Problem("link.secret", "这份专案有不宜公开的内容，不能生成公开链接，请当面送达。")
LISTED = Problem("link.listed", "这一版目录提到了已经保密的项目或企业，不能公开；请改好策划项目，再编新的一版。")
UNIT = Problem("link.unit", "公开专案要由本单位负责人或招商办办理。")
PHONE = Problem("link.mobile", MOBILE)
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
class Caller:
    """From where an address is opened; ``secret`` keys what is kept of tries that failed."""

    ip: str
    secret: str = ""

    @property
    def key(self) -> str:
        """Name an IPv4 address, or a /64 of IPv6, so that nobody without the secret can tell which it is."""
        plain = _network(self.ip, 32, 64)
        return f"share:{hmac.new(self.secret.encode(), plain.encode(), 'sha256').hexdigest()[:32]}"


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
    elif names_mobile(contact):
        problems.append(PHONE)
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
        edition = session.get_one(BankEdition, subject.edition_id, options=[undefer(BankEdition.body)])
        if secrecy.listed(session, edition):
            raise DomainError(LISTED)
        return
    text = session.get_one(BankProposalText, subject.text_id, options=[undefer(BankProposalText.body)])
    proposal = proposals.get(session, actor, text.proposal_id)
    if not queries.may_manage(actor, proposal.unit_id):
        raise ForbiddenError(UNIT)
    if secrecy.hidden(session, proposal, text):
        raise DomainError(SECRET)
    if names_mobile("\n".join(secrecy.words(text))):
        raise DomainError(PHONE)


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
    """Look and note at once, for who writes anyway; what is written must be committed whatever the answer."""
    caller = Caller(ip)
    found = look(session, token, caller, now=now, today=today)
    wait = found.wait or note(session, token, page, caller, now=now, today=today)
    return found if wait is None else Refused(wait)


def look(session: Session, token: str, caller: Caller, *, now: datetime, today: date) -> Guest | Refused:
    """Find what a token opens, and write nothing.

    A token that is unknown, run out or revoked opens nothing, and the answer tells not which; such tries count
    against the address, while links that hold go on opening from there. With a ``wait`` nothing is to be noted.
    """
    row = _by_token(session, token)
    if row is not None and alive(row, today):
        wait = Bucket(row.tokens, row.filled_at).take(PER_MINUTE, now)[1]
        guest = Refused(wait) if wait is not None else _guest(session, row)
        if guest is not None:
            return guest
    tried = select(LoginThrottle).where(LoginThrottle.ip == caller.key)
    return Refused(_wait(session.scalar(tried), now))


def note(session: Session, token: str, page: int, caller: Caller, *, now: datetime, today: date) -> timedelta | None:
    """Count the visit (``page`` 0 is the first one) or the try that opened nothing; return how long to wait.

    A link that must not be public any more is revoked here, for good.
    """
    row = _by_token(session, token, lock=True)
    if row is not None and alive(row, today) and _hidden(session, row):
        _shut(session, row, now)
    if row is None or not alive(row, today):
        return _failed(session, caller.key, now)
    bucket, wait = Bucket(row.tokens, row.filled_at).take(PER_MINUTE, now)
    row.tokens, row.filled_at = bucket.tokens, bucket.filled_at
    if wait is None:
        row.visits, row.last_at = row.visits + 1, now
        if row.visits <= MOST_VISITS:
            session.add(BankLinkVisit(link_id=row.id, at=now, address=shortened(caller.ip), page=str(page)[:9]))
    return wait


def _by_token(session: Session, token: str, *, lock: bool = False) -> BankLink | None:
    if len(token) > LONGEST_TOKEN:
        return None
    statement = select(BankLink).where(BankLink.token_hash == digest(token))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)


def alive(row: BankLink, today: date) -> bool:
    """Whether a link still opens: neither revoked nor past its last day."""
    return row.revoked_at is None and today <= row.expires_on


def _guest(session: Session, row: BankLink) -> Guest | None:
    if _hidden(session, row):
        return None
    if row.edition_id is not None:
        edition = session.get_one(BankEdition, row.edition_id, options=[undefer(BankEdition.body)])
        return Guest("edition", edition.title, edition.body, edition.day, row.contact)
    text = session.get_one(BankProposalText, row.text_id, options=[undefer(BankProposalText.body)])
    return Guest("proposal", text.title, text.body, local_day(text.at), row.contact)


def _hidden(session: Session, row: BankLink) -> bool:
    if row.edition_id is not None:
        edition = session.get_one(BankEdition, row.edition_id, options=[undefer(BankEdition.body)])
        return secrecy.listed(session, edition)
    text = session.get_one(BankProposalText, row.text_id, options=[undefer(BankProposalText.body)])
    return secrecy.hidden(session, session.get_one(BankProposal, text.proposal_id), text)


def _shut(session: Session, row: BankLink, now: datetime) -> None:
    """Revoke a link because of what it shows; the row asks for a person, the trail says that nobody did it."""
    row.revoked_at, row.revoked_by = now, row.created_by
    session.flush()
    audit.record(session, None, "bank.unlink", (SUBJECT, row.id), now=now, label=row.label, reason="confidential")


def _wait(throttle: LoginThrottle | None, now: datetime) -> timedelta | None:
    if throttle is None or throttle.failures < ADDRESS_FAILURES or now - throttle.window_start > ADDRESS_WINDOW:
        return None
    return throttle.window_start + ADDRESS_WINDOW - now


def _failed(session: Session, key: str, now: datetime) -> timedelta | None:
    """Count a try against the address; beyond the limit nothing more is written down."""
    insert_ignore(session, LoginThrottle, [{"ip": key, "failures": 0, "window_start": now}], ["ip"])
    throttle = session.scalars(select(LoginThrottle).where(LoginThrottle.ip == key).with_for_update()).one()
    if now - throttle.window_start > ADDRESS_WINDOW:
        throttle.failures, throttle.window_start = 0, now
    wait = _wait(throttle, now)
    throttle.failures += wait is None
    return wait


def purge(session: Session, *, now: datetime) -> int:
    """Forget visits after a year; return how many."""
    gone = session.execute(delete(BankLinkVisit).where(BankLinkVisit.at < now - KEEP_VISITS))
    return int(getattr(gone, "rowcount", 0))


def shortened(ip: str) -> str:
    """Return where somebody came from, roughly: ``203.0.113.0/24``, ``2001:db8:1::/48``; a dash for anything else."""
    return _network(ip, 24, 48)


def _network(ip: str, four: int, six: int) -> str:
    try:
        address = ip_address(ip)
    except ValueError:
        return "—"
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    length = four if isinstance(address, IPv4Address) else six
    return str(ip_network(f"{address}/{length}", strict=False))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: links to catalogues for all readers, links to proposals for those who may see the proposal.

    Who keeps the bank of the office finds all links, so as to end them; what they show is told apart.
    """
    if queries.may_govern(actor):
        return true()
    seen = select(BankProposalText.id).join(BankProposal, BankProposal.id == BankProposalText.proposal_id)
    return or_(BankLink.edition_id.is_not(None), BankLink.text_id.in_(seen.where(proposals.visible_to(actor))))


def get(session: Session, actor: Actor, link_id: int) -> BankLink:
    """Return a link; raise NotFoundError."""
    found = session.scalar(select(BankLink).where(BankLink.id == link_id, visible_to(actor)))
    if found is None:
        raise NotFoundError(MISSING)
    return found
