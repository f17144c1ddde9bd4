"""Reads of agreements: what one binds to, where its scan is used again, which intentions grow old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from crm.core.files import Attachment
from crm.pipeline.deals.models import Obligation, PerformanceDeposit
from crm.pipeline.deals.rules import ObligationState, is_aged
from crm.pipeline.models import Agreement, Project
from crm.pipeline.queries import visible_to
from crm.pipeline.words import AgreementKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MOST = 200
AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Twin:
    """Another agreement that holds the very same file; its project is named only to who may see it."""

    sha256: str
    project_id: int | None
    project: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the obligations of an agreement are: how many, how many open, how many late, how many broken."""

    total: int = 0
    open: int = 0
    late: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Old:
    """An intention or framework agreement without a contract, and its project."""

    agreement: Agreement
    project: str


def obligations(session: Session, agreement_id: int) -> list[Obligation]:
    """Obligations of an agreement, ours first, by their day."""
    statement = select(Obligation).where(Obligation.agreement_id == agreement_id)
    order = (Obligation.side, Obligation.due_on.is_(None), Obligation.due_on, Obligation.id)
    return list(session.scalars(statement.order_by(*order).limit(MOST)))


def deposits(session: Session, agreement_id: int) -> list[PerformanceDeposit]:
    """Instalments of the deposit of an agreement, by their day."""
    statement = select(PerformanceDeposit).where(PerformanceDeposit.agreement_id == agreement_id)
    return list(session.scalars(statement.order_by(PerformanceDeposit.due_on, PerformanceDeposit.id).limit(MOST)))


def standings(session: Session, project_id: int, today: date) -> dict[int, Standing]:
    """How far the obligations of each agreement of a project are, in one query."""
    waits = Obligation.state == ObligationState.OPEN
    statement = (
        select(
            Obligation.agreement_id,
            func.count(),
            func.count().filter(waits),
            func.count().filter(waits, Obligation.due_on < today),
            func.count().filter(Obligation.state == ObligationState.BROKEN),
        )
        .where(Obligation.project_id == project_id)
        .group_by(Obligation.agreement_id)
    )
    return {row[0]: Standing(*row[1:]) for row in session.execute(statement)}


def twins(session: Session, actor: Actor, agreement_id: int) -> list[Twin]:
    """Other agreements whose scan is the very same file as one of this agreement (一份文件只用一次)."""
    own, other = aliased(Attachment), aliased(Attachment)
    seen = select(Project.id, Project.name).where(visible_to(actor)).subquery("seen")
    statement = (
        select(own.sha256, seen.c.id, seen.c.name, Agreement.number)
        .join(other, other.sha256 == own.sha256)
        .join(Agreement, Agreement.id == other.subject_id)
        .outerjoin(seen, seen.c.id == Agreement.project_id)
        .where(
            own.subject_type == AGREEMENT,
            own.subject_id == agreement_id,
            other.subject_type == AGREEMENT,
            other.subject_id != agreement_id,
        )
        .limit(MOST)
    )
    rows = session.execute(statement)
    return [Twin(sha, number, name, paper if number else None) for sha, number, name, paper in rows]


def ageing(session: Session, actor: Actor, months: int, today: date) -> list[Old]:
    """Visible intentions and framework agreements that have gone without a contract for too long, oldest first."""
    contract = aliased(Agreement)
    signed = exists().where(contract.project_id == Project.id, contract.kind == AgreementKind.CONTRACT)
    statement = (
        select(Agreement, Project.name)
        .join(Project, Project.id == Agreement.project_id)
        .where(
            Agreement.kind != AgreementKind.CONTRACT,
            Project.exit_kind.is_(None),
            ~signed,
            visible_to(actor),
        )
        .order_by(Agreement.signed_on, Agreement.id)
        .limit(MOST)
    )
    found = [Old(agreement, name) for agreement, name in session.execute(statement)]
    return [old for old in found if _aged(old.agreement, months, today)]


def aged_ids(agreements: Iterable[Agreement], months: int, today: date) -> set[int]:
    """Which of a project's agreements are intentions grown old; none once there is a contract."""
    rows = list(agreements)
    if any(row.kind is AgreementKind.CONTRACT for row in rows):
        return set()
    return {row.id for row in rows if _aged(row, months, today)}


def _aged(row: Agreement, months: int, today: date) -> bool:
    return is_aged(row.kind, row.signed_on, contract=False, months=months, today=today)
