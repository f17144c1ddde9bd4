"""Collect every Chinese string for translation: the message ids are the strings themselves.

``pybabel extract -F babel.cfg`` calls :func:`chinese_strings` for Python files, so that a
label in a pure rule module needs no marker to reach the English catalogue.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_SHOWN = (
    "crm/cli/",  # commands print both languages themselves
    "crm/core/money.py",  # the trade's own money words, parsed and printed in Chinese
    "crm/core/text.py",  # folding tables
    "crm/imports/columns.py",  # headings recognised in ledgers
    "crm/news/body.py",  # words looked for in pages
    "crm/news/dates.py",
    "crm/news/extract.py",
    "crm/news/page.py",
    "crm/news/published.py",
    "crm/news/title.py",
    "crm/reports/doc",  # the weekly report is a Chinese document
    "crm/reports/drafting.py",
    "crm/reports/norm.py",
    "crm/reports/numbering.py",
    "crm/reports/tables.py",
    "crm/reports/wording.py",
    "crm/reports/weeks.py",
    "crm/signals/guards.py",  # words looked for in texts
    "crm/signals/lexicon.py",
    "crm/signals/matcher.py",
    "crm/signals/patterns.py",
    "crm/signals/rules.py",
)
Found = tuple[int, str, str | tuple[str, ...], list[str]]


def chinese_strings(
    file: BinaryIO,
    _keywords: Sequence[str],
    _comment_tags: Sequence[str],
    options: dict[str, Any],  # noqa: ARG001 (name set by Babel)
) -> Iterator[Found]:
    """Yield ``(line, function, message, comments)`` for each Chinese constant of a Python file."""
    path = Path(getattr(file, "name", "")).as_posix()
    relative = path[path.rfind("crm/") :] if "crm/" in path else path
    if relative.startswith(NOT_SHOWN):
        return
    for line, text in constants(file.read().decode("utf-8")):
        yield line, "gettext", text, []


def constants(source: str) -> Iterator[tuple[int, str]]:
    """Yield the Chinese string constants of a module that are not docstrings or parts of f-strings."""
    tree = ast.parse(source)
    skipped = {id(part) for node in ast.walk(tree) for part in _not_messages(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped:
            continue
        if CHINESE.search(node.value):
            yield node.lineno, node.value


def _not_messages(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr):
            yield first.value
