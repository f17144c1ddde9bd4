"""Referrers and channels: who brings projects, under which contract, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from crm.core import audit
from crm.core.errors import DomainError, NotFoundError, Problem
from crm.pipeline.intake.dimensions import ReferrerKind
from crm.pipeline.intake.models import Referrer
from crm.pipeline.limits import is_signed
from crm.pipeline.models import Project
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import ORDER, Stage

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.pipeline.rules import Channel

SHOWN = 500
SIGNED = tuple(stage for stage in ORDER if is_signed(stage))


@dataclass(frozen=True, slots=True)
class Yield:
    """What came through one door: leads, those in talks or further, those signed and their investment."""

    leads: int = 0
    talking: int = 0
    signed: int = 0
    amount: Decimal = Decimal(0)

    @property
    def rate(self) -> str:
        """Signed of all, in percent with one decimal, half up."""
        return f"{Decimal(100 * self.signed) / self.leads:.1f}%" if self.leads else ""


def _yields() -> list[Any]:
    signed = Project.stage.in_(SIGNED)
    return [
        func.count(Project.id).label("leads"),
        func.count(case((Project.stage != Stage.LEAD, Project.id))).label("talking"),
        func.count(case((signed, Project.id))).label("signed"),
        func.sum(case((signed, Project.total_investment))).label("amount"),
    ]


def _yield(row: Any) -> Yield:  # noqa: ANN401 (a row of named columns)
    return Yield(row.leads, row.talking, row.signed, row.amount or Decimal(0))


def by_channel(session: Session, actor: Actor) -> dict[Channel, Yield]:
    """Yield of each channel over the projects the person may see."""
    statement = select(Project.channel, *_yields()).where(visible_to(actor)).group_by(Project.channel)
    return {row.channel: _yield(row) for row in session.execute(statement)}


def listing(session: Session, actor: Actor) -> list[tuple[Referrer, Yield]]:
    """Referrers with what came through each, the fruitful ones first."""
    found = select(Project.referrer_id, *_yields()).where(visible_to(actor)).group_by(Project.referrer_id).subquery()
    statement = (
        select(Referrer, found.c.leads, found.c.talking, found.c.signed, found.c.amount)
        .outerjoin(found, found.c.referrer_id == Referrer.id)
        .order_by(func.coalesce(found.c.signed, 0).desc(), func.coalesce(found.c.leads, 0).desc(), Referrer.id)
        .limit(SHOWN)
    )
    return [
        (row[0], Yield(row.leads or 0, row.talking or 0, row.signed or 0, row.amount or Decimal(0)))
        for row in session.execute(statement)
    ]


def choices(session: Session) -> list[tuple[int, str]]:
    """Referrers to choose from, by name."""
    rows = session.execute(select(Referrer.id, Referrer.name).order_by(Referrer.name).limit(SHOWN))
    return [(row.id, row.name) for row in rows]


def get(session: Session, referrer_id: int) -> Referrer:
    """Return a referrer."""
    row = session.get(Referrer, referrer_id)
    if row is None:
        raise NotFoundError(Problem("referrer.absent", "没有这个引荐人。"))
    return row


def save(
    session: Session, actor: Actor, values: dict[str, Any], *, now: datetime, referrer_id: int | None = None
) -> Referrer:
    """Add a referrer or change one; an agent needs the number and dates of the contract."""
    problems = problems_of(values)
    twin = session.scalar(select(Referrer.id).where(Referrer.name == values["name"]))
    if twin is not None and twin != referrer_id:
        problems.append(Problem("referrer.twin", "已有同名的引荐人，请直接用它。", "name"))
    if problems:
        raise DomainError(*problems)
    row = get(session, referrer_id) if referrer_id else Referrer(created_by=actor.user_id, created_at=now)
    for key, value in values.items():
        setattr(row, key, value)
    session.add(row)
    session.flush()
    audit.record(session, actor.user_id, "referrer.save", ("referrer", row.id), now=now, name=row.name)
    return row


def problems_of(values: dict[str, Any]) -> list[Problem]:
    """Reasons why a referrer cannot be kept so."""
    start: date | None = values.get("contract_from")
    end: date | None = values.get("contract_to")
    problems = []
    if values.get("kind") is ReferrerKind.AGENT and not (values.get("contract_no") and start):
        problems.append(Problem("referrer.contract", "委托代理机构须填合同编号和起始日期。", "contract_no"))
    if end is not None and start is None:
        problems.append(Problem("referrer.start", "填了合同止期，也请填起期。", "contract_from"))
    if end is not None and start is not None and end < start:
        problems.append(Problem("referrer.dates", "合同止期不能早于起期。", "contract_to"))
    return problems
