"""What a formula comes to for one unit, and how it reads with its numbers filled in."""

from __future__ import annotations

import ast
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from crm.assessment.engine.formula import OF_GROUP, OF_ITEMS
from crm.assessment.engine.groups import FINEST, Group, summed
from crm.assessment.engine.numbers import MOST_PLACES, ONE, ZERO, TooLargeError, Value, half_up, read, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crm.assessment.engine.formula import Formula

LARGEST = Fraction(10**40)
_SIGNS = {
    ast.Add: "＋", ast.Sub: "－", ast.Mult: "×", ast.Div: "÷", ast.Eq: "＝", ast.NotEq: "≠", ast.Lt: "＜", ast.LtE: "≤",
    ast.Gt: "＞", ast.GtE: "≥",
}  # fmt: skip


class MissingError(ValueError):
    """A value that is not there or cannot be computed; the message is Chinese."""


class UnsettledError(MissingError):
    """A value that leads back to itself, or a score nobody has yet: no unit of the group can be asked for it."""


class Scope(Protocol):
    """Where the names of a formula get their values."""

    def value(self, name: str) -> Value:
        """Give an indicator; MissingError when nobody knows it."""

    def items(self, name: str) -> Sequence[Scope]:
        """Give the rows of a list of the unit, each a scope of its own."""

    def score(self, key: str) -> Fraction:
        """Give the points of a rule that was reckoned before."""

    def group(self, formula: ast.expr) -> Group:
        """Give what a formula comes to for every unit of the group."""

    def size(self) -> int:
        """Give how many units the group has."""

    @property
    def key(self) -> str:
        """Key of the unit."""


def number(formula: Formula, scope: Scope) -> Fraction:
    """Give the number a formula comes to; MissingError when it is empty, a word, or divides by nothing."""
    return _number(formula.tree, scope)


def holds(formula: Formula, scope: Scope) -> bool:
    """Whether a condition is met."""
    return _truth(_value(formula.tree, scope))


def value(formula: Formula, scope: Scope) -> Value:
    """Give what a formula comes to: a number, a word, a yes or no, or nothing."""
    return _value(formula.tree, scope)


def number_of(tree: ast.expr, scope: Scope) -> Fraction:
    """Give the number of a part of a formula."""
    return _number(tree, scope)


def added(numbers: Iterable[Fraction], what: str) -> Fraction:
    """Add up; MissingError where the sum is divided too finely."""
    return _not_too_fine(summed(numbers), what)


def _not_too_fine(total: Fraction | None, what: str) -> Fraction:
    if total is None:
        message = f"“{what}”加起来除得太细，请先用 round 取整"
        raise MissingError(message)
    return total


def _number(node: ast.expr, scope: Scope) -> Fraction:
    found = _value(node, scope)
    if isinstance(found, bool):
        return ONE if found else ZERO
    if found is None:
        message = f"“{ast.unparse(node)}”没有填"
        raise MissingError(message)
    if isinstance(found, str):
        message = f"“{ast.unparse(node)}”应是数字，现在是“{found}”"
        raise MissingError(message)
    if abs(found) > LARGEST:
        message = f"“{ast.unparse(node)}”的数太大"
        raise MissingError(message)
    return found


def _truth(found: Value) -> bool:
    return found not in {None, "", False, "否", "no", "false"} if not isinstance(found, Fraction) else found != 0


def _value(node: ast.expr, scope: Scope) -> Value:
    match node:
        case ast.Constant(value=constant):
            return constant if isinstance(constant, str) else _constant(constant)
        case ast.Name(id=name):
            return scope.value(name)
        case ast.IfExp(test=test, body=body, orelse=other):
            return _value(body if _truth(_value(test, scope)) else other, scope)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _called(name, args, scope)
        case ast.BinOp(left=left, op=sign, right=right):
            return _reckoned(sign, _number(left, scope), right, scope)
    return _judged(node, scope)


def _constant(constant: object) -> Value:
    try:
        return read(constant)
    except TooLargeError as error:
        message = f"公式里的数“{error}”太大或太小"
        raise MissingError(message) from error


def _judged(node: ast.expr, scope: Scope) -> Value:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _truth(_value(operand, scope))
        case ast.UnaryOp(op=sign, operand=operand):
            found = _number(operand, scope)
            return -found if isinstance(sign, ast.USub) else found
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_truth(_value(part, scope)) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_truth(_value(part, scope)) for part in parts)
        case ast.Compare():
            return _compared(node, scope)
    message = f"公式里有不支持的写法“{ast.unparse(node)}”"
    raise MissingError(message)


def _reckoned(sign: ast.operator, left: Fraction, right_node: ast.expr, scope: Scope) -> Fraction:
    right = _number(right_node, scope)
    if max(left.denominator, right.denominator).bit_length() > FINEST:
        message = f"“{ast.unparse(right_node)}”前后除得太细，请用 round 取整"
        raise MissingError(message)
    if isinstance(sign, ast.Add):
        return left + right
    if isinstance(sign, ast.Sub):
        return left - right
    if isinstance(sign, ast.Mult):
        return left * right
    if not right:
        message = f"“{ast.unparse(right_node)}”是0，不能做除数"
        raise MissingError(message)
    return left / right


