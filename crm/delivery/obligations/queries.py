"""Reads of obligations: the ledger of one project with what proves each line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crm.core.errors import NotFoundError, Problem
from crm.core.scheduling import local_day
from crm.delivery.capital.models import CapitalDecision, CapitalVoucher
from crm.delivery.capital.rules import VoucherState
from crm.delivery.obligations.models import ObligationRecord, Payout, PayoutNeed
from crm.delivery.obligations.rules import (
    ZERO,
    Arrival,
    Filled,
    Instalment,
    Lock,
    Rate,
    Standing,
    fill,
    rate,
    standing,
)
from crm.pipeline.deals.duties import BY_STAGE, DUTY_LABELS, Duty
from crm.pipeline.deals.models import Obligation, ObligationTerm, PerformanceDeposit
from crm.pipeline.deals.rules import HOME, ObligationState, Side
from crm.pipeline.models import Agreement, StageEntry
from crm.pipeline.rules import ORDER, Stage
from crm.resources.carriers.models import Carrier, CarrierHold
from crm.resources.carriers.rules import LAND, HoldKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from crm.pipeline.models import Project

ABSENT = Problem("obligation.absent", "没有这项义务。")
MOST = 300
FEN = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation with how it stands; ``done`` in the unit of its kind, in its own currency for money."""

    row: Obligation
    term: ObligationTerm | None
    standing: Standing
    met_on: date | None
    done: Decimal | None = None

    @property
    def kind(self) -> Duty:
        """Its kind; what was only written in words is 其他."""
        return self.term.kind if self.term else Duty.OTHER

    @property
    def label(self) -> str:
        """Its kind as a Chinese msgid."""
        return DUTY_LABELS[self.kind]

    @property
    def promised(self) -> Decimal | None:
        """How much was promised, in its own currency for money."""
        return (self.term.original_amount or self.term.amount) if self.term else None


@dataclass(frozen=True, slots=True)
class DepositLine:
    """One instalment of the deposit with how it stands."""

    row: PerformanceDeposit
    standing: Standing


@dataclass(frozen=True, slots=True)
class Ledger:
    """Both sides' obligations of a project; ``needs``: conditions by payout, ``paid``: payouts by obligation."""

    ours: tuple[Line, ...] = ()
    theirs: tuple[Line, ...] = ()
    deposits: tuple[DepositLine, ...] = ()
    needs: dict[int, tuple[int, ...]] = field(default_factory=dict)
    paid: dict[int, tuple[Payout, ...]] = field(default_factory=dict)

    @property
    def their_rate(self) -> Rate:
        """履约率 of the firm: obligations and deposits alike."""
        return rate([*(line.standing for line in self.theirs), *(line.standing for line in self.deposits)])

    @property
    def our_rate(self) -> Rate:
        """履约率 of the office."""
        return rate(line.standing for line in self.ours)

    @property
    def late(self) -> tuple[Line, ...]:
        """What the firm is late with or broke, deposits apart."""
        return tuple(line for line in self.theirs if line.standing in {Standing.OVERDUE, Standing.BROKEN})

    @property
    def late_deposits(self) -> tuple[DepositLine, ...]:
        """Instalments of the deposit that are late."""
        return tuple(line for line in self.deposits if line.standing is Standing.OVERDUE)

    def line(self, obligation_id: int) -> Line:
        """Return an obligation of the project."""
        for one in (*self.ours, *self.theirs):
            if one.row.id == obligation_id:
                return one
        raise NotFoundError(ABSENT)

    def asked(self, line: Line) -> tuple[Line, ...]:
        """Give the conditions of a payout."""
        return tuple(self.line(number) for number in self.needs.get(line.row.id, ()))

    def lock(self, line: Line, review: str, *, left: bool, lapsed: bool = False) -> Lock:
        """What a payout waits for."""
        return Lock(tuple((one.row.body, one.met_on) for one in self.asked(line)), review, left, lapsed)

    def unpaid(self, line: Line) -> Decimal:
        """What of a promised payout is not paid yet, 万元."""
        amount = line.term.amount if line.term and line.term.amount is not None else ZERO
        return amount - sum((one.amount for one in self.paid.get(line.row.id, ())), ZERO)


