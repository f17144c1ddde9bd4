"""Wordings that were read wrongly once, class by class. All texts and names are invented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm.signals.rules import find_signals

SAMPLE = [
    (row["text"], row["kinds"])
    for row in map(json.loads, (Path(__file__).parent / "wordings.jsonl").read_text(encoding="utf-8").splitlines())
]


@pytest.mark.parametrize(("text", "kinds"), SAMPLE)
def test_exactly_these_kinds_are_found(text: str, kinds: list[str]) -> None:
    assert sorted({signal.kind.value for signal in find_signals(text) if signal.sure}) == kinds
