"""What the agenda of a meeting may take up: what is overdue or waits for a decision within its unit.

Everything is read as the person who prepares the meeting may see it, a few queries whatever the size of the office.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import joinedload

from crm.auth.models import OrgUnit, User
from crm.auth.queries import subtree
from crm.delivery.blockers import queries as blockers
from crm.delivery.blockers.models import Blocker
from crm.fieldwork import queries as fieldwork
from crm.fieldwork.models import FollowUp
from crm.meetings import queries
from crm.meetings.models import AgendaItem
from crm.meetings.rules import SOURCE_LABELS, Source
from crm.pipeline.admission.models import ReviewCase
from crm.pipeline.admission.rules import CaseState
from crm.pipeline.cards import card_from, select_rows
from crm.pipeline.claims.kinds import DisputeState
from crm.pipeline.claims.models import Claim, ClaimDispute
from crm.pipeline.claims.queries import may_see_dispute
from crm.pipeline.exceptions.models import GateException
from crm.pipeline.exceptions.rules import ExceptionState
from crm.pipeline.instructions.models import Instruction
from crm.pipeline.instructions.queries import visible_to as instruction_visible_to
from crm.pipeline.instructions.rules import InstructionState
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import IDLE_DAYS, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.meetings.models import Meeting
    from crm.pipeline.cards import Clock

EACH = 30
ASKED_STALLED = 300
TITLE = 120


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something a meeting may take up; ``due_on`` is when it was due, None for what only waits for a decision."""

    source: Source
    ref_id: int
    title: str
    detail: str
    due_on: date | None = None
    href: str = ""
    project_id: int | None = None
    enterprise_id: int | None = None

    @property
    def key(self) -> str:
        """Name of the row in a form."""
        return f"{self.source.value}:{self.ref_id}"


def proposals(session: Session, actor: Actor, meeting: Meeting, clock: Clock) -> dict[Source, list[Proposal]]:
    """Return what is not on the agenda yet, by source, the latest first."""
    units = subtree(session).get(meeting.unit_id, frozenset({meeting.unit_id}))
    known = {
        (row.source, row.ref_id)
        for row in session.execute(
            select(AgendaItem.source, AgendaItem.ref_id).where(AgendaItem.meeting_id == meeting.id)
        )
    }
    found = [
        *_decisions(session, actor, meeting),
        *_blockers(session, actor, units),
        *_instructions(session, actor, units, clock),
        *_exceptions(session, actor, units),
        *_reviews(session, actor, units),
        *_disputes(session, actor, units),
        *_stalled(session, actor, units, clock),
        *_follow_ups(session, actor, units, clock),
    ]
    grouped: dict[Source, list[Proposal]] = {source: [] for source in SOURCE_LABELS}
    for one in found:
        if (one.source, one.ref_id) not in known:
            grouped[one.source].append(one)
    return {
        source: sorted(rows, key=lambda one: one.due_on or date.max)[:EACH] for source, rows in grouped.items() if rows
    }


def _decisions(session: Session, actor: Actor, meeting: Meeting) -> Iterable[Proposal]:
    for one in queries.open_before(session, actor, meeting):
        row = one.row
        yield Proposal(
            Source.DECISION, row.id, f"{one.number} {row.text}"[:TITLE], f"{one.unit} · {one.owner}",
            row.due_on, f"/meetings/decisions/{row.id}", row.project_id, row.enterprise_id,
        )  # fmt: skip


def of_blocker(row: Blocker) -> Proposal:
    """Return a blocker as an item of an agenda."""
    who = f"{blockers.subject(row)} · {row.unit.name} {row.responsible.name}"
    return Proposal(
        Source.BLOCKER, row.id, row.title[:TITLE], who, row.due_on, f"/blockers/{row.id}", row.project_id,
        row.enterprise_id,
    )  # fmt: skip


def _blockers(session: Session, actor: Actor, units: frozenset[int]) -> Iterable[Proposal]:
    within = or_(Blocker.owner_unit_id.in_(units), Blocker.unit_id.in_(units))
    statement = blockers.whole().where(blockers.visible_to(actor), Blocker.coordinate_at.is_not(None), within)
    rows = session.scalars(statement.order_by(Blocker.due_on, Blocker.id).limit(EACH))
    return [of_blocker(row) for row in rows]


def _instructions(session: Session, actor: Actor, units: frozenset[int], clock: Clock) -> Iterable[Proposal]:
    statement = (
        select(Instruction, OrgUnit.name)
        .outerjoin(Project, Project.id == Instruction.project_id)
        .join(OrgUnit, OrgUnit.id == Instruction.unit_id)
        .where(instruction_visible_to(actor), Instruction.unit_id.in_(units))
        .where(Instruction.state == InstructionState.OPEN, Instruction.due_on < clock.today)
        .order_by(Instruction.due_on, Instruction.id)
        .limit(EACH)
    )
    for row, unit in session.execute(statement):
        yield Proposal(
            Source.INSTRUCTION, row.id, row.body[:TITLE], unit, row.due_on,
            f"/instructions/{row.id}", row.project_id, row.enterprise_id,
        )  # fmt: skip


