"""What the pages of claims show: lists, the ownership of one project, one dispute, one transfer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crm.auth import queries as people
from crm.auth.models import OrgUnit, User
from crm.auth.rules import Permission
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.models import Contact
from crm.pipeline import queries as projects
from crm.pipeline.claims import queries
from crm.pipeline.claims.disputes import EVIDENCE
from crm.pipeline.claims.kinds import LIVE, ClaimStatus, DisputeState, TransferState
from crm.pipeline.claims.models import (
    Claim,
    ClaimDispute,
    ClaimEvent,
    ClaimEvidence,
    CreditPart,
    CreditSplit,
    Transfer,
)
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.claims.queries import Ticket

HISTORY = 60


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in a list."""

    claim: Claim
    project: str
    unit: str
    filer: str | None
    dispute_id: int | None


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """A dispute in a list: both units, None for one of whose project the person is not to learn."""

    dispute: ClaimDispute
    investor: str
    first_unit: str | None
    second_unit: str | None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A transfer in a list or on a page."""

    transfer: Transfer
    project: str
    source: str
    target: str
    proposer: str


@dataclass(frozen=True, slots=True)
class Said:
    """One piece of evidence with its files."""

    evidence: ClaimEvidence
    who: str
    files: list[Attachment]


@dataclass(frozen=True, slots=True)
class SplitLine:
    """A split with its parts by the name of the unit."""

    split: CreditSplit
    maker: str
    parts: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a project is: its newest claim, the dispute on it, its history, splits and transfers."""

    claim: Claim | None
    contact: str | None
    names: dict[int, str]
    units: dict[int, str]
    dispute: ClaimDispute | None
    events: list[tuple[ClaimEvent, str | None]]
    splits: list[SplitLine]
    transfers: list[TransferLine]


def claims(session: Session, actor: Actor, tab: str, today: date, *, cursor: str | None) -> Page[ClaimLine]:
    """Return a page of claims: those of the person's own units, or those that soon end."""
    statement, order = _claim_lines().where(projects.visible_to(actor)), Key(Claim.id, descending=True)
    if tab == "soon":
        until = today + timedelta(days=queries.settings(session).soon_days)
        statement = statement.where(Claim.status == ClaimStatus.ACTIVE, Claim.protection_until <= until)
    elif tab == "mine":
        statement = statement.where(Claim.unit_id.in_(queries.own_units(actor)))
    page = fetch_page(session, statement, [order], lambda row: (row[0].id,), cursor=cursor)
    return Page(tuple(ClaimLine(*row) for row in page.rows), page.next, page.previous)


def disputes(session: Session, actor: Actor, *, closed: bool, cursor: str | None) -> Page[DisputeLine]:
    """Return a page of disputes of which the person may see a side."""
    first, second, one, other = aliased(Claim), aliased(Claim), aliased(OrgUnit), aliased(OrgUnit)
    state, known = ClaimDispute.state == DisputeState.CLOSED, select(Project.id).where(projects.privy(actor))
    statement: Select[*tuple[Any, ...]] = (
        select(ClaimDispute, first.investor, one.name, other.name)
        .join(first, first.id == ClaimDispute.first_claim_id)
        .join(second, second.id == ClaimDispute.second_claim_id)
        .outerjoin(one, and_(one.id == first.unit_id, first.project_id.in_(known)))
        .outerjoin(other, and_(other.id == second.unit_id, second.project_id.in_(known)))
        .where(queries.may_see_dispute(actor), state if closed else ~state)
    )
    order = [Key(ClaimDispute.id, descending=True)]
    page = fetch_page(session, statement, order, lambda row: (row[0].id,), cursor=cursor)
    return Page(tuple(DisputeLine(*row) for row in page.rows), page.next, page.previous)


def transfers(session: Session, actor: Actor, *, cursor: str | None) -> Page[TransferLine]:
    """Return a page of transfers: of visible projects, and those the person's units are to receive."""
    waits = and_(Transfer.state == TransferState.APPROVED, projects.privy(actor))
    receiving = and_(Transfer.to_unit_id.in_(queries.own_units(actor)), waits)
    statement = _transfer_lines().where(or_(projects.visible_to(actor), receiving))
    order = [Key(Transfer.id, descending=True)]
    page = fetch_page(session, statement, order, lambda row: (row[0].id,), cursor=cursor)
    return Page(tuple(TransferLine(*row) for row in page.rows), page.next, page.previous)


def counts(session: Session, actor: Actor, today: date) -> dict[str, int]:
    """Count what waits in the tabs, in one query."""
    until = today + timedelta(days=queries.settings(session).soon_days)
    seen = select(func.count()).select_from(Claim).join(Project, Project.id == Claim.project_id)
    soon = seen.where(projects.visible_to(actor), Claim.status == ClaimStatus.ACTIVE, Claim.protection_until <= until)
    contested = select(func.count()).select_from(ClaimDispute)
    contested = contested.where(queries.may_see_dispute(actor), ClaimDispute.state != DisputeState.CLOSED)
    row = session.execute(select(soon.scalar_subquery(), contested.scalar_subquery())).one()
    return {"soon": row[0], "contested": row[1]}