def _compared(node: ast.Compare, scope: Scope) -> bool:
    left: ast.expr = node.left
    for sign, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(sign, ast.Eq | ast.NotEq):
            same = _value(left, scope) == _value(right, scope)
            holds_here = same if isinstance(sign, ast.Eq) else not same
        else:
            holds_here = _ordered(sign, _number(left, scope), _number(right, scope))
        if not holds_here:
            return False
        left = right
    return True


def _ordered(sign: ast.cmpop, left: Fraction, right: Fraction) -> bool:
    if isinstance(sign, ast.Lt):
        return left < right
    if isinstance(sign, ast.LtE):
        return left <= right
    return left > right if isinstance(sign, ast.Gt) else left >= right


def _called(name: str, args: Sequence[ast.expr], scope: Scope) -> Value:
    if name in OF_GROUP:
        return _of_group(name, args, scope)
    if name in OF_ITEMS:
        return _of_items(name, args, scope)
    if name == "score":
        return scope.score(_word(args[0]))
    if name in {"known", "given"}:
        found = _if_known(_word(args[0]), scope)
        if name == "known":
            return found is not None
        return _value(args[1], scope) if found is None else found
    return _plain(name, [_number(arg, scope) for arg in args])


def _if_known(name: str, scope: Scope) -> Value:
    """Give a value, nothing where it is made of others that are missing."""
    try:
        return scope.value(name)
    except UnsettledError:
        raise
    except MissingError:
        return None


def _word(node: ast.expr) -> str:
    assert isinstance(node, ast.Name)  # noqa: S101 (checked when the formula was read)
    return node.id


def _plain(name: str, numbers: Sequence[Fraction]) -> Fraction:
    if name == "round":
        places = numbers[1] if len(numbers) > 1 else ZERO
        if places.denominator != 1 or not 0 <= places <= MOST_PLACES:
            message = f"round 的小数位要是0到{MOST_PLACES}的整数，现在是{shown(places)}"
            raise MissingError(message)
        return half_up(numbers[0], int(places))
    if name == "clip":
        return min(max(numbers[0], numbers[1]), numbers[2])
    simple: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
        "min": min,
        "max": max,
        "abs": lambda given: abs(given[0]),
        "floor": lambda given: Fraction(math.floor(given[0])),
        "ceil": lambda given: Fraction(math.ceil(given[0])),
    }
    return simple[name](numbers)


def _of_items(name: str, args: Sequence[ast.expr], scope: Scope) -> Fraction:
    """Reckon over a list of the unit: count(list, condition), sum(list, what, condition) and the like."""
    rows = scope.items(_word(args[0]))
    what, where = (None, args[1:]) if name == "count" else (args[1], args[2:])
    if where:
        rows = [row for row in rows if _truth(_value(where[0], row))]
    if what is None:
        return Fraction(len(rows))
    numbers = [_number(what, row) for row in rows]
    if name == "sum":
        return added(numbers, ast.unparse(what))
    if not numbers:
        return ZERO
    if name == "average":
        return added(numbers, ast.unparse(what)) / len(numbers)
    return max(numbers) if name == "largest" else min(numbers)


def _of_group(name: str, args: Sequence[ast.expr], scope: Scope) -> Fraction:
    if name == "group_count":
        return Fraction(scope.size())
    group = scope.group(args[0])
    if not group.numbers:
        message = f"同组单位都没有“{ast.unparse(args[0])}”"
        raise MissingError(message)
    if name == "group_rank":
        own = group.by_unit.get(scope.key)
        if own is None:
            message = f"“{ast.unparse(args[0])}”没有填，不能排名"
            raise MissingError(message)
        return Fraction(1 + group.above(own))
    if name in {"group_max", "group_min"}:
        return group.most if name == "group_max" else group.least
    total = _not_too_fine(group.total, ast.unparse(args[0]))
    return total if name == "group_sum" else total / len(group.numbers)


def filled(formula: Formula, scope: Scope) -> str:
    """Write a formula with its numbers filled in, such as 28÷27×50%＋177.7÷54×50%."""
    return _filled(formula.tree, scope, 0)


def _filled(node: ast.expr, scope: Scope, above: int) -> str:
    match node:
        case ast.BinOp(left=ast.Constant(value=int() | float() as part), op=ast.Div(), right=ast.Constant(value=100)):
            return f"{part!s}%"
        case ast.BinOp(left=left, op=sign, right=right):
            rank = 1 if isinstance(sign, ast.Add | ast.Sub) else 2
            behind = rank + isinstance(sign, ast.Sub | ast.Div)
            text = f"{_filled(left, scope, rank)}{_SIGNS[type(sign)]}{_filled(right, scope, behind)}"
            return f"（{text}）" if rank < above else text
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"－{_filled(operand, scope, 3)}"
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return f"{_filled(left, scope, 1)}{_SIGNS[type(sign)]}{_filled(right, scope, 1)}"
    try:
        return shown(_value(node, scope))
    except MissingError:
        return ast.unparse(node)
