"""Reads of capital: the queue of recognisers, the ledger of a project, sums reported and recognised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, or_, select

from crm.auth.models import User
from crm.core.errors import NotFoundError, Problem
from crm.core.files import Attachment
from crm.core.paging import Key, Page, fetch_page
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import ZERO, VoucherDraft, VoucherState, folded
from crm.pipeline.models import Agreement, Project
from crm.pipeline.queries import visible_to
from crm.pipeline.words import AgreementKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ABSENT = Problem("capital.missing", "没有这张凭证，可能已被删除。")
SUBJECT = "capital_voucher"
MOST = 500
COUNTED = (VoucherState.WAITING, VoucherState.RECOGNISED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A voucher with the names a list shows."""

    voucher: CapitalVoucher
    project: str
    reporter: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with who made it."""

    decision: CapitalDecision
    by: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Capital of a project in 万元: reported (withdrawn and refused left out), recognised, signed by contract."""

    reported: Decimal
    recognised: Decimal
    signed: Decimal

    @property
    def rate(self) -> Decimal | None:
        """资金到位率: recognised ÷ contract amount; None without a contract."""
        return self.recognised / self.signed if self.signed else None

    @property
    def accepted(self) -> Decimal | None:
        """认定率: recognised ÷ reported; None where nothing was reported."""
        return self.recognised / self.reported if self.reported else None


def get(session: Session, actor: Actor, voucher_id: int, *, lock: bool = False) -> CapitalVoucher:
    """Return a voucher of a project the actor may see; not yours is not there."""
    statement = _visible(actor).where(CapitalVoucher.id == voucher_id)
    if lock:
        statement = statement.with_for_update(of=CapitalVoucher).execution_options(populate_existing=True)
    found: CapitalVoucher | None = session.scalar(statement)
    if found is None:
        raise NotFoundError(ABSENT)
    return found


def queue(
    session: Session, actor: Actor, *, state: VoucherState | None, unit_id: int | None, cursor: str | None
) -> Page[Entry]:
    """Give vouchers, those that wait longest first; decided ones newest first."""
    statement = (
        select(CapitalVoucher, Project.name, User.name)
        .join(Project, Project.id == CapitalVoucher.project_id)
        .join(User, User.id == CapitalVoucher.reported_by)
        .where(visible_to(actor))
    )
    if state is not None:
        statement = statement.where(CapitalVoucher.state == state)
    if unit_id is not None:
        statement = statement.where(CapitalVoucher.unit_id == unit_id)
    order = [Key(CapitalVoucher.id, descending=state is not VoucherState.WAITING)]
    page = fetch_page(session, cast("Select[Any]", statement), order, lambda row: [row[0].id], cursor=cursor)
    return Page(tuple(Entry(*row) for row in page.rows), page.next, page.previous)


def waiting(session: Session, actor: Actor) -> int:
    """Count what waits for recognition and is neither the actor's own nor of a project of the actor."""
    statement = (
        select(func.count())
        .select_from(CapitalVoucher)
        .join(Project, Project.id == CapitalVoucher.project_id)
        .where(visible_to(actor), CapitalVoucher.state == VoucherState.WAITING)
        .where(CapitalVoucher.reported_by != actor.user_id, Project.created_by != actor.user_id)
        .where(or_(Project.owner_id.is_(None), Project.owner_id != actor.user_id))
    )
    return session.scalar(statement) or 0


def ledger(session: Session, project_id: int) -> list[Entry]:
    """Give the vouchers of a project the actor was found to see, newest arrival first."""
    statement = (
        select(CapitalVoucher, Project.name, User.name)
        .join(Project, Project.id == CapitalVoucher.project_id)
        .join(User, User.id == CapitalVoucher.reported_by)
        .where(CapitalVoucher.project_id == project_id)
        .order_by(CapitalVoucher.arrived_on.desc(), CapitalVoucher.id.desc())
        .limit(MOST)
    )
    return [Entry(*row) for row in session.execute(statement)]


def sums(session: Session, project_id: int) -> Sums:
    """Add up the capital of a project."""
    statement = select(func.sum(CapitalVoucher.amount), func.sum(CapitalVoucher.recognized_amount)).where(
        CapitalVoucher.project_id == project_id, CapitalVoucher.state.in_(COUNTED)
    )
    reported, recognised = session.execute(statement).one()
    signed = session.scalar(
        select(func.sum(Agreement.amount)).where(
            Agreement.project_id == project_id, Agreement.kind == AgreementKind.CONTRACT
        )
    )
    return Sums(reported or ZERO, recognised or ZERO, signed or ZERO)


def decisions(session: Session, voucher_id: int) -> list[Decided]:
    """Give the decisions on a voucher, oldest first."""
    statement = (
        select(CapitalDecision, User.name)
        .join(User, User.id == CapitalDecision.decided_by)
        .where(CapitalDecision.voucher_id == voucher_id)
        .order_by(CapitalDecision.id)
        .limit(MOST)
    )
    return [Decided(*row) for row in session.execute(statement)]


def paper(session: Session, voucher_id: int) -> Attachment | None:
    """Give the file of a voucher."""
    statement = select(Attachment).where(Attachment.subject_type == SUBJECT, Attachment.subject_id == voucher_id)
    return session.scalar(statement.order_by(Attachment.id).limit(1))


def twin(session: Session, sha256: str) -> int | None:
    """Give the voucher that already uses this very file, None when it is new."""
    statement = select(CapitalVoucher.id).where(CapitalVoucher.sha256 == sha256, CapitalVoucher.state.in_(COUNTED))
    return session.scalar(statement)


def same_paper(session: Session, draft: VoucherDraft) -> CapitalVoucher | None:
    """Give the live voucher of the same paper: number, payer and day, whatever it is called and however written."""
    same = (
        CapitalVoucher.number_key == folded(draft.number),
        CapitalVoucher.payer_key == folded(draft.payer),
        CapitalVoucher.arrived_on == draft.arrived_on,
        CapitalVoucher.state.in_(COUNTED),
    )
    found: CapitalVoucher | None = session.scalar(select(CapitalVoucher).where(*same).limit(1))
    return found


def project_in_sight(session: Session, actor: Actor, project_id: int) -> str | None:
    """Give the name of a project the actor may see."""
    return session.scalar(select(Project.name).where(Project.id == project_id, visible_to(actor)))


def names(session: Session, user_ids: Sequence[int]) -> dict[int, str]:
    """Give names of people."""
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids)))).all())


def _visible(actor: Actor) -> Select[Any]:
    return select(CapitalVoucher).join(Project, Project.id == CapitalVoucher.project_id).where(visible_to(actor))
