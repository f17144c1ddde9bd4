"""Reads of claims, disputes, splits and transfers: what a person may see, and who stands on an investor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from crm.auth.queries import within
from crm.auth.rules import ROLE_PERMISSIONS, ROLE_SCOPES, Permission, Scope
from crm.core import options
from crm.core.errors import NotFoundError, Problem
from crm.enterprises import groups
from crm.enterprises.models import Enterprise
from crm.pipeline import queries as projects
from crm.pipeline.claims.kinds import LIVE, STANDING, ClaimStatus, DisputeState, TransferState
from crm.pipeline.claims.models import Claim, ClaimDispute, CreditPart, CreditSplit, Transfer
from crm.pipeline.claims.rules import Options, Sides, ruling_problems
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

OPTION = "claims"
CLAIM_ABSENT = Problem("claim.absent", "没有这条报备，或者不在您的查看范围内。")
DISPUTE_ABSENT = Problem("dispute.absent", "没有这件争议，或者不在您的查看范围内。")
UNSEEN = Problem("ruling.unseen", "争议一方的项目是保密项目，须由知情人员裁定。")
TRANSFER_ABSENT = Problem("transfer.absent", "没有这次流转，或者不在您的查看范围内。")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A dispute with both its claims; ``hidden`` are the projects of which the reader is not to learn."""

    dispute: ClaimDispute
    first: Claim
    second: Claim
    sides: Sides
    hidden: frozenset[int] = frozenset()

    def known(self) -> list[Claim]:
        """Return the claims of whose unit, people and evidence the reader may learn."""
        return [claim for claim in (self.first, self.second) if claim.project_id not in self.hidden]

    def claims_of(self, units: frozenset[int]) -> list[Claim]:
        """Return the claims that were filed for any of these units."""
        return [claim for claim in self.known() if claim.unit_id in units]


