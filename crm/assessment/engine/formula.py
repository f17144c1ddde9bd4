"""Formulas of rules as text: arithmetic, comparisons and a dozen functions, nothing else.

Names are those of indicators (Chinese ones too); ``50%`` is a number. Python's own parser reads the text, and every
node that is not listed here is refused, so a formula can neither call, reach nor repeat anything.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import ClassVar

LONGEST, DEEPEST = 600, 40
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_SIGNS = str.maketrans({
    "×": "*", "÷": "/", "－": "-", "＋": "+", "（": "(", "）": ")", "，": ",", "≥": ">=", "≤": "<=", "≠": "!=",
    "“": '"', "”": '"', "‘": "'", "’": "'",
})  # fmt: skip
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")  # 类别 = “产业” is meant as a comparison
_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_JOINED = {"且": "and", "并且": "and", "或": "or", "或者": "or"}
_WORDS = re.compile(r"(?<=\s)(?:且|并且|或|或者)(?=\s)")  # between spaces only: names may hold these signs too
PLAIN = {
    "min": (1, 20),
    "max": (1, 20),
    "abs": (1, 1),
    "floor": (1, 1),
    "ceil": (1, 1),
    "round": (1, 2),
    "clip": (3, 3),
}
OF_ITEMS = {"sum": (2, 3), "count": (1, 2), "average": (2, 3), "largest": (2, 3), "smallest": (2, 3)}
OF_GROUP = {"group_max": 1, "group_min": 1, "group_average": 1, "group_sum": 1, "group_rank": 1, "group_count": 0}
OTHER = {"score": (1, 1), "known": (1, 1), "given": (2, 2)}
_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Name, ast.Constant,
    ast.Load,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
)  # fmt: skip


class FormulaError(ValueError):
    """A formula that cannot be read; the message is Chinese and says what to do."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was checked: its text, its tree, and the names it reads of the unit (not of items)."""

    text: str
    tree: ast.expr
    names: frozenset[str]

    CONSTANTS: ClassVar[tuple[type, ...]] = (int, float, str)  # yes and no are integers


def parse(text: str) -> Formula:
    """Read a formula; FormulaError with a clear sentence when it is none."""
    if len(text) > LONGEST:
        message = f"公式太长（{len(text)}个字符），请拆成几个指标，每个不超过{LONGEST}个字符。"
        raise FormulaError(message)
    pieces = _QUOTED.split(text.translate(_SIGNS))
    plain = "".join(piece if at % 2 else _outside_quotes(piece) for at, piece in enumerate(pieces)).strip()
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = (
            f"看不懂公式“{text}”：加减乘除写＋－×÷，括号要成对；"
            "名称里不能有空格和括号，也不能以数字开头（写“到位资金3月”）。"
        )
        raise FormulaError(message) from error
    _check(tree, text, 0)
    return Formula(text, tree, frozenset(_names(tree)))


def _outside_quotes(piece: str) -> str:
    """Put the signs people write into those the parser knows; words in quotes stay as they are."""
    plain = _PERCENT.sub(r"(\1/100)", _EQUALS.sub("==", piece))
    return _WORDS.sub(lambda word: _JOINED[word[0]], plain)


def _check(node: ast.AST, text: str, depth: int) -> None:
    if depth > DEEPEST:
        message = f"公式“{text}”套得太深，请拆成几个指标。"
        raise FormulaError(message)
    if not isinstance(node, _ALLOWED):
        message = (
            f"公式“{text}”里有不支持的写法：只能用加减乘除、比较、且、或、条件（甲 if 条件 else 乙）和列出的函数。"
        )
        raise FormulaError(message)
    if isinstance(node, ast.Constant) and not isinstance(node.value, Formula.CONSTANTS):
        message = f"公式“{text}”里的常数只能是数字、是否或加引号的文字。"
        raise FormulaError(message)
    if isinstance(node, ast.Call):
        _check_call(node, text)
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Call) and child is node.func):
            _check(child, text, depth + 1)


def _check_call(node: ast.Call, text: str) -> None:
    known = {**PLAIN, **OF_ITEMS, **OTHER, **{name: (count, count) for name, count in OF_GROUP.items()}}
    if isinstance(node.func, ast.Name) and not node.func.id.isascii():
        message = (
            f"公式“{text}”里“{node.func.id}”后面跟着括号：名称里不能有括号，请去掉括号和里面的字；"
            "是乘的话中间写×；要取较大、较小的数，写 max(甲, 乙)、min(甲, 乙)。"
        )
        raise FormulaError(message)
    if not isinstance(node.func, ast.Name) or node.func.id not in known or node.keywords:
        name = node.func.id if isinstance(node.func, ast.Name) else "?"
        message = f"公式“{text}”用了不认识的函数“{name}”：可用的有 {'、'.join(sorted(known))}。"
        raise FormulaError(message)
    fewest, most = known[node.func.id]
    if not fewest <= len(node.args) <= most:
        message = f"公式“{text}”里函数“{node.func.id}”要 {fewest} 到 {most} 个参数，现在有 {len(node.args)} 个。"
        raise FormulaError(message)
    first_is_name = node.func.id in OF_ITEMS or node.func.id in {"score", "known", "given"}
    if first_is_name and not isinstance(node.args[0], ast.Name):
        message = f"公式“{text}”里函数“{node.func.id}”的第一个参数要是名称。"
        raise FormulaError(message)


def _names(node: ast.AST) -> set[str]:
    """Names read of the unit itself; arguments that speak of items or scores are left out."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in OF_ITEMS or name in {"score", "known"}:
            return set()
        args = node.args[1:] if name == "given" else node.args
        return set().union(*(_names(arg) for arg in args)) if args else set()
    return set().union(*(_names(child) for child in ast.iter_child_nodes(node)), set())
