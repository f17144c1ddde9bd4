from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import config

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOWED = {"crm/pipeline/decisions.py"}


def makers(name: str) -> Iterator[str]:
    """Yield every file of the service that makes a row of that name."""
    for path in (config.ROOT / "crm").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield path.relative_to(config.ROOT).as_posix()


def test_only_the_decision_on_a_complete_case_writes_the_review_the_gate_reads() -> None:
    assert set(makers("Review")) == ALLOWED
