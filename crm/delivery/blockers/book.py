"""What the office sets about blockers: their categories with usual terms, and whom a late one is told to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.core.workdays import add_workdays
from crm.fieldwork.chains.ladder import MOST_DAYS, MOST_STEPS, Ladder, Rung, Told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

KEY = "blocker_rules"
MOST_CATEGORIES = 30
LONGEST_NAME = 40
LONGEST_TERM = 250
USUAL_DAYS = 15
OTHER = "other"
HEAD, MANAGER, LEADER = Told.HEAD, Told.MANAGER, Told.LEADER


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of blocker: its usual term in working days, and the unit that usually clears it."""

    key: str
    name: str
    days: int = USUAL_DAYS
    unit_id: int | None = None
    active: bool = True


USUAL_CATEGORIES: tuple[Category, ...] = (
    Category("demolition", "征地拆迁", 30),
    Category("land", "土地出让", 30),
    Category("permits", "手续办理", 10),
    Category("finance", "融资", 20),
    Category("labour", "用工", 15),
    Category("energy", "用能", 15),
    Category("roads", "道路和配套", 20),
    Category("logistics", "物流运输", 15),
    Category("policy", "政策兑现", 20),
    Category(OTHER, "其他", 15),
)
USUAL_RUNGS: tuple[Rung, ...] = (
    Rung(0, frozenset({Told.OWNER})),
    Rung(1, frozenset({Told.OWNER, HEAD})),
    Rung(3, frozenset({Told.OWNER, HEAD, MANAGER})),
    Rung(5, frozenset({HEAD, MANAGER, LEADER}), risk=True),
)


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of the office; days late are working days. On a risk rung a blocker asks for a coordination meeting."""

    categories: tuple[Category, ...] = USUAL_CATEGORIES
    rungs: tuple[Rung, ...] = USUAL_RUNGS

    def name(self, key: str) -> str:
        """Name of a category, also of one no longer used; a key nobody knows any more is shown as it is."""
        return next((one.name for one in self.categories if one.key == key), key)

    def names(self) -> dict[str, str]:
        """Names of all categories by key."""
        return {one.key: one.name for one in self.categories}

    def chosen(self) -> list[tuple[str, str]]:
        """Categories that can be chosen now."""
        return [(one.key, one.name) for one in self.categories if one.active]

    def due(self, key: str, today: date) -> date:
        """Usual deadline of a category, on the work calendar."""
        days = next((one.days for one in self.categories if one.key == key), USUAL_DAYS)
        return add_workdays(today, days)

    def unit(self, key: str) -> int | None:
        """Unit that usually clears this category."""
        return next((one.unit_id for one in self.categories if one.key == key), None)

    @property
    def ladder(self) -> Ladder:
        """The ladder of late blockers, in working days."""
        return Ladder(self.rungs)

    def packed(self) -> dict[str, Any]:
        """Return the rules as plain data."""
        categories = [
            {"key": one.key, "name": one.name, "days": one.days, "unit": one.unit_id, "active": one.active}
            for one in self.categories
        ]
        rungs = [{"day": rung.day, "told": sorted(rung.told), "risk": rung.risk} for rung in self.rungs]
        return {"categories": categories, "rungs": rungs}


def unpacked(stored: Mapping[str, Any] | None) -> Book:
    """Read packed rules; nothing stored are the usual ones."""
    if not stored:
        return Book()
    categories = tuple(
        Category(one["key"], one["name"], one["days"], one["unit"], one["active"]) for one in stored["categories"]
    )
    rungs = tuple(
        Rung(one["day"], frozenset(Told(name) for name in one["told"] if name in set(Told)), one["risk"])
        for one in stored["rungs"]
    )
    return Book(categories, rungs)


def book_problems(book: Book) -> list[Problem]:
    """Reasons why rules cannot be kept."""
    problems = []
    names = [one.name.strip() for one in book.categories]
    if not any(one.active for one in book.categories) or len(names) > MOST_CATEGORIES:
        problems.append(Problem("blocker_rules.categories", "请保留1到30个在用的问题类别。", "categories"))
    if any(not name or len(name) > LONGEST_NAME for name in names) or len(set(names)) < len(names):
        problems.append(Problem("blocker_rules.names", "类别名称不能为空、重复或超过40字。", "categories"))
    if any(not 1 <= one.days <= LONGEST_TERM for one in book.categories):
        problems.append(Problem("blocker_rules.days", "办理时限请填1到250个工作日。", "categories"))
    days = [rung.day for rung in book.rungs]
    if not days or len(days) > MOST_STEPS:
        problems.append(Problem("ladder.rungs", "请填1到6级提醒。", "rungs"))
    if days != sorted(set(days)) or any(not 0 <= day <= MOST_DAYS for day in days):
        problems.append(Problem("ladder.days", "各级天数请填0到90，从小到大，不要重复。", "rungs"))
    if any(not rung.told for rung in book.rungs):
        problems.append(Problem("ladder.told", "每一级都要选提醒谁。", "rungs"))
    return problems
