"""Reads of exit cases: the list, one with its steps and letters, what credit stands to be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from crm.auth.models import User
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.core.scheduling import local_day
from crm.delivery.capital.models import CapitalVoucher
from crm.delivery.exits.models import ExitCase, ExitReversal, ExitStep
from crm.delivery.exits.rules import ReversalKind
from crm.delivery.letters.models import DeliveryLetter
from crm.pipeline.counting.queries import barred
from crm.pipeline.models import Agreement, Project, StageEntry
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import ORDER, STAGE_LABELS, Stage

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

MISSING = Problem("exit_case.missing", "没有这件退出办理，可能不在您的查看范围内。")
MOST = 200
SIGNED = tuple(stage.value for stage in ORDER[ORDER.index(Stage.SIGNED) :])


@dataclass(frozen=True, slots=True)
class Row:
    """A case with its project."""

    case: ExitCase
    project: Project


@dataclass(frozen=True, slots=True)
class Done:
    """A step, who did it, its letter."""

    step: ExitStep
    by: str
    letter: DeliveryLetter | None


def _cases(actor: Actor) -> Select[Any]:
    joined = select(ExitCase, Project).join(Project, Project.id == ExitCase.project_id).where(visible_to(actor))
    return cast("Select[Any]", joined)


def get(session: Session, actor: Actor, case_id: int, *, lock: bool = False) -> Row:
    """Return a case of a project the actor may see."""
    statement = _cases(actor).where(ExitCase.id == case_id)
    if lock:
        statement = statement.with_for_update(of=ExitCase).execution_options(populate_existing=True)
    found = session.execute(statement).first()
    if found is None:
        raise NotFoundError(MISSING)
    return Row(*found)


def listing(session: Session, actor: Actor, *, closed: bool, cursor: str | None) -> Page[Row]:
    """List open or closed cases, the latest first."""
    over = ExitCase.closed_on.is_not(None) if closed else ExitCase.closed_on.is_(None)
    order = [Key(ExitCase.id, descending=True)]
    page = fetch_page(session, _cases(actor).where(over), order, lambda row: [row[0].id], cursor=cursor)
    return Page(tuple(Row(*row) for row in page.rows), page.next, page.previous)


def of_project(session: Session, project_id: int) -> list[ExitCase]:
    """Give the cases of a project, the latest first."""
    statement = select(ExitCase).where(ExitCase.project_id == project_id).order_by(ExitCase.id.desc())
    return list(session.scalars(statement.limit(MOST)))


def steps(session: Session, case_id: int) -> list[Done]:
    """Give the steps of a case, the first one first."""
    statement = (
        select(ExitStep, User.name, DeliveryLetter)
        .join(User, User.id == ExitStep.by)
        .outerjoin(DeliveryLetter, DeliveryLetter.id == ExitStep.letter_id)
        .where(ExitStep.case_id == case_id)
        .order_by(ExitStep.id)
        .limit(MOST)
    )
    return [Done(*row) for row in session.execute(statement)]


def reversals(session: Session, case_id: int) -> list[ExitReversal]:
    """Give what was taken back."""
    statement = select(ExitReversal).where(ExitReversal.case_id == case_id).order_by(ExitReversal.id)
    return list(session.scalars(statement.limit(MOST)))


def credit(session: Session, project_id: int, today: date) -> list[ExitReversal]:
    """Give what counts of a project now, as rows to be taken back today; nothing where a rule bars it already."""
    if barred(session, project_id):
        return []
    found = []
    contracts = select(Agreement).where(Agreement.project_id == project_id, Agreement.recognized_amount > 0)
    for row in session.scalars(contracts.order_by(Agreement.id)):
        if row.recognized_at is not None:
            made = (ReversalKind.CONTRACT, row.id, row.number or "", row.recognized_amount)
            found.append(_reversal(*made, local_day(row.recognized_at), today))
    vouchers = select(CapitalVoucher).where(
        CapitalVoucher.project_id == project_id, CapitalVoucher.recognized_amount > 0
    )
    for money in session.scalars(vouchers.order_by(CapitalVoucher.id)):
        kept = (ReversalKind.CAPITAL, money.id, money.number, money.recognized_amount)
        found.append(_reversal(*kept, money.arrived_on, today))
    entries = select(StageEntry).where(
        StageEntry.project_id == project_id,
        StageEntry.to_stage.in_(SIGNED),
        StageEntry.first,
        StageEntry.undone_at.is_(None),
    )
    for entry in session.scalars(entries.order_by(StageEntry.seq)):
        label = STAGE_LABELS[Stage(entry.to_stage)]
        found.append(_reversal(ReversalKind.STAGE, entry.id, label, None, local_day(entry.at), today))
    return found


def _reversal(kind: ReversalKind, ref_id: int, label: str, amount: Any, counted_on: date, today: date) -> ExitReversal:  # noqa: ANN401 (the columns of a row)
    return ExitReversal(kind=kind, ref_id=ref_id, label=label, amount=amount, counted_on=counted_on, reversed_on=today)
