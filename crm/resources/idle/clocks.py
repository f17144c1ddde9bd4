"""The two clocks of idle land: a year of rest makes it idle and costs a fee, two years let it be reclaimed. Pure.

Source: 闲置土地处置办法 (Order 53 of the Ministry of Land and Resources, 2012). Land not begun is counted from the
agreed start; where none is agreed, from a year after it was handed over. Land begun is idle when less than a third
of it is built on or less than a quarter of the investment is made, and work has rested for a year: counted from the
day it stopped. Days of delay by government (政府原因) or force majeure do not count, each day once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.resources.idle.rules import KIND_LABELS, SHORTEST_DETAIL, IdleKind, IdleStepKind

if TYPE_CHECKING:
    from collections.abc import Iterable

YEAR = 365  # days: more than so many is a full year past
FEE_AFTER, RECLAIM_AFTER = YEAR, 2 * YEAR
BUILT_LEAST, INVESTED_LEAST = Decimal(1) / 3, Decimal("0.25")
ZERO = Decimal(0)


class DelayCause(StrEnum):
    """What delayed a start that the holder does not answer for."""

    HANDOVER = "handover"
    PLAN = "plan"
    POLICY = "policy"
    PETITION = "petition"
    HERITAGE = "heritage"
    FORCE = "force"
    OTHER = "other"


CAUSE_LABELS: dict[DelayCause, str] = {
    DelayCause.HANDOVER: "未按约定交付土地",
    DelayCause.PLAN: "规划依法修改",
    DelayCause.POLICY: "国家政策调整",
    DelayCause.PETITION: "处理群众信访",
    DelayCause.HERITAGE: "军事管制、文物保护",
    DelayCause.FORCE: "不可抗力",
    DelayCause.OTHER: "其他政府原因",
}


@dataclass(frozen=True, slots=True)
class Delay:
    """Days that do not count, both ends with them; without an end it still goes on."""

    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What was found of land on a day: begun and stopped when, 亩 built on, 万元 invested of those planned."""

    on: date
    begun_on: date | None = None
    stopped_on: date | None = None
    built: Decimal = ZERO
    invested: Decimal = ZERO
    planned: Decimal | None = None

    def short_of(self, area: Decimal) -> bool:
        """Whether less than a third is built on, or less than a quarter invested; ``area`` in 亩."""
        invested = self.planned is not None and self.invested < self.planned * INVESTED_LEAST
        return self.built < area * BUILT_LEAST or invested


@dataclass(frozen=True, slots=True)
class Clock:
    """How long land has lain idle: from which day, days past, days that do not count; whether a delay goes on."""

    kind: IdleKind
    start: date
    past: int
    excluded: int
    paused: bool

    @property
    def days(self) -> int:
        """Days that count."""
        return max(0, self.past - self.excluded)

    @property
    def fee_on(self) -> date:
        """The first day on which a full year has run, as far as delays are known today."""
        return self.start + timedelta(days=FEE_AFTER + 1 + self.excluded)

    @property
    def reclaim_on(self) -> date:
        """The first day on which two full years have run."""
        return self.start + timedelta(days=RECLAIM_AFTER + 1 + self.excluded)

    @property
    def fee_due(self) -> bool:
        """Whether the fee of a fifth of the price may be levied."""
        return self.days > FEE_AFTER

    @property
    def reclaimable(self) -> bool:
        """Whether the land may be reclaimed without pay."""
        return self.days > RECLAIM_AFTER


def excluded(delays: Iterable[Delay], start: date, day: date) -> int:
    """Days after ``start`` up to ``day`` that lie in a delay; those in two count once."""
    found, last = 0, start
    for one in sorted(delays, key=lambda one: one.from_on):
        end = min(one.until_on or day, day)
        begin = max(one.from_on, last + timedelta(days=1))
        if begin <= end:
            found, last = found + (end - begin).days + 1, end
    return found


def agreed_start(start_due: date | None, given_on: date) -> date:
    """The day work had to begin: as agreed, else a year after the land was handed over."""
    return start_due or given_on + timedelta(days=YEAR)


