"""What stands in a paper before it is put into words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from crm.assessment.rules import Number
    from crm.assessment.standings import Standing
    from crm.papers.rules import PaperKind, Period

Sums = Mapping[str, Mapping[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one kind, ranked among themselves."""

    label: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of the year up to the end of the period, and of the period.

    ``within`` is done in the period by unit and key; ``sums`` are further measures of the period by key and unit.
    """

    whole: Standing
    groups: tuple[Group, ...]
    within: Mapping[tuple[int, str], Number]
    sums: Sums
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class StalledProject:
    """A project nobody moved for longer than its stage allows (days)."""

    name: str
    investor: str
    unit: str
    owner: str
    stage: str
    idle: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Late:
    """An instruction or a decision that is late."""

    subject: str
    text: str
    unit: str
    person: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for a decision; ``source`` is its kind in words."""

    source: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Slip:
    """An open supervision slip."""

    number: str
    unit: str
    demand: str
    due_on: date
    progress: str
    lamp: str


@dataclass(frozen=True, slots=True)
class SignedProject:
    """A signed project: who leads, where it stands, what comes next; investment in 万元."""

    name: str
    investor: str
    investment: Decimal | None
    signed_on: date | None
    leader: str
    leads: str
    stage: str
    unit: str
    task: str
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a paper may say; what its kind does not need is left empty. ``today`` is the day it is made."""

    kind: PaperKind
    period: Period
    today: date
    issuer: str
    figures: Figures | None = None
    stalled: tuple[StalledProject, ...] = ()
    instructions: tuple[Late, ...] = ()
    decisions: tuple[Late, ...] = ()
    matters: tuple[Matter, ...] = ()
    slips: tuple[Slip, ...] = ()
    signed: tuple[SignedProject, ...] = ()
