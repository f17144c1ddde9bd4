"""Measure denials and plans that were called off: 40 invented texts, and controls that look alike and are leads.

    python -m benchmarks.denials

A text counts as right when exactly the kinds beside it are found. The texts were written before the patterns were
tried on them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crm.signals.rules import find_signals

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = Path(__file__).parent / "denials.jsonl"


def measure(say: Callable[[str], object]) -> tuple[int, int]:
    """Print how many are right, and the wrong ones; give the right denials and the right controls."""
    items = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    right = {False: 0, True: 0}
    for item in items:
        got = sorted({signal.kind.value for signal in find_signals(item["text"]) if signal.sure})
        fits = got == item["kinds"]
        right[item.get("control", False)] += fits
        if not fits:
            say(f"  wrong: {got} instead of {item['kinds']}: {item['text']}")
    controls = sum(item.get("control", False) for item in items)
    say(f"  {right[False]} of {len(items) - controls} right, wanted 36; {right[True]} of {controls} controls")
    return right[False], right[True]


if __name__ == "__main__":
    measure(lambda line: sys.stdout.write(f"{line}\n"))
