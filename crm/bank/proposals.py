"""Tailored proposals (招商专案): made of what suits an enterprise, changed as further versions, seen by whom it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import undefer

from crm.auth.models import User
from crm.auth.queries import within
from crm.auth.rules import Permission
from crm.bank import gathering, queries
from crm.bank.models import BankProposal, BankProposalText
from crm.bank.proposal_draft import body_of
from crm.bank.rules import LINE, LONGEST, MOBILE
from crm.core import audit
from crm.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Enterprise
from crm.notices.rules import names_mobile
from crm.pipeline.models import Project
from crm.pipeline.queries import home_unit
from crm.pipeline.queries import visible_to as projects_visible_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

SUBJECT = "bank_proposal"
MOST_TEXTS = 200
MISSING = Problem("proposal.missing", "没有这份招商专案，或者不在您的查看范围内。")
FORBIDDEN = Problem("proposal.forbidden", "只有本单位的人可以改这份专案。")
NO_MAKE = Problem("proposal.make", "您没有做招商专案的权限，请联系管理员。")
STALE = Problem("proposal.stale", "这份专案刚刚被别人改过，请先看新版本，再改。")
TITLE = Problem("proposal.title", "请填写标题，最多200个字。", "title")
LONG = "“%(heading)s”最多4000个字，请删短一些。"
SAME = Problem("proposal.same", "没有改动，不用另存新版本。")


@dataclass(frozen=True, slots=True)
class Listed:
    """A proposal as a line of the list, by its latest version."""

    proposal: BankProposal
    text: BankProposalText
    enterprise: str
    by: str


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: proposals of units the person may read; those for a project only where the project may be seen."""
    seen = select(Project.id).where(projects_visible_to(actor))
    own = within(BankProposal.unit_id, actor, Permission.PROJECT_READ)
    return own & or_(BankProposal.project_id.is_(None), BankProposal.project_id.in_(seen))


def make(
    session: Session,
    actor: Actor,
    enterprise_id: int,
    project_id: int | None,
    office: str,
    *,
    now: datetime,
    today: date,
) -> BankProposal:
    """Make a proposal out of what is found today; its first version is kept with who and when."""
    if not actor.may(Permission.PROJECT_WRITE):
        raise ForbiddenError(NO_MAKE)
    found = gathering.gather(session, actor, enterprise_id, project_id, now=now, today=today)
    row = BankProposal(
        enterprise_id=found.firm.id,
        project_id=project_id,
        unit_id=home_unit(actor),
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    body = body_of(found, office, queries.settings(session).contact)
    _keep(session, actor, row, 1, f"{found.firm.name}招商专案"[:LINE], body, now)
    audit.record(session, actor.user_id, "bank.proposal", (SUBJECT, row.id), now=now, number=1)
    return row


def change(
    session: Session, actor: Actor, proposal_id: int, title: str, typed: Mapping[str, str], *, seen: int, now: datetime
) -> BankProposalText:
    """Keep a further version: texts by ``text-<section>``, rows that stay by ``keep-<section>-<row>``."""
    row = get(session, actor, proposal_id, lock=True)
    if not may_change(actor, row):
        raise ForbiddenError(FORBIDDEN)
    last = latest(session, row.id)
    if last.number != seen:
        raise ConflictError(STALE)
    body = changed(last.body, typed)
    problems = [TITLE] if not 0 < len(title.strip()) <= LINE else []
    problems += [
        Problem("proposal.long", LONG, None, {"heading": one["heading"]})
        for one in body["sections"]
        if len(one["text"]) > LONGEST
    ]
    if names_mobile("\n".join((title, *(one["text"] for one in body["sections"])))):
        problems.append(Problem("bank.mobile", MOBILE))
    if not problems and body == last.body and title.strip() == last.title:
        problems.append(SAME)
    if problems:
        raise DomainError(*problems)
    text = _keep(session, actor, row, last.number + 1, title.strip(), body, now)
    audit.record(session, actor.user_id, "bank.proposal_text", (SUBJECT, row.id), now=now, number=text.number)
    return text


def changed(body: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """Give a body with what was typed: only texts and which rows stay can change."""
    sections = []
    for place, one in enumerate(body["sections"]):
        rows = [{**row, "keep": f"keep-{place}-{number}" in typed} for number, row in enumerate(one["rows"])]
        text = typed.get(f"text-{place}", one["text"]).replace("\r\n", "\n").strip()
        sections.append({**one, "text": text, "rows": rows})
    return {**body, "sections": sections}


def may_change(actor: Actor, row: BankProposal) -> bool:
    """Whether a person may write a further version."""
    return actor.reaches(Permission.PROJECT_WRITE, row.unit_id)


def _keep(
    session: Session, actor: Actor, row: BankProposal, number: int, title: str, body: dict[str, Any], now: datetime
) -> BankProposalText:
    text = BankProposalText(proposal_id=row.id, number=number, title=title, body=body, by=actor.user_id, at=now)
    session.add(text)
    session.flush()
    return text


def get(session: Session, actor: Actor, proposal_id: int, *, lock: bool = False) -> BankProposal:
    """Return a proposal the person may see; raise NotFoundError."""
    statement = select(BankProposal).where(BankProposal.id == proposal_id, visible_to(actor))
    found = session.scalar(statement.with_for_update(of=BankProposal) if lock else statement)
    if found is None:
        raise NotFoundError(MISSING)
    return found


def latest(session: Session, proposal_id: int, number: int | None = None) -> BankProposalText:
    """Return the latest version of a proposal, or the one of a number; raise NotFoundError."""
    statement = select(BankProposalText).where(BankProposalText.proposal_id == proposal_id)
    if number is not None:
        statement = statement.where(BankProposalText.number == number)
    order = statement.order_by(BankProposalText.number.desc()).limit(1)
    found = session.scalar(order.options(undefer(BankProposalText.body)))
    if found is None:
        raise NotFoundError(MISSING)
    return found


def texts(session: Session, proposal_id: int) -> list[tuple[BankProposalText, str]]:
    """Give the versions with who wrote them, the newest first."""
    statement = (
        select(BankProposalText, User.name)
        .join(User, User.id == BankProposalText.by)
        .where(BankProposalText.proposal_id == proposal_id)
        .order_by(BankProposalText.number.desc())
        .limit(MOST_TEXTS)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def listing(session: Session, actor: Actor, enterprise_id: int | None, cursor: str | None) -> Page[Listed]:
    """List proposals by their latest version, the newest first."""
    last = select(func.max(BankProposalText.id)).group_by(BankProposalText.proposal_id)
    statement: Any = (
        select(BankProposal, BankProposalText, Enterprise.name, User.name)
        .join(BankProposalText, BankProposalText.proposal_id == BankProposal.id)
        .join(Enterprise, Enterprise.id == BankProposal.enterprise_id)
        .join(User, User.id == BankProposalText.by)
        .where(BankProposalText.id.in_(last), visible_to(actor))
    )
    if enterprise_id is not None:
        statement = statement.where(BankProposal.enterprise_id == enterprise_id)
    order = [Key(BankProposal.id, descending=True)]
    page = fetch_page(session, statement, order, lambda row: [row[0].id], cursor=cursor)
    return Page(tuple(Listed(*row) for row in page.rows), page.next, page.previous)
