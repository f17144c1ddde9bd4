"""Lists on pages: which columns a book asks for, what may stand in a cell, what was pasted from a table. Pure."""

from __future__ import annotations

import ast
import csv
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from crm.assessment.books.rules import value_problem
from crm.assessment.engine import needs
from crm.assessment.engine.bands import Choices
from crm.assessment.engine.formula import OF_ITEMS
from crm.assessment.engine.items import Items
from crm.assessment.engine.numbers import read, shown
from crm.assessment.engine.relative import Rating
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crm.assessment.engine.book import Book, Rule
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.numbers import Value

MOST_ROWS, MOST_COLUMNS, MOST_PASTED = 200, 16, 100_000
NAME, GROUP = "name", "group"
FIXED = {NAME: "名称", GROUP: "评分组"}
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: the name formulas read, and words that may stand in it; in a group no others may."""

    key: str
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How it is called on pages."""
        return FIXED.get(self.key, self.key)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list a book asks for. Of a mutual rating ``mark`` is the column of marks, from 0 to ``scale``.

    ``trimmed``: one highest and one lowest mark of each group do not count.
    """

    name: str
    columns: tuple[Column, ...]
    mark: str = ""
    scale: Fraction = Fraction(100)
    trimmed: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of raters."""
        return next((one.choices for one in self.columns if one.key == GROUP), ())


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a cell; ``row`` counts from 1, ``column`` is a key."""

    row: int
    column: str
    problem: Problem


def sheets(book: Book) -> dict[str, Sheet]:
    """Lists a book asks for by name, in its order, with their columns."""
    found: dict[str, dict[str, Column]] = {name: {} for name in needs.lists(book)}
    ratings: dict[str, Rating] = {}
    unit = {*book.parameters, *(one.key for one in book.derived), *needs.indicators(book)}
    for rule in book.rules:
        if isinstance(rule.kind, Rating):
            ratings[rule.kind.items] = rule.kind
        for name, column in _columns(rule):
            held = found.setdefault(name, {})
            if column.key not in unit and (column.choices or column.key not in held):
                held[column.key] = column
    for name, formula in _of_lists(book):
        for key in names(formula):
            if key not in unit:
                found.setdefault(name, {}).setdefault(key, Column(key))
    return {name: _sheet(name, held, ratings.get(name)) for name, held in found.items()}


def _sheet(name: str, held: Mapping[str, Column], rating: Rating | None) -> Sheet:
    columns = [one for key, one in held.items() if key not in FIXED][: MOST_COLUMNS - 1]
    if rating is None:
        return Sheet(name, (Column(NAME), *columns))
    groups = tuple(one.group for one in rating.voices)
    mark = rating.mark.tree.id if isinstance(rating.mark.tree, ast.Name) else ""
    first = (Column(GROUP, groups),) if groups else ()
    return Sheet(name, (*first, *columns), mark, rating.scale, rating.drop)


def _columns(rule: Rule) -> Iterator[tuple[str, Column]]:
    kind = rule.kind
    if isinstance(kind, Rating):
        yield from ((kind.items, Column(key)) for key in names(kind.mark.tree))
    if not isinstance(kind, Items):
        return
    if kind.where is not None:
        yield from ((kind.name, Column(key)) for key in names(kind.where.tree))
    for inner in kind.rules:
        yield from _columns(inner)
        words = inner.kind.choices if isinstance(inner.kind, Choices) else {}
        for formula in inner.formulas:
            whole = isinstance(formula.tree, ast.Name) and isinstance(inner.kind, Choices)
            for key in names(formula.tree):
                yield kind.name, Column(key, tuple(words) if whole and formula is inner.kind.formulas[0] else ())


def names(tree: ast.AST) -> list[str]:
    """Names a formula reads of a row, in order; names of functions, lists and scores are left out."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    other = {id(node.func) for node in calls}
    other |= {id(node.args[0]) for node in calls if node.args and _speaks_of_no_row(node)}
    met = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in other]
    return list(dict.fromkeys(node.id for node in sorted(met, key=lambda node: (node.lineno, node.col_offset))))


def _speaks_of_no_row(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and (node.func.id in OF_ITEMS or node.func.id == "score")


def _of_lists(book: Book) -> Iterator[tuple[str, ast.AST]]:
    formulas: list[Formula] = [formula for rule in book.rules for formula in rule.formulas]
    formulas += [one.formula for one in book.derived]
    formulas += [one.when for one in (*book.verdicts, *book.promotions)]
    for formula in formulas:
        for node in ast.walk(formula.tree):
            match node:
                case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=name), *rest]) if called in OF_ITEMS:
                    yield from ((name, one) for one in rest)


def tidy(sheet: Sheet, rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Trim cells and leave blank ones and blank rows out."""
    known = [one.key for one in sheet.columns]
    trimmed = [{key: str(row.get(key, "")).strip() for key in known} for row in rows]
    return [{key: text for key, text in row.items() if text} for row in trimmed if any(row.values())]


def faults(sheet: Sheet, rows: Sequence[Row]) -> list[Fault]:
    """What is wrong in a list, cell by cell."""
    found = [
        Fault(at, column.key, problem)
        for at, row in enumerate(rows[:MOST_ROWS], start=1)
        for column in sheet.columns
        if (problem := _cell(sheet, column, row.get(column.key, ""))) is not None
    ]
    if len(rows) > MOST_ROWS:
        found.append(Fault(0, "", Problem("list.long", "一张列表最多200行，请分开填或合并。")))
    return found


def _cell(sheet: Sheet, column: Column, text: str) -> Problem | None:
    said: dict[str, object] = {"name": column.label}
    if not text and column.key == sheet.mark:
        return Problem("list.mark", "请填分数。")
    if not text and column.key == GROUP:
        return Problem("list.group", "请选评分组。")
    if text and (problem := value_problem(column.label, text)) is not None:
        return replace(problem, field=None)
    if text and column.key == GROUP and text not in column.choices:
        words = "、".join(column.choices)
        return Problem("list.choice", "“%(name)s”只能填：%(words)s。", None, {**said, "words": words})
    if text and column.key == sheet.mark:
        mark = read(text)
        if not isinstance(mark, Fraction) or not 0 <= mark <= sheet.scale:
            return Problem("list.scale", "分数在0到%(most)s之间。", None, {"most": shown(sheet.scale)})
    return None


def pasted(sheet: Sheet, text: str) -> list[Row]:
    """Read rows copied from a table (cells between tabs) or a csv; a head that names columns sets their order."""
    lines = text[:MOST_PASTED].strip("\n").splitlines()
    cut = "\t" if any("\t" in line for line in lines) else ","
    plain = lines if cut == "\t" else [one.replace("，", ",") for one in lines]
    cells = [[cell.strip() for cell in row] for row in csv.reader(plain, delimiter=cut)]
    cells = [row for row in cells if any(row)][: MOST_ROWS + 1]
    by_label = {one.label: one.key for one in sheet.columns} | {one.key: one.key for one in sheet.columns}
    order = [one.key for one in sheet.columns]
    if cells and sum(cell in by_label for cell in cells[0]) * 2 > len([cell for cell in cells[0] if cell]):
        order = [by_label.get(cell, "") for cell in cells.pop(0)]
    return [{key: cell for key, cell in zip(order, row, strict=False) if key} for row in cells]


def usable(rows: Iterable[Mapping[str, str]]) -> list[dict[str, Value]]:
    """Give rows as the engine reads them."""
    return [{key: read(text) for key, text in row.items()} for row in rows]
