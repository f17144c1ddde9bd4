"""What a book of rules needs of the units: names of indicators and of lists."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from crm.assessment.engine.formula import OF_ITEMS
from crm.assessment.engine.items import Items
from crm.assessment.engine.relative import Rating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.assessment.engine.book import Book, Rule
    from crm.assessment.engine.formula import Formula


def indicators(book: Book) -> list[str]:
    """Names of indicators a book needs of a unit, in the order they are met; what it makes itself is left out."""
    made = {*book.parameters, *(one.key for one in book.derived)}
    met = [name for formula in _formulas(book) for name in sorted(formula.names, key=formula.text.find)]
    return [name for name in dict.fromkeys(met) if name not in made]


def lists(book: Book) -> list[str]:
    """Names of lists a book needs of a unit, such as its projects."""
    met = [name for rule in book.rules for name in _lists_of(rule)]
    met += [name for formula in _formulas(book) for name in _lists_in(formula)]
    return list(dict.fromkeys(met))


def of_rule(book: Book, rule: Rule) -> tuple[list[str], list[str]]:
    """Names of indicators and of lists one rule reads of a unit; what is made of others is traced to those."""
    made = {one.key: one.formula for one in book.derived}
    waiting, met = list(rule.formulas), dict.fromkeys(_lists_of(rule))
    found: dict[str, None] = {}
    while waiting:
        formula = waiting.pop(0)
        met |= dict.fromkeys(_lists_in(formula))
        for name in sorted(formula.names, key=formula.text.find):
            if name in made:
                waiting.append(made.pop(name))
            elif name not in book.parameters:
                found[name] = None
    return list(found), list(met)


def _formulas(book: Book) -> Iterator[Formula]:
    for rule in book.rules:
        yield from rule.formulas
    for one in book.derived:
        yield one.formula
    for verdict in (*book.verdicts, *book.promotions):
        yield verdict.when


def _lists_of(rule: Rule) -> Iterator[str]:
    if isinstance(rule.kind, Items):
        yield rule.kind.name
        for inner in rule.kind.rules:
            yield from _lists_of(inner)
    elif isinstance(rule.kind, Rating):
        yield rule.kind.items


def _lists_in(formula: Formula) -> Iterator[str]:
    for node in ast.walk(formula.tree):
        match node:
            case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=name), *_]) if called in OF_ITEMS:
                yield name
