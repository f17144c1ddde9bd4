"""Reads of approval papers: where each lies and since when, and everything its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from crm.auth.models import OrgUnit, User
from crm.auth.queries import names
from crm.core.errors import NotFoundError, Problem
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.pipeline import queries
from crm.pipeline.approval.models import (
    Approval,
    ApprovalStep,
    ClauseFinding,
    Consultation,
    IncentiveClause,
    ReadinessCheck,
)
from crm.pipeline.approval.rules import PaperFacts, PaperState, Readiness, Station, StepResult, payout_locked
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.approval.rules import Category, Finding

ABSENT = Problem("approval.absent", "没有这份送审文件。")
NO_CLAUSE = Problem("clause.absent", "没有这条条款。")
NO_CONSULTATION = Problem("consult.absent", "没有这次征求意见。")
FILES = "approval_step"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with the finding in force and who found it."""

    row: IncentiveClause
    finding: ClauseFinding | None
    by: str | None

    @property
    def state(self) -> Finding | None:
        """The finding in force."""
        return self.finding.finding if self.finding else None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper with everything that lies in its folder."""

    row: Approval
    steps: list[tuple[ApprovalStep, str]]
    clauses: list[Clause]
    consulted: list[tuple[Consultation, str, str | None]]
    checks: dict[str, tuple[ReadinessCheck, str]]
    sender: str = ""

    @property
    def chain(self) -> list[Station]:
        """Its stations in order."""
        return [Station(key) for key in self.row.chain]

    @property
    def locked(self) -> bool:
        """Whether incentives of this paper may not be paid."""
        reviewed = any(
            step.station is Station.FAIR and step.result is StepResult.PASSED for step, _by in self.in_force()
        )
        return payout_locked([clause.state for clause in self.clauses], reviewed=reviewed)

    def in_force(self) -> list[tuple[ApprovalStep, str]]:
        """Return the passed steps that no later return undid."""
        kept: list[tuple[ApprovalStep, str]] = []
        order = {station: index for index, station in enumerate(self.chain)}
        for step, by in self.steps:
            if step.result is StepResult.RETURNED and step.back_to is not None:
                kept = [(old, name) for old, name in kept if order[old.station] < order[step.back_to]]
            else:
                kept.append((step, by))
        return kept

    def facts(self) -> PaperFacts:
        """Return what a next step rests on; a step is never dated before any step before it."""
        days = [step.decided_on for step, _by in self.steps]
        return PaperFacts(
            chain=self.chain,
            station=self.row.station,
            earliest=max(days, default=self.row.station_since),
            clauses=[clause.state for clause in self.clauses],
            consulted=[one.stance for one, _unit, _by in self.consulted],
            conditions={item: check.readiness for item, (check, _by) in self.checks.items()},
            checklist=self.row.checklist,
        )


def papers_of(session: Session, project_id: int) -> list[Approval]:
    """Return the papers of a project, newest first."""
    statement = select(Approval).where(Approval.project_id == project_id)
    return list(session.scalars(statement.order_by(Approval.id.desc()).limit(20)))


def running(session: Session, project_id: int, *, framework: bool) -> Approval | None:
    """Return the running paper of a kind."""
    statement = select(Approval).where(
        Approval.project_id == project_id, Approval.framework.is_(framework), Approval.state == PaperState.RUNNING
    )
    return session.scalar(statement)


def get(session: Session, project_id: int, approval_id: int, *, lock: bool = False) -> Approval:
    """Return a paper of a project already found to be visible."""
    statement = select(Approval).where(Approval.id == approval_id, Approval.project_id == project_id)
    row = session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFoundError(ABSENT)
    return row


def whole(session: Session, row: Approval) -> Paper:
    """Read the folder of a paper in five queries."""
    return Paper(
        row,
        _steps(session, row.id),
        _clauses(session, row.id),
        _consulted(session, row.id),
        _checks(session, row.id),
        names(session, [row.started_by])[row.started_by],
    )


def _steps(session: Session, approval_id: int) -> list[tuple[ApprovalStep, str]]:
    statement = select(ApprovalStep, User.name).join(User, User.id == ApprovalStep.by)
    rows = session.execute(statement.where(ApprovalStep.approval_id == approval_id).order_by(ApprovalStep.id))
    return [(step, name) for step, name in rows]


def _clauses(session: Session, approval_id: int) -> list[Clause]:
    newest = select(func.max(ClauseFinding.id)).group_by(ClauseFinding.clause_id)
    statement = (
        select(IncentiveClause, ClauseFinding, User.name)
        .outerjoin(ClauseFinding, and_(ClauseFinding.clause_id == IncentiveClause.id, ClauseFinding.id.in_(newest)))
        .outerjoin(User, User.id == ClauseFinding.by)
        .where(IncentiveClause.approval_id == approval_id)
        .order_by(IncentiveClause.id)
    )
    return [Clause(row, finding, by) for row, finding, by in session.execute(statement)]


def _consulted(session: Session, approval_id: int) -> list[tuple[Consultation, str, str | None]]:
    answerer = aliased(User)
    statement = (
        select(Consultation, OrgUnit.name, answerer.name)
        .join(OrgUnit, OrgUnit.id == Consultation.department_id)
        .outerjoin(answerer, answerer.id == Consultation.answered_by)
        .where(Consultation.approval_id == approval_id)
        .order_by(Consultation.id)
    )
    return [(row, unit, by) for row, unit, by in session.execute(statement)]


def _checks(session: Session, approval_id: int) -> dict[str, tuple[ReadinessCheck, str]]:
    statement = select(ReadinessCheck, User.name).join(User, User.id == ReadinessCheck.by)
    rows = session.execute(statement.where(ReadinessCheck.approval_id == approval_id).order_by(ReadinessCheck.id))
    return {check.item: (check, name) for check, name in rows}


def files(session: Session, step_ids: list[int]) -> dict[int, list[Attachment]]:
    """Return the papers filed with steps, by step."""
    if not step_ids:
        return {}
    statement = select(Attachment).where(Attachment.subject_type == FILES, Attachment.subject_id.in_(step_ids))
    found: dict[int, list[Attachment]] = {}
    for row in session.scalars(statement.order_by(Attachment.id)):
        found.setdefault(row.subject_id, []).append(row)
    return found


def file_of(session: Session, approval_id: int, file_id: int) -> Attachment | None:
    """Return one paper filed with a step of an approval."""
    steps = select(ApprovalStep.id).where(ApprovalStep.approval_id == approval_id)
    statement = select(Attachment).where(Attachment.subject_type == FILES, Attachment.subject_id.in_(steps))
    return session.scalar(statement.where(Attachment.id == file_id))


def clause(
    session: Session, project_id: int, clause_id: int
) -> tuple[IncentiveClause, list[tuple[ClauseFinding, str]]]:
    """Return a clause of a project already found to be visible, with every finding on it, newest first."""
    statement = (
        select(IncentiveClause, ClauseFinding, User.name)
        .join(Approval, Approval.id == IncentiveClause.approval_id)
        .outerjoin(ClauseFinding, ClauseFinding.clause_id == IncentiveClause.id)
        .outerjoin(User, User.id == ClauseFinding.by)
        .where(IncentiveClause.id == clause_id, Approval.project_id == project_id)
        .order_by(ClauseFinding.id.desc())
    )
    rows = session.execute(statement).all()
    if not rows:
        raise NotFoundError(NO_CLAUSE)
    return rows[0][0], [(finding, name) for _row, finding, name in rows if finding is not None]


def consultation(session: Session, project_id: int, consultation_id: int) -> tuple[Consultation, str]:
    """Return a consultation of a project already found to be visible, with the name of the department."""
    statement = (
        select(Consultation, OrgUnit.name)
        .join(OrgUnit, OrgUnit.id == Consultation.department_id)
        .join(Approval, Approval.id == Consultation.approval_id)
        .where(Consultation.id == consultation_id, Approval.project_id == project_id)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(NO_CONSULTATION)
    return row[0], row[1]


ORDER = (Key(Approval.station_since), Key(Approval.id))


def page(
    session: Session,
    actor: Actor,
    *,
    station: Station | None,
    category: Category | None,
    cursor: str | None,
) -> Page[Any]:
    """Return a page of running papers the person may see, the longest lying first."""
    statement = (
        select(Approval, Project.id, Project.name, OrgUnit.name)
        .join(Project, Project.id == Approval.project_id)
        .join(OrgUnit, OrgUnit.id == Project.unit_id)
        .where(Approval.state == PaperState.RUNNING, queries.visible_to(actor))
    )
    if station is not None:
        statement = statement.where(Approval.station == station)
    if category is not None:
        statement = statement.where(Approval.category == category)
    wide = cast("Select[Any]", statement)
    return fetch_page(session, wide, ORDER, lambda row: (row[0].station_since, row[0].id), cursor=cursor)


def stations(session: Session, actor: Actor) -> dict[Station, tuple[int, date]]:
    """Return how many papers lie at each station and since when the oldest one does."""
    statement = (
        select(Approval.station, func.count(), func.min(Approval.station_since))
        .join(Project, Project.id == Approval.project_id)
        .where(Approval.state == PaperState.RUNNING, queries.visible_to(actor))
        .group_by(Approval.station)
    )
    rows = session.execute(statement).all()
    return {station: (count, oldest) for station, count, oldest in rows if station is not None}


def ready_items(paper: Paper) -> dict[str, Readiness]:
    """Return how each landing condition stands."""
    return {
        item: paper.checks[item][0].readiness if item in paper.checks else Readiness.OPEN
        for item in paper.row.checklist
    }
