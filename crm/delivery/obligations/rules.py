"""Two-sided obligations (双方义务): how they stand, how money fills instalments, when a payout is locked. Pure.

Source: practice of the trade (权责对等: what the firm does is the ground of what it is paid) and 公平竞争审查条例,
art. 18: what was not reviewed may not be given.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.deals.duties import BY_RECORD, MEASURED, SIDES, UNITS, Duty
from crm.pipeline.deals.rules import HOME, ForeignMoney, in_yuan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from crm.pipeline.deals.rules import Side

ZERO = Decimal(0)
SHORTEST, FINE = 4, 6
LARGEST = Decimal(100_000_000)
DUE_SOON = 30  # days ahead a list shows


class Standing(StrEnum):
    """How one obligation stands on a day."""

    MET = "met"
    LATE = "late"
    BROKEN = "broken"
    OVERDUE = "overdue"
    OPEN = "open"


STANDING_LABELS: dict[Standing, str] = {
    Standing.MET: "按期履行",
    Standing.LATE: "逾期履行",
    Standing.BROKEN: "违约",
    Standing.OVERDUE: "逾期未履行",
    Standing.OPEN: "未到期",
}
STANDING_TONES: dict[Standing, str] = {
    Standing.MET: "green",
    Standing.LATE: "amber",
    Standing.BROKEN: "seal",
    Standing.OVERDUE: "seal",
    Standing.OPEN: "blue",
}
DONE = frozenset({Standing.MET, Standing.LATE})


def standing(due_on: date | None, met_on: date | None, *, broken: bool = False, today: date) -> Standing:
    """Say how an obligation stands; one without a day is never late."""
    if met_on is not None:
        return Standing.LATE if due_on is not None and met_on > due_on else Standing.MET
    if broken:
        return Standing.BROKEN
    return Standing.OVERDUE if due_on is not None and due_on < today else Standing.OPEN


@dataclass(frozen=True, slots=True)
class Rate:
    """履约率: how many of those due are kept, and how many of these in time."""

    due: int = 0
    kept: int = 0
    timely: int = 0


def rate(standings: Iterable[Standing]) -> Rate:
    """Count what is due: everything kept, broken or overdue; what is not due yet neither helps nor harms."""
    due = [one for one in standings if one is not Standing.OPEN]
    return Rate(len(due), sum(one in DONE for one in due), sum(one is Standing.MET for one in due))


@dataclass(frozen=True, slots=True)
class Instalment:
    """Capital promised by a day: in 万元, or in 万 of its currency."""

    id: int
    due_on: date
    amount: Decimal
    currency: str = HOME


@dataclass(frozen=True, slots=True)
class Arrival:
    """Recognised capital: the day it came, in 万元 and in 万 of its currency."""

    on: date
    yuan: Decimal
    currency: str = HOME
    original: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of an instalment arrived, and the day on which it was full."""

    done: Decimal = ZERO
    met_on: date | None = None


def fill(instalments: Iterable[Instalment], arrivals: Iterable[Arrival]) -> dict[int, Filled]:
    """Let money fill instalments by their day, each currency its own; money of a currency nobody promised is 人民币."""
    asked = sorted(instalments, key=lambda one: (one.due_on, one.id))
    promised = {one.currency for one in asked}
    pools: dict[str, list[tuple[date, Decimal]]] = {}
    for one in sorted(arrivals, key=lambda money: money.on):
        own = one.currency in promised and one.original is not None
        key = one.currency if own else HOME
        pools.setdefault(key, []).append((one.on, one.original if own and one.original is not None else one.yuan))
    return {one.id: _take(one.amount, pools.get(one.currency, [])) for one in asked}


def _take(amount: Decimal, pool: list[tuple[date, Decimal]]) -> Filled:
    done = ZERO
    while pool and done < amount:
        on, there = pool.pop(0)
        used = min(there, amount - done)
        done += used
        if used < there:
            pool.insert(0, (on, there - used))
        if done >= amount:
            return Filled(done, on)
    return Filled(done)


@dataclass(frozen=True, slots=True)
class DutyDraft:
    """An obligation as typed: money in 万元 (``foreign`` tells another currency), land in 亩, people by number."""

    kind: Duty
    text: str
    due_on: date | None = None
    amount: Decimal | None = None
    foreign: ForeignMoney | None = None
    needs: tuple[int, ...] = ()
    clause_id: int | None = None

    @property
    def worth(self) -> Decimal | None:
        """The amount to keep, 万元 for money."""
        return in_yuan(self.foreign) if self.foreign else self.amount


def side_of(kind: Duty) -> Side | None:
    """Whose obligation a kind is; None where it may be either's."""
    return SIDES.get(kind)


def duty_problems(draft: DutyDraft, *, signed_on: date, firms: Sequence[int]) -> list[Problem]:
    """Reasons why an obligation cannot be kept as typed; ``firms`` are the ids of what the firm promised."""
    problems = []
    if draft.kind is Duty.OTHER:
        return [Problem("duty.kind", "请选择义务种类；其他义务请在协议页登记。", "kind")]
    if not draft.text.strip():
        problems.append(Problem("obligation.text", "请写明义务的内容。", "text"))
    if draft.due_on is None and draft.kind is not Duty.PAYOUT:
        problems.append(Problem("duty.due", "请填期限，到期才能提醒和催办。", "due_on"))
    if draft.due_on is not None and draft.due_on < signed_on:
        problems.append(Problem("obligation.early", "履行期限不能早于签订日期。", "due_on"))
    problems += _worth_problems(draft)
    if draft.kind is not Duty.PAYOUT:
        return problems
    if not draft.needs:
        problems.append(Problem("duty.needs", "请选择兑现条件：对方先做到哪几项，才能兑现。", "needs"))
    elif not set(draft.needs) <= set(firms):
        problems.append(Problem("duty.needs_of", "兑现条件只能选本项目对方的义务。", "needs"))
    return problems


