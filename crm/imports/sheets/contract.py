"""What a kind of table says of itself: its columns, how a line is taken, and how what it wrote is taken back.

Enterprises have ways of their own (names are matched, people decide); every other kind of import is a :class:`Sheet`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from crm.core.changes import Door, Via
from crm.imports import rules
from crm.imports.models import RowAction
from crm.imports.rules import BAD, DOUBT, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.imports.columns import Mapping as Columns
    from crm.imports.phases import Phase
    from crm.imports.reading import Row

    Final = Callable[[Session, int], int | None]

ABSENT = "登记册里没有这一条，而这次只更新。"
PRESENT = "登记册里已有这一条，而这次只新增。"


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its key, its heading in the template, other headings, how it is filled in, an example.

    ``choices`` are the words it may hold; ``measure`` is ``money`` or ``land`` where the unit of an amount matters.
    """

    key: str
    label: str
    others: str = ""
    hint: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    needed: bool = False
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who imports, when, in which run, for which unit new records are made, and what may be written."""

    actor: Actor
    now: datetime
    today: date
    run_id: int
    unit_id: int | None = None
    mode: str = rules.BOTH

    @property
    def door(self) -> Door:
        """By which door its changes come in."""
        return Door(Via.IMPORT, self.run_id)


@dataclass(slots=True)
class Plan:
    """What a line would do; ``page`` is the number of the page of its record, ``data`` whatever writing it needs."""

    action: RowAction
    page: int | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    data: Any = None

    def within(self, mode: str) -> Plan:
        """Leave out what a person did not want written."""
        if self.action is RowAction.CREATE and mode == rules.UPDATE:
            return Plan(RowAction.SKIP, self.page, [*self.problems, problem(None, DOUBT, ABSENT)])
        if self.action is RowAction.UPDATE and mode == rules.CREATE:
            return Plan(RowAction.SKIP, self.page, [*self.problems, problem(None, DOUBT, PRESENT)])
        return self


def refused(problems: list[dict[str, Any]]) -> Plan:
    """Give the plan of a line that cannot be taken."""
    return Plan(RowAction.REFUSE, problems=problems)


def is_bad(problems: Collection[Mapping[str, Any]]) -> bool:
    """Whether something is wrong that keeps a line out."""
    return any(one["level"] == BAD for one in problems)


class Taker(Protocol):
    """Takes the lines of one kind: says what each would do, and does it through the services of its register.

    ``turns``: how often the lines are gone through (what others lie in goes first). ``finals`` run when all lines
    are in: each is given the number it returned last, 0 at first, and returns None when nothing is left.
    """

    @property
    def turns(self) -> int:
        """How often the lines are gone through."""

    @property
    def finals(self) -> Sequence[Final]:
        """What is done when all lines are in."""

    def note(self, number: int, cells: Row) -> None:
        """Meet a line before any is judged."""

    def load(self, session: Session, lines: Sequence[Row]) -> None:
        """Read what the register knows of these lines, in a fixed number of reads."""

    def plan(self, session: Session, number: int, cells: Row) -> Plan:
        """Say what a line would do."""

    def turn(self, cells: Row) -> int:
        """In which turn a line is written, from 0."""

    def write(self, session: Session, plan: Plan) -> int:
        """Write a line; return the number of the page of its record."""

    def place(self, name: str) -> int | None:
        """In which column the field of a problem stands."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of table: without the columns ``called`` no line can be read, ``named`` is what a line is called by.

    ``undo`` are the phases that take a run back, in their order; ``tips`` say how a table is prepared.
    """

    fields: tuple[Field, ...]
    called: tuple[str, ...]
    named: str
    taker: Callable[[Columns, Hand], Taker]
    undo: Mapping[str, Phase]
    unit_needed: bool = True
    tips: tuple[str, ...] = ()