def ownership(session: Session, project: Project) -> Ownership:
    """Read whose a project is; the project was found to be visible."""
    newest = select(Claim, Contact.name).outerjoin(Contact, Contact.id == Claim.contact_id)
    row = session.execute(newest.where(Claim.project_id == project.id).order_by(Claim.id.desc()).limit(1)).first()
    claim, contact = row or (None, None)
    splits = _splits(session, project.id)
    lines = _transfer_lines().where(Transfer.project_id == project.id).order_by(Transfer.id.desc()).limit(HISTORY)
    ids = [one for one in (claim.filed_by if claim else None, claim.created_by if claim else None) if one]
    return Ownership(
        claim=claim,
        contact=contact,
        names=people.names(session, ids),
        units=people.unit_names(session, [claim.unit_id] if claim else []),
        dispute=_dispute_of(session, claim) if claim else None,
        events=_events(session, claim.id) if claim else [],
        splits=splits,
        transfers=[TransferLine(*found) for found in session.execute(lines)],
    )


def evidence(session: Session, found: Ticket) -> list[Said]:
    """Return what both sides filed, oldest first, in one query."""
    statement = (
        select(ClaimEvidence, User.name, Attachment)
        .join(User, User.id == ClaimEvidence.by)
        .outerjoin(Attachment, and_(Attachment.subject_type == EVIDENCE, Attachment.subject_id == ClaimEvidence.id))
        .where(
            ClaimEvidence.dispute_id == found.dispute.id,
            ClaimEvidence.claim_id.in_([claim.id for claim in found.known()]),
        )
        .order_by(ClaimEvidence.id, Attachment.id)
    )
    held: dict[int, Said] = {}
    for row, who, file in session.execute(statement):
        said = held.setdefault(row.id, Said(row, who, []))
        if file is not None:
            said.files.append(file)
    return list(held.values())


def file(session: Session, found: Ticket, file_id: int) -> Attachment | None:
    """Return a file of the evidence the person may read, of a dispute already found to be visible."""
    statement = (
        select(Attachment)
        .join(ClaimEvidence, and_(Attachment.subject_type == EVIDENCE, Attachment.subject_id == ClaimEvidence.id))
        .where(
            Attachment.id == file_id,
            ClaimEvidence.dispute_id == found.dispute.id,
            ClaimEvidence.claim_id.in_([claim.id for claim in found.known()]),
        )
    )
    return session.scalar(statement)


def transfer_line(session: Session, transfer_id: int) -> TransferLine:
    """Return one transfer, already found to be visible, with its names."""
    return TransferLine(*session.execute(_transfer_lines().where(Transfer.id == transfer_id)).one())


def may_speak_for(actor: Actor, found: Ticket) -> list[Claim]:
    """Return the claims of a dispute for which the person may file evidence, appeal or give in."""
    if not actor.may(Permission.PROJECT_WRITE):
        return []
    return found.claims_of(queries.own_units(actor))


def _claim_lines() -> Select[*tuple[Any, ...]]:
    dispute = (
        select(func.max(ClaimDispute.id))
        .where(or_(ClaimDispute.first_claim_id == Claim.id, ClaimDispute.second_claim_id == Claim.id))
        .correlate(Claim)
        .scalar_subquery()
    )
    return (
        select(Claim, Project.name, OrgUnit.name, User.name, dispute)
        .join(Project, Project.id == Claim.project_id)
        .join(OrgUnit, OrgUnit.id == Claim.unit_id)
        .outerjoin(User, User.id == Claim.filed_by)
    )


def _transfer_lines() -> Select[*tuple[Any, ...]]:
    source, target = aliased(OrgUnit), aliased(OrgUnit)
    return (
        select(Transfer, Project.name, source.name, target.name, User.name)
        .join(Project, Project.id == Transfer.project_id)
        .join(source, source.id == Transfer.from_unit_id)
        .join(target, target.id == Transfer.to_unit_id)
        .join(User, User.id == Transfer.proposed_by)
    )


def _dispute_of(session: Session, claim: Claim) -> ClaimDispute | None:
    either = or_(ClaimDispute.first_claim_id == claim.id, ClaimDispute.second_claim_id == claim.id)
    standing = and_(ClaimDispute.investor_key == claim.investor_key, ClaimDispute.state != DisputeState.CLOSED)
    wanted = or_(either, standing) if claim.status in {*LIVE, ClaimStatus.FILED} else either
    return session.scalar(select(ClaimDispute).where(wanted).order_by(ClaimDispute.id.desc()).limit(1))


def _events(session: Session, claim_id: int) -> list[tuple[ClaimEvent, str | None]]:
    statement = (
        select(ClaimEvent, User.name)
        .outerjoin(User, User.id == ClaimEvent.by)
        .where(ClaimEvent.claim_id == claim_id)
        .order_by(ClaimEvent.id.desc())
        .limit(HISTORY)
    )
    return [(event, who) for event, who in session.execute(statement)]


def _splits(session: Session, project_id: int) -> list[SplitLine]:
    statement = (
        select(CreditSplit, User.name, OrgUnit.name, CreditPart.share)
        .join(User, User.id == CreditSplit.made_by)
        .join(CreditPart, CreditPart.split_id == CreditSplit.id)
        .join(OrgUnit, OrgUnit.id == CreditPart.unit_id)
        .where(CreditSplit.project_id == project_id)
        .order_by(CreditSplit.id.desc(), CreditPart.since)
        .limit(HISTORY)
    )
    held: dict[int, SplitLine] = {}
    for split, maker, unit, share in session.execute(statement):
        held.setdefault(split.id, SplitLine(split, maker, [])).parts.append((unit, share))
    return list(held.values())