def ledger(session: Session, project: Project, today: date) -> Ledger:
    """Give every obligation of a project the actor was found to see, in a handful of queries."""
    found: list[tuple[Obligation, ObligationTerm | None]] = [
        (row, term)
        for row, term in session.execute(
            select(Obligation, ObligationTerm)
            .outerjoin(ObligationTerm, ObligationTerm.obligation_id == Obligation.id)
            .where(Obligation.project_id == project.id)
            .order_by(Obligation.due_on.is_(None), Obligation.due_on, Obligation.id)
            .limit(MOST)
        )
    ]
    ids = [row.id for row, _term in found]
    facts = _Facts(
        filled(session, project.id, (term for _row, term in found if term), {row.id: row for row, _term in found}),
        stage_days(session, project.id),
        land_days(session, project.id),
        latest_values(session, ids),
    )
    paid: defaultdict[int, list[Payout]] = defaultdict(list)
    for one in session.scalars(select(Payout).where(Payout.obligation_id.in_(ids)).order_by(Payout.id).limit(MOST)):
        paid[one.obligation_id].append(one)
    needs: defaultdict[int, list[int]] = defaultdict(list)
    for need in session.scalars(select(PayoutNeed).where(PayoutNeed.payout_id.in_(ids))):
        needs[need.payout_id].append(need.needs_id)
    lines = [_line(row, term, facts, sum((one.amount for one in paid[row.id]), ZERO), today) for row, term in found]
    deposits = session.scalars(
        select(PerformanceDeposit)
        .where(PerformanceDeposit.project_id == project.id)
        .order_by(PerformanceDeposit.due_on, PerformanceDeposit.id)
        .limit(MOST)
    )
    return Ledger(
        tuple(line for line in lines if line.row.side is Side.OURS),
        tuple(line for line in lines if line.row.side is Side.THEIRS),
        tuple(DepositLine(row, standing(row.due_on, row.paid_on, today=today)) for row in deposits),
        {key: tuple(sorted(some)) for key, some in needs.items()},
        {key: tuple(some) for key, some in paid.items() if some},
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    filled: dict[int, Filled]
    stages: dict[str, date]
    land: tuple[tuple[date, Decimal], ...]
    values: dict[int, Decimal]


def _line(row: Obligation, term: ObligationTerm | None, facts: _Facts, paid: Decimal, today: date) -> Line:
    met_on, done = term.met_on if term else None, None
    if row.state is ObligationState.MET and met_on is None and row.settled_at is not None:
        met_on = local_day(row.settled_at)
    kind = term.kind if term else Duty.OTHER
    if kind is Duty.CAPITAL:
        money = facts.filled.get(row.id, Filled())
        done, met_on = money.done, met_on or money.met_on
    elif kind in BY_STAGE:
        met_on = met_on or facts.stages.get(BY_STAGE[kind].value)
    elif kind is Duty.LAND and term is not None:
        done = sum((area for _day, area in facts.land), ZERO)
        met_on = met_on or _reached(facts.land, term.amount)
    elif kind is Duty.PAYOUT:
        done = paid
    elif term is not None:
        done = facts.values.get(row.id)
    broken = row.state is ObligationState.BROKEN
    return Line(row, term, standing(row.due_on, met_on, broken=broken, today=today), met_on, done)


def _reached(land: Iterable[tuple[date, Decimal]], amount: Decimal | None) -> date | None:
    given = ZERO
    for day, area in land:
        given += area
        if given >= (amount or area):
            return day
    return None


def filled(
    session: Session, project_id: int, terms: Iterable[ObligationTerm], rows: dict[int, Obligation]
) -> dict[int, Filled]:
    """Let the recognised capital of a project fill what was promised of it."""
    asked = [
        Instalment(row.id, row.due_on, term.original_amount or term.amount, term.currency)
        for term in terms
        if term.kind is Duty.CAPITAL
        and (row := rows[term.obligation_id]).due_on is not None
        and term.amount is not None
    ]
    return fill(asked, arrivals(session, project_id)) if asked else {}


def arrivals(session: Session, project_id: int) -> list[Arrival]:
    """Give the recognised capital of a project; a foreign voucher recognised in part counts by that part."""
    statement = select(CapitalVoucher).where(
        CapitalVoucher.project_id == project_id, CapitalVoucher.state == VoucherState.RECOGNISED
    )
    found = []
    for row in session.scalars(statement.order_by(CapitalVoucher.arrived_on, CapitalVoucher.id).limit(MOST)):
        original = None
        if row.currency != HOME and row.original_amount is not None:
            original = round(row.original_amount * row.recognized_amount / row.amount, FEN)
        found.append(Arrival(row.arrived_on, row.recognized_amount, row.currency, original))
    return found


def stage_days(session: Session, project_id: int) -> dict[str, date]:
    """Give the day from which the project has been at each stage or beyond; what was sent back has no day."""
    statement = select(StageEntry).where(StageEntry.project_id == project_id, StageEntry.undone_at.is_(None))
    found: dict[str, date] = {}
    for entry in session.scalars(statement.order_by(StageEntry.seq)):
        here = ORDER.index(Stage(entry.to_stage))
        found = {stage: day for stage, day in found.items() if ORDER.index(Stage(stage)) <= here}
        found.setdefault(entry.to_stage, local_day(entry.since or entry.at))
    return found


def confirmers(session: Session, project_id: int, needs: Iterable[Line]) -> set[int]:
    """Give who confirmed that conditions were met: by a record, a stage, or the recognition of capital."""
    asked = tuple(needs)
    found = {line.row.settled_by for line in asked if line.row.settled_by is not None and line.kind is not Duty.CAPITAL}
    stages = [BY_STAGE[line.kind] for line in asked if line.kind in BY_STAGE]
    if stages:
        moved = select(StageEntry.by).where(StageEntry.project_id == project_id, StageEntry.to_stage.in_(stages))
        found.update(session.scalars(moved.where(StageEntry.undone_at.is_(None))))
    if any(line.kind is Duty.CAPITAL for line in asked):
        decided = select(CapitalDecision.decided_by).join(
            CapitalVoucher, CapitalVoucher.id == CapitalDecision.voucher_id
        )
        found.update(session.scalars(decided.where(CapitalVoucher.project_id == project_id).distinct()))
    return found


def land_days(session: Session, project_id: int) -> tuple[tuple[date, Decimal], ...]:
    """Give the land that was allotted to a project, 亩 by day; floors and halls are no land."""
    statement = (
        select(CarrierHold.from_on, CarrierHold.area)
        .join(Carrier, Carrier.id == CarrierHold.carrier_id)
        .where(
            CarrierHold.project_id == project_id, CarrierHold.kind == HoldKind.ALLOTTED, Carrier.kind.in_(tuple(LAND))
        )
        .order_by(CarrierHold.from_on, CarrierHold.id)
        .limit(MOST)
    )
    return tuple((day, area) for day, area in session.execute(statement))


def latest_values(session: Session, ids: Iterable[int]) -> dict[int, Decimal]:
    """Give the newest recorded value of obligations."""
    newest = select(func.max(ObligationRecord.id)).where(ObligationRecord.obligation_id.in_(list(ids)))
    rows = select(ObligationRecord).where(ObligationRecord.id.in_(newest.group_by(ObligationRecord.obligation_id)))
    return {row.obligation_id: row.value for row in session.scalars(rows) if row.value is not None}


def records(session: Session, obligation_id: int) -> list[ObligationRecord]:
    """Give the records of an obligation, the latest first."""
    statement = select(ObligationRecord).where(ObligationRecord.obligation_id == obligation_id)
    return list(session.scalars(statement.order_by(ObligationRecord.id.desc()).limit(MOST)))


def contracts(session: Session, project_id: int) -> list[Agreement]:
    """Give the formal contracts of a project, the first one first."""
    statement = select(Agreement).where(Agreement.project_id == project_id, Agreement.kind == "contract")
    return list(session.scalars(statement.order_by(Agreement.signed_on, Agreement.id).limit(MOST)))
