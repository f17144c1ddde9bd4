"""Tell whether a pattern a person wrote is quick: it is tried in a child process on texts made to be hard for it.

The child is ended after a time limit, so that no pattern can hold up whoever asks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.core.text import fold
from crm.signals.backtracking import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable

TOO_SLOW = Problem("rule.measured", "匹配式在长句上太慢，请减少重复或缩小 {0,20} 里的上限。", "pattern")
LIMIT = 1.5
HARD = 600
PLAIN = chr(0x7684)  # the most frequent character
CHILD = """
import json, re, sys, time
patterns, texts, limit = json.load(sys.stdin)
begun = time.process_time()
for pattern in patterns:
    known = re.compile(pattern, re.IGNORECASE)
    for text in texts:
        list(known.finditer(text))
        if time.process_time() - begun > limit:
            sys.exit(3)
"""


def too_slow(patterns: Iterable[str], examples: Iterable[str]) -> bool:
    """Whether patterns take longer than the limit on all hard texts together, start of the child not counted."""
    wanted = [pattern for pattern in patterns if pattern]
    payload = json.dumps([wanted, hard_texts(wanted, examples), LIMIT / 3])
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter; the pattern goes in as data)
            [sys.executable, "-I", "-S", "-c", CHILD],
            input=payload, text=True, timeout=LIMIT * 2, check=False, capture_output=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def hard_texts(patterns: Iterable[str], examples: Iterable[str]) -> list[str]:
    """Make texts that invite a pattern to try again and again: its own words in a row, its examples cut and doubled."""
    words = list(dict.fromkeys(word for pattern in patterns for word in spelled(pattern)))[:40]
    made = [(word * HARD)[:HARD] for word in words]
    made += [("".join(words[:size]) * HARD)[:HARD] for size in (len(words), len(words) - 1) if size > 0]
    made += [word + PLAIN * HARD for word in words]
    made += [hard for text in examples for hard in (fold(text), (fold(text)[:-1] * HARD)[:HARD])]
    return [*made, PLAIN * HARD, "1" * HARD]
