"""A rule tried on sample values: what it would give and how, with the very engine that reckons assessments. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crm.assessment.books.list_rules import GROUP, NAME, Sheet, sheets
from crm.assessment.books.rules import PROMOTION, VETO
from crm.assessment.engine import needs
from crm.assessment.engine.facts import Unit
from crm.assessment.engine.formula import OF_GROUP
from crm.assessment.engine.items import Items
from crm.assessment.engine.numbers import TooLargeError, Value, read, shown
from crm.assessment.engine.relative import Best, MinMax, Place, Rating
from crm.assessment.engine.run import run
from crm.assessment.rulemaking import guesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crm.assessment.engine.book import Book, Rule
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.run import Result

PREFIX = "try-"
OWN, FIRST, SECOND = "本单位", "同组甲", "同组乙"
OTHERS = {FIRST: ("1200", 2), SECOND: ("400", 0)}
ROWS = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """One sample value: the name of its field, the text in it."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Sample values as a table: a row for each indicator or each row of a list."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit gets: its points, the reckoning, what is missing; ``met`` speaks of a veto or a promotion."""

    unit: str
    points: str
    working: str
    problem: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The sample values as they are asked, and what comes out."""

    tables: tuple[Table, ...]
    answers: tuple[Answer, ...]


def alone(book: Book, place: str, at: int) -> Book:
    """Give the book with one rule, veto or promotion in it; the rules before it stay where scores are named."""
    if place == VETO:
        book = replace(book, verdicts=(book.verdicts[at],), promotions=())
    elif place == PROMOTION:
        book = replace(book, verdicts=(), promotions=(book.promotions[at],))
    else:
        before = book.rules[:at] if _names_scores(book, book.rules[at].formulas) else ()
        return replace(book, rules=(*before, book.rules[at]), verdicts=(), promotions=(), cap=None)
    asked = [one.when for one in (*book.verdicts, *book.promotions)]
    return book if _names_scores(book, asked) else replace(book, rules=())


def _names_scores(book: Book, formulas: Sequence[Formula]) -> bool:
    made = {one.key: one.formula for one in book.derived}
    named = [*formulas, *made.values()]
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "score"
        for formula in named
        for node in ast.walk(formula.tree)
    )


def tried(book: Book, typed: Mapping[str, str]) -> Trial:
    """Try a book of one rule on the values typed; what nobody typed is guessed."""
    beside = _is_relative(book)
    units = (OWN, *OTHERS) if beside else (OWN,)
    values = _values(book, units, typed)
    lists = {name: _rows(book, sheet, typed) for name, sheet in sheets(book).items()}
    found = run(book, [_unit(unit, values[unit], lists) for unit in units])
    tables = [_table(values)] if values[OWN] else []
    tables += [_sheet(sheet, lists[name]) for name, sheet in sheets(book).items() if sheet.columns]
    return Trial(tuple(tables), tuple(_answer(book, one) for one in found))


def _is_relative(book: Book) -> bool:
    kinds = any(isinstance(rule.kind, MinMax | Best | Place) for rule in book.rules)
    return kinds or any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OF_GROUP
        for formula in _formulas(book)
        for node in ast.walk(formula.tree)
    )


def _formulas(book: Book) -> Iterator[Formula]:
    for rule in book.rules:
        yield from rule.formulas
    yield from (one.formula for one in book.derived)
    yield from (one.when for one in (*book.verdicts, *book.promotions))


def _values(book: Book, units: Sequence[str], typed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    guessed: dict[str, str] = {}
    for rule in book.rules:
        guessed = {**guesses.of_rule(rule), **guessed}
    for one in (*book.verdicts, *book.promotions):
        guessed = {**guesses.meeting(one.when), **guessed}
    asked = needs.indicators(book)
    found: dict[str, dict[str, str]] = {}
    for unit in units:
        found[unit] = {}
        for name in asked:
            text = guessed.get(name, guesses.PLAIN)
            if unit != OWN and text == guesses.MIDDLE:
                text = OTHERS[unit][0]
            found[unit][name] = typed.get(f"{PREFIX}{unit}-{name}", text)
    return found


def _rows(book: Book, sheet: Sheet, typed: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the sample rows of a list: two, or three marks of each group."""
    reading = [rule for rule in book.rules for rule in _reading(rule, sheet.name)]
    rating = next((rule.kind for rule in reading if isinstance(rule.kind, Rating)), None)
    guessed: list[dict[str, str]] = []
    if rating is not None:
        for group in sheet.groups or ("",):
            guessed += [{GROUP: group, sheet.mark: mark} for mark in guesses.marks(rating)]
    else:
        for at in range(ROWS):
            row = {NAME: f"例{at + 1}"}
            for rule in reading:
                row = {**guesses.of_row(rule, second=bool(at)), **row}
            guessed.append(row)
    return [
        {
            column.key: typed.get(f"{PREFIX}{sheet.name}-{at}-{column.key}", row.get(column.key, guesses.PLAIN))
            for column in sheet.columns
        }
        for at, row in enumerate(guessed)
    ]


def _reading(rule: Rule, name: str) -> Iterator[Rule]:
    """Give the rules, inner ones too, that read a list."""
    if isinstance(rule.kind, Rating) and rule.kind.items == name:
        yield rule
    elif isinstance(rule.kind, Items):
        if rule.kind.name == name:
            yield rule
        for inner in rule.kind.rules:
            yield from _reading(inner, name)


def _unit(key: str, values: Mapping[str, str], lists: Mapping[str, list[dict[str, str]]]) -> Unit:
    items = {name: [{column: _read(text) for column, text in row.items()} for row in rows]
             for name, rows in lists.items()}  # fmt: skip
    return Unit(key=key, label=key, group="", values={name: _read(one) for name, one in values.items()}, items=items)


def _read(text: str) -> Value:
    try:
        return read(text)
    except TooLargeError:
        return None


def _table(values: Mapping[str, Mapping[str, str]]) -> Table:
    rows = tuple(
        (name, tuple(Cell(f"{PREFIX}{unit}-{name}", held[name]) for unit, held in values.items()))
        for name in values[OWN]
    )
    return Table("", tuple(values), rows)


def _sheet(sheet: Sheet, rows: Sequence[Mapping[str, str]]) -> Table:
    cells = tuple(
        (str(at + 1), tuple(Cell(f"{PREFIX}{sheet.name}-{at}-{one.key}", row[one.key]) for one in sheet.columns))
        for at, row in enumerate(rows)
    )
    return Table(sheet.name, tuple(one.label for one in sheet.columns), cells)


def _answer(book: Book, result: Result) -> Answer:
    if book.verdicts or book.promotions:
        problem = "；".join(line.problem for line in result.lines if line.problem)
        return Answer(result.unit.label, "", "", problem, met=bool(result.verdicts))
    key = book.rules[-1].key
    line = next(line for line in result.lines if line.key == key)
    return Answer(result.unit.label, shown(line.points), line.working, line.problem)
