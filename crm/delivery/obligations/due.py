"""What is due or late over all projects a person may see, and 履约率 by unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, or_, select

from crm.core.paging import Key, Page, fetch_page
from crm.core.types import Wan
from crm.delivery.obligations.rules import DUE_SOON, Rate
from crm.pipeline.deals.duties import BY_STAGE, Duty
from crm.pipeline.deals.models import Obligation, ObligationTerm, PerformanceDeposit
from crm.pipeline.deals.rules import ObligationState, Side
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.queries import visible_to
from crm.pipeline.rules import ORDER
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.carriers.rules import LAND, HoldKind

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

ONE_DAY = timedelta(days=1)
LEAST_AREA = literal(Decimal("0.000001"), Wan())  # any land at all


class What(StrEnum):
    """What a list shows."""

    THEIRS = "theirs"
    OURS = "ours"
    DEPOSIT = "deposit"


WHAT_LABELS: dict[What, str] = {What.THEIRS: "对方义务", What.OURS: "我方义务", What.DEPOSIT: "保证金"}


@dataclass(frozen=True, slots=True)
class Due:
    """One line of the list: an obligation with its term, or a deposit."""

    project_id: int
    project: str
    unit_id: int
    due_on: date
    obligation: Obligation | None = None
    term: ObligationTerm | None = None
    deposit: PerformanceDeposit | None = None


def by_fact(today: date) -> ColumnElement[bool]:
    """Condition: a stage or land proves that the obligation was kept, without anybody writing it down.

    For reads that join :class:`Project`: a stage that was sent back proves nothing.
    """
    entered = (
        exists()
        .where(
            StageEntry.project_id == Obligation.project_id,
            StageEntry.to_stage
            == case({kind.value: stage.value for kind, stage in BY_STAGE.items()}, value=ObligationTerm.kind),
            StageEntry.first,
            StageEntry.undone_at.is_(None),
        )
        .correlate(Obligation, ObligationTerm)
    )
    still = or_(
        *(
            and_(ObligationTerm.kind == kind, Project.stage.in_(ORDER[ORDER.index(stage) :]))
            for kind, stage in BY_STAGE.items()
        )
    )
    given = (
        select(func.coalesce(func.sum(CarrierHold.area), 0))
        .join(Carrier, Carrier.id == CarrierHold.carrier_id)
        .where(
            CarrierHold.project_id == Obligation.project_id,
            Carrier.kind.in_(tuple(LAND)),
            CarrierHold.kind == HoldKind.ALLOTTED,
            CarrierHold.from_on <= today,
        )
        .correlate(Obligation)
        .scalar_subquery()
    )
    land = and_(ObligationTerm.kind == Duty.LAND, given >= func.coalesce(ObligationTerm.amount, LEAST_AREA))
    return func.coalesce(or_(and_(entered, still), land), False)


def listing(
    session: Session, actor: Actor, what: What, *, late: bool, unit_id: int | None, today: date, cursor: str | None
) -> Page[Due]:
    """List what is late, or due in the next days, the longest late first; projects that left are left out."""
    end = today - ONE_DAY if late else today + timedelta(days=DUE_SOON)
    days = (date.min if late else today, end)
    seen = _seen(actor, unit_id)
    if what is What.DEPOSIT:
        return _deposits(session, [PerformanceDeposit.due_on.between(*days), *seen], cursor)
    wanted = [Obligation.side == Side(what.value), Obligation.due_on.between(*days), ~by_fact(today), *seen]
    return _obligations(session, wanted, cursor)


def _seen(actor: Actor, unit_id: int | None) -> list[ColumnElement[bool]]:
    found = [visible_to(actor), Project.exit_kind.is_(None)]
    return found if unit_id is None else [*found, Project.unit_id == unit_id]


def _obligations(session: Session, wanted: list[ColumnElement[bool]], cursor: str | None) -> Page[Due]:
    statement: Any = (
        select(Obligation, ObligationTerm, Project.name, Project.unit_id)
        .outerjoin(ObligationTerm, ObligationTerm.obligation_id == Obligation.id)
        .join(Project, Project.id == Obligation.project_id)
        .where(Obligation.state == ObligationState.OPEN, *wanted)
    )
    order = [Key(Obligation.due_on), Key(Obligation.id)]
    page = fetch_page(session, statement, order, lambda row: [row[0].due_on, row[0].id], cursor=cursor)
    rows = tuple(Due(row[0].project_id, row[2], row[3], row[0].due_on, row[0], row[1]) for row in page.rows)
    return Page(rows, page.next, page.previous)


def _deposits(session: Session, wanted: list[ColumnElement[bool]], cursor: str | None) -> Page[Due]:
    statement: Any = (
        select(PerformanceDeposit, Project.name, Project.unit_id)
        .join(Project, Project.id == PerformanceDeposit.project_id)
        .where(PerformanceDeposit.paid_on.is_(None), *wanted)
    )
    order = [Key(PerformanceDeposit.due_on), Key(PerformanceDeposit.id)]
    page = fetch_page(session, statement, order, lambda row: [row[0].due_on, row[0].id], cursor=cursor)
    rows = tuple(Due(row[0].project_id, row[1], row[2], row[0].due_on, deposit=row[0]) for row in page.rows)
    return Page(rows, page.next, page.previous)


def rates(session: Session, actor: Actor, today: date) -> dict[int, dict[Side, Rate]]:
    """履约率 by unit and side: of what was due by now, kept; deposits count with the firm's."""
    met = or_(Obligation.state == ObligationState.MET, by_fact(today))
    asked = or_(Obligation.due_on < today, Obligation.state != ObligationState.OPEN, by_fact(today))
    duties = (
        select(Project.unit_id, Obligation.side, func.count(), func.count().filter(met))
        .join(Project, Project.id == Obligation.project_id)
        .outerjoin(ObligationTerm, ObligationTerm.obligation_id == Obligation.id)
        .where(asked, *_seen(actor, None))
        .group_by(Project.unit_id, Obligation.side)
    )
    paid = PerformanceDeposit.paid_on.is_not(None)
    deposits = (
        select(Project.unit_id, func.count(), func.count().filter(paid))
        .join(Project, Project.id == PerformanceDeposit.project_id)
        .where(or_(PerformanceDeposit.due_on < today, paid), *_seen(actor, None))
        .group_by(Project.unit_id)
    )
    rows: list[tuple[int, Side, int, int]] = [(one[0], one[1], one[2], one[3]) for one in session.execute(duties)]
    rows += [(one[0], Side.THEIRS, one[1], one[2]) for one in session.execute(deposits)]
    found: dict[int, dict[Side, Rate]] = {}
    for unit_id, side, due, kept in rows:
        before = found.setdefault(unit_id, {}).get(side, Rate())
        found[unit_id][side] = Rate(before.due + due, before.kept + kept)
    return found