def _exceptions(session: Session, actor: Actor, units: frozenset[int]) -> Iterable[Proposal]:
    statement = (
        select(GateException.id, GateException.reason, Project.id, Project.name, Project.enterprise_id)
        .join(Project, Project.id == GateException.project_id)
        .where(GateException.state == ExceptionState.ASKED, visible_to(actor), Project.unit_id.in_(units))
        .order_by(GateException.id)
        .limit(EACH)
    )
    for number, reason, project_id, name, firm in session.execute(statement):
        yield Proposal(
            Source.EXCEPTION, number, name[:TITLE], reason[:TITLE], None, f"/projects/{project_id}/exceptions",
            project_id, firm,
        )  # fmt: skip


def _reviews(session: Session, actor: Actor, units: frozenset[int]) -> Iterable[Proposal]:
    statement = (
        select(ReviewCase.id, OrgUnit.name, Project.id, Project.name, Project.enterprise_id)
        .join(Project, Project.id == ReviewCase.project_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .where(ReviewCase.state == CaseState.OPEN, visible_to(actor), Project.unit_id.in_(units))
        .order_by(ReviewCase.opened_at, ReviewCase.id)
        .limit(EACH)
    )
    for number, unit, project_id, name, firm in session.execute(statement):
        yield Proposal(
            Source.REVIEW, number, name[:TITLE], unit, None, f"/projects/{project_id}/admission", project_id, firm
        )


def _disputes(session: Session, actor: Actor, units: frozenset[int]) -> Iterable[Proposal]:
    """Tickets to be ruled, without those in which a confidential project stands on a side."""
    sides = or_(Claim.id == ClaimDispute.first_claim_id, Claim.id == ClaimDispute.second_claim_id)
    secret = exists().where(sides, Project.id == Claim.project_id, Project.confidential)
    within = exists().where(sides, Claim.unit_id.in_(units))
    first = Claim.id == ClaimDispute.first_claim_id
    statement = (
        select(ClaimDispute, Claim, OrgUnit.name)
        .join(Claim, first)
        .join(OrgUnit, OrgUnit.id == Claim.unit_id)
        .where(ClaimDispute.state.in_((DisputeState.OPEN, DisputeState.APPEALED)), ClaimDispute.id.in_(
            select(ClaimDispute.id).where(may_see_dispute(actor), within, ~secret)
        ))
        .order_by(ClaimDispute.due_on, ClaimDispute.id)
        .limit(EACH)
    )  # fmt: skip
    for row, claim, unit in session.execute(statement):
        yield Proposal(
            Source.DISPUTE, row.id, claim.investor[:TITLE], unit, row.due_on, f"/claims/disputes/{row.id}",
            claim.project_id, claim.enterprise_id,
        )  # fmt: skip


def _stalled(session: Session, actor: Actor, units: frozenset[int], clock: Clock) -> Iterable[Proposal]:
    wanted = and_(
        visible_to(actor), Project.exit_kind.is_(None), Project.unit_id.in_(units), Project.stage.in_(list(IDLE_DAYS))
    )
    statement = select_rows().where(wanted).order_by(Project.stage_since, Project.id).limit(ASKED_STALLED)
    for row in session.execute(statement):
        card = card_from(row, clock)
        if card.stale:
            since = clock.today - timedelta(days=card.idle - IDLE_DAYS[Stage(card.stage)])
            yield Proposal(
                Source.STALLED, card.id, card.name[:TITLE], f"{card.unit} · {card.owner or ''}".strip(" ·"), since,
                f"/projects/{card.id}", card.id, card.enterprise_id,
            )  # fmt: skip


def _follow_ups(session: Session, actor: Actor, units: frozenset[int], clock: Clock) -> Iterable[Proposal]:
    """Overdue follow-ups, but not those that are decisions or blockers: they stand above."""
    statement = (
        select(FollowUp, User.name)
        .join(User, User.id == FollowUp.owner_id)
        .where(fieldwork.follow_ups_visible_to(actor), FollowUp.unit_id.in_(units))
        .where(FollowUp.done_at.is_(None), FollowUp.due_on < clock.today, FollowUp.kind.not_in(("decision", "blocker")))
        .options(joinedload(FollowUp.enterprise))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(EACH)
    )
    for row, owner in session.execute(statement):
        firm = f" · {row.enterprise.name}" if row.enterprise else ""
        href = f"/projects/{row.project_id}" if row.project_id else (
            f"/enterprises/{row.enterprise_id}" if row.enterprise_id else ""
        )  # fmt: skip
        yield Proposal(
            Source.FOLLOW_UP, row.id, row.title[:TITLE], f"{owner}{firm}", row.due_on, href, row.project_id,
            row.enterprise_id,
        )  # fmt: skip
