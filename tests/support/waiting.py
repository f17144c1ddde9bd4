"""Bounded waiting for a condition: no test sleeps for a guessed time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STEP_SECONDS = 0.05


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    """Return as soon as ``condition`` is true; fail after ``seconds``."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            message = f"still not true after {seconds} s: {condition}"
            raise AssertionError(message)
        pause.wait(STEP_SECONDS)
