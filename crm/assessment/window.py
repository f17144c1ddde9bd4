"""What a figure is made of: the window of facts, the lens that narrows it, the measure that counts. No reads here.

A counting basis (口径) is words and code as one object: a :class:`Clause` says in words what its condition does, and
a measure whose printed basis does not end in the words of its own clauses cannot be built.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, or_, select, true

from crm.auth.rules import Permission
from crm.core.scheduling import SHANGHAI
from crm.enterprises.models import Enterprise
from crm.pipeline.models import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute

ONE = literal(1)
SEPARATOR = "，"


class RowKind(StrEnum):
    """What the rows behind a figure are."""

    TOUCH = "touch"
    ENTRY = "stage_entry"
    AGREEMENT = "agreement"
    PROJECT = "project"
    REVIEW = "review"
    TIP = "lead_tip"
    CONTACT = "contact"
    CAPITAL = "capital"
    CASE = "service_case"
    BLOCKER = "blocker"


READ: dict[RowKind, Permission] = {
    RowKind.TOUCH: Permission.TOUCH_READ,
    RowKind.ENTRY: Permission.PROJECT_READ,
    RowKind.AGREEMENT: Permission.PROJECT_READ,
    RowKind.PROJECT: Permission.PROJECT_READ,
    RowKind.REVIEW: Permission.PROJECT_READ,
    RowKind.TIP: Permission.PROJECT_READ,
    RowKind.CONTACT: Permission.CONTACT_READ,
    RowKind.CAPITAL: Permission.PROJECT_READ,
    RowKind.CASE: Permission.CASE_READ,
    RowKind.BLOCKER: Permission.PROJECT_READ,
}


class Size(StrEnum):
    """Which sum of a project decides its investment band."""

    TOTAL = "total"
    FIXED = "fixed"


SIZE_LABELS: dict[Size, str] = {Size.TOTAL: "总投资", Size.FIXED: "固定资产投资"}


@dataclass(frozen=True, slots=True)
class Lens:
    """Which of the facts count: whose, of projects of which size (万元, ``low`` included) and kind; empty is all.

    ``sector`` holds letters of GB/T 4754 (``BCD`` is 第二产业), ``region`` the beginning of a code of GB/T 2260;
    both are those of the investor. ``site`` is the carrier (载体), ``currency`` that of a contract or a voucher.
    """

    people: frozenset[int] | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    size: Size = Size.TOTAL
    currency: str = ""
    capital: str = ""
    channel: str = ""
    industry: str = ""
    sector: str = ""
    region: str = ""
    site: str = ""

    @property
    def of_projects(self) -> list[ColumnElement[bool]]:
        """Conditions on the project alone."""
        size = Project.total_investment if self.size is Size.TOTAL else Project.fixed_investment
        found = [
            column == value
            for column, value in (
                (Project.capital, self.capital),
                (Project.channel, self.channel),
                (Project.industry, self.industry),
                (Project.site, self.site),
            )
            if value
        ]
        if self.low is not None:
            found.append(size >= self.low)
        if self.high is not None:
            found.append(size < self.high)
        if self.sector or self.region:
            found.append(Project.enterprise_id.in_(select(Enterprise.id).where(*self._of_firms())))
        return found

    def _of_firms(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.sector:
            found.append(func.substr(Enterprise.industry_code, 1, 1).in_(tuple(self.sector)))
        if self.region:
            found.append(Enterprise.region_code.startswith(self.region, autoescape=True))
        return found


EVERYTHING = Lens()


@dataclass(frozen=True, slots=True)
class Window:
    """Which facts count: days (both included, Shanghai), cut-off, units (None = all) and a lens.

    ``words`` are those of the office's planned industries, put in by :mod:`crm.assessment.queries` for measures
    that ask for them.
    """

    start: date
    end: date
    cutoff: datetime
    units: frozenset[int] | None = None
    lens: Lens = EVERYTHING
    words: tuple[str, ...] = ()

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """First instant of the period and the first one after it."""
        return (
            datetime.combine(self.start, time(), tzinfo=SHANGHAI),
            datetime.combine(self.end + timedelta(days=1), time(), tzinfo=SHANGHAI),
        )

    def holds(self, column: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        """Condition: the instant lies in the period."""
        start, stop = self.instants
        return (column >= start) & (column < stop)

    def covers(self, column: InstrumentedAttribute[int] | ColumnElement[int]) -> ColumnElement[bool]:
        """Condition: the row belongs to one of the units."""
        return true() if self.units is None else column.in_(self.units)

    def by(self, column: Any) -> ColumnElement[bool]:  # noqa: ANN401 (a column or a scalar subquery)
        """Condition: the row is one of the people's."""
        people: ColumnElement[bool] = true() if self.lens.people is None else column.in_(self.lens.people)
        return people

    def sized(self) -> list[ColumnElement[bool]]:
        """Conditions on the project that the row joins."""
        return self.lens.of_projects

    def within(self, project_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 (a column)
        """Condition: the row's project is one the lens shows; without such a lens rows of no project count too."""
        narrowed = self.lens.of_projects
        inside: ColumnElement[bool] = project_id.in_(select(Project.id).where(*narrowed)) if narrowed else true()
        return inside


@dataclass(frozen=True, slots=True)
class Clause:
    """One counting rule in words and as a condition; None where the selection itself sees to it."""

    text: str
    holds: Callable[[Window], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """A selection of rows and the rules it keeps."""

    rows: Callable[[Window], Select[Any]]
    clauses: tuple[Clause, ...] = ()

    def __call__(self, window: Window) -> Select[Any]:
        """Select the rows of a window."""
        return self.rows(window).where(*(clause.holds(window) for clause in self.clauses if clause.holds is not None))


@dataclass(frozen=True, slots=True)
class Measure:
    """A number as data: its name, unit, counting basis (口径) and the rows it counts.

    ``select(window)`` yields id, unit_id, enterprise_id, project_id, at, note, amount, person_id; the figure is the
    sum of ``amount``, which is 1 for everything that is counted. ``office`` asks for the words of planned industries.
    """

    key: str
    label: str
    unit: str
    basis: str
    kind: RowKind
    select: Callable[[Window], Select[Any]]
    office: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a basis that does not say what is done."""
        if isinstance(self.select, Counting):
            said, done = self.basis.split(SEPARATOR)[1:], [clause.text for clause in self.select.clauses]
            if said != done:
                message = f"basis of {self.key} says {said}, its code does {done}"
                raise ValueError(message)


def fact(*columns: Any) -> list[Any]:  # noqa: ANN401 (columns of any type)
    """Name the columns of a row as every measure yields them."""
    names = ("id", "unit_id", "enterprise_id", "project_id", "at", "note", "amount", "person_id")
    return [column.label(name) for name, column in zip(names, columns, strict=True)]


def known_by(column: Any, cutoff: datetime) -> ColumnElement[bool]:  # noqa: ANN401 (a column)
    """Condition: the instant is not set, or only after the cut-off."""
    later: ColumnElement[bool] = or_(column.is_(None), column > cutoff)
    return later