def clock(
    start_due: date, found: Progress | None, delays: Iterable[Delay], area: Decimal, day: date, *, begun: bool = False
) -> Clock | None:
    """Give the clock that runs for land; None where it is being built. ``begun``: its project says it started."""
    if found is None or found.begun_on is None:
        return None if begun else _running(IdleKind.CIRCLED, start_due, delays, day)
    if found.stopped_on is None or not found.short_of(area):
        return None
    return _running(IdleKind.OCCUPIED, found.stopped_on, delays, day)


def _running(kind: IdleKind, start: date, delays: Iterable[Delay], day: date) -> Clock:
    known = list(delays)
    going = any(one.from_on <= day and (one.until_on is None or one.until_on >= day) for one in known)
    return Clock(kind, start, max(0, (day - start).days), excluded(known, start, day), going)


def delay_problems(new: Delay, given_on: date, today: date, detail: str) -> list[Problem]:
    """Reasons why a delay cannot be kept."""
    problems = []
    if not given_on <= new.from_on <= today:
        problems.append(Problem("delay.from", "延误的开始日期不能早于供地日期，也不能晚于今天。", "from_on"))
    if new.until_on is not None and not new.from_on <= new.until_on <= today:
        problems.append(
            Problem("delay.until", "延误的结束日期不能早于开始日期，也不能晚于今天；还没有结束就不填。", "until_on")
        )
    if len(detail.strip()) < SHORTEST_DETAIL:
        problems.append(Problem("idle.detail", "请写明情况，至少四个字。", "detail"))
    return problems


def progress_problems(new: Progress, given_on: date, area: Decimal, today: date) -> list[Problem]:
    """Reasons why what was found of land cannot be kept."""
    problems = []
    if not given_on <= new.on <= today:
        problems.append(Problem("idle.on", "日期不能早于供地日期，也不能晚于今天。", "on"))
    if new.begun_on is not None and not given_on <= new.begun_on <= new.on:
        problems.append(Problem("progress.begun", "动工日期不能早于供地日期，也不能晚于核查日期。", "begun_on"))
    if new.stopped_on is not None and not (new.begun_on is not None and new.begun_on <= new.stopped_on <= new.on):
        problems.append(
            Problem("progress.stopped", "停工日期要在动工日期和核查日期之间；没有停工就不填。", "stopped_on")
        )
    if not ZERO <= new.built <= area:
        problems.append(Problem("progress.built", "已开发面积不能小于0，也不能大于供地面积。", "built"))
    if new.invested < ZERO or (new.planned is not None and new.planned <= ZERO):
        problems.append(Problem("progress.money", "投资额不能小于0。", "invested"))
    if new.begun_on is None and (new.built or new.stopped_on is not None):
        problems.append(Problem("progress.first", "已开发的土地请填写动工日期。", "begun_on"))
    return problems


BUILDING = Problem("idle.building", "按登记的动工进度，这宗地没有闲置；已停工的，请先登记停工日期和进度。", "kind")


def finding_problems(found: Clock | None, kind: IdleKind) -> list[Problem]:
    """Reasons why land cannot be found idle in this way yet."""
    if found is None:
        return [BUILDING]
    if found.kind is not kind:
        params: dict[str, object] = {"kind": KIND_LABELS[found.kind]}
        return [Problem("idle.which", "按登记的动工进度，这宗地属于“%(kind)s”。", "kind", params)]
    return [] if found.fee_due else [_early(found, found.fee_on, "一年")]


def due_problems(found: Clock | None, step: IdleStepKind) -> list[Problem]:
    """Reasons why the fee or the land cannot be asked for on a day."""
    if step not in {IdleStepKind.FEE, IdleStepKind.RECLAIM}:
        return []
    if found is None:
        return [BUILDING]
    if step is IdleStepKind.FEE:
        return [] if found.fee_due else [_early(found, found.fee_on, "一年")]
    return [] if found.reclaimable else [_early(found, found.reclaim_on, "两年")]


def _early(found: Clock, full: date, years: str) -> Problem:
    text = "从%(start)s起算，扣除不计的%(excluded)s天，要到%(full)s才满%(years)s。"
    params: dict[str, object] = {
        "start": found.start.isoformat(), "excluded": found.excluded, "full": full.isoformat(), "years": years
    }  # fmt: skip
    return Problem("idle.young", text, "kind", params)