def _worth_problems(draft: DutyDraft) -> list[Problem]:
    worth = draft.worth
    if worth is None:
        if draft.kind not in MEASURED:
            return []
        return [Problem("duty.amount", "请填数量，单位是%(unit)s。", "amount", {"unit": UNITS[draft.kind]})]
    if draft.kind not in UNITS:
        return [Problem("duty.no_amount", "这种义务不填数量。", "amount")]
    if not worth.is_finite() or not ZERO < worth <= LARGEST or worth != round(worth, FINE):
        return [Problem("duty.value", "请填大于0、不超过一亿的数，最多六位小数。", "amount")]
    if draft.foreign is not None and draft.kind is not Duty.CAPITAL:
        return [Problem("duty.currency", "只有资金到位可以按外币约定。", "currency")]
    return []


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A dated record as typed."""

    on: date | None
    evidence: str
    value: Decimal | None = None


def record_problems(kind: Duty, draft: RecordDraft, *, met: bool, signed_on: date, today: date) -> list[Problem]:
    """Reasons why a record cannot be kept; nothing was fulfilled before the contract was signed."""
    if kind not in BY_RECORD | {Duty.LAND}:
        return [Problem("record.kind", "资金到位按认定的凭证、开工和投产按项目阶段认定，不用另外登记。")]
    problems = [Problem("record.met", "这项义务已经履行。")] if met else []
    if draft.on is None or draft.on > today:
        problems.append(Problem("record.on", "请填日期，不能晚于今天。", "on"))
    elif draft.on < signed_on:
        problems.append(Problem("record.early", "日期不能早于合同签订的日期。", "on"))
    if len(draft.evidence.strip()) < SHORTEST:
        problems.append(Problem("record.evidence", "请写明依据，例如文件、凭证的名称和编号，至少四个字。", "evidence"))
    value = draft.value
    if kind in UNITS and value is None:
        problems.append(Problem("record.value", "请填实际数，单位是%(unit)s。", "value", {"unit": UNITS[kind]}))
    elif value is not None and not (value.is_finite() and ZERO <= value <= LARGEST and value == round(value, FINE)):
        problems.append(Problem("record.range", "请填0到一亿之间的数，最多六位小数。", "value"))
    return problems


def fulfilled(kind: Duty, amount: Decimal | None, value: Decimal | None) -> bool:
    """Whether a record fulfils an obligation: what is measured reaches what was promised."""
    if kind is Duty.LAND:  # land without an area agreed is given by any area, never by none
        return value is not None and value > 0 and value >= (amount or ZERO)
    return kind not in MEASURED or (amount is not None and value is not None and value >= amount)


@dataclass(frozen=True, slots=True)
class Lock:
    """What a payout waits for: conditions with the day each was met, and what its review rests on, blank if none.

    ``lapsed``: its clause did not hold on the day of the promise.
    """

    needs: tuple[tuple[str, date | None], ...]
    review: str
    left: bool = False
    lapsed: bool = False

    @property
    def met_on(self) -> date | None:
        """The day on which the last condition was met; None while one is open."""
        days = [day for _label, day in self.needs]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None


def lock_problems(lock: Lock) -> list[Problem]:
    """Reasons why a payout is locked."""
    problems = []
    if lock.left:
        problems.append(Problem("payout.left", "项目已退出，不能再兑现。"))
    if not lock.needs:
        problems.append(Problem("payout.no_needs", "没有写明兑现条件，不能兑现。"))
    for label, day in lock.needs:
        if day is None:
            text = "兑现条件还没有满足：%(what)s。对方履行之后才能兑现。"
            problems.append(Problem("payout.need", text, params={"what": label}))
    if lock.lapsed:
        text = "签约那天这一条政策不在有效期内，不能据此兑现：请核对合同依据的条款。"
        problems.append(Problem("payout.clause", text))
    elif not lock.review:
        text = "公平竞争审查还没有通过，不能兑现：请先完成政策条款的审查，或者在“送审”里完成公平竞争审查。"
        problems.append(Problem("payout.review", text))
    return problems


@dataclass(frozen=True, slots=True)
class PayoutDraft:
    """A payout as typed, in 万元."""

    amount: Decimal | None
    paid_on: date | None
    voucher: str


def payout_problems(draft: PayoutDraft, left: Decimal, lock: Lock, *, signed_on: date, today: date) -> list[Problem]:
    """Reasons why a payout cannot be recorded; ``left``: what of the promise is not paid yet."""
    problems = lock_problems(lock)
    amount = draft.amount
    if amount is not None and amount.is_finite() and amount > min(left, LARGEST):
        problems.append(Problem("payout.more", "超过了还没有兑现的金额。", "amount"))
    elif amount is None or not amount.is_finite() or amount <= 0 or amount != round(amount, FINE):
        problems.append(Problem("payout.amount", "请填兑现金额，大于零，最多精确到分（六位小数）。", "amount"))
    if draft.paid_on is None or draft.paid_on > today:
        problems.append(Problem("payout.on", "请填兑现日期，不能晚于今天。", "paid_on"))
    elif draft.paid_on < signed_on:
        problems.append(Problem("payout.early", "兑现日期不能早于合同签订的日期。", "paid_on"))
    elif lock.met_on is not None and draft.paid_on < lock.met_on:
        text = "兑现日期不能早于条件满足的日期%(day)s。"
        problems.append(Problem("payout.before", text, "paid_on", {"day": lock.met_on.isoformat()}))
    if not draft.voucher.strip():
        problems.append(Problem("payout.voucher", "请填凭证号。", "voucher"))
    return problems