def settings(session: Session) -> Options:
    """Return what the office decided about claims."""
    return Options.of(options.read(session, OPTION).get(OPTION, {}))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Condition: claims of projects the actor may see."""
    return exists().where(Project.id == Claim.project_id, projects.visible_to(actor))


def own_units(actor: Actor) -> frozenset[int]:
    """Units for which the actor speaks as one of theirs: a right over all units makes nobody a member of them."""
    found: set[int] = set()
    for post in actor.posts:
        if Permission.PROJECT_WRITE in ROLE_PERMISSIONS[post.role]:
            found |= {post.unit_id} if ROLE_SCOPES[post.role] is Scope.ALL else post.covers
    return frozenset(found)


def belongs_to(actor: Actor) -> frozenset[int]:
    """Every unit the actor stands for: those of the posts, and those below or managed for which they speak."""
    return own_units(actor) | frozenset(actor.unit_ids)


def bars(actor: Actor, found: Ticket, *, ruled_by: int | None = None) -> list[Problem]:
    """Reasons why this person may not rule: stands on a side, ruled before, or may not learn of one side."""
    problems = ruling_problems(actor.user_id, belongs_to(actor), found.sides, ruled_by=ruled_by)
    return problems or ([UNSEEN] if found.hidden else [])


def lock_investor(session: Session, key: int) -> None:
    """Let nobody else file on this investor before the transaction ends."""
    session.execute(select(Enterprise.id).where(Enterprise.id == key).with_for_update())


def live_on(session: Session, key: int) -> Claim | None:
    """Return the live claim on an investor: under its key, or on any enterprise of its group."""
    ids = groups.group_ids(session, key)
    statement = (
        select(Claim)
        .where(Claim.status.in_(LIVE), or_(Claim.investor_key.in_(ids), Claim.enterprise_id.in_(ids)))
        .order_by(Claim.filed_at, Claim.id)
        .limit(1)
        .with_for_update()
    )
    return session.scalar(statement)


def standing(session: Session, project_id: int) -> Claim | None:
    """Return the claim of a project that is a draft, filed or live."""
    return session.scalar(select(Claim).where(Claim.project_id == project_id, Claim.status.in_(STANDING)))


def get(session: Session, actor: Actor, claim_id: int) -> Claim:
    """Return a visible claim."""
    claim = session.scalar(select(Claim).where(Claim.id == claim_id, visible_to(actor)))
    if claim is None:
        raise NotFoundError(CLAIM_ABSENT)
    return claim


def open_dispute(session: Session, key: int) -> ClaimDispute | None:
    """Return the dispute on an investor that is not closed."""
    statement = select(ClaimDispute).where(ClaimDispute.investor_key == key, ClaimDispute.state != DisputeState.CLOSED)
    return session.scalar(statement)


def ticket(session: Session, actor: Actor, dispute_id: int, *, lock: bool = False) -> Ticket:
    """Return a dispute of which the actor may see one side; who sees neither finds nothing."""
    first, second = aliased(Claim), aliased(Claim)
    one, other = aliased(Project), aliased(Project)
    statement = (
        select(ClaimDispute, first, second, one, other)
        .join(first, first.id == ClaimDispute.first_claim_id)
        .join(second, second.id == ClaimDispute.second_claim_id)
        .join(one, one.id == first.project_id)
        .join(other, other.id == second.project_id)
        .where(ClaimDispute.id == dispute_id, may_see_dispute(actor))
    )
    row = session.execute(statement.with_for_update(of=ClaimDispute) if lock else statement).one_or_none()
    if row is None:
        raise NotFoundError(DISPUTE_ABSENT)
    dispute, here, there, *both = row
    sides = Sides(
        filers=frozenset({dispute.first_filed_by, dispute.second_filed_by}),
        owners=frozenset(project.owner_id for project in both if project.owner_id is not None),
        units=frozenset({here.unit_id, there.unit_id, *(project.unit_id for project in both)}),
    )
    hidden = frozenset(project.id for project in both if not projects.is_privy(session, actor, project))
    return Ticket(dispute, here, there, sides, hidden)


def may_see_dispute(actor: Actor) -> ColumnElement[bool]:
    """Condition: the actor may see one of the two claims."""
    either = or_(Claim.id == ClaimDispute.first_claim_id, Claim.id == ClaimDispute.second_claim_id)
    return exists().where(either, within(Claim.unit_id, actor, Permission.PROJECT_READ), _privy(actor))


def waiting(session: Session, key: int) -> list[Claim]:
    """Claims on an investor that wait behind a dispute, in the order of their filing."""
    disputed = select(ClaimDispute.second_claim_id)
    statement = select(Claim).where(
        Claim.investor_key == key, Claim.status == ClaimStatus.FILED, Claim.id.not_in(disputed)
    )
    return list(session.scalars(statement.order_by(Claim.filed_at, Claim.id)))


def current_split(session: Session, project_id: int) -> tuple[CreditSplit, list[CreditPart]] | None:
    """Return the newest split of a project with its parts."""
    newest = select(CreditSplit).where(CreditSplit.project_id == project_id).order_by(CreditSplit.id.desc()).limit(1)
    head = session.scalar(newest)
    if head is None:
        return None
    parts = session.scalars(select(CreditPart).where(CreditPart.split_id == head.id).order_by(CreditPart.since))
    return head, list(parts)


def transfer(session: Session, actor: Actor, transfer_id: int, *, lock: bool = False) -> tuple[Transfer, Project]:
    """Return a transfer with its project: for who sees the project, and once approved for who is to receive it."""
    receiving = and_(
        Transfer.to_unit_id.in_(own_units(actor)),
        projects.privy(actor),
        Transfer.state.in_((TransferState.APPROVED, TransferState.ACCEPTED)),
    )
    statement = (
        select(Transfer, Project)
        .join(Project, Project.id == Transfer.project_id)
        .where(Transfer.id == transfer_id, or_(projects.visible_to(actor), receiving))
    )
    row = session.execute(statement.with_for_update(of=Transfer) if lock else statement).one_or_none()
    if row is None:
        raise NotFoundError(TRANSFER_ABSENT)
    return row[0], row[1]


def open_transfer(session: Session, project_id: int) -> Transfer | None:
    """Return the transfer of a project that is under way."""
    states = (TransferState.PROPOSED, TransferState.APPROVED)
    return session.scalar(select(Transfer).where(Transfer.project_id == project_id, Transfer.state.in_(states)))


def project_names(session: Session, actor: Actor, project_ids: Iterable[int]) -> dict[int, str]:
    """Names of those projects which the actor may see."""
    statement = select(Project.id, Project.name).where(Project.id.in_(set(project_ids)), projects.visible_to(actor))
    return {row.id: row.name for row in session.execute(statement)}


def _privy(actor: Actor) -> ColumnElement[bool]:
    return Claim.project_id.in_(select(Project.id).where(projects.privy(actor)))
