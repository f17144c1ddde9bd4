"""Sample values for a rule nobody has values for yet: such that its conditions hold and it gives points. Pure."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crm.assessment.books.list_rules import names
from crm.assessment.engine.bands import Bands, Choices, Condition, Every
from crm.assessment.engine.items import Items
from crm.assessment.engine.kinds import Composite, FormulaRule, Ladder, Ratio, Sum
from crm.assessment.engine.numbers import TooLargeError, read, shown
from crm.assessment.engine.relative import Best, MinMax, Place, Rating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.assessment.engine.book import Rule
    from crm.assessment.engine.formula import Formula
    from crm.assessment.engine.kinds import Kind, Term

Guess = tuple[str, str]
DONE, TARGET, MIDDLE, RATE, PLAIN = "9", "10", "800", "0.9", "3"


def of_rule(rule: Rule, *, second: bool = False) -> dict[str, str]:
    """Sample values by name: what conditions ask for first, then what the kind is about.

    ``second`` gives those of a second row, with another word where words are looked up.
    """
    found: dict[str, str] = {}
    for name, text in (*_meeting(rule.when), *_factor(rule.factor), *_of_kind(rule.kind, second=second)):
        found.setdefault(name, text)
    for formula in rule.formulas:
        for name in names(formula.tree):
            found.setdefault(name, PLAIN)
    return found


def meeting(formula: Formula) -> dict[str, str]:
    """Sample values with which a condition holds."""
    found: dict[str, str] = {}
    for name, text in _meeting(formula):
        found.setdefault(name, text)
    return found


def _meeting(formula: Formula | None) -> Iterator[Guess]:
    """Give values that meet the comparisons of a condition with constants."""
    for node in ast.walk(formula.tree) if formula else ():
        match node:
            case ast.Compare(left=ast.Name(id=name), ops=[sign], comparators=[right]):
                yield from _one(name, sign, right)
            case ast.Call(func=ast.Name(id="given"), args=[ast.Name(id=name), *_]):
                yield name, "1"


def _one(name: str, sign: ast.cmpop, right: ast.expr) -> Iterator[Guess]:
    asked = _constant(right)
    if isinstance(asked, str):
        yield name, asked if isinstance(sign, ast.Eq) else f"非{asked}"
    elif isinstance(asked, Fraction):
        step = {ast.Gt: 1, ast.NotEq: 1, ast.Lt: -1}.get(type(sign), 0)
        yield name, shown(asked + step)


def _constant(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=value):
            return _read(value)
        case ast.BinOp(left=ast.Constant(value=int() | float() as part), op=ast.Div(), right=ast.Constant(value=100)):
            return _read(part, 100)
    return None


def _read(value: Any, parts: int = 1) -> object:  # noqa: ANN401 (any constant)
    """Read a constant; None for numbers that books hold from before they were refused."""
    try:
        return read(value) if parts == 1 else read(value / parts)
    except (TooLargeError, OverflowError):
        return None


def _factor(formula: Formula | None) -> Iterator[Guess]:
    yield from ((name, "1") for name in (names(formula.tree) if formula else ()))


def _each(formula: Formula, text: str) -> Iterator[Guess]:
    yield from ((name, text) for name in names(formula.tree))


def _terms(terms: tuple[Term, ...]) -> Iterator[Guess]:
    for term in terms:
        yield from _each(term.value, "1")


def _of_kind(kind: Kind, *, second: bool) -> Iterator[Guess]:
    match kind:
        case Choices():
            words = list(kind.choices)
            yield from _each(kind.value, words[min(int(second), len(words) - 1)])
        case Condition():
            yield from _meeting(kind.condition)
        case MinMax() | Best() | Place():
            yield from _each(kind.value, MIDDLE)
        case FormulaRule():
            yield from _each(kind.formula, PLAIN)
        case _:
            yield from _of_amounts(kind)


def _of_amounts(kind: Kind) -> Iterator[Guess]:
    match kind:
        case Ratio():
            yield from _ratio(kind.part.done, kind.part.target)
        case Composite():
            for part in kind.parts:
                yield from _ratio(part.done, part.target)
        case Ladder():
            yield from _ladder(kind)
        case Sum():
            yield from _terms((*kind.plus, *kind.less))
        case Bands():
            yield from _bands(kind)
        case Every():
            yield from _every(kind)


def _every(kind: Every) -> Iterator[Guess]:
    yield from _each(kind.over, TARGET)
    start = Fraction(TARGET) if names(kind.over.tree) else _constant(kind.over.tree)
    begin = start if isinstance(start, Fraction) else Fraction(0)
    yield from _each(kind.value, shown(begin + 2 * kind.every))


def _ratio(done: Formula, target: Formula) -> Iterator[Guess]:
    yield from _each(target, TARGET)
    yield from _each(done, RATE if target.text == "1" else DONE)


def _ladder(kind: Ladder) -> Iterator[Guess]:
    for at, step in enumerate(kind.steps):
        yield from _each(step.at_least, TARGET)
        asked = _constant(step.at_least.tree)
        enough = asked if isinstance(asked, Fraction) else Fraction(TARGET)
        yield from _each(step.value, shown(enough - 2 if at == 0 and enough > 2 else enough))  # noqa: PLR2004 (two short)


def _bands(kind: Bands) -> Iterator[Guess]:
    band = kind.bands[min(1, len(kind.bands) - 1)]
    yield from _each(kind.value, shown(band.at_least))
    for one in kind.bands:
        yield from _meeting(one.needs)
    yield from _terms(kind.less)


def of_row(rule: Rule, *, second: bool) -> dict[str, str]:
    """Sample cells of a row of the list that a rule reads; marks are told apart by :func:`marks`."""
    found: dict[str, str] = {}
    if isinstance(rule.kind, Items):
        for name, text in _meeting(rule.kind.where):
            found.setdefault(name, text)
        for inner in rule.kind.rules:
            for name, text in of_rule(inner, second=second).items():
                found.setdefault(name, text)
    return found


def marks(kind: Rating) -> list[str]:
    """Three marks of a group, so that one highest and one lowest can be seen to go."""
    return [shown(kind.scale * Fraction(part, 100)) for part in (95, 85, 70)]
